#!/usr/bin/env python3
"""A seeded generator of nasty logs: few entities with long tangled histories, at the edges of every rule."""

import argparse
import json
import random
import sys

import civil
from json_dress import Dress
from nasty_payloads import CURRENCIES, KIND_WEIGHTS, TYPES_BY_KIND, ZONES, Factory
from schema import FOUNDING, PAYLOADS
from wrong_records import wrong_record

FLOOD_EVENTS = 10_004  # a few more than one entity may have


def draw_setting(rng, chaos):
    """(config, D as a day, whether --as-of is given)."""
    config = {
        "time_zone": rng.choice(ZONES),
        "reporting_currency": rng.choice(("EUR", "EUR", "EUR", "USD", "JPY", "KWD", "CLF")),
        "fiscal_year_start_month": rng.choice((1, 1, 4, 7, 10, 12, 2))}
    if rng.random() < 0.4:
        config["parameters"] = {
            "clv.retention": rng.choice((0.5, 0.8, 0.95)), "clv.discount": rng.choice((0.05, 0.15)),
            "selection.revenue_scale": rng.choice((1_000, 20_000.5)), "selection.potential_scale": 300_000}
        if rng.random() < 0.2 * chaos:
            config["parameters"] = {"clv.retention": 1, "clv.discount": 0}  # nothing to divide by
    days = ((2024, 2, 29), (2025, 2, 28), (2024, 12, 31), (2025, 6, 30), (2025, 3, 31), (2025, 3, 30), (2024, 3, 30),
            (2025, 4, 30), (2025, 10, 26), (2024, 8, 29), (2025, 1, 1), (2025, 4, 1), (2024, 3, 10), (2025, 3, 8),
            (2025, 4, 24))
    day = civil.day_number(*rng.choice(days))
    if rng.random() < 0.3:
        day = civil.day_number(2025, 1, 1) + rng.randrange(400)
    return config, day, rng.random() < 0.92


def _without_minor(value):
    """Amounts that say no number: what is on a retracted record is not checked."""
    if isinstance(value, dict):
        return {name: _without_minor(part) for name, part in value.items() if name != "minor"}
    return [_without_minor(part) for part in value] if isinstance(value, list) else value


