#!/usr/bin/env python3
"""Two processes of a projection on one host have, by default, one name. Exactly one of them stays, whichever came first
if one did; the other one ends and says who has its name. One that is killed is followed at once.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import subprocess
import tempfile
import time

import deployment

PATIENCE_S = 60
WAITS = "waiting for its end"


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


def count_running(target):
    return target.run_log().count("partition 0 running")


def run_two(target):
    problems = []
    older = target.start(machine="a")
    wait_until(lambda: count_running(target) == 2, "the first process does not run")  # both stages
    newer = target.start(machine="b")
    if newer.wait(timeout=PATIENCE_S) == 0:
        problems.append("the second process ended as if all were well")
    said = target.run_log().strip().splitlines()[-1]
    for expected in (f"the process {older.pid} of this host", "`instance`"):
        if expected not in said:
            problems.append(f"the second process does not say {expected}: {said}")
    if older.poll() is not None:
        problems.append("the first process ended, too")

    older.kill()
    older.wait()
    waits = target.run_log().count(WAITS)
    follower = target.start(machine="a")
    wait_until(lambda: count_running(target) == 4, "the follower of a killed process does not run")
    if target.run_log().count(WAITS) != waits:
        problems.append("the follower waited for a process that was dead")
    follower.terminate()
    if follower.wait(timeout=PATIENCE_S) != 0:
        problems.append("the follower did not end well")

    both = [target.start(machine=machine) for machine in ("a", "b")]
    wait_until(lambda: any(process.poll() is not None for process in both), "none of two gave way")
    wait_until(lambda: count_running(target) >= 6, "none of two runs")
    alive = [process for process in both if process.poll() is None]
    if len(alive) != 1:
        problems.append(f"of two processes that were started at once {len(alive)} stay")
    for process in alive:
        process.terminate()
        process.wait(timeout=PATIENCE_S)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
        target.call("topics", "--create", "--partitions", "1", stdout=subprocess.DEVNULL)
        problems = run_two(target)
        if problems:
            print(target.run_log())
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
