"""What each entity contributes: the rows of the contract's table, most of them. See contracts.py for the rest."""

import math

import civil
from contracts import contract, opportunity, quote
from ledger import pieces, rounded
from schema import ENUMS, FOUNDING, TERMINAL

MET_DAYS = 90
GAMMA = (1 + 0.01) / (1 - 0.01)
_NO_FOUNDING_NEEDED = ("account", "meeting", "forecast")


def history(kind, events):
    """The events that take part in an entity's fold, in sort order."""
    kept = sorted((event for event in events if not event.retracted), key=lambda event: event.sort_key())
    if kind not in _NO_FOUNDING_NEEDED:
        # Events that sort before the first founding event are ignored; without one there is nothing.
        while kept and kept[0].type not in FOUNDING:
            kept.pop(0)
    return kept


def until_terminal(events):
    """Everything up to and including the first terminal event: what follows one is ignored."""
    for index, event in enumerate(events):
        if event.type in TERMINAL:
            return events[:index + 1]
    return events


def histogram_bin(seconds):
    return math.ceil(math.log(max(seconds, 1)) / math.log(GAMMA))


def _severe(event):
    return ENUMS["Severity"][event.payload["severity"]] in ("HIGH", "CRITICAL")


# --- account --------------------------------------------------------------------------------------------------------


class AccountState:
    """The account's attributes, folded event by event, and the spells that begin and end on the way."""

    def __init__(self):
        self.attributes = {"segment": "", "region": "", "industry": "", "manager": "", "tier": "", "parent": ""}
        self.known = False  # was a customer at some time
        self.customer = self.key_account = False

    def apply(self, event):
        """Returns True where a designated customer churned."""
        churned_key = False
        if event.type in ("account_opened", "account_classified"):
            for name in ("segment", "region", "industry"):
                if event.payload.get(name):  # empty = unchanged
                    self.attributes[name] = event.payload[name]
            if event.payload.get("parent_id"):  # here too
                self.attributes["parent"] = event.payload["parent_id"]
            # account_opened after a churn does not reactivate
            if event.type == "account_opened" and not self.known:
                self.customer = self.known = True
        elif event.type == "manager_assigned":
            self.attributes["manager"] = event.payload.get("manager_id", "")  # empty = nobody
        elif event.type == "key_account_designated":
            self.customer = self.known = self.key_account = True
            self.attributes["tier"] = ENUMS["Tier"][event.payload["tier"]]
        elif event.type == "account_reactivated":
            self.customer = self.known = True
        elif event.type == "key_account_released":
            self.key_account = False
            self.attributes["tier"] = ""
        elif event.type == "account_churned" and self.customer:  # of no customer: ignored
            churned_key = self.key_account
            self.customer = self.key_account = False
            self.attributes["tier"] = ""
        return churned_key


def account(events, zone, ledger):
    state = AccountState()
    customer, key_account, potential, importance = [], [], [], []
    for event in events:
        day = zone.day(event.seconds)
        if state.apply(event):
            ledger.add("churned_key", day, 1)
        customer.append((day, state.customer))
        key_account.append((day, state.key_account))
        if event.type == "potential_assessed":
            # each assessment replaces the one before from its day on
            potential.append((day, event.payload["annual_potential"]))
            importance.append((day, event.payload.get("strategic_importance", 0)))
    for measure, steps in (("customer", customer), ("key_account", key_account)):
        for first, end, holds in pieces(steps):
            if holds:
                ledger.during(measure, first, end)
    for first, end, money in pieces(potential):
        ledger.money_during("potential", first, end, money)
    for first, end, value in pieces(importance):
        ledger.during("importance", first, end, value)


def attributes_at(events, zone, day):
    """Group attributes: the latest events up to and including D."""
    state = AccountState()
    for event in events:
        if zone.day(event.seconds) <= day:
            state.apply(event)
    return state.attributes


# --- plans ----------------------------------------------------------------------------------------------------------


