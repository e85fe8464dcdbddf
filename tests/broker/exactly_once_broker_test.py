#!/usr/bin/env python3
"""`keyfold run` on a real Kafka, killed with SIGKILL again and again: what ends up on the topic is what `keyfold fold`
makes of the same events, every account's versions rise, and nothing is published twice.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import datetime
import os
import random
import signal
import subprocess
import tempfile
import time
import zoneinfo

import deployment
from published import compare, compare_alerts, fold, last_alerts, last_published

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")


def run_to_the_end(target):
    """As under a supervisor: a process that a library's assertion has ended is started again, and says so."""
    for _ in range(3):
        status = target.start("--until-end").wait(timeout=1200)
        if status != -signal.SIGABRT:
            break
        print("  ABORTED by an assertion: " + target.run_log().strip().splitlines()[-1])
    return status


def kill_at_random_moments(target, kills, seed, window_s):
    """Starts `run` and kills it, `kills` times; then lets it come to the end."""
    chance = random.Random(seed)
    for _ in range(kills):
        process = target.start()
        time.sleep(chance.uniform(*window_s))
        process.send_signal(signal.SIGKILL)
        process.wait()
    began = time.monotonic()
    status = run_to_the_end(target)
    print(f"  after the last kill: {time.monotonic() - began:.1f} s to the end")
    return status


def last_days(target):
    """The civil day that each partition's stream time has reached, and each account's partition."""
    greatest, partition_of = {}, {}
    for partition, timestamp, key in target.positions():
        greatest[partition] = max(greatest.get(partition, 0), timestamp)
        if key:
            partition_of[key] = partition
    days = {partition: datetime.datetime.fromtimestamp(timestamp / 1000, ZONE).date().isoformat()
            for partition, timestamp in greatest.items()}
    return days, partition_of


def check(target, events):
    problems = []
    records, last = last_published(target.updates(), problems)
    days, partition_of = last_days(target)
    folded = {day: fold(target.keyfold, [events], day) for day in set(days.values())}
    expected = {account_id: accounts for day, all_accounts in folded.items()
                for account_id, accounts in all_accounts.items() if days[partition_of[account_id]] == day}
    problems.extend(compare(last, expected))
    alerts, raised = last_alerts(target.alerts(), problems)
    problems.extend(compare_alerts(raised, last))
    if not raised:
        problems.append("no alert is raised: nothing was tested")
    print(f"  {records} updates, {alerts} alerts, {len(raised)} raised, {len(last)} accounts compared at {sorted(set(days.values()))[-1]}")
    return problems


def scenario(arguments, directory, title, events, accounts, timestamps, window_s):
    print(f"{title}: {events} events, {arguments.kills} kills")
    target = deployment.Deployment(arguments.keyfold, arguments.bootstrap, directory)
    sample = os.path.join(directory, "sample.jsonl")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([arguments.keyfold, "sample", "--accounts", str(accounts), "--events", str(events), "--seed",
                    str(arguments.seed), "--to", "2025-12-31", "--erasures", str(accounts // 100), "--out", sample], check=True, **quiet)
    target.call("topics", "--create", "--create-time", "--partitions", "4", **quiet)
    target.call("produce", sample, "--timestamps", timestamps, **quiet)
    if kill_at_random_moments(target, arguments.kills, arguments.seed, window_s) != 0:
        return [title + ": run did not end well"]
    problems = check(target, sample)
    print("  " + target.run_log().strip().splitlines()[-1])
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--events", type=int, default=250_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.bootstrap = deployment.bootstrap_or_skip()
    problems = []
    for title, events, accounts, timestamps, window_s in [
        ("bulk load", arguments.events, 5_000, "now", (0.3, 2.5)),
        ("time passes", arguments.events // 20, 500, "occurred_at", (0.3, 2.0)),
    ]:
        with tempfile.TemporaryDirectory() as directory:
            problems += scenario(arguments, directory, title, events, accounts, timestamps, window_s)
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
