"""Contracts, quotes and opportunities: the entities whose value changes while they are in force."""

import civil
from ledger import pieces
from schema import TERMINAL


class _Contract:
    """Spells [first day, last day of the last term] (None: open-ended), the last one in force or to come; value steps in
    sort order; old ends of the renewals."""

    def __init__(self):
        self.spells, self.steps, self.renewed, self.terminated = [], [], [], None
        self.signed_start = None

    def apply(self, event):
        payload = event.payload
        if event.type == "contract_signed":
            # a second signing sets start, end and value anew, drops earlier steps and spells; renewals counted stay
            self.signed_start = civil.parse_date(payload["start_date"])
            self.spells = [[self.signed_start, civil.parse_date(payload.get("end_date", ""))]]
            self.steps = [(self.signed_start, payload["annual_value"])]
        elif event.type == "contract_amended":
            if "annual_value" in payload:
                effective = max(civil.parse_date(payload["effective_date"]), self.signed_start)
                self.steps.append((effective, payload["annual_value"]))
            if payload.get("end_date"):
                self.spells[-1][1] = civil.parse_date(payload["end_date"])  # of the last term
        elif event.type == "contract_renewed":
            self.renew(payload)
        else:
            self.terminated = civil.parse_date(payload["effective_date"])

    def renew(self, payload):
        old_end, end = self.spells[-1][1], civil.parse_date(payload["end_date"])
        if old_end is None or end <= old_end:  # open-ended is not renewable; one that ends no later is ignored
            return
        holds_from = old_end + 1
        named = civil.parse_date(payload.get("start_date", ""))
        if named is not None and named > old_end + 1:
            holds_from = named  # a gap: the old spell lapses, a new one begins; no renewal
            self.spells.append([named, end])
        else:
            self.renewed.append(old_end)
            self.spells[-1][1] = end
        if "annual_value" in payload:
            self.steps.append((holds_from, payload["annual_value"]))

    def value_on(self, day):
        """The step with the greatest (date, sort order) up to the day."""
        reached = [(date, order) for order, (date, _) in enumerate(self.steps) if date <= day]
        return self.steps[max(reached)[1]][1] if reached else None

    def in_force(self, spell):
        """(first, last) day after a termination's cut, last None where it is open-ended; None: it never was."""
        first, last = spell
        if self.terminated is not None:
            last = self.terminated if last is None else min(self.terminated, last)
        return None if last is not None and last < first else (first, last)


def _value_while_in_force(state, first, last, ledger):
    end = None if last is None else last + 1
    edges = sorted({first} | {date for date, _ in state.steps if date > first})
    for edge, following in zip(edges, edges[1:] + [None]):
        until = following if end is None else end if following is None else min(end, following)
        ledger.money_during("contract_value", edge, until, state.value_on(edge))


def contract(events, zone, ledger):
    state = _Contract()
    for event in events:
        state.apply(event)
        if event.type in TERMINAL:
            break
    if not any(state.in_force(spell) for spell in state.spells):
        return  # never a day in force: contributes nothing
    for number, spell in enumerate(state.spells):
        if state.in_force(spell) is None:
            continue
        first, last = state.in_force(spell)
        ledger.during("contracts_active", first, None if last is None else last + 1)
        _value_while_in_force(state, first, last, ledger)
        is_last_term = number == len(state.spells) - 1
        terminated = state.terminated is not None and (is_last_term or state.terminated <= spell[1])
        if spell[1] is not None and not terminated:
            ledger.add("contracts_due", last, 1)
            ledger.money("contract_value_due", last, state.value_on(last))
            ledger.add("lapses", last + 1, 1)
    for old_end in state.renewed:
        if state.terminated is None or state.terminated > old_end:
            ledger.add("renewals", old_end, 1)
    if state.terminated is not None:
        ledger.add("terminations", state.terminated, 1)


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


def _without_what_was_taken_back(events):
    """A reopening takes back the closing before it, as if that had never been sent. While closed, all but a reopening
    is ignored; while open, a reopening is."""
    counted = []
    for event in events:
        closed = bool(counted) and counted[-1].type in TERMINAL
        if event.type == "opportunity_reopened":
            if closed:
                counted.pop()
        elif not closed:
            counted.append(event)
    return counted


def opportunity(events, zone, ledger):
    created, closed = zone.day(events[0].seconds), None
    steps = []  # (day, (amount, probability, expected close)): each change from its day on
    amount = probability = expected = None
    for event in _without_what_was_taken_back(events):
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
        weighted = _weighted(money["minor"], percent)
        ledger.during("pipeline_weighted", first, end, weighted, money["currency_code"])
        if close is not None:
            ledger.money_during("pipeline_overdue", max(first, close + 1), end, money)
