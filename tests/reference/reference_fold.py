#!/usr/bin/env python3
"""The reference for `keyfold fold`: the same lines, computed from scratch in the most literal way."""

import argparse
import json
import sys

import civil
import entities
import kpis
from components import Rates, Sums
from events import Rejected
from ledger import Ledger
from projection import Projection
from without_effect import without_effect

sys.setrecursionlimit(20_000)


class Evaluated:
    """One account at D."""

    def __init__(self, account, rates, zone, windows, parameters):
        self.ledger = Ledger()
        self.without_effect = []  # (entity kind, entity id, event, reason)
        for (kind, name), events in account.entities.items():
            mentions = account.mentions.get(name, {}).values() if kind == "stakeholder" else ()
            entities.contribute(kind, name, list(events.values()), list(mentions), zone, self.ledger)
            found = without_effect(kind, list(events.values()), zone)
            self.without_effect += [(kind, name, event, reason) for event, reason in found]
        self.sums = Sums(self.ledger, rates, windows)
        self.components = kpis.account_components(self.sums, parameters)
        self.histogram = self.sums.histogram(windows.trailing_days(90))
        self.kpis = kpis.account_kpis(
            self.components, self.histogram, zone, windows.day, rates.reporting_currency, parameters)
        own = entities.history("account", account.entities.get(("account", ""), {}).values())
        self.attributes = entities.attributes_at(own, zone, windows.day)

    def groups(self):
        names = ["portfolio:all"]
        if self.components["key_account"] > 0:  # key accounts now
            names.append("portfolio:key")
        return names + [f"{kind}:{value}" for kind, value in self.attributes.items() if value]


def read_config(path):
    config = json.load(open(path, encoding="utf-8")) if path else {}
    config.setdefault("time_zone", "Europe/Berlin")
    config.setdefault("reporting_currency", "EUR")
    config.setdefault("fiscal_year_start_month", 1)
    config["parameters"] = kpis.DEFAULT_PARAMETERS | (config.get("parameters") or {})
    return config


def read_log(paths, projection):
    """Adds every line; returns the dead letters. Lines are numbered from 1 over all files, blank ones are skipped."""
    dead, number = [], 0
    for path in paths:
        stream = sys.stdin.buffer if path == "-" else open(path, "rb")
        content = stream.read().removeprefix(b"\xef\xbb\xbf")  # a byte order mark at the start of a file is skipped
        for line in content.split(b"\n"):
            number += 1
            record = line[:-1] if line.endswith(b"\r") else line
            if not record.strip():
                continue
            try:
                projection.add(record)
            except Rejected as rejected:
                text = record.decode("utf-8", "replace")
                dead.append({"line": number, "code": rejected.code, "message": rejected.message, "record": text})
        number -= 1  # what follows the last newline is no line; where it is missing, the file's end ends it
        if line:
            number += 1
        stream.close()
    return dead


def fold(paths, config, as_of=None):
    """Returns (accounts by id, dead letters, D, zone)."""
    zone = civil.Zone(config["time_zone"])
    projection = Projection(config["reporting_currency"])
    dead = read_log(paths, projection)
    day = civil.parse_date(as_of) if as_of else None
    if day is None:
        day = zone.day(projection.greatest[0]) if projection.greatest else 0
    windows = civil.Windows(day, config["fiscal_year_start_month"])
    rates = Rates(projection.rate_table(), config["reporting_currency"])
    accounts = {
        name: Evaluated(account, rates, zone, windows, config["parameters"])
        for name, account in projection.accounts.items() if account.live_events() > 0}
    return accounts, dead, day, zone


def account_lines(accounts, date, with_measures):
    for name in sorted(accounts, key=str.encode):
        account = accounts[name]
        line = {"account_id": name, "as_of": date, "kpis": kpis.defined(account.kpis),
                "missing_rates": sorted(account.sums.missing)}
        if with_measures:
            line["measures"] = account.sums.measures()
        yield line


def group_lines(accounts, date, day, zone, currency):
    members = {}
    for name in sorted(accounts, key=str.encode):
        for group in accounts[name].groups():
            members.setdefault(group, []).append(accounts[name])
    for group in sorted(members, key=str.encode):
        of_group = members[group]
        values = kpis.group_kpis(
            [account.components for account in of_group], [account.histogram for account in of_group], zone, day,
            currency)
        missing = set().union(*(account.sums.missing for account in of_group))
        yield {"group_id": group, "as_of": date, "accounts": len(of_group), "kpis": kpis.defined(values),
               "missing_rates": sorted(missing)}


def without_effect_lines(accounts):
    for name, account in accounts.items():
        for kind, entity, event, reason in account.without_effect:
            yield {"account_id": name, "entity_kind": kind, "entity_id": entity, "event_id": event.event_id,
                   "type": event.type, "reason": reason}


def write_lines(path, lines):
    if path:
        with open(path, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(line) + "\n" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--as-of", metavar="D")
    parser.add_argument("--config", metavar="FILE")
    parser.add_argument("--rollups", action="store_true")
    parser.add_argument("--measures", action="store_true")
    parser.add_argument("--dead-letters", metavar="FILE")
    parser.add_argument("--without-effect", metavar="FILE")
    options = parser.parse_args()
    config = read_config(options.config)
    accounts, dead, day, zone = fold(options.files, config, options.as_of)
    date = civil.civil(day).isoformat()
    lines = list(account_lines(accounts, date, options.measures))
    if options.rollups:
        lines += group_lines(accounts, date, day, zone, config["reporting_currency"])
    for line in lines:
        print(json.dumps(line))
    write_lines(options.dead_letters, dead)
    write_lines(options.without_effect, without_effect_lines(accounts))
    print(f"{len(accounts)} accounts, {len(dead)} rejected", file=sys.stderr)


if __name__ == "__main__":
    main()
