#!/usr/bin/env python3
"""Half of the events are folded with one configuration; then the definitions change, and so do the rules of the time
zone. `run` refuses them, `rebuild` brings them in, and with the other half folded everything published is what `keyfold
fold` says with the new configuration.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile

import deployment
from published import compare, fold, last_published

FIRST_DAY, LAST_DAY = "2026-04-01", "2026-06-30"
CHANGED = ["--fiscal_year_start_month", "4", "--parameter", "clv.retention=0.8"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def write_events(keyfold, directory, events):
    """Files with the first half of a sample, and with the second one and a midnight after it."""
    first, second = deployment.write_sample(keyfold, directory, "--accounts", "500", "--events", str(events), "--from",
                                            FIRST_DAY, "--to", LAST_DAY)
    with open(second, "a", encoding="utf-8") as out:
        out.write(json.dumps({"event_id": "end", "occurred_at": LAST_DAY + "T20:30:00Z", "clock_advanced": {}}) + "\n")
    return first, second


def change_zone_rules(directory):
    """From now on the machine's time zone database says that Berlin keeps New York's time."""
    zones = os.path.join(directory, "zoneinfo")
    os.makedirs(os.path.join(zones, "Europe"))
    shutil.copy("/usr/share/zoneinfo/America/New_York", os.path.join(zones, "Europe", "Berlin"))
    os.environ["TZDIR"] = zones


def run(target):
    return target.start("--until-end", "--workers", "2").wait(timeout=600)


def rebuild_between(target, directory, first, second):
    """What went wrong, and the new catalogue's hash."""
    target.call("topics", "--create", "--create-time", "--partitions", "4", **QUIET)
    target.call("produce", first, "--timestamps", "occurred_at", **QUIET)
    problems = [] if run(target) == 0 else ["the first run failed"]
    change_zone_rules(directory)
    if run(target) == 0 or not re.search(r"\(rules of the time zone \(tzdata\): .*keyfold rebuild", target.run_log()):
        problems.append("changed rules of the time zone were not refused with the way out")
    target.flags += CHANGED
    if run(target) == 0 or "start of the fiscal year: month 1 then, month 4 now" not in target.run_log():
        problems.append("a changed configuration was not refused")
    said = target.call("rebuild", stdout=subprocess.PIPE).stdout.decode("utf-8").strip()
    print("  " + said)
    catalog_hash = re.search("with catalogue ([0-9a-f]+):", said).group(1)
    if run(target) != 0:
        problems.append("the run after the rebuild failed")
    problems += [f"{key} was not published by the run after the rebuild" for updates in (target.updates, target.rollups)
                 for key in live(updates()) ^ live(since(catalog_hash, updates()))]
    problems += [f"{key} was told again by the run after the rebuild, which changes no flag"
                 for key, _ in since(catalog_hash, target.alerts())]
    target.call("produce", second, "--timestamps", "occurred_at", **QUIET)
    if run(target) != 0:
        problems.append("the run of the second half failed")
    return problems, catalog_hash


def live(updates):
    """The keys whose last record is not a tombstone."""
    return {key for key, payload in dict(updates).items() if payload is not None}


def since(catalog_hash, updates):
    """Updates with this catalogue, and tombstones after them. Records of one key are in order, those of all are not."""
    updated = set()
    for key, payload in updates:
        if payload is not None and json.loads(payload)["catalog_hash"] == catalog_hash:
            updated.add(key)
            yield key, payload
        elif payload is None and key in updated:
            yield key, payload


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--events", type=int, default=20_000)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
        first, second = write_events(arguments.keyfold, directory, arguments.events)
        problems, catalog_hash = rebuild_between(target, directory, first, second)
        _, accounts = last_published(since(catalog_hash, target.updates()), problems)
        _, groups = last_published(since(catalog_hash, target.rollups()), problems)
        expected = fold(target.keyfold, [first, second], LAST_DAY, "--rollups", *CHANGED)
        former = fold(target.keyfold, [first, second], LAST_DAY, "--rollups")
        problems.extend(compare({**accounts, **groups}, expected))
        if expected == former:
            problems.append("the changed configuration makes no difference: nothing was tested")
        print(f"  {len(accounts)} accounts and {len(groups)} groups compared")
        if problems:
            print(target.run_log())
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
