#!/usr/bin/env python3
"""`keyfold feed` with notifications that carry only keys, killed with SIGKILL again and again, sometimes two of them at once:
what they mean is looked up in topics whose rows change meanwhile. A row that was written before a notification is found, a
tombstone before it too; the events are those that `keyfold validate` makes of the same notifications and the rows as a file,
and the KPIs are those of `keyfold fold`.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import collections
import json
import os
import random
import re
import signal
import subprocess
import threading
import time
import urllib.request

import deployment
from exactly_once_broker_test import check
from feed_broker_test import QUIET, difference, moments

ORDERS = 4_000
CUSTOMERS = 40
OTHERS, OTHERS_TIMES = 500, 20
MAPPING = """
name: crm
source: json
lookups:
  orders: {topic: ORDERS, key: id}
  customers: {topic: CUSTOMERS}
  regions: {file: regions.csv, key: code}
  kpis: {topic: KPIS}
account: orders[order].customer
key: id
rows:
  - order_placed:
      at: at
      order_id: id
      lines: {line_id: "1", sale_type: BASE, quantity: 1, net: {EUR: "= orders[order].total"}}
    escalation_opened: {at: at, escalation_id: id, severity: "CRITICAL", department: "SUPPORT"}
    account_classified:
      at: at
      region: regions[customers[orders[order].customer].region].name
      segment: '= if(defined(kpis[orders[order].customer].account_id), "known", "new")'
"""


class World:
    """The topics, and what is in them."""

    def __init__(self, target, directory, chance):
        self.target, self.directory, self.chance = target, directory, chance
        self.topics = {name: f"{target.name}-{name}" for name in ("notifications", "orders", "customers")}
        for topic in self.topics.values():
            subprocess.run([target.keyfold, "topics", "--create", "--partitions", "2", "--kafka",
                            "bootstrap.servers=" + target.bootstrap, "--topics.events", topic, "--projection", target.name],
                           check=True, **QUIET)
        self.write("regions.csv", "code,name\n0,North\n1,South\n2,East\n")
        self.mapping = self.write("m.yaml", MAPPING.replace("ORDERS", self.topics["orders"])
                                  .replace("CUSTOMERS", self.topics["customers"]).replace("KPIS", target.name + "-kpis"))
        self.config = self.write("config.yaml",
                                 f"inputs: [{{topic: {self.topics['notifications']}, mapping: {self.mapping}}}]\n")
        self.rows = {}           # of the orders, as they are now
        self.notifications = []  # that find a row
        self.lost = []           # that do not

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def write_lines(self, name, documents):
        return self.write(name, "".join(json.dumps(document) + "\n" for document in documents))

    def send(self, name, lines):
        """Key, tab, value: of kcat, which ends when they are acknowledged."""
        subprocess.run(["kcat", "-P", "-b", self.target.bootstrap, "-t", self.topics[name], "-K", "\t", "-Z"],
                       input="".join(line + "\n" for line in lines).encode(), check=True)

    def send_customers(self):
        """Change records, each customer's changed once."""
        lines = []
        for step, op in enumerate("ru"):
            for number in range(CUSTOMERS):
                row = {"id": f"C{number}", "region": str((number + step) % 3)}
                change = {"op": op, "before": None, "after": row, "source": {"db": "crm", "table": "customers"}}
                lines.append(f"{json.dumps({'id': row['id']})}\t{json.dumps(change)}")
        self.send("customers", lines)

    def put_orders(self, numbers, version):
        """Their rows; with version 1 they are another customer's, who has no orders in the end."""
        for number in numbers:
            customer = "nobody" if version == 1 else f"C{self.chance.randrange(CUSTOMERS)}"
            self.rows[f"O{number}"] = {"id": f"O{number}", "customer": customer,
                                       "total": f"{self.chance.randrange(1, 10**7) / 100}", "version": version}
        self.send("orders", (f"key of {number}\t{json.dumps(self.rows[f'O{number}'])}" for number in numbers))

    def put_others(self):
        """Many rows that no notification is about: who does not wait for the end of the topic is behind with it now."""
        others = {f"X{number}": {"id": f"X{number}", "customer": "nobody", "total": "1"} for number in range(OTHERS)}
        self.rows.update(others)
        self.send("orders", [f"{row['id']}\t{json.dumps(row)}" for row in others.values()] * OTHERS_TIMES)

    def take_orders(self, numbers):
        """Tombstones, and records that are no rows."""
        for number in numbers:
            del self.rows[f"O{number}"]
        self.send("orders", (f"key of {number}\t" + ("" if number % 3 else "{nothing") for number in numbers))

    def notify(self, numbers, at):
        found = [{"id": f"N{number}", "order": f"O{number}", "at": next(at)} for number in numbers]
        for notification in found:
            (self.notifications if notification["order"] in self.rows else self.lost).append(notification)
        self.send("notifications", (f"{one['id']}\t{json.dumps(one)}" for one in found))

    def start(self, instance, *arguments):
        command = [self.target.keyfold, "feed", "--config", self.config, "--instance", instance, *arguments,
                   *self.target.flags]
        with open(os.path.join(self.directory, "run.log"), "ab") as log:
            return subprocess.Popen(command, stderr=log, stdout=log)

    def feed_to_the_end(self):
        status = self.start("one", "--until-end").wait(timeout=300)
        return [] if status == 0 else [f"feed ended with {status}: {self.target.last_words()}"]

    def expected_events(self):
        """JSON lines, by the same mapping and the rows as files."""
        mapped = self.write("mapped.jsonl", "")
        lookups = {"orders": self.rows.values(), "kpis": [],
                   "customers": [{"id": f"C{number}", "region": str((number + 1) % 3)} for number in range(CUSTOMERS)]}
        keyed = self.write("keyed.yaml", re.sub(r"(topic: [\w-]+)\}", r"\1, key: id}", open(self.mapping,
                                                                                          encoding="utf-8").read()))
        flags = [flag for name, rows in lookups.items()
                 for flag in ("--lookup", f"{name}={self.write_lines(name + '.jsonl', rows)}")]
        subprocess.run([self.target.keyfold, "validate", "--map", keyed, *flags, "--events", mapped,
                        self.write_lines("found.jsonl", self.notifications)], check=True, **QUIET)
        return mapped


