#!/usr/bin/env python3
"""Events are posted to `keyfold serve` by several senders, one by one, in lines, lists and batches of CloudEvents, wrong
ones among them, while the broker is killed and comes back. What is not acknowledged is said to be so, and sent again; in
the end the KPIs are those of `keyfold fold`, so nothing that was accepted is lost. Posted a second time, in another order
and shape, all is accepted and changes nothing. Only producers may post, and pages of elsewhere may not.

Uses a broker of its own (tools/kafka). Exit status 77: skipped.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import tempfile
import time

import deployment
import served
from exactly_once_broker_test import check

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
WRONG = {"event_id": "wrong", "account_id": "A1", "account_churned": {}}


def as_one(events):
    return "application/json", json.dumps(events[0], indent=1)


def as_lines(events):
    return "application/x-ndjson", "\n".join(map(json.dumps, events))


def as_list(events):
    return "application/json", json.dumps(events)


def as_cloud_events(events):
    around = {"specversion": "1.0", "source": "/test", "type": "account_event"}
    return "application/cloudevents-batch+json", json.dumps(
        [{**around, "id": event["event_id"], "data": event} for event in events])


class Senders(served.Senders):
    """Post events until each was accepted; count how they were answered."""

    def __init__(self, port, token, events, chance, wrong):
        self.port, self.headers = port, {"Authorization": "Bearer " + token}
        self.chance, self.wrong = chance, wrong
        self.accepted, self.answers = collections.Counter(), collections.Counter()
        super().__init__(events)

    def run(self):
        while True:
            with self.lock:
                shape = self.chance.choice((as_one, as_lines, as_list, as_cloud_events))
                count = 1 if shape is as_one else self.chance.randrange(1, 60)
                taken, self.waiting = self.waiting[:count], self.waiting[count:]
                wrong = self.wrong and shape is not as_one and self.chance.random() < 0.3
            if not taken:
                return
            try:
                again = self.post(shape, taken + [WRONG] if wrong else taken)
            except Exception as error:  # whatever it is: the events must not be gone with this thread
                again = taken
                self.problems.append(f"a post failed: {error!r}")
            if again:
                time.sleep(0.2)
                with self.lock:
                    self.waiting += again

    def post(self, shape, events):
        """Those that are to be sent again."""
        status, document = post(self.port, *shape(events), self.headers)
        with self.lock:
            self.answers[status] += 1
            if status == 429:
                return [event for event in events if event is not WRONG]
            if status not in (200, 207, 422, 503) or len(document["events"]) != len(events):
                raise RuntimeError(f"{status}: {document}")
            again = []
            for event, outcome in zip(events, document["events"]):
                if event is WRONG:
                    if outcome["status"] != "rejected" or not outcome["reason"].startswith("occurred_at: "):
                        self.problems.append(f"the wrong event: {outcome}")
                elif outcome["status"] == "accepted":
                    self.accepted[event["event_id"]] += 1
                elif outcome["status"] == "unacknowledged":
                    again.append(event)
                else:
                    self.problems.append(f"{event['event_id']}: {outcome}")
            return again


def post(port, content_type, body, headers):
    return served.post(port, "/v1/events", body.encode("utf-8"), {"Content-Type": content_type, **headers})


def door_problems(arguments, port, tokens, event):
    """Who may post, and what is refused."""
    reader = served.make_token(arguments.keyfold, tokens, "--name", "reader", "--role", "reader", "--group", "*")
    admin = served.make_token(arguments.keyfold, tokens, "--name", "admin", "--role", "admin")
    problems = []

    def expect(what, wanted, headers, content_type="application/json", body=json.dumps(event)):
        deadline = time.monotonic() + 30
        status, document = post(port, content_type, body, headers)
        while status == 401 != wanted and time.monotonic() < deadline:  # a new token is known within a second
            time.sleep(0.2)
            status, document = post(port, content_type, body, headers)
        if status != wanted:
            problems.append(f"{what}: {status} instead of {wanted}: {document}")

    expect("nobody", 401, {})
    expect("a reader", 403, {"Authorization": "Bearer " + reader})
    bearer = {"Authorization": "Bearer " + admin}
    expect("an administrator", 200, bearer)
    expect("a form", 415, bearer, "text/plain")
    expect("no event", 400, bearer, body="")
    expect("a wrong event", 422, bearer, body=json.dumps(WRONG))
    cookie = {"Cookie": served.Client(port, **bearer).ask("POST", "/v1/session")[2].split(";")[0]}
    expect("a page of elsewhere", 403, {**cookie, "Origin": "http://evil.example"})
    expect("no page at all", 403, cookie)
    expect("the own page", 200, {**cookie, "Origin": f"http://127.0.0.1:{port}"})
    return problems


def folded_problems(target, sample):
    if target.start("--until-end").wait(timeout=300) != 0:
        return ["run did not end well: " + target.last_words()]
    problems = check(target, sample)
    dead = list(target.dead_letters())
    return problems + ([f"{len(dead)} dead letters of what was accepted"] if dead else [])


def scenario(arguments, broker, directory):
    chance = random.Random(arguments.seed)
    target = deployment.Deployment(arguments.keyfold, broker.address, directory)
    sample, tokens = (os.path.join(directory, name) for name in ("sample.jsonl", "tokens.json"))
    subprocess.run([arguments.keyfold, "sample", "--accounts", "60", "--events", str(arguments.events), "--to",
                    "2025-12-31", "--out", sample], check=True, **QUIET)
    with open(sample, encoding="utf-8") as lines:
        events = list(map(json.loads, lines))
    target.call("topics", "--create", "--create-time", "--partitions", "3", **QUIET)
    producer = served.make_token(arguments.keyfold, tokens, "--name", "erp", "--role", "producer")
    gateway = deployment.Gateway(target, ["--gateway.tokens_file", tokens, "--gateway.produce_ms_max", "1500",
                                          "--gateway.posts_kib_max", "48"])
    gateway.start()
    gateway.wait_until_ready()
    problems = door_problems(arguments, gateway.port, tokens, events[0])
    chance.shuffle(events)
    half = len(events) // 2
    first = Senders(gateway.port, producer, events[:half], chance, wrong=True)
    first.start()
    first.join()
    second = Senders(gateway.port, producer, events[half:], chance, wrong=True)
    broker.call("kill")
    second.start()
    time.sleep(5)
    broker.call("start")
    second.join()
    if first.answers[503] or not second.answers[503]:
        problems.append(f"503 is for when the broker is away: {first.answers}, {second.answers}")
    problems += first.problems + second.problems + folded_problems(target, sample)
    chance.shuffle(events)
    again = Senders(gateway.port, producer, events, chance, wrong=False)
    again.start()
    again.join()
    problems += again.problems + folded_problems(target, sample)
    accepted = sum(sum(senders.accepted.values()) for senders in (first, second, again))
    if accepted != 2 * len(events):
        problems.append(f"{accepted} events were accepted, not {2 * len(events)}")
    if (status := gateway.stop()) != 0:
        problems.append(f"serve ended with {status}: {target.last_words()}")
    print(f"  {len(events)} events; first {dict(first.answers)}, without a broker {dict(second.answers)}, again "
          f"{dict(again.answers)}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--events", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    deployment.bootstrap_or_skip()
    with tempfile.TemporaryDirectory() as directory, deployment.Broker(os.path.join(directory, "broker")) as broker:
        problems = scenario(arguments, broker, directory)
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
