#!/usr/bin/env python3
"""`keyfold feed` on a real Kafka, killed with SIGKILL again and again, sometimes two of them at once: documents and change
records of other programs' topics, keyed as they like, become events by mappings, and events of the contract go on under
their accounts. Every one is there once, traces included, what is wrong is a dead letter once, and the KPIs are those of
`keyfold fold`.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import collections
import datetime
import json
import os
import random
import signal
import subprocess
import time

import deployment
from exactly_once_broker_test import check

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
ACCOUNTS = 60
PARTITIONS = 3
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TICKETS = """
name: desk
source: json
account: customer
key: id
rows:
  - escalation_opened: {at: at, escalation_id: id, severity: "CRITICAL", department: "SUPPORT"}
"""
ORDERS = """
name: shop
source: json
columns: {total: decimal}
account: customer
key: [id, __op, "coalesce(note, '-')"]
rows:
  - when: __op = "c" or __op = "r"
    order_placed:
      at: at
      order_id: id
      lines: {line_id: "1", sale_type: BASE, quantity: 1, net: {EUR: total}}
  - when: __op = "u" and state = "delivered" and __before.state != "delivered"
    order_delivered: {at: at, order_id: id}
  - when: __deleted = "true"
    order_cancelled: {at: at, order_id: id}
"""


def moments(chance):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    while True:
        yield (now - datetime.timedelta(days=chance.randrange(2, 500))).isoformat()


def tickets(count, chance):
    """Documents, and those that are wrong."""
    at = moments(chance)
    right = [{"id": f"T{number}", "customer": f"C{chance.randrange(ACCOUNTS)}", "at": next(at)} for number in range(count)]
    return right, [{"id": f"W{number}", "customer": "", "at": next(at)} for number in range(count // 100)]


def changes(count, chance):
    """Debezium's records (None: a tombstone), and what the mapping sees of each."""
    at = moments(chance)
    records, seen = [], []
    for number in range(count):
        row = {"id": number, "customer": f"C{chance.randrange(ACCOUNTS)}", "at": next(at), "state": "open",
               "total": f"{chance.randrange(1, 10**7) / 100}"}
        steps = [(chance.choice("cr"), None, row)]
        if chance.random() < 0.5:
            steps.append(("u", row, {**row, "state": "delivered"}))
            steps.append(("u", steps[-1][2], {**steps[-1][2], "note": "x"}))
        elif chance.random() < 0.3:
            steps.append(("d", row, None))
        for op, before, after in steps:
            records.append({"op": op, "before": before, "after": after, "source": {"db": "shop", "table": "orders"}})
            seen.append({**(after or before), "__op": op, "__deleted": "true" if op == "d" else "false",
                         **({"__before": before} if op == "u" else {})})
        if steps[-1][0] == "d":
            records.append(None)
    return records, seen


