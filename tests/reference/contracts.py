"""Contracts, quotes and opportunities: the entities whose value changes while they are in force."""

import civil
from ledger import pieces
from schema import TERMINAL


class _Contract:
    """start, end of the last term (None: open-ended), value steps in sort order, old ends of the renewals."""

    def __init__(self):
        self.start = self.end = None
        self.steps, self.renewed, self.terminated = [], [], None

    def apply(self, event):
        payload = event.payload
        if event.type == "contract_signed":
            # a second signing sets start, end and value anew and drops earlier steps; renewals counted stay
            self.start = civil.parse_date(payload["start_date"])
            self.end = civil.parse_date(payload.get("end_date", ""))
            self.steps = [(self.start, payload["annual_value"])]
        elif event.type == "contract_amended":
            if "annual_value" in payload:
                effective = max(civil.parse_date(payload["effective_date"]), self.start)
                self.steps.append((effective, payload["annual_value"]))
            if payload.get("end_date"):
                self.end = civil.parse_date(payload["end_date"])
        elif event.type == "contract_renewed":
            end = civil.parse_date(payload["end_date"])
            if self.end is not None and end > self.end:  # open-ended is not renewable
                self.renewed.append(self.end)
                if "annual_value" in payload:
                    self.steps.append((self.end + 1, payload["annual_value"]))
                self.end = end
        else:
            self.terminated = civil.parse_date(payload["effective_date"])

    def value_on(self, day):
        """The step with the greatest (date, sort order) up to the day."""
        reached = [(date, order) for order, (date, _) in enumerate(self.steps) if date <= day]
        return self.steps[max(reached)[1]][1] if reached else None


def contract(events, zone, ledger):
    state = _Contract()
    for event in events:
        state.apply(event)
        if event.type in TERMINAL:
            break
    last = state.end
    if state.terminated is not None:
        last = state.terminated if last is None else min(state.terminated, last)
    if last is not None and last < state.start:
        return  # never a day in force: contributes nothing
    end = None if last is None else last + 1
    ledger.during("contracts_active", state.start, end)
    edges = sorted({state.start} | {date for date, _ in state.steps if date > state.start})
    for first, following in zip(edges, edges[1:] + [None]):
        until = following if end is None else end if following is None else min(end, following)
        ledger.money_during("contract_value", first, until, state.value_on(first))
    for old_end in state.renewed:
        if state.terminated is None or state.terminated > old_end:
            ledger.add("renewals", old_end, 1)
    if state.terminated is not None:
        ledger.add("terminations", state.terminated, 1)
    elif last is not None:
        ledger.add("contracts_due", last, 1)
        ledger.money("contract_value_due", last, state.value_on(last))
        ledger.add("lapses", last + 1, 1)


def quote(events, zone, ledger):
    issued, decided = zone.day(events[0].seconds), None
    amount = valid_until = None
    for event in events:
        if event.type in ("quote_issued", "quote_revised"):
            amount = event.payload.get("amount", amount)
            if event.payload.get("valid_until"):
                valid_until = civil.parse_date(event.payload["valid_until"])
        elif event.type == "quote_accepted" or zone.day(event.seconds) <= valid_until:
            decided = event
            break
        # else: a rejection after valid_until is ignored as if not sent
    end = valid_until + 1 if decided is None else zone.day(decided.seconds)
    ledger.during("quotes_open", issued, end)
    ledger.money_during("quotes_open_amount", issued, end, amount)
    if decided is None:
        ledger.add("quotes_expired", max(end, issued), 1)
    elif decided.type == "quote_accepted":
        ledger.add("quotes_accepted", end, 1)
        ledger.money("quotes_accepted_amount", end, amount)
    else:
        ledger.add("quotes_rejected", end, 1)


def _weighted(minor, probability):
    """round_half_away(amount x probability / 100), in integers."""
    product = abs(minor) * probability
    return (1 if minor >= 0 else -1) * ((2 * product + 100) // 200)


def opportunity(events, zone, ledger):
    created, closed = zone.day(events[0].seconds), None
    steps = []  # (day, (amount, probability, expected close)): each change from its day on
    amount = probability = expected = None
    for event in events:
        day, payload = zone.day(event.seconds), event.payload
        if event.type in ("opportunity_won", "opportunity_lost"):
            closed = day
            won = event.type == "opportunity_won"
            if won:
                amount = payload.get("amount", amount)
                ledger.add("won_cycle_days", day, day - created)
            ledger.add("opportunities_won" if won else "opportunities_lost", day, 1)
            ledger.money("won_amount" if won else "lost_amount", day, amount)
            break
        moved = civil.parse_date(payload.get("expected_close", ""))
        if event.type == "opportunity_created":
            amount, probability, expected = payload["amount"], payload["probability"], moved
        else:
            amount = payload.get("amount", amount)
            probability = payload.get("probability", probability)
            if moved is not None:
                if expected is not None and moved > expected:
                    ledger.add("opportunities_slipped", day, 1)
                expected = moved
        steps.append((day, (amount, probability, expected)))
    ledger.during("opportunities_open", created, closed)
    for first, end, (money, percent, close) in pieces(steps, closed):
        ledger.money_during("pipeline", first, end, money)
        weighted = _weighted(money.get("minor", 0), percent)
        ledger.during("pipeline_weighted", first, end, weighted, money["currency_code"])
        if close is not None:
            ledger.money_during("pipeline_overdue", max(first, close + 1), end, money)
