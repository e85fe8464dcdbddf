#!/usr/bin/env python3
"""Webhooks on a real Kafka: receivers that fail, hang, cut connections, are not there yet or refuse everything, while the
gateway is killed with SIGKILL again and again. Each of them has in the end what is on the topic of alerts and what it asks
for, signed; more than once only what was on its way when the gateway died, under the same key. What one has refused is
shown, and arrives when it is sent again.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import collections
import datetime
import hashlib
import hmac
import http.server
import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time

import deployment
import served

FIRST_DAY, LAST_DAY = "2026-06-01", "2026-06-30"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
SECRET = "a secret"


class Receiver:
    """An HTTP server that takes messages, as far as `behave` (called for each) lets it."""

    def __init__(self, behave=lambda: "take"):
        self.behave = behave
        self.taken, self.problems = collections.Counter(), []  # by key
        self.port = deployment.free_port()
        self.server = None

    def start(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.check(self.headers, body)
                action = receiver.behave()
                if action == "hang":
                    time.sleep(1.5)  # longer than it is waited for
                if action in ("hang", "cut"):
                    self.close_connection = True
                    return
                if action == "take":
                    receiver.taken[self.headers["Idempotency-Key"]] += 1
                self.send_response(204 if action == "take" else 500)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def check(self, headers, body):
        moment, signature = (part.split("=", 1)[1] for part in headers["Keyfold-Signature"].split(","))
        right = hmac.new(SECRET.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        document = json.loads(body)
        if signature != right or abs(time.time() - int(moment)) > 60:
            self.problems.append(f"a signature is wrong: {headers['Keyfold-Signature']}")
        if document["delivery"]["id"] != headers["Idempotency-Key"]:
            self.problems.append(f"the key is not that of the message: {document['delivery']}")


def expected_keys(target, is_wanted=lambda alert: True):
    """The keys of what is on the topic."""
    keys = set()
    for record in target.alert_records():
        if record["payload"] is None:
            continue
        alert = json.loads(record["payload"])
        if alert["cause"] == "RECOVERY" or not is_wanted(alert):
            continue
        recorded = datetime.datetime.fromisoformat(alert["recorded_at"].replace("Z", "+00:00"))
        recorded_ms = (recorded - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)) // datetime.timedelta(
            milliseconds=1)
        text = f"{record['key']}\n{record['partition']}\n{record['offset']}\n{recorded_ms}"
        keys.add(hashlib.sha256(text.encode()).hexdigest()[:32])
    return keys


def wait_until(holds, seconds=120):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def problems_of(name, receiver, expected, twice_max):
    problems = [f"{name}: {problem}" for problem in receiver.problems]
    taken = set(receiver.taken)
    if taken != expected:
        problems.append(f"{name}: {len(expected - taken)} did not arrive, {len(taken - expected)} should not have")
    twice = sum(receiver.taken.values()) - len(taken)
    if twice > twice_max:
        problems.append(f"{name}: {twice} came more than once")
    return problems


def write_config(file, receivers):
    filters = {"severe": {"severities": ["HIGH", "CRITICAL"]}, "refusing": {"severities": ["CRITICAL"]}}
    limits = {"refusing": {"attempts_max": 2}}
    webhooks = [{"name": name, "url": f"http://127.0.0.1:{receiver.port}/", "secret": SECRET, "timeout_ms": 500,
                 "attempts_max": 1000, "pause_s_max": 1, **filters.get(name, {}), **limits.get(name, {})}
                for name, receiver in receivers.items()]
    with open(file, "w", encoding="utf-8") as config:
        json.dump({"webhooks": webhooks, "alerts": {"age_hours_max": 0}}, config)


def state_of(client, name):
    status, document, _ = client.ask("GET", "/v1/webhooks")
    assert status == 200, document
    return {webhook["name"]: webhook for webhook in document["webhooks"]}[name]


def retry_problems(client, receiver, expected):
    """What was refused is shown, and arrives when it is sent again."""
    if not wait_until(lambda: state_of(client, "refusing")["waiting"] == 0):
        return [f"what is refused goes on waiting: {state_of(client, 'refusing')}"]
    state = state_of(client, "refusing")
    problems = []
    if state["dead"] != len(expected) or not {dead["id"] for dead in state["latest_dead"]} <= expected:
        problems.append(f"{state['dead']} are dead, {len(expected)} were refused")
    receiver.behave = lambda: "take"
    status, document, _ = client.ask("POST", "/v1/webhooks/refusing/retry")
    if status != 200 or document["sent_again"] != len(expected):
        problems.append(f"sent again: {document}")
    wait_until(lambda: set(receiver.taken) == expected)
    return problems + problems_of("refusing", receiver, expected, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--events", type=int, default=3_000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    chance = random.Random(arguments.seed)
    receivers = {"steady": Receiver(), "severe": Receiver(), "late": Receiver(),
                 "flaky": Receiver(lambda: "take" if chance.random() < 0.9 else chance.choice(["fail", "hang", "cut"])),
                 "refusing": Receiver(lambda: "fail")}
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
        sample = os.path.join(directory, "sample.jsonl")
        config = os.path.join(directory, "keyfold.yaml")
        write_config(config, receivers)
        subprocess.run([arguments.keyfold, "sample", "--accounts", "40", "--events", str(arguments.events), "--from",
                        FIRST_DAY, "--to", LAST_DAY, "--out", sample], check=True, **QUIET)
        target.call("topics", "--create", "--create-time", "--partitions", "3", **QUIET)
        worker = target.start("--instance", "a")
        for name, receiver in receivers.items():
            if name != "late":
                receiver.start()
        gateway = deployment.Gateway(target, ["--config", config])
        gateway.start()
        target.call("produce", sample, "--timestamps", "occurred_at", **QUIET)
        for _ in range(arguments.kills):
            time.sleep(chance.uniform(0.5, 2))
            gateway.kill()
            gateway.start()
        gateway.wait_until_ready()
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=120)
        receivers["late"].start()
        everything = expected_keys(target)
        severe = expected_keys(target, lambda alert: alert["severity"] in ("HIGH", "CRITICAL"))
        critical = expected_keys(target, lambda alert: alert["severity"] == "CRITICAL")
        problems = [] if everything > severe > critical > set() else ["too few alerts: the test says little"]
        for name, receiver in receivers.items():
            if name == "refusing":
                continue
            expected = severe if name == "severe" else everything
            wait_until(lambda: set(receiver.taken) >= expected)
            problems += problems_of(name, receiver, expected, arguments.kills)
        problems += retry_problems(served.Client(gateway.port), receivers["refusing"], critical)
        steady = state_of(served.Client(gateway.port), "steady")
        if (status := gateway.stop()) != 0:
            problems.append(f"serve ended with {status}: {target.last_words()}")
        print(f"  {len(everything)} alerts, {len(severe)} of them severe, {len(critical)} critical; {arguments.kills} kills; twice: "
              f"{ {name: sum(r.taken.values()) - len(r.taken) for name, r in receivers.items()} }; {steady}")
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