class Killer:
    """Starts feeds, one or two at once, and kills them, in a thread of its own, until it is left."""

    def __init__(self, world):
        self.world, self.kills, self.stopped = world, 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        chance = random.Random(7)
        while not self.stopped.is_set():
            processes = [self.world.start(name) for name in ("one", "two")[:1 + self.kills % 3 % 2]]
            self.stopped.wait(chance.uniform(1.5, 6))
            for process in processes:
                process.send_signal(signal.SIGKILL)
                process.wait()
            self.kills += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


def refusal_problems(world):
    """A topic that is missing ends the feed, and so does a file."""
    problems = []
    with open(world.mapping, encoding="utf-8") as mapping:
        text = mapping.read()
    for change, wanted in ((("topic: " + world.topics["customers"], "topic: no-such-topic"),
                            "there is no topic no-such-topic, which the lookup customers names"),
                           (("regions.csv", "no.csv"), "no.csv"),
                           (("{topic: " + world.topics["orders"] + ", key: id}", "{topic: a b}"), "refused.yaml:5: topic: 'a b'")):
        path = world.write("refused.yaml", text.replace(*change))
        config = world.write("refused_config.yaml", f"inputs: [{{topic: {world.topics['notifications']}, mapping: {path}}}]\n")
        ended = subprocess.run([world.target.keyfold, "feed", "--config", config, *world.target.flags],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
        if ended.returncode == 0 or wanted not in ended.stderr:
            problems.append(f"{change[1]}: {ended.returncode} {ended.stderr}")
    offline = subprocess.run([world.target.keyfold, "validate", "--map", world.mapping, world.write("none.jsonl", "")],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if offline.returncode == 0 or "--lookup orders=FILE" not in offline.stderr:
        problems.append(f"validate: {offline.returncode} {offline.stderr}")
    return problems


def metrics_problems(world):
    """What a feed that runs tells of its lookups."""
    port = deployment.free_port()
    process = world.start("one", "--metrics.listen", f"127.0.0.1:{port}")
    text, deadline = "", time.monotonic() + 60
    wanted = f'keyfold_feed_lookup_rows{{lookup="orders",topic="{world.topics["notifications"]}"}} {len(world.rows)}\n'
    while wanted not in text and time.monotonic() < deadline:
        time.sleep(0.2)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            continue
    process.send_signal(signal.SIGTERM)
    status = process.wait(timeout=60)
    return ([] if wanted in text else [f"not among the metrics: {wanted}"]) + \
        ([] if status == 0 else [f"stopped, feed ended with {status}: {world.target.last_words()}"])


def scenario(arguments, bootstrap, directory):
    chance = random.Random(arguments.seed)
    target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
    target.call("topics", "--create", "--partitions", "3", **QUIET)
    world = World(target, directory, chance)
    problems = refusal_problems(world)
    world.send_customers()
    numbers = list(range(ORDERS))
    world.put_orders(numbers, version=1)
    chance.shuffle(numbers)
    at = moments(chance)
    with Killer(world) as killer:
        for batch in range(arguments.batches):
            mine = numbers[batch::arguments.batches]
            if batch % 3 == 0:
                world.put_others()
            world.put_orders(mine, version=2)
            world.take_orders(mine[::10])
            world.notify(mine, at)
            time.sleep(chance.uniform(0, 0.6))
    between_kills = sum(1 for _ in target.positions())
    problems += world.feed_to_the_end()

    made = world.expected_events()
    with open(made, encoding="utf-8") as lines:
        expected = collections.Counter(json.loads(line)["account_id"] for line in lines)
    problems += difference("events by account", collections.Counter(key for _, _, key in target.positions()), expected)
    problems += difference("dead letters", collections.Counter(target.dead_letters()),
                           collections.Counter(one["id"] for one in world.lost))
    if "records are no rows, the first one" not in target.run_log():
        problems.append("the records that are no rows are not in the log")
    if target.start("--until-end").wait(timeout=300) != 0:
        problems.append("run did not end well: " + target.last_words())
    problems += check(target, made)
    # The KPIs were published in transactions: a topic that ends with a marker is read to its end, too.
    before = sum(1 for _ in target.positions())
    world.put_orders([ORDERS], version=2)
    world.notify([ORDERS], at)
    problems += world.feed_to_the_end()
    if (more := sum(1 for _ in target.positions()) - before) != 3:
        problems.append(f"one more notification became {more} events")
    problems += metrics_problems(world)
    print(f"  {sum(expected.values())} events of {len(world.notifications)} notifications, {len(world.lost)} without a row; "
          f"{killer.kills} kills, {between_kills} events before the last")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    deployment.run_scenario(parser.parse_args(), scenario)


if __name__ == "__main__":
    main()
