#!/usr/bin/env python3
"""Two `keyfold run --serve` with state directories of their own share the partitions of a projection on a real Kafka.
Either gateway answers every question alike, to everybody what his token shows him, with the numbers of `keyfold fold`. When
one is killed the other says which shard cannot be asked and whose it was, and answers again once it has taken over, also what
came meanwhile; what lies in the directory of the one that comes back is old by then, and is never shown.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import os
import subprocess
import tempfile
import time
import urllib.parse

import deployment
from published import fold, same

FIRST_DAY, LAST_DAY = "2026-05-01", "2026-06-30"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
PARTITIONS = 4


class Machine(deployment.Gateway):
    """A process with worker and gateway, and a state directory."""

    def __init__(self, target, name, tokens_file):
        super().__init__(target)
        self.name, self.tokens_file = name, tokens_file
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = self.target.start(
            "--serve", "--instance", self.name, "--gateway.listen", f"127.0.0.1:{self.port}", "--gateway.public_url",
            self.url, "--gateway.tokens_file", self.tokens_file, "--gateway.requests_per_second_max", "0",
            "--kafka", "session.timeout.ms=6000", machine=self.name)

    def get(self, path, token):
        """Status and document; None and the error where nobody answers."""
        try:
            return super().get(path, token)
        except OSError as error:
            return None, {"error": str(error)}


def wait_for(what, holds, seconds=90):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.2)


def make_token(target, tokens_file, *flags):
    made = subprocess.run([target.keyfold, "token", "make", "--name", "test", "--gateway.tokens_file", tokens_file, *flags],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return made.stdout.decode().split()[0]


def owners(machine, token):
    """Which process has which partition, as a gateway knows it."""
    status, document = machine.get("/v1/status", token)
    return {member["partition"]: member["instance"] for member in document["members"]} if status == 200 else {}


def questions(ids):
    """Every kind of question to the shards, of accounts and groups."""
    accounts = [key for key in ids if ":" not in key]
    groups = [key for key in ids if ":" in key]
    for key in ids:
        kind = "groups" if ":" in key else "accounts"
        name = urllib.parse.quote(key, safe="")
        yield f"/v1/{kind}/{name}?as_of={LAST_DAY}"
        yield f"/v1/{kind}/{name}/series?from=2026-05-15&step=month&kpis=revenue_t12m,nps,health_score"
        yield f"/v1/{kind}/{name}/explain/revenue_t12m?since={FIRST_DAY}&limit=5"
    several = urllib.parse.quote(",".join(accounts[:20] + groups[:3]))
    yield f"/v1/formula?formula=sum(revenue,%20trailing%2030%20d)&unit=money&id={several}"
    yield f"/v1/formula?formula=sum(revenue,%20trailing%2030%20d)&unit=money&id={several}&from=2026-05-15&step=week"


def said(status, document):
    """What is said, without when each shard was seen."""
    return status, {key: value for key, value in document.items() if key != "shards"}


def differences(machines, token, ids):
    for question in questions(ids):
        first, *others = [said(*machine.get(question, token)) for machine in machines]
        for machine, other in zip(machines[1:], others):
            if other != first:
                yield f"{question}: {machines[0].name} says {first}, {machine.name} {other}"[:600]


def numbers(machine, token, ids):
    """What a gateway says of the last day, by id, as the updates on the topics say it."""
    values = {}
    for key in ids:
        kind = "groups" if ":" in key else "accounts"
        status, document = machine.get(f"/v1/{kind}/{urllib.parse.quote(key, safe='')}?as_of={LAST_DAY}", token)
        assert status == 200, (key, status, document)
        values[key] = document["kpis"]
    return values


def number_problems(machine, token, expected):
    try:
        found = numbers(machine, token, expected)
    except AssertionError as error:
        return [f"{machine.name}: {error}"]
    wrong = []
    for key, line in expected.items():
        kpis = found[key].keys() | line["kpis"].keys()
        if any(kpi not in found[key] or kpi not in line["kpis"] or not same(found[key][kpi], line["kpis"][kpi])
               for kpi in kpis):
            wrong.append(f"{machine.name}: {key} is {found[key]}, fold says {line['kpis']}"[:600])
    return wrong


def settle(machines, token, expected):
    """Waits until every gateway says what fold says; what is wrong after a while."""
    deadline = time.monotonic() + 90
    while True:
        problems = [problem for machine in machines for problem in number_problems(machine, token, expected)]
        if not problems or time.monotonic() > deadline:
            return problems
        time.sleep(0.5)


def shared(machines, token):
    """Whether all gateways know of the same owners, and each of the machines has something."""
    known = [owners(machine, token) for machine in machines]
    return (all(one == known[0] for one in known) and len(known[0]) == PARTITIONS and
            set(known[0].values()) == {machine.name for machine in machines})


def survivor_problems(survivor, victim, token, ids):
    """While a machine is gone and nobody has taken over: what is said of its shards."""
    has = owners(survivor, token)
    gone = [partition for partition, owner in has.items() if owner == victim.name]
    status, document = survivor.get(f"/v1/groups/portfolio%3Aall?as_of={LAST_DAY}", token)
    problems = []
    if status != 503 or victim.url not in document["error"] or "has had since" not in document["error"]:
        problems.append(f"of the group while {victim.name} is gone: {status} {document}")
    refused = 0
    for key in ids:
        if ":" in key:
            continue
        status, row = survivor.get(f"/v1/accounts/{key}", token)
        asked, document = survivor.get(f"/v1/accounts/{key}/series?from=2026-05-15", token)
        if row["source_partition"] not in gone:
            if asked != 200:
                problems.append(f"{key} is at {survivor.name}: {asked} {document}")
            continue
        refused += 1
        wanted = f"partition {row['source_partition']}, which {victim.name}"
        if asked != 503 or wanted not in document["error"]:
            problems.append(f"{key} was at {victim.name}: {asked} {document}")
    return problems + ([] if refused else ["no account was at the machine that is gone: the test says nothing"])


def play(target, machines, tokens, sample, late):
    """Yields what is wrong."""
    a, b = machines
    token, managers_token = tokens
    for machine in machines:
        machine.start()
    wait_for("both have partitions", lambda: shared(machines, token))
    target.call("produce", sample, "--timestamps", "occurred_at", **QUIET)
    expected = fold(target.keyfold, [sample], LAST_DAY, "--rollups")
    yield from settle(machines, token, expected)
    yield from differences(machines, token, sorted(expected))
    yield from differences(machines, managers_token, sorted(expected))

    b.kill()
    yield from survivor_problems(a, b, token, sorted(expected))
    target.call("produce", late, "--timestamps", "occurred_at", **QUIET)
    expected = fold(target.keyfold, [sample, late], LAST_DAY, "--rollups")
    wait_for("a has taken over", lambda: set(owners(a, token).values()) == {"a"})
    yield from settle([a], token, expected)

    b.start()
    wait_for("both have partitions again", lambda: shared(machines, token))
    yield from settle(machines, token, expected)
    yield from differences(machines, token, sorted(expected))
    for machine in machines:
        if (status := machine.stop()) != 0:
            yield f"{machine.name} ended with {status}: {target.last_words()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--events", type=int, default=4_000)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
        sample, late = deployment.write_sample(arguments.keyfold, directory, "--accounts", "40", "--events",
                                               str(arguments.events), "--from", FIRST_DAY, "--to", LAST_DAY, share=0.9)
        manager = next(key for key in fold(arguments.keyfold, [sample], LAST_DAY, "--rollups")
                       if key.startswith("manager:"))
        tokens_file = os.path.join(directory, "tokens.json")
        tokens = [make_token(target, tokens_file, "--group", "*"), make_token(target, tokens_file, "--group", manager)]
        target.call("topics", "--create", "--create-time", "--partitions", str(PARTITIONS), **QUIET)
        machines = [Machine(target, name, tokens_file) for name in ("a", "b")]
        try:
            problems = list(play(target, machines, tokens, sample, late))
        except TimeoutError as error:
            problems = [f"{error}: {target.last_words()}"]
        finally:
            for machine in machines:
                if machine.process is not None and machine.process.poll() is None:
                    machine.kill()
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
