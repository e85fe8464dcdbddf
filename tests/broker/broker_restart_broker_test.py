#!/usr/bin/env python3
"""The broker is killed with SIGKILL under a working `keyfold run`, stays away for longer than a consumer's session, and
comes back; then it is stopped in good order, while another `run` joins the group: both go on by themselves, and what is
on the topic is what `keyfold fold` makes of the same events.

Uses a broker of its own (tools/kafka). Exit status 77: skipped.
"""

import argparse
import os
import subprocess
import tempfile
import time

import deployment
from exactly_once_broker_test import check

AWAY_S = 8  # the session of a consumer ends after 6


def run_through_a_restart(arguments, broker, directory):
    target = deployment.Deployment(arguments.keyfold, broker.address, directory)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    sample = os.path.join(directory, "sample.jsonl")
    subprocess.run([arguments.keyfold, "sample", "--accounts", "500", "--events", str(arguments.events), "--to",
                    "2025-12-31", "--out", sample], check=True, **quiet)
    target.call("topics", "--create", "--create-time", "--partitions", "4", **quiet)
    producer = subprocess.Popen([arguments.keyfold, "produce", sample, "--rate", str(arguments.events // 10),
                                 *target.flags], **quiet)
    process = target.start()
    time.sleep(4)
    broker.call("kill")
    time.sleep(AWAY_S)
    broker.call("start")
    processes = [process, target.start("--instance", "second", machine="second")]
    stopping = broker.begin("stop")
    processes.append(target.start("--instance", "third", machine="third"))
    stopping.wait()
    broker.call("start")
    if producer.wait(timeout=300) != 0:
        return ["produce did not end well"]
    if any(process.poll() is not None for process in processes):
        return ["run gave up: " + target.last_words()]
    for process in processes:
        process.terminate()
    processes.append(target.start("--until-end"))
    if any(process.wait(timeout=300) != 0 for process in processes):
        return ["run did not end well: " + target.last_words()]
    return check(target, sample)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--events", type=int, default=60_000)
    arguments = parser.parse_args()
    deployment.bootstrap_or_skip()
    with tempfile.TemporaryDirectory() as directory, deployment.Broker(os.path.join(directory, "broker")) as broker:
        problems = run_through_a_restart(arguments, broker, directory)
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
