#!/usr/bin/env python3
"""`keyfold run` and `keyfold serve` on a real Kafka: both are killed with SIGKILL again and again, between the halves of
the events a definition changes (`keyfold rebuild`), and a reader of the stream is cut off at random places and resumes.
In the end it has what `keyfold fold` says, as have the lists, the list of alerts is what is raised on the topic, and an
explanation adds up; it never saw an older value after a newer one. An id of elsewhere begins with a reset. Events are
those that were sent, what falls due is what is open; at last the gateway asks for tokens, and a browser signs in, makes
one and ends it.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import datetime
import http.client
import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

import deployment
import served
from published import compare, fold

FIRST_DAY, LAST_DAY = "2026-06-01", "2026-06-30"
CHANGED = ["--parameter", "clv.retention=0.8"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Reader(threading.Thread):
    """Reads the stream of everything, is cut off after a random number of bytes, or after a while where few come, and
    resumes from its last id."""

    def __init__(self, gateway, chance):
        super().__init__(daemon=True)
        self.gateway, self.chance = gateway, chance
        self.rows, self.versions, self.problems = {}, {}, []
        self.cuts = self.resets = self.events = 0
        self.last_id = ""
        self.stopping = False

    def run(self):
        while not self.stopping:
            try:
                self.read_once(self.chance.randrange(200, self.chance.choice([500, 5_000, 50_000, 500_000])))
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            self.cuts += 1

    def read_once(self, bytes_max):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=2)
        try:
            connection.connect()
            line, end = connection.sock, time.monotonic() + self.chance.uniform(0.02, 0.4)
            headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
            connection.request("GET", "/v1/stream?accounts=*&groups=*", headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                raise OSError(response.status)
            pending = b""
            while bytes_max > 0 and not self.stopping and time.monotonic() < end:
                line.settimeout(max(end - time.monotonic(), 0.001))
                part = response.read1(4096)
                if not part:
                    return
                bytes_max -= len(part)
                pending += part
                *whole, pending = pending.split(b"\n\n")
                for event in whole:
                    self.take(event.decode("utf-8"))
        finally:
            connection.close()

    def take(self, text):
        fields = {}
        for line in text.split("\n"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        kind, data = fields.get("event", ""), json.loads(fields.get("data") or "null")
        if kind == "reset":
            self.rows, self.versions = {}, {}
            self.resets += 1
        elif kind == "update":
            key = data["account_id"] or data["group_id"]
            version = int(data["source_offset"])
            if version < self.versions.get(key, -1):
                self.problems.append(f"{key}: {version} after {self.versions[key]}")
            self.versions[key] = version
            self.rows[key] = data
        elif kind == "gone":
            self.rows.pop(data.get("account_id") or data.get("group_id"), None)
        self.events += bool(kind)
        # An id counts when its event was taken whole.
        self.last_id = fields.get("id", self.last_id)


def rows_of_lists(gateway):
    rows = {}
    for path, name, key in (("/v1/accounts", "accounts", "account_id"), ("/v1/groups", "groups", "group_id")):
        cursor = ""
        while True:
            status, page = gateway.get(f"{path}?limit=17&sort=-revenue_t12m&cursor={urllib.parse.quote(cursor)}")
            assert status == 200, page
            for row in page[name]:
                assert row[key] not in rows, f"{row[key]} twice"
                rows[row[key]] = row
            cursor = page.get("next_cursor", "")
            if not cursor:
                break
    return rows


def alerts_of_list(gateway):
    """What is raised, by the key that it has on the topic."""
    alerts, newest, cursor = {}, None, ""
    while True:
        status, page = gateway.get(f"/v1/alerts?limit=7&cursor={urllib.parse.quote(cursor)}")
        assert status == 200, page
        for alert in page["alerts"]:
            owner = f"account/{alert['alert']}/{alert['account_id']}"
            key = owner if alert["account_id"] else f"group/{alert['alert']}/{alert['group_id']}"
            assert key not in alerts, f"{key} twice"
            recorded = datetime.datetime.fromisoformat(alert["recorded_at"].replace("Z", "+00:00"))
            assert newest is None or recorded <= newest, f"{key} is newer than the one before"
            newest = recorded
            alerts[key] = alert
        cursor = page.get("next_cursor", "")
        if not cursor:
            return alerts, page["total"]


def alert_problems(target, gateway):
    raised = {}
    for key, payload in target.alerts():
        raised.pop(key, None)
        if payload is not None and json.loads(payload)["raised"]:
            raised[key] = json.loads(payload)
    deadline = time.monotonic() + 60
    listed, total = alerts_of_list(gateway)
    while listed != raised and time.monotonic() < deadline:  # the gateway reads its topics beside each other
        time.sleep(0.2)
        listed, total = alerts_of_list(gateway)
    problems = [] if raised else ["nothing was raised: the test says nothing of alerts"]
    if total != len(listed):
        problems.append(f"{total} alerts are counted, {len(listed)} listed")
    return problems + [f"alert {key}: on the topic {raised.get(key)}, listed {listed.get(key)}"
                       for key in sorted(raised.keys() | listed.keys()) if raised.get(key) != listed.get(key)]


def explanation_problems(gateway, account):
    status, document = gateway.get(f"/v1/accounts/{account}/explain/bookings_t12m?limit=10000")
    if status != 200:
        return [f"no explanation of {account}: {document}"]
    component = document["components"][0]
    local = sum(c["amount"] for c in component["contributions"] if c["currency"] == "EUR")
    converted = sum(c.get("converted", 0) for c in component.get("conversions", []))
    return [] if local + converted == component["value"] else [f"{account}: the contributions do not add up"]


def wait_until_equal(reader, expected):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = list(compare(dict(reader.rows), expected))
        if not found:
            return []
        time.sleep(0.2)
    return ["stream: " + problem for problem in found]


def disturb(target, gateway, worker, chance, kills):
    """The worker that runs in the end."""
    for _ in range(kills):
        time.sleep(chance.uniform(0.3, 2))
        if chance.random() < 0.6:
            gateway.kill()
            gateway.start()
        if chance.random() < 0.6:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            worker = target.start("--instance", "a")
    return worker


def rebuild(target, gateway, worker):
    """The worker that runs with the changed definition, as the gateway does."""
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=60)
    target.flags += CHANGED
    target.call("rebuild", **QUIET)
    gateway.kill()
    gateway.start()
    return target.start("--instance", "a")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--events", type=int, default=6_000)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
        sample, late = deployment.write_sample(arguments.keyfold, directory, "--accounts", "60", "--events",
                                               str(arguments.events), "--from", FIRST_DAY, "--to", LAST_DAY)
        target.call("topics", "--create", "--create-time", "--partitions", "3", **QUIET)
        worker = target.start("--instance", "a")
        gateway = deployment.Gateway(target)
        gateway.start()
        reader = Reader(gateway, chance)
        reader.start()
        target.call("produce", sample, "--timestamps", "occurred_at", **QUIET)
        worker = disturb(target, gateway, worker, chance, arguments.kills // 2)
        worker = rebuild(target, gateway, worker)
        target.call("produce", late, "--timestamps", "occurred_at", **QUIET)
        worker = disturb(target, gateway, worker, chance, arguments.kills - arguments.kills // 2)
        gateway.wait_until_ready()
        expected = fold(arguments.keyfold, [sample, late], LAST_DAY, "--rollups", *CHANGED)
        problems = wait_until_equal(reader, expected) + reader.problems
        problems += ["lists: " + problem for problem in compare(rows_of_lists(gateway), expected)]
        problems += alert_problems(target, gateway)
        problems += explanation_problems(gateway, sorted(key for key in expected if ":" not in key)[0])
        accounts = sorted(key for key in expected if ":" not in key)
        with open(sample, encoding="utf-8") as first, open(late, encoding="utf-8") as second:
            every = first.readlines() + second.readlines()
        client = served.Client(gateway.port)
        for account in accounts[:3]:
            problems += served.event_problems(client, account, every)
        problems += served.due_problems(client, accounts)
        resets = reader.resets
        reader.last_id = "elsewhere:1.2"
        deadline = time.monotonic() + 30
        while reader.resets == resets and time.monotonic() < deadline:
            time.sleep(0.1)
        if reader.resets == resets:
            problems.append("an id of elsewhere got no reset")
        reader.stopping = True
        reader.join(timeout=30)
        if (status := gateway.stop()) != 0:
            problems.append(f"serve ended with {status}: {target.last_words()}")
        tokens = os.path.join(directory, "tokens.json")
        admin = served.make_token(arguments.keyfold, tokens, "--name", "admin", "--role", "admin")
        gateway = deployment.Gateway(target, ["--gateway.tokens_file", tokens])
        gateway.start()
        gateway.wait_until_ready()
        problems += served.sign_in_problems(gateway.port, admin, sorted(key for key in expected if ":" in key)[0])
        gateway.stop()
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=60)
        print(f"  {reader.events} events, cut off {reader.cuts} times, {reader.resets} resets, {len(expected)} ids")
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
