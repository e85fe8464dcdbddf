"""What a log amounts to: the highest revision of each fact, by account and entity."""

import json

from events import RECORD_BYTES_MAX, Rejected, check_id, decode

EVENT_IDS_MAX = 10_000


class Account:
    """Entities by (kind, id), each event_id -> Event with the highest revision (retracted ones included)."""

    def __init__(self):
        self.entities = {}
        self.mentions = {}  # stakeholder id -> {(meeting id, event_id): Event}, meetings held with them

    def live_events(self):
        return sum(not event.retracted for events in self.entities.values() for event in events.values())


class Projection:
    """All accounts and the exchange rates, after records have been added in the order of arrival."""

    def __init__(self, reporting_currency):
        self._reporting_currency = reporting_currency
        self.accounts = {}
        self.rates = Account()  # control events, kept like one account's
        self.greatest = None  # occurred_at of the records that were not rejected, (seconds, nanos)

    def add(self, record):
        """Takes one line. Raises Rejected."""
        if len(record) <= RECORD_BYTES_MAX:
            erased = _erasure(record)
            if erased is not None:
                check_id("erase_account", erased, True)
                self.accounts.pop(erased, None)  # forgets: a record that arrives after it starts a fresh account
                return
        event = decode(record, self._reporting_currency)
        if event.type == "clock_advanced":
            pass  # never a duplicate or a conflict
        elif event.type == "fx_rate_set":
            _apply(self.rates, event)
        else:
            account = self.accounts.get(event.account_id, Account())
            _apply(account, event)
            self.accounts[event.account_id] = account
        moment = (event.seconds, event.nanos)
        self.greatest = moment if self.greatest is None else max(self.greatest, moment)

    def rate_table(self):
        """(currency, month text) -> rate: the latest by (occurred_at, event_id) of those that are not retracted."""
        table = {}
        for (_, key), events in self.rates.entities.items():
            live = [event for event in events.values() if not event.retracted]
            if live:
                latest = max(live, key=lambda event: (event.seconds, event.nanos, event.event_id.encode()))
                table[key] = latest.payload["rate"]
        return table


def _erasure(record):
    """The account that a line {"erase_account": "ID"} erases, else None."""
    if b"erase_account" not in record:
        return None
    try:
        fields = json.loads(record)
    except ValueError:
        return None
    if isinstance(fields, dict) and set(fields) == {"erase_account"} and isinstance(fields["erase_account"], str):
        return fields["erase_account"]
    return None


def _apply(account, event):
    """The scope of an event_id is its primary entity."""
    events = account.entities.get(event.entity, {})
    stored = events.get(event.event_id)
    if stored is not None and event.revision < stored.revision:
        return  # a lower revision than the stored one is ignored
    if stored is not None and event.revision == stored.revision:
        if event.content() != stored.content():
            raise Rejected("conflict", f"event_id {event.event_id} revision {event.revision} has other content")
        return  # a duplicate
    _check_room(account, event, stored, events)
    # The old revision leaves the stakeholders that it named; the new one joins those that it names.
    mention = (event.entity[1], event.event_id)
    if stored is not None:
        for stakeholder in stored.stakeholders():
            account.mentions[stakeholder].pop(mention)
    for stakeholder in event.stakeholders():
        account.mentions.setdefault(stakeholder, {})[mention] = event
    events[event.event_id] = event
    account.entities[event.entity] = events


def _check_room(account, event, stored, events):
    """too_large: the 10,001st distinct event_id (retracted ones count) of any entity that the record names."""
    full = stored is None and len(events) >= EVENT_IDS_MAX
    already = stored.stakeholders() if stored is not None else set()
    for stakeholder in event.stakeholders() - already:
        own = account.entities.get(("stakeholder", stakeholder), {})
        full = full or len(own) + len(account.mentions.get(stakeholder, {})) >= EVENT_IDS_MAX
    if event.entity[0] == "stakeholder" and stored is None:
        mentions = account.mentions.get(event.entity[1], {})
        full = full or len(events) + len(mentions) >= EVENT_IDS_MAX
    if full:
        raise Rejected("too_large", "more than 10,000 events of one entity")
