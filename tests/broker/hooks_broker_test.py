#!/usr/bin/env python3
"""Webhooks come in through mappings: signed in two ways, or with a producer's token; alone and in lists, wrong rows among
them, by several senders, while the gateway is killed; then all of them a second time, in another order. What Kafka has is
what `keyfold produce --map` makes of the same documents: it sends them again, and nothing changes; the KPIs are those of
`keyfold fold`. What is not signed right is refused, and in the audit log.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import base64
import collections
import datetime
import hashlib
import hmac
import http.client
import json
import os
import random
import subprocess
import time

import deployment
import served
from exactly_once_broker_test import check

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
ACCOUNTS = 40
MAPPING = """
name: shop
source: json
columns: {at: time, total: decimal}
account: customer.id
key: id
skip: {a test: test = "true"}
reject: {an unknown kind: 'not one_of(kind, "opened", "invoice", "ticket")'}
rows:
  - when: kind = "opened"
    account_opened: {at: at, name: customer.name}
  - when: kind = "invoice"
    invoice_issued:
      at: at
      invoice_id: id
      lines: {line_id: "1", sale_type: BASE, quantity: 1, net: {EUR: total}}
  - when: kind = "ticket"
    escalation_opened: {at: at, escalation_id: id, severity: "CRITICAL", department: "SUPPORT"}
"""
PAIRS = "name: x\nsource: json\naccount: a\nsnapshots: {key: id}\norder: at\nrows: [{account_churned: {at: at}}]\n"
CONFIG = """
hooks:
  - name: hex
    mapping: {mapping}
    signature: {{header: X-Signature, secret_file: {secret}, prefix: "sha256="}}
  - name: timed
    mapping: {mapping}
    signature: {{header: X-Timed, secret: timed, encoding: base64, signed: "{{method}}{{uri}}{{body}}{{timestamp}}",
                uri: "https://hooks.example/v1/hooks/timed", timestamp_header: X-Time}}
  - {{name: plain, mapping: {mapping}}}
"""


def documents(count, chance):
    """Right ones."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    made = []
    for number in range(count):
        account = number if number < ACCOUNTS else chance.randrange(ACCOUNTS)
        kind = "opened" if number < ACCOUNTS else chance.choice(["invoice"] * 9 + ["ticket"])
        at = now - datetime.timedelta(days=700 if kind == "opened" else chance.randrange(1, 600))
        made.append({"id": f"D{number}", "kind": kind, "at": at.isoformat(), "total": f"{chance.randrange(1, 10**6) / 1000}",
                     "customer": {"id": f"C{account}", "name": f"Firma {account} \u00fc"}})
    return made


WRONG = {"id": "W", "kind": "invoice", "at": "soon", "total": "1", "customer": {"id": "C1"}}
TEST = {"test": True}


class Poster:
    """Posts to the hooks, each in its way."""

    def __init__(self, port, token):
        self.port, self.token = port, token

    def headers(self, hook, body, now=None):
        now = time.time() if now is None else now
        if hook == "hex":
            return {"X-Signature": "sha256=" + hmac.new(b"new secret", body, hashlib.sha256).hexdigest()}
        if hook == "plain":
            return {"Authorization": "Bearer " + self.token}
        stamp = str(int(now * 1000))
        text = b"POSThttps://hooks.example/v1/hooks/timed" + body + stamp.encode()
        digest = hmac.new(b"timed", text, hashlib.sha256).digest()
        return {"X-Time": stamp, "X-Timed": base64.b64encode(digest).decode()}

    def post(self, hook, body, headers):
        return served.post(self.port, "/v1/hooks/" + hook, body, {"Content-Type": "application/json", **headers})

    def send(self, hook, document):
        body = json.dumps(document, ensure_ascii=False).encode()
        return self.post(hook, body, self.headers(hook, body))


class Senders(served.Senders):
    """Send documents until each was accepted, as webhooks are: what is not answered comes again."""

    COUNT = 3

    def __init__(self, poster, sent, chance):
        self.poster, self.chance, self.answers = poster, chance, collections.Counter()
        super().__init__(sent)

    def run(self):
        while True:
            with self.lock:
                count = self.chance.choice([1, 1, 7, 40])
                taken, self.waiting = self.waiting[:count], self.waiting[count:]
                hook = self.chance.choice(["hex", "timed", "plain"])
                mixed = len(taken) > 1 and self.chance.random() < 0.3
            if not taken:
                return
            sent = taken[0] if len(taken) == 1 else [*taken, WRONG, TEST] if mixed else taken
            try:
                status, answer = self.poster.send(hook, sent)
            except (OSError, http.client.HTTPException):
                status, answer = 0, {}
            wanted = (207, len(taken), 1, 1) if mixed else (200, len(taken), 0, 0)
            with self.lock:
                self.answers[status] += 1
                if status in (0, 429, 503):
                    self.waiting += taken
                elif (status, *(answer.get(name) for name in ("accepted", "rejected", "left_out"))) != wanted:
                    self.problems.append(f"{status} {str(answer)[:300]}, expected {wanted}")
            if status in (0, 429, 503):
                time.sleep(0.2)