class Generator:
    """One log. Facts are drawn first, then corrected, repeated and shuffled."""

    def __init__(self, seed, accounts, events, chaos):
        self.rng = random.Random(seed)
        self.chaos = chaos
        self.config, self.day, self.as_of_given = draw_setting(self.rng, chaos)
        reporting = self.config["reporting_currency"]
        currencies = [reporting] + self.rng.sample([code for code in CURRENCIES if code != reporting], 3)
        if self.rng.random() < 0.25:
            currencies = [reporting]
        # About six events for each entity.
        ids = max(2, round(events / (accounts * len(KIND_WEIGHTS) * 6)))
        zone = civil.Zone(self.config["time_zone"])
        self.factory = Factory(self.rng, self.day, zone, currencies, reporting, chaos, ids)
        self.dress = Dress(self.rng, chaos)
        self.accounts = [f"A{number}" for number in range(1, accounts)] + ["Zürich"]
        self.currencies = currencies
        self.event_ids = []
        self.founded = set()
        self.facts = []  # (account, entity key, kind, fields)
        self.count = events

    def event_id(self):
        """New ones in no order; now and then one that another entity has used already."""
        rng = self.rng
        if self.event_ids and rng.random() < 0.05:
            return rng.choice(self.event_ids)
        prefix = rng.choice(("a", "Z", "b", "é", "10", "9"))
        self.event_ids.append(f"{prefix}{len(self.event_ids):x}")
        return self.event_ids[-1]

    def body(self, account, kind, key, event_type):
        """The fields of a fact that a correction may change: everything but its ids."""
        rng = self.rng
        self.factory.edit(account, (kind, key))
        seconds, nanos = self.factory.moment(event_type)
        fields = {"account_id": account, "occurred_at": {"seconds": seconds, "nanos": nanos}}
        if rng.random() < 0.5:
            fields["source"] = rng.choice(("sap-eu", "salesforce"))
        if rng.random() < 0.2:
            fields["correlation_id"] = f"c{rng.randrange(100)}"
        fields[event_type] = self.factory.payload(event_type, key)
        return fields

    def fact(self):
        rng = self.rng
        account = rng.choice(self.accounts)
        kind = rng.choices(list(KIND_WEIGHTS), KIND_WEIGHTS.values())[0]
        key = self.factory.identifier(kind)
        event_type = self.factory.type_of(kind, (account, kind, key) in self.founded)
        if event_type in FOUNDING:
            self.founded.add((account, kind, key))
        fields = {"event_id": self.event_id()} | self.body(account, kind, key, event_type)
        self.facts.append((account, kind, key, fields))
        return fields

    def rate(self):
        rng = self.rng
        month = civil.month_of(self.day) - rng.choice((0, 1, 2, 3, 6, 12, 18, rng.randint(-2, 30)))
        currency = rng.choice(self.currencies[1:] + ["MXN"])
        rate = rng.choice((1.0, 0.5, 0.0083, 1.08, 3.3, rng.uniform(0.1, 9)))
        if self.factory.huge:
            rate = rng.choice((1e9, 1e-9, rate))
        self.factory.edit(None, ("fx", ""))
        seconds, nanos = self.factory.moment()
        fields = {"event_id": self.event_id(), "occurred_at": {"seconds": seconds, "nanos": nanos}, "fx_rate_set": {
            "currency_code": currency, "month": f"{month // 12:04d}-{month % 12 + 1:02d}", "rate": rate}}
        self.facts.append((None, "fx", None, fields))
        return fields

    def clock(self):
        seconds, nanos = self.factory.moment()
        event_id = self.rng.choice(("clock", self.event_id()))
        return {"event_id": event_id, "occurred_at": {"seconds": seconds, "nanos": nanos}, "clock_advanced": {}}

    def retraction(self, fields, kind, key):
        """Withdraws; what else it says about the payload may be empty, the same or nonsense."""
        rng = self.rng
        event_type = next(name for name in fields if name in PAYLOADS)
        result = {name: value for name, value in fields.items() if name != event_type}
        result["retracted"] = True
        if kind == "fx" or rng.random() < 0.3:
            result[event_type] = fields[event_type]
            if kind != "fx" and rng.random() < 0.3:
                result[event_type] = _without_minor(fields[event_type])
            return result
        if rng.random() < 0.3:  # "the payload still names the entity": another type of the same entity does so too
            event_type = rng.choice(TYPES_BY_KIND[kind])
        field = PAYLOADS[event_type][1]
        result[event_type] = {field: key} if field else {}
        if rng.random() < 0.2 and "reason" in PAYLOADS[event_type][2]:
            result[event_type]["reason"] = "x" * 300
        return result

    def correction(self):
        """A record with an event_id that exists: another revision, a retraction, or the same revision once more."""
        rng = self.rng
        account, kind, key, fields = rng.choice(self.facts)
        event_type = next(name for name in fields if name in PAYLOADS)
        draw = rng.random()
        if draw < 0.2:  # a duplicate: only the correlation id may differ
            again = fields | {"correlation_id": f"again{rng.randrange(9)}"}
            return again if rng.random() < 0.7 else {n: v for n, v in again.items() if n != "correlation_id"}
        if draw < 0.35 + 0.2 * self.chaos or kind == "fx":
            result = self.retraction(fields, kind, key)
        else:
            if rng.random() < 0.3:
                event_type = rng.choice(TYPES_BY_KIND[kind])
            result = {"event_id": fields["event_id"]} | self.body(account, kind, key, event_type)
        if kind == "fx" and rng.random() < 0.5:
            result.pop("retracted", None)
            result["fx_rate_set"] = fields["fx_rate_set"] | {"rate": rng.uniform(0.1, 9)}
        result["revision"] = rng.choice((0, 1, 1, 2, 3, 5)) if rng.random() < 0.9 else fields.get("revision", 0)
        if result["revision"] == 0 or (self.chaos == 0 and result["revision"] == fields.get("revision", 0)):
            if rng.random() >= 0.3 * self.chaos:  # else it conflicts with what it meets
                result["revision"] = fields.get("revision", 0) + 1
        self.facts.append((account, kind, key, result))
        return result

    def records(self):
        """All lines as bytes, in the order of arrival."""
        rng = self.rng
        lines, wrong_number = [], rng.randrange(1000)
        for _ in range(self.count):
            draw = rng.random()
            if self.facts and draw < 0.15 + 0.15 * self.chaos:
                lines.append(self.correction())
            elif draw > 0.93 and len(self.currencies) > 1:
                lines.append(self.rate())
            elif draw > 0.92:
                lines.append(self.clock())
            else:
                lines.append(self.fact())
        self._shuffle(lines)
        records = [self.dress.record(fields).encode() for fields in lines]
        for _ in range(round(self.count * 0.12 * self.chaos)):
            wrong_number += 1
            event_id = f"wrong{wrong_number}" if rng.random() < 0.9 else self.event_id()
            record = wrong_record(rng, wrong_number, rng.choice(self.accounts), event_id)
            records.insert(rng.randrange(len(records) + 1), record)
        for _ in range(rng.choice((0, 0, 1, 2)) if self.chaos else 0):
            erased = json.dumps({"erase_account": rng.choice(self.accounts + ["nobody"])}).encode()
            records.insert(rng.randrange(len(records) + 1), erased)
        if self.chaos:
            for _ in range(2):
                records.insert(rng.randrange(len(records) + 1), rng.choice((b"", b"  ")))
        return records

    def _shuffle(self, lines):
        """Any order, or nearly the order in which things happened."""
        if self.rng.random() < 0.5:
            self.rng.shuffle(lines)
        else:
            jitter = self.rng.choice((0, 86400, 30 * 86400))
            lines.sort(key=lambda fields: fields["occurred_at"]["seconds"] + self.rng.uniform(0, jitter))

    def flood(self):
        """More distinct event ids in one entity than are allowed, its own and those of meetings held with it."""
        records = []
        for number in range(FLOOD_EVENTS):
            fields = {"event_id": f"f{number % (FLOOD_EVENTS - 1)}", "account_id": "flooded",
                      "occurred_at": {"seconds": 1_700_000_000 + number, "nanos": 0}}
            if number % 3:
                fields["stakeholder_updated"] = {"stakeholder_id": "S", "role": "USER"}
            else:
                fields["meeting_held"] = {"meeting_id": f"M{number % 50}", "kind": "NEGOTIATION",
                                          "stakeholder_ids": ["S"], "duration_minutes": 1}
            records.append(self.dress.record(fields).encode())
        return records

    def overflow(self):
        """An invoice whose lines add up to more than int64 holds: its ledger cell wraps around."""
        lines = [{"sale_type": 1, "net": {"currency_code": "EUR", "minor": 10**15}}] * self.rng.choice((9_224, 9_400))
        fields = {"event_id": "overflow", "account_id": self.accounts[0], "occurred_at": "2025-02-01T12:00:00Z",
                  "invoice_issued": {"invoice_id": "overflow", "lines": lines}}
        return [json.dumps(fields, separators=(",", ":")).encode()]


