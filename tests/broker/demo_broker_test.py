#!/usr/bin/env python3
"""`keyfold demo --headless` on a real Kafka: it says its address when it answers, the company is there and lives on, a
manager's token shows the manager's accounts, and it ends in good order, after a signal or in its time.

Needs KEYFOLD_TEST_KAFKA=host:port. Exit status 77: skipped.
"""

import argparse
import os
import signal
import subprocess
import tempfile
import time
import urllib.parse

import deployment

ACCOUNTS = 12
MANAGER = "manager:M. Keller"


class Demo:
    """Where it keeps its state while it lives is below `directory`."""

    def __init__(self, keyfold, bootstrap, directory, *flags):
        self.process = subprocess.Popen(
            [keyfold, "demo", "--headless", "--accounts", str(ACCOUNTS), "--kafka", "bootstrap.servers=" + bootstrap,
             "--gateway.listen", "127.0.0.1:0", *flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"TMPDIR": directory, "PATH": ""})
        self.address = self.process.stdout.readline().strip()

    def get(self, path, token=None):
        return deployment.get(urllib.parse.urlsplit(self.address).netloc, path, token)

    def end(self, sent=None):
        """Exit status, and what else was printed."""
        if sent is not None:
            self.process.send_signal(sent)
        out, errors = self.process.communicate(timeout=120)
        return self.process.returncode, out, errors


def revenue(demo, token):
    return demo.get("/v1/groups/portfolio:all?kpis=revenue_t12m,customers", token)[1]["group"]["kpis"]["revenue_t12m"]


def lives(demo, token):
    before, deadline = revenue(demo, token), time.monotonic() + 60
    while revenue(demo, token) == before:
        if time.monotonic() > deadline:
            return ["nothing has happened for a minute"]
        time.sleep(0.1)
    return []


def with_tokens(keyfold, bootstrap, directory):
    demo = Demo(keyfold, bootstrap, directory, "--tokens", "--rate", "50")
    admin, manager = (demo.process.stdout.readline().strip() for _ in range(2))
    problems = []
    if demo.get("/v1/accounts")[0] != 401:
        problems.append("nobody was asked for a token")
    everybody = demo.get("/v1/accounts?limit=1000", admin)[1]["accounts"]
    names = {row["attributes"]["name"] for row in everybody}
    if len(everybody) != ACCOUNTS or not {"Birken Foods", "Helvet Medical"} <= names:
        problems.append(f"the accounts are {sorted(names)}")
    own = demo.get("/v1/accounts?limit=1000", manager)[1]["accounts"]
    if {row["attributes"]["manager_id"] for row in own} != {MANAGER.partition(":")[2]} or len(own) == len(everybody):
        problems.append(f"the manager sees {len(own)} of {len(everybody)} accounts")
    problems += lives(demo, admin)
    status, out, errors = demo.end(signal.SIGINT)
    if (status, out, errors) != (0, "", ""):
        problems.append(f"after SIGINT: status {status}, {out!r}, {errors!r}")
    return problems


def in_its_time(keyfold, bootstrap, directory):
    demo = Demo(keyfold, bootstrap, directory, "--seconds", "2", "--rate", "5")
    began = time.monotonic()
    problems = [] if demo.get("/v1/accounts")[0] == 200 else ["somebody was asked for a token"]
    status, out, errors = demo.end()
    if (status, out, errors) != (0, "", "") or not 1 < time.monotonic() - began < 60:
        problems.append(f"in its time: status {status} after {time.monotonic() - began:.1f} s, {out!r}, {errors!r}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    problems = []
    for run in (with_tokens, in_its_time):
        with tempfile.TemporaryDirectory() as directory:
            problems += run(arguments.keyfold, bootstrap, directory)
            left = os.listdir(directory)
            if left:
                problems.append(f"{run.__name__}: left behind: {left}")
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
