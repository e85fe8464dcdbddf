"""Events that are stored but change nothing in the fold of their entity, and why: each reason from its own words."""

import civil
from entities import history
from schema import FOUNDING, TERMINAL

_NEEDS_NO_FOUNDING = ("account", "meeting", "forecast")
_NAMED_BY_A_CHANGE = {
    "account_classified": ("name", "segment", "region", "industry", "parent_id"),
    "order_changed": ("lines", "promised_date"), "contract_amended": ("annual_value", "end_date"),
    "quote_revised": ("amount", "valid_until"),
    "opportunity_updated": ("stage", "amount", "probability", "expected_close")}


def _names_nothing(event):
    fields = _NAMED_BY_A_CHANGE.get(event.type)
    return fields is not None and all(event.payload.get(field) in (None, "", []) for field in fields)


def _account(events, _zone):
    known = customer = key_account = False
    for event in events:
        if event.type == "account_opened":
            if known and all(not event.payload.get(name) for name in _NAMED_BY_A_CHANGE["account_classified"]):
                yield event, "already_customer"
            customer = customer or not known
            known = True
        elif event.type == "account_reactivated":
            if customer:
                yield event, "already_customer"
            known = customer = True
        elif event.type == "key_account_designated":
            known = customer = key_account = True
        elif event.type == "key_account_released":
            if not key_account:
                yield event, "no_key_account"
            key_account = False
        elif event.type == "account_churned":
            if not customer:
                yield event, "no_customer"
            customer = key_account = False


def _plans(events, _zone):
    closed = {}
    for event in events:
        plan_id = event.payload.get("plan_id", "")
        if event.type == "plan_approved":
            closed[plan_id] = False
        elif plan_id not in closed:
            yield event, "unknown_plan"
        elif closed[plan_id]:
            yield event, "already_closed"
        else:
            closed[plan_id] = True


def _order(events, _zone):
    deliveries = [event for event in events if event.type == "order_delivered"]
    return [(event, "already_delivered") for event in deliveries[1:]]


def _stakeholder(events, _zone):
    here = True
    for event in events:
        if event.type != "stakeholder_identified" and not here:
            yield event, "has_left"
        here = event.type == "stakeholder_identified" or (here and event.type != "stakeholder_left")


def _escalation(events, _zone):
    answered = resolved = False
    for event in events:
        if event.type == "escalation_acknowledged":
            if answered:
                yield event, "already_answered"
            answered = True
        elif event.type == "escalation_resolved":
            if resolved:
                yield event, "already_resolved"
            answered = resolved = True
        elif event.type == "escalation_reopened":
            if not resolved:
                yield event, "already_open"
            resolved = False


def _contract(events, _zone):
    end = None
    for event in events:
        named = civil.parse_date(event.payload.get("end_date", ""))
        if event.type == "contract_signed" or (event.type == "contract_amended" and named is not None):
            end = named
        elif event.type == "contract_renewed" and end is None:
            yield event, "open_ended"
        elif event.type == "contract_renewed" and named <= end:
            yield event, "ends_no_later"
        elif event.type == "contract_renewed":
            end = named


def _quote(events, zone):
    valid_until = None
    for event in events:
        if event.type == "quote_rejected" and zone.day(event.seconds) > valid_until:
            yield event, "after_expiry"
        elif event.type in TERMINAL:
            return
        elif event.payload.get("valid_until"):
            valid_until = civil.parse_date(event.payload["valid_until"])


def _opportunity(events, _zone):
    closed = False
    for event in events:
        if event.type == "opportunity_reopened":
            if not closed:
                yield event, "already_open"
            closed = False
        elif closed:
            yield event, "after_terminal"
        else:
            closed = event.type in TERMINAL


def _forecast(events, zone):
    for event in events:
        if zone.day(event.seconds) >= civil.parse_month(event.payload["period"]):
            yield event, "after_month_began"


def _risk(events, _zone):
    is_open = False
    for event in events:
        if event.type == "risk_cleared" and not is_open:
            yield event, "already_cleared"
        is_open = event.type == "risk_flagged"


_BY_KIND = {
    "account": _account, "plans": _plans, "order": _order, "stakeholder": _stakeholder, "escalation": _escalation,
    "contract": _contract, "quote": _quote, "opportunity": _opportunity, "forecast": _forecast, "risk": _risk}


def _until_the_end(kind, events, zone):
    """Splits at the event that ends the entity: (those up to it, those after it)."""
    too_late = {event.event_id for event, _ in _quote(events, zone)} if kind == "quote" else ()
    for index, event in enumerate(events):
        if kind != "opportunity" and event.type in TERMINAL and event.event_id not in too_late:
            return events[:index + 1], events[index + 1:]
    return events, []


def without_effect(kind, events, zone):
    """(event, reason) of one entity; `events` hold the highest revision of each event_id."""
    live = sorted((event for event in events if not event.retracted), key=lambda event: event.sort_key())
    kept = history(kind, events)
    if kind not in _NEEDS_NO_FOUNDING:
        founded = any(event.type in FOUNDING for event in live)
        for event in live[:len(live) - len(kept)]:
            yield event, "before_founding" if founded else "never_founded"
    kept, after = _until_the_end(kind, kept, zone)
    for event in after:
        if not event.stakeholders():  # it counts for those that it names
            yield event, "after_terminal"
    reasons = {event.event_id: (event, reason) for event, reason in _BY_KIND.get(kind, lambda *_: ())(kept, zone)}
    for event in kept:
        if event.event_id in reasons:
            yield reasons[event.event_id]
        elif _names_nothing(event):
            yield event, "names_nothing"