def plans(events, zone, ledger):
    stack = []  # the one approved last on top
    for event in events:
        plan_id = event.payload.get("plan_id", "")
        if event.type == "plan_approved":
            # removes its earlier version entirely, moves it to the top, undoes a close before it
            stack = [plan for plan in stack if plan["id"] != plan_id]
            first = civil.parse_date(event.payload["start_date"])
            last = civil.parse_date(event.payload["end_date"])
            stack.append({"id": plan_id, "first": first, "last": last, "closed": None, "payload": event.payload})
        else:
            for plan in stack:
                if plan["id"] == plan_id and plan["closed"] is None:  # the first close counts
                    plan["closed"] = zone.day(event.seconds)
    for plan in stack:
        plan["end"] = plan["last"] + 1 if plan["closed"] is None else min(plan["last"] + 1, plan["closed"])
    edges = sorted({plan["first"] for plan in stack} | {plan["end"] for plan in stack})
    for first, end in zip(edges, edges[1:]):
        covering = [plan for plan in stack if plan["first"] <= first < plan["end"]]
        if covering:
            plan = covering[-1]
            payload = plan["payload"]
            ledger.during("plans_active", first, end)
            ledger.money_during("plan_baseline", first, end, payload["baseline_revenue"])
            growth, margin = payload.get("target_growth", 0.0), payload.get("min_margin", 0.0)
            ledger.during("plan_target_growth", first, end, rounded(growth * 1_000_000))
            ledger.during("plan_min_margin", first, end, rounded(margin * 1_000_000))
            ledger.during("plan_start", first, end, plan["first"])
            ledger.during("plan_end", first, end, plan["last"])


# --- orders, invoices, costs ------------------------------------------------------------------------------------------


def order(events, zone, ledger):
    placed = zone.day(events[0].seconds)
    lines, promised, delivered, cancelled = [], None, False, False
    for event in until_terminal(events):
        day = zone.day(event.seconds)
        if event.type == "order_placed":  # a later one overwrites the fields
            lines = event.payload.get("lines", [])
            promised = civil.parse_date(event.payload.get("promised_date", ""))
        elif event.type == "order_changed":
            lines = event.payload.get("lines") or lines  # none = unchanged
            if event.payload.get("promised_date"):
                promised = civil.parse_date(event.payload["promised_date"])
        elif event.type == "order_delivered" and not delivered:
            delivered = True
            ledger.add("deliveries", day, 1)
            if promised is not None:  # known at this point of the fold
                ledger.add("deliveries_promised", day, 1)
                if day <= promised:
                    ledger.add("deliveries_on_time", day, 1)
        elif event.type == "order_cancelled":
            cancelled = True
            ledger.add("orders_cancelled", day, 1)
    if not cancelled:
        ledger.add("orders", placed, 1)
        for line in lines:
            ledger.money("bookings", placed, line["net"])
        if not delivered and promised is not None:
            ledger.add("deliveries_promised", promised + 1, 1)  # late until it comes


def _booked_lines(lines, day, ledger, sign):
    for line in lines:
        ledger.money("revenue", day, line["net"], sign)
        ledger.money("variable_cost", day, line.get("cost"), sign)
        sale_type = ENUMS["SaleType"][line["sale_type"]]
        if sale_type != "BASE":
            ledger.money("revenue_" + sale_type.lower(), day, line["net"], sign)


def invoice(events, zone, ledger):
    if until_terminal(events)[-1].type == "invoice_cancelled":
        return
    day = zone.day(events[0].seconds)
    ledger.add("invoices", day, 1)
    _booked_lines(events[-1].payload.get("lines", ()), day, ledger, 1)


def credit_note(events, zone, ledger):
    day = zone.day(events[0].seconds)
    ledger.add("credit_notes", day, 1)
    _booked_lines(events[-1].payload.get("lines", ()), day, ledger, -1)


def cost(events, zone, ledger):
    last = events[-1].payload
    acquisition = ENUMS["CostKind"][last["kind"]] == "ACQUISITION"
    measure = "acquisition_cost" if acquisition else "service_cost"
    ledger.money(measure, zone.day(events[0].seconds), last["amount"])


# --- meetings and stakeholders ----------------------------------------------------------------------------------------


def meeting(events, zone, ledger):
    kept = until_terminal(events)
    last = kept[-1]
    if last.type == "meeting_held":  # terminal, so it is the first one; its own kind counts
        day = zone.day(last.seconds)
        ledger.add("meetings", day, 1)
        by_kind = {
            "EXECUTIVE_REVIEW": "executive_reviews", "NEEDS_ANALYSIS": "needs_analyses", "NEGOTIATION": "negotiations"}
        kind = ENUMS["MeetingKind"][last.payload["kind"]]
        if kind in by_kind:
            ledger.add(by_kind[kind], day, 1)
    elif last.type == "meeting_scheduled":
        ledger.add("meetings_planned", zone.day(last.payload["scheduled_for"].get("seconds", 0)), 1)