def generate(seed, accounts, events, chaos, flood=False):
    """(records as bytes, config, options)."""
    generator = Generator(seed, accounts, events, chaos)
    records = generator.records()
    if flood:
        records += generator.flood()
    if generator.rng.random() < 0.03 * chaos:
        records += generator.overflow()
    if generator.rng.random() < 0.1:  # as some editors write it
        records = [record + b"\r" for record in records]
        records[0] = b"\xef\xbb\xbf" + records[0]
    options = ["--rollups", "--measures"]
    if generator.as_of_given:
        options = ["--as-of", civil.civil(generator.day).isoformat()] + options
    return records, generator.config, options


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--accounts", type=int, default=5)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--chaos", type=float, default=0.5, help="0 (valid records only) to 1")
    parser.add_argument("--flood", action="store_true", help="add an entity with more than 10,000 events")
    parser.add_argument("--out", metavar="FILE")
    parser.add_argument("--config-out", metavar="FILE")
    parser.add_argument("--args-out", metavar="FILE")
    options = parser.parse_args()
    records, config, arguments = generate(options.seed, options.accounts, options.events, options.chaos, options.flood)
    text = b"".join(record + b"\n" for record in records)
    if options.out:
        with open(options.out, "wb") as stream:
            stream.write(text)
    else:
        sys.stdout.buffer.write(text)
    if options.config_out:
        with open(options.config_out, "w", encoding="utf-8") as stream:
            json.dump(config, stream, indent=1)
    if options.args_out:
        with open(options.args_out, "w", encoding="utf-8") as stream:
            stream.write(" ".join(arguments) + "\n")


if __name__ == "__main__":
    main()
