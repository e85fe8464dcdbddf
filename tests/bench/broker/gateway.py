#!/usr/bin/env python3
"""What whoever asks a gateway waits for: percentiles of each kind of question, then the delay of streams.

One client asks one question after the other, of accounts, groups, words and KPIs chosen at random. Then so many readers,
each with ten accounts of its own and one in a hundred with all of a manager's, follow the stream while accounts' updates are
written to `account-kpis` at a given rate: delay counts from before an update is handed to the producer until its reader has
it, so the producer and the broker are in it. One reader of everything is cut off again and again at a random byte and
resumes; it must end with what one has that is never cut off. Fails where an update does not arrive, or a question is not
answered.

Broker, workers, gateway and all readers share the machine: what it says of streams is an upper bound.
"""

import argparse
import http.client
import json
import os
import random
import ssl
import time
import urllib.parse

import gateway_streams
import measuring
import projection

QUESTIONS = {"question": "question", "count": "asked", "p50_ms": "p50 ms", "p99_ms": "p99 ms", "max_ms": "max ms",
             "bytes": "bytes"}
STREAMS = {"lines": "lines", "readers": "readers", "rate": "updates/s", "sent": "sent",
           "delivered": "delivered", "p50_ms": "p50 ms",
           "p99_ms": "p99 ms", "max_ms": "max ms", "sent_late_max_ms": "sent late ms", "gateway_cpu_s": "gateway CPU s",
           "gateway_rss_mb": "gateway RSS MB", "cuts": "cuts"}


class Gateway:
    """`keyfold run --serve` of a projection, with its readers' limits lifted."""

    def __init__(self, bench, project, readers, tls):
        self.port = measuring.free_port()
        flags = ["--serve", "--gateway.listen", f"127.0.0.1:{self.port}", "--gateway.requests_per_second_max", "0",
                 "--gateway.streams_per_token_max", "0", "--gateway.streams_max", str(2 * readers + 100),
                 "--gateway.connections_max", str(2 * readers + 1_000),
                 "--gateway.connections_per_remote_max", str(2 * readers + 1_000)]
        self.context = None
        if tls:
            certificate, key = make_certificate(bench)
            flags += ["--gateway.tls_certificate", certificate, "--gateway.tls_key", key]
            self.context = ssl.create_default_context(cafile=certificate)
        self.running = project.start(*flags)
        self._connection = None

    def get(self, path):
        """Status and body, over one connection that is kept."""
        if self._connection is None:
            self._connection = (http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.context)
                                if self.context else http.client.HTTPConnection("127.0.0.1", self.port, timeout=60))
        try:
            self._connection.request("GET", path)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            self._connection = None
            raise

    def document(self, path):
        status, body = self.get(path)
        if status != 200:
            raise measuring.RunFailed(f"{path}: {status} {body[:300]}")
        return json.loads(body)

    def wait_until_ready(self):
        measuring.wait_until_ready(lambda path: self.get(path)[0], self.running, 600)

    def costs(self):
        """CPU seconds and resident bytes so far."""
        with open(f"/proc/{self.running.pid}/status", encoding="ascii") as status:
            rss = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        return measuring.cpu_seconds(self.running.pid), rss // 1024

    def stop(self):
        self.running.stop()
        self.running.finish()


def make_certificate(bench):
    certificate, key = bench.path("gateway.pem"), bench.path("gateway.key")
    measuring.call(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
                    "-out", certificate])
    return certificate, key


def read_rows(gateway, path, name):
    rows, cursor = [], ""
    while True:
        page = gateway.document(f"{path}limit=1000&cursor={urllib.parse.quote(cursor)}")
        rows += page[name]
        cursor = page.get("next_cursor", "")
        if not cursor:
            return rows


class Population:
    """What there is to ask about."""

    def __init__(self, gateway, chance):
        self.chance = chance
        rows = read_rows(gateway, "/v1/accounts?", "accounts")
        self.ids = [row["account_id"] for row in rows]
        self.names = [row["attributes"]["name"] for row in rows if row["attributes"].get("name")]
        self.managers = sorted({row["attributes"].get("manager_id", "") for row in rows} - {""})
        self.segments = sorted({row["attributes"].get("segment", "") for row in rows} - {""})
        self.regions = sorted({row["attributes"].get("region", "") for row in rows} - {""})
        self.kpis = sorted({kpi for row in rows[:200] for kpi in row["kpis"]})
        self.rows = {row["account_id"]: row for row in rows}

    def any(self, what):
        return urllib.parse.quote(self.chance.choice(what), safe="")

    def word(self, letters):
        name = self.chance.choice(self.names)
        begin = self.chance.randrange(max(1, len(name) - letters + 1))
        return urllib.parse.quote(name[begin:begin + letters])

    def sort(self):
        return self.chance.choice(["", "-"]) + self.chance.choice(self.kpis)