class Feed:
    """The processes, and the topics that they read."""

    def __init__(self, target, directory, mappings):
        self.target, self.directory = target, directory
        self.topics = {name: f"{target.name}-{name}" for name in ("desk", "shop", "erp")}
        for topic in self.topics.values():
            subprocess.run([target.keyfold, "topics", "--create", "--partitions", "2", "--kafka",
                            "bootstrap.servers=" + target.bootstrap, "--topics.events", topic, "--projection", target.name],
                           check=True, **QUIET)
        self.config = self.write("config.yaml", "inputs:\n" + "".join(
            f"  - topic: {self.topics[name]}\n" + (f"    mapping: {self.write(name + '.yaml', mappings[name])}\n"
                                                   if name in mappings else "") for name in self.topics))

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def send(self, name, lines, *arguments):
        """Key, tab, value: of kcat."""
        subprocess.run(["kcat", "-P", "-b", self.target.bootstrap, "-t", self.topics[name], "-K", "\t", "-Z", *arguments],
                       input="".join(line + "\n" for line in lines).encode(), check=True)

    def start(self, instance, *arguments):
        command = [self.target.keyfold, "feed", "--config", self.config, "--instance", instance, *arguments,
                   *self.target.flags]
        with open(os.path.join(self.directory, "run.log"), "ab") as log:
            return subprocess.Popen(command, stderr=log, stdout=log)

    def refused(self, config):
        """What it says of a configuration that it does not take."""
        ended = subprocess.run([self.target.keyfold, "feed", "--config", self.write("refused.yaml", config),
                                *self.target.flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                               timeout=120)
        return "it went on" if ended.returncode == 0 else ended.stderr


def refusal_problems(feed):
    path = feed.write("pairs.yaml", TICKETS.replace("key: id", "snapshots: {key: id}\norder: at"))
    wanted = {
        "{}": "no inputs",
        f"inputs: [{{topic: x, mapping: {path}}}]": f"input x: {path}: `snapshots`",
        "inputs: [{topic: no-such-topic}]": "there is no topic no-such-topic",
        f"inputs: [{{topic: {feed.target.name}-events}}]": "topics.events",
    }
    return [f"{config}: {said}" for config, what in wanted.items() if what not in (said := feed.refused(config))]


def kill_again_and_again(feed, kills, chance):
    """At random moments, one or two of them."""
    for number in range(kills):
        processes = [feed.start("one")] + ([feed.start("two")] if number % 3 == 1 else [])
        time.sleep(chance.uniform(0.1, 2.5))
        for process in processes:
            process.send_signal(signal.SIGKILL)
            process.wait()


def difference(what, found, expected):
    if found == expected:
        return []
    missing, more = expected - found, found - expected
    return [f"{what}: {sum(missing.values())} missing {list(missing)[:3]}, {sum(more.values())} too many {list(more)[:3]}"]


def scenario(arguments, bootstrap, directory):
    chance = random.Random(arguments.seed)
    target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
    target.call("topics", "--create", "--partitions", str(PARTITIONS), **QUIET)
    feed = Feed(target, directory, {"desk": TICKETS, "shop": ORDERS})
    problems = refusal_problems(feed)
    right, wrong = tickets(arguments.documents, chance)
    records, seen = changes(arguments.documents, chance)
    sample = os.path.join(directory, "sample.jsonl")
    subprocess.run([arguments.keyfold, "sample", "--accounts", "40", "--events", str(arguments.documents), "--to",
                    "2025-12-31", "--out", sample], check=True, **QUIET)
    with open(sample, encoding="utf-8") as lines:
        events = list(map(json.loads, lines))
    documents = right + wrong
    chance.shuffle(documents)
    half = len(documents) // 2
    feed.send("desk", (f"{document['id']}\t{json.dumps(document)}" for document in documents[:half]),
              "-H", "traceparent=" + TRACE)
    feed.send("shop", (f"k{number % 7}\t{json.dumps(record) if record else ''}" for number, record in enumerate(records)))
    kill_again_and_again(feed, arguments.kills // 2, chance)
    feed.send("desk", (f"{document['id']}\t{json.dumps(document)}" for document in documents[half:]))
    feed.send("erp", (f"order {number % 11}\t{json.dumps(event)}" for number, event in enumerate(events)))
    kill_again_and_again(feed, arguments.kills - arguments.kills // 2, chance)
    between_kills = sum(1 for _ in target.positions())
    if (status := feed.start("one", "--until-end").wait(timeout=300)) != 0:
        problems.append(f"feed ended with {status}: {target.last_words()}")

    made = feed.write("all.jsonl", "".join(json.dumps(event) + "\n" for event in events))
    for name, mapping, rows in (("desk", TICKETS, right), ("shop", ORDERS, seen)):
        export = feed.write(name + ".jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        mapped = feed.write(name + ".events", "")
        subprocess.run([target.keyfold, "validate", "--map", feed.write(name + ".yaml", mapping), export, "--events", mapped],
                       check=True, **QUIET)
        with open(mapped, encoding="utf-8") as lines, open(made, "a", encoding="utf-8") as out:
            out.writelines(lines)
    with open(made, encoding="utf-8") as lines:
        expected = collections.Counter(json.loads(line).get("account_id", "") for line in lines)
    rates = expected[""]
    expected[""] *= PARTITIONS  # rates are of no account, and go to each
    found = collections.Counter(key for _, _, key in target.positions())
    problems += difference("events by account", found, expected)
    problems += difference("dead letters", collections.Counter(target.dead_letters()),
                           collections.Counter(document["id"] for document in wrong))
    traced = sum("traceparent=" + TRACE in headers for headers in target._kcat("-events", "-f", "%h\\n"))
    if traced != (wanted := sum(document["customer"] != "" for document in documents[:half])):
        problems.append(f"{traced} events have the trace, not {wanted}")
    if target.start("--until-end").wait(timeout=300) != 0:
        problems.append("run did not end well: " + target.last_words())
    problems += check(target, made)
    running = feed.start("one")
    time.sleep(2)
    running.send_signal(signal.SIGTERM)
    if (status := running.wait(timeout=60)) != 0:
        problems.append(f"stopped, feed ended with {status}: {target.last_words()}")
    print(f"  {sum(expected.values())} events ({rates} rates) of {len(documents)} documents, {len(records)} changes and {len(events)} events; "
          f"{len(wrong)} dead letters; {arguments.kills} kills, {between_kills} events before the last")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--documents", type=int, default=6_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    deployment.run_scenario(parser.parse_args(), scenario)


if __name__ == "__main__":
    main()