def door_problems(poster, reader, document):
    """Who is let in, and what is said of a document."""
    problems = []
    body = json.dumps(document).encode()

    def expect(what, wanted, hook, headers, sent=body):
        status, answer = poster.post(hook, sent, headers)
        if status != wanted:
            problems.append(f"{what}: {status} instead of {wanted}: {answer}")

    expect("unsigned", 401, "hex", {})
    expect("only a token", 401, "hex", {"Authorization": "Bearer " + poster.token})
    expect("another body", 401, "hex", poster.headers("hex", body), body + b" ")
    expect("signed long ago", 401, "timed", poster.headers("timed", body, time.time() - 1000))
    expect("another time", 401, "timed", {**poster.headers("timed", body), "X-Time": str(int(time.time() * 1000) + 7)})
    expect("no token", 401, "plain", {})
    expect("a reader", 403, "plain", {"Authorization": "Bearer " + reader})
    expect("no such hook", 404, "none", {})
    expect("no JSON", 400, "hex", poster.headers("hex", b"{"), b"{")
    wrong = json.dumps(WRONG).encode()
    expect("a wrong row", 422, "hex", poster.headers("hex", wrong), wrong)
    expect("nothing of interest", 200, "plain", poster.headers("plain", b""), json.dumps(TEST).encode())
    return problems


def audit_problems(path):
    """What was refused stands there with the reason, and what was taken with its counts."""
    with open(path, encoding="utf-8") as lines:
        notes = [(line["status"], line.get("note", "")) for line in map(json.loads, lines)]
    wanted = [(401, "hook hex: one X-Signature"), (401, "hook hex: it was signed with another secret"),
              (401, "hook timed: it was signed at another time"), (422, "hook hex: 0 accepted, 1 rejected")]
    return [f"the audit log has no {status} {note}" for status, note in wanted
            if not any(found == status and said.startswith(note) for found, said in notes)]


def refused_problems(target, directory):
    """A mapping that a hook cannot serve ends the process before anything else."""
    path = os.path.join(directory, "refused")
    with open(path + ".yaml", "w", encoding="utf-8") as out:
        out.write(PAIRS)
    with open(path + ".config", "w", encoding="utf-8") as out:
        out.write(f"hooks: [{{name: pairs, mapping: {path}.yaml}}]\n")
    ended = subprocess.run([target.keyfold, "serve", "--config", path + ".config", *target.flags, "--state_directory",
                            os.path.join(directory, "refused-state")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           text=True, check=False, timeout=60)
    said = f"hook pairs: {path}.yaml: `snapshots`"
    return [] if ended.returncode != 0 and said in ended.stderr else [f"{ended.returncode}: {ended.stderr}"]


def folded_problems(target, sample):
    if target.start("--until-end").wait(timeout=300) != 0:
        return ["run did not end well: " + target.last_words()]
    dead = list(target.dead_letters())
    return check(target, sample) + ([f"{len(dead)} dead letters"] if dead else [])


def scenario(arguments, bootstrap, directory):
    chance = random.Random(arguments.seed)
    paths = {name: os.path.join(directory, name) for name in
             ("mapping.yaml", "secret", "config.yaml", "tokens.json", "audit.jsonl", "export.jsonl", "events.jsonl")}
    sent = documents(arguments.documents, chance)
    for name, text in (("mapping.yaml", MAPPING), ("secret", "old secret\nnew secret\n"),
                       ("config.yaml", CONFIG.format(mapping=paths["mapping.yaml"], secret=paths["secret"])),
                       ("export.jsonl", "".join(json.dumps(document) + "\n" for document in sent))):
        with open(paths[name], "w", encoding="utf-8") as out:
            out.write(text)
    target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
    target.call("topics", "--create", "--create-time", "--partitions", "3", **QUIET)
    subprocess.run([target.keyfold, "validate", "--map", paths["mapping.yaml"], paths["export.jsonl"], "--events",
                    paths["events.jsonl"]], check=True, **QUIET)
    tokens = paths["tokens.json"]
    producer = served.make_token(arguments.keyfold, tokens, "--name", "crm", "--role", "producer")
    reader = served.make_token(arguments.keyfold, tokens, "--name", "reader", "--role", "reader", "--group", "*")
    gateway = deployment.Gateway(target, ["--config", paths["config.yaml"], "--gateway.tokens_file", tokens,
                                          "--gateway.audit_log", paths["audit.jsonl"]])
    problems = refused_problems(target, directory)
    gateway.start()
    gateway.wait_until_ready()
    poster = Poster(gateway.port, producer)
    problems += door_problems(poster, reader, sent[0])
    chance.shuffle(sent)
    first = Senders(poster, sent, chance)
    first.start()
    time.sleep(0.3)
    gateway.kill()
    gateway.start()
    first.join()
    problems += first.problems + folded_problems(target, paths["events.jsonl"])
    chance.shuffle(sent)
    again = Senders(poster, sent, chance)
    again.start()
    again.join()
    problems += again.problems
    target.call("produce", "--map", paths["mapping.yaml"], paths["export.jsonl"], **QUIET)
    problems += folded_problems(target, paths["events.jsonl"])
    if (status := gateway.stop()) != 0:
        problems.append(f"serve ended with {status}: {target.last_words()}")
    print(f"  {len(sent)} documents; first {dict(first.answers)}, again {dict(again.answers)}")
    return problems + audit_problems(paths["audit.jsonl"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--documents", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    deployment.run_scenario(parser.parse_args(), scenario)


if __name__ == "__main__":
    main()
