#!/usr/bin/env python3
"""Two processes of `keyfold run`, eight partitions, on a real Kafka: killed with SIGKILL again and again while accounts
change their managers, tiers and segments, are erased, and a midnight passes. What ends up on the roll-up topic is what
`keyfold fold --rollups` makes of the same events.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import tempfile
import time

import deployment
from published import compare, fold, last_published

PARTITIONS = 8
FIRST_DAY, LAST_DAY = "2026-06-29", "2026-07-01"  # a month, a quarter and a half-year end in between
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def write_moves(path, accounts, count, chance):
    """Events of the last day that move accounts from group to group, some of them dated ahead or retracted later."""
    with open(path, "w", encoding="utf-8") as out:
        for i in range(count):
            event = {"event_id": f"move-{i}", "account_id": chance.choice(accounts), "source": "test",
                     "occurred_at": f"{LAST_DAY}T{chance.randrange(6, 20):02}:{chance.randrange(60):02}:00Z"}
            if i % 40 == 0:
                event["occurred_at"] = "2026-07-15T08:00:00Z"  # not in force yet
            kind = chance.randrange(6)
            if kind < 3:
                event["manager_assigned"] = {"manager_id": chance.choice(["", "M1", "M2", "NEW-%d" % (i % 7)])}
            elif kind == 3:
                event["key_account_designated"] = {"tier": chance.choice(["STRATEGIC", "KEY", "GROWTH"])}
            elif kind == 4:
                event["account_classified"] = {"segment": chance.choice(["moved", "other"])}
            else:
                event["account_churned"] = {"reason": "test"}
            out.write(json.dumps(event) + "\n")
            if i % 10 == 0:
                out.write(json.dumps({**event, "revision": 1, "retracted": True}) + "\n")
        for account in chance.sample(accounts, 20):
            out.write(json.dumps({"erase_account": account}) + "\n")


def write_clock(path):
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps({"event_id": "end", "occurred_at": LAST_DAY + "T20:30:00Z", "clock_advanced": {}}) + "\n")


class Processes:
    """Two machines: each keeps its own shards."""

    def __init__(self, target):
        self.target = target
        self.running = {}

    def start(self, name, *arguments):
        self.running[name] = self.target.start("--instance", name, "--workers", "2", *arguments, machine=name)

    def kill(self, name):
        self.running[name].send_signal(signal.SIGKILL)
        self.running.pop(name).wait()


def disturb(target, kills, chance, between):
    """Kills one process or both, and starts them again; `between` happens once, in the middle."""
    processes = Processes(target)
    for round_number in range(kills):
        for name in ("a", "b"):
            if name not in processes.running:
                processes.start(name)
        time.sleep(chance.uniform(0.5, 3))
        if round_number == kills // 2:
            between()
        for name in chance.choice([("a",), ("b",), ("a", "b")]):
            processes.kill(name)
    for name in list(processes.running):
        processes.kill(name)
    for name in ("a", "b"):
        processes.start(name, "--until-end")
    return [process.wait(timeout=600) for process in processes.running.values()]


def check(target, files):
    problems = []
    records, groups = last_published(target.rollups(), problems)
    _, accounts = last_published(target.updates(), problems)
    expected = fold(target.keyfold, files, LAST_DAY, "--rollups")
    problems.extend(compare(groups, {key: line for key, line in expected.items() if "group_id" in line}))
    problems.extend(compare(accounts, {key: line for key, line in expected.items() if "account_id" in line}))
    print(f"  {records} roll-up updates, {len(groups)} groups and {len(accounts)} accounts compared")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
        sample, moves, clock = (os.path.join(directory, name + ".jsonl") for name in ("sample", "moves", "clock"))
        subprocess.run([arguments.keyfold, "sample", "--accounts", str(arguments.accounts), "--events",
                        str(arguments.events), "--from", FIRST_DAY, "--to", "2026-06-30", "--out", sample],
                       check=True, **QUIET)
        with open(sample, encoding="utf-8") as lines:
            accounts = sorted({json.loads(line).get("account_id", "") for line in lines} - {""})
        write_moves(moves, accounts, arguments.accounts, chance)
        write_clock(clock)
        target.call("topics", "--create", "--create-time", "--partitions", str(PARTITIONS), **QUIET)
        target.call("produce", sample, "--timestamps", "occurred_at", **QUIET)

        def produce_the_rest():
            target.call("produce", moves, "--timestamps", LAST_DAY + "T12:00:00Z", **QUIET)
            target.call("produce", clock, "--timestamps", "occurred_at", **QUIET)

        statuses = disturb(target, arguments.kills, chance, produce_the_rest)
        problems = [f"run ended with {status}" for status in statuses if status != 0]
        problems += check(target, [sample, moves, clock])
        print("  " + "\n  ".join(target.run_log().strip().splitlines()[-2:]))
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