def stakeholder(events, mentions, zone, ledger):
    steps, present, decides = [], False, False
    for event in events:
        if event.type == "stakeholder_left":
            present = False
        elif event.type == "stakeholder_identified" or present:  # an update after leaving is ignored
            present = True
            decides = ENUMS["StakeholderRole"][event.payload["role"]] == "DECISION_MAKER"
        steps.append((zone.day(event.seconds), (present, present and decides)))
    met = sorted({zone.day(event.seconds) for event in mentions})
    for first, end, (holds, deciding) in pieces(steps):
        if holds:
            ledger.during("stakeholders", first, end)
        if deciding:
            ledger.during("decision_makers", first, end)
            for index, day in enumerate(met):
                # days m ... m + 89, up to the next meeting, so that overlapping ones count once
                until = min([day + MET_DAYS] + met[index + 1:index + 2] + ([end] if end is not None else []))
                ledger.during("decision_makers_met", max(day, first), until)


# --- escalations, forecasts, surveys, initiatives, risks --------------------------------------------------------------


def escalation(events, zone, ledger):
    opened = events[0]
    severe, resolved, answered = _severe(opened), None, False
    for event in events[1:]:
        day = zone.day(event.seconds)
        if event.type == "escalation_opened":
            severe = _severe(event)  # the last severity holds for the whole time
        elif event.type in ("escalation_acknowledged", "escalation_resolved") and not answered:
            answered = True
            ledger.add("acknowledged", day, 1)
            ledger.add("acknowledge_seconds", day, event.seconds - opened.seconds)
        if event.type == "escalation_resolved" and resolved is None:  # while resolved: ignored
            resolved = event
        elif event.type == "escalation_reopened" and resolved is not None:  # while open: ignored
            resolved = None
            ledger.add("reopened", day, 1)
    first, end = zone.day(opened.seconds), None
    ledger.add("escalations_opened", first, 1)
    if resolved is not None:
        end = zone.day(resolved.seconds)
        seconds = resolved.seconds - opened.seconds
        ledger.add("escalations_resolved", end, 1)
        ledger.add("resolution_seconds", end, seconds)
        ledger.add(f"resolution_hist[{histogram_bin(seconds)}]", end, 1)
    ledger.during("escalations_open", first, end)
    ledger.during("escalations_open_since", first, end, opened.seconds)
    if severe:
        ledger.during("escalations_severe_open", first, end)


def forecast(period, events, zone, ledger):
    first = civil.parse_month(period)
    before = [event for event in events if zone.day(event.seconds) < first]
    if before:
        ledger.money("forecast", first, before[-1].payload["revenue"])
        ledger.add("forecast_months", first, 1)


def survey(events, zone, ledger):
    day, last = zone.day(events[0].seconds), events[-1].payload
    score = last["score"]
    if ENUMS["SurveyKind"][last["kind"]] == "NPS":
        ledger.add("nps_responses", day, 1)
        if score >= 9:
            ledger.add("nps_promoters", day, 1)
        if score <= 6:
            ledger.add("nps_detractors", day, 1)
    else:
        ledger.add("csat_responses", day, 1)
        ledger.add("csat_score", day, score)
        if score >= 4:
            ledger.add("csat_satisfied", day, 1)


def initiative(events, zone, ledger):
    started, end = zone.day(events[0].seconds), None
    ledger.add("initiatives_started", started, 1)
    for event in until_terminal(events):
        day = zone.day(event.seconds)
        if event.type == "initiative_milestone_reached":
            ledger.add("milestones", day, 1)
        elif event.type in TERMINAL:
            end = day
            ledger.add("initiatives_completed" if event.type == "initiative_completed" else "initiatives_cancelled",
                       day, 1)
    ledger.during("initiatives_active", started, end)


def risk(events, zone, ledger):
    spells = []  # [first, end, severe]
    for event in events:
        day = zone.day(event.seconds)
        is_open = bool(spells) and spells[-1][1] is None
        if event.type == "risk_cleared":
            if is_open:
                spells[-1][1] = day
        elif is_open:
            spells[-1][2] = _severe(event)  # each open spell has the severity of its own last flag
        else:
            spells.append([day, None, _severe(event)])
    for first, end, severe in spells:
        ledger.during("risks_open", first, end)
        if severe:
            ledger.during("risks_severe", first, end)


_BY_KIND = {
    "account": account, "plans": plans, "order": order, "invoice": invoice, "credit_note": credit_note, "cost": cost,
    "meeting": meeting, "escalation": escalation, "contract": contract, "quote": quote, "opportunity": opportunity,
    "survey": survey, "initiative": initiative, "risk": risk}


def contribute(kind, name, events, mentions, zone, ledger):
    """Adds what one entity contributes. `events` hold the highest revision of each event_id, `mentions` the meetings
    held with it where it is a stakeholder."""
    kept = history(kind, events)
    if not kept:
        return
    if kind == "stakeholder":
        stakeholder(kept, mentions, zone, ledger)
    elif kind == "forecast":
        forecast(name, kept, zone, ledger)
    else:
        _BY_KIND[kind](kept, zone, ledger)