def questions(there, as_of, from_day):
    """Name -> a function that makes a path."""
    account, manager = lambda: there.any(there.ids), lambda: "manager%3A" + there.any(there.managers)
    return {
        "an account": lambda: f"/v1/accounts/{account()}",
        "a page by id": lambda: "/v1/accounts",
        "a page by name": lambda: "/v1/accounts?sort=name",
        "a page by a KPI": lambda: f"/v1/accounts?sort={there.sort()}",
        "a page of a segment and region by a KPI":
            lambda: f"/v1/accounts?segment={there.any(there.segments)}&region={there.any(there.regions)}&sort={there.sort()}",
        "a page of customers where a KPI": lambda: f"/v1/accounts?customer=true&where=health_score<50&sort={there.sort()}",
        "a page of a manager's": lambda: f"/v1/accounts?manager_id={there.any(there.managers)}&sort={there.sort()}",
        "a page of 1000 by a KPI": lambda: f"/v1/accounts?limit=1000&sort={there.sort()}",
        "search, 1 letter": lambda: f"/v1/accounts?q={there.word(1)}&sort={there.sort()}",
        "search, 3 letters": lambda: f"/v1/accounts?q={there.word(3)}",
        "search, 6 letters": lambda: f"/v1/accounts?q={there.word(6)}&sort={there.sort()}",
        "search, nothing found": lambda: f"/v1/accounts?q=qxzj{there.chance.randrange(1000)}",
        "a page of groups by a KPI": lambda: f"/v1/groups?sort={there.sort()}",
        "a manager's group with members": lambda: f"/v1/groups/{manager()}",
        "the group of all with members": lambda: f"/v1/groups/portfolio%3Aall?sort={there.sort()}",
        "raised alerts": lambda: "/v1/alerts",
        "an account at another date": lambda: f"/v1/accounts/{account()}?as_of={as_of}",
        "an account's 24 months": lambda: f"/v1/accounts/{account()}/series?from={from_day}&to={as_of}&step=month",
        "an explanation of an account's KPI": lambda: f"/v1/accounts/{account()}/explain/revenue_t12m",
        "a manager's 24 months":
            lambda: f"/v1/groups/{manager()}/series?from={from_day}&to={as_of}&step=month&kpis=revenue_t12m,health_score",
        "an explanation of a manager's KPI": lambda: f"/v1/groups/{manager()}/explain/revenue_t12m",
    }


def ask(gateway, name, paths):
    milliseconds, length = [], 0
    for path in paths:
        begin = time.perf_counter()
        status, body = gateway.get(path)
        milliseconds.append((time.perf_counter() - begin) * 1e3)
        if status != 200:
            raise measuring.RunFailed(f"{path}: {status} {body[:300]}")
        length += len(body)
    return {"question": name, "count": len(milliseconds), **measuring.percentiles(milliseconds),
            "bytes": length // len(milliseconds)}


def measure_questions(gateway, there, arguments):
    as_of = gateway.document("/v1/status")["as_of"]
    from_day = f"{int(as_of[:4]) - 2}{as_of[4:8]}01"
    rows = [ask(gateway, "the first page by each KPI", [f"/v1/accounts?sort=-{kpi}" for kpi in there.kpis])]
    for name, path in questions(there, as_of, from_day).items():
        measuring.note(name)
        rows.append(ask(gateway, name, [path() for _ in range(arguments.requests)]))
    return rows


def measure_streams(gateway, there, arguments, lines):
    measuring.note(f"{arguments.readers} readers, {lines}")
    before, _ = gateway.costs()
    result = gateway_streams.measure(gateway, there, arguments)
    after, rss = gateway.costs()
    delays = result.pop("delays_ms")
    return {"lines": lines, "readers": arguments.readers, "rate": arguments.rate, **result, **measuring.percentiles(delays),
            "gateway_cpu_s": round(after - before, 2), "gateway_rss_mb": rss}


def add_fill_flags(parser):
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--events-per-account", type=int, default=5)
    parser.add_argument("--partitions", type=int, default=4)


def fill(bench, arguments):
    """A projection that has folded a sample, of add_fill_flags()."""
    topic = bench.name("gateway-events")
    sample = bench.path("sample.jsonl")
    keyfold = bench.program("keyfold")
    measuring.call([keyfold, "sample", "--accounts", str(arguments.accounts), "--events",
                    str(arguments.accounts * arguments.events_per_account), "--zipf", "0", "--out", sample])
    project = projection.Projection(bench, topic, arguments.partitions, *arguments.keyfold_flag)
    measuring.note("producing the sample")
    project.call("produce", sample, "--timestamps", "occurred_at")
    os.remove(sample)
    measuring.note("folding it")
    project.start("--until-end").finish()
    return project


def run(bench, arguments):
    project = fill(bench, arguments)
    asked, streamed = [], []
    for lines in arguments.lines:
        gateway = Gateway(bench, project, arguments.readers, tls=lines == "TLS")
        try:
            begin = time.monotonic()
            gateway.wait_until_ready()
            measuring.note(f"ready after {time.monotonic() - begin:.1f} s")
            there = Population(gateway, random.Random(arguments.seed))
            there.kpis_topic, there.bootstrap = project.name + "-kpis", bench.bootstrap
            if not asked:
                asked = measure_questions(gateway, there, arguments)
                measuring.print_table(QUESTIONS, asked)
            if arguments.readers:
                streamed.append(measure_streams(gateway, there, arguments, lines))
                measuring.print_table(STREAMS, streamed[-1:])
        finally:
            gateway.stop()
    project.close()
    settings = {key: getattr(arguments, key) for key in ("accounts", "events_per_account", "partitions", "requests",
                                                         "readers", "rate", "seconds", "cuts")}
    return {"benchmark": "gateway", "settings": settings, "questions": asked, "streams": streamed}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_fill_flags(parser)
    parser.add_argument("--requests", type=int, default=300, help="of each kind of question (%(default)s)")
    parser.add_argument("--readers", type=int, default=10_000, help="of streams; 0: none (%(default)s)")
    parser.add_argument("--rate", type=int, default=1_000, help="updates a second (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="how long they come (%(default)s)")
    parser.add_argument("--cuts", type=int, default=1_000, help="how often one reader is cut off (%(default)s)")
    parser.add_argument("--lines", nargs="+", choices=("plain", "TLS"), default=["plain", "TLS"])
    parser.add_argument("--seed", type=int, default=1)
    projection.add_keyfold_flag(parser)
    projection.add_flags(parser)
    projection.main(run, parser.parse_args())


if __name__ == "__main__":
    main()
