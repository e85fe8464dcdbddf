#!/usr/bin/env python3
"""How many events a gateway takes over HTTP, and how long a request waits for its answer, which comes when Kafka has its
events. Connections post one request after the other; each has lines of generated invoices.

Fails if an event is not accepted, or is not in the topic.
"""

import argparse
import http.client
import json
import threading
import time

import measuring
import projection

COLUMNS = {"connections": "connections", "batch": "events/request", "events_per_s": "events/s", "p50_ms": "p50 ms",
           "p99_ms": "p99 ms", "max_ms": "max ms", "again": "told to come again", "cpu_s_per_million": "CPU s/M",
           "peak_rss_mb": "RSS MB"}


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def body_of(connection, request, batch):
    """Lines of invoices that no other request has."""
    lines = []
    for i in range(batch):
        number = f"{connection}-{request}-{i}"
        lines.append(json.dumps({
            "event_id": "post-" + number, "account_id": f"A{(connection * 7919 + request * batch + i) % 10_000}",
            "occurred_at": "2026-06-01T10:00:00Z", "source": "bench",
            "invoice_issued": {"invoice_id": "I" + number, "lines": [
                {"line_id": "1", "product_id": "P1", "sale_type": "BASE", "quantity": 1000,
                 "net": {"currency_code": "EUR", "minor": 123_400}, "cost": {"currency_code": "EUR", "minor": 80_000}}]}}))
    return "\n".join(lines).encode("utf-8")


class Sender(threading.Thread):
    """One connection."""

    def __init__(self, port, number, batch, until):
        super().__init__(daemon=True)
        self.port, self.number, self.batch, self.until = port, number, batch, until
        self.seconds, self.again, self.problem = [], 0, ""

    def run(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            while time.monotonic() < self.until:
                self.post(connection, body_of(self.number, len(self.seconds), self.batch))
            connection.close()
        except Exception as error:  # the run has failed, whatever it is
            self.problem = repr(error)

    def post(self, connection, body):
        while True:
            begin = time.monotonic()
            connection.request("POST", "/v1/events", body, {"Content-Type": "application/x-ndjson"})
            response = connection.getresponse()
            document = json.loads(response.read())
            if response.status == 200 and document["accepted"] == self.batch:
                self.seconds.append(time.monotonic() - begin)
                return
            if response.status not in (429, 503):
                raise RuntimeError(f"{response.status}: {document}")
            self.again += 1
            time.sleep(0.1)


def measure(bench, arguments, connections, batch):
    topic = bench.name("posts")
    project = projection.Projection(bench, topic, arguments.partitions)
    port = measuring.free_port()
    running = project.serve("--gateway.listen", f"127.0.0.1:{port}", "--gateway.requests_per_second_max", "0",
                            *arguments.keyfold_flag)
    try:
        measuring.wait_until_ready(lambda path: ask(port, path), running, 60)
        begin = time.monotonic()
        senders = [Sender(port, i, batch, begin + arguments.seconds) for i in range(connections)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        wall = time.monotonic() - begin
    finally:
        running.stop()
        costs = running.finish()
        project.close()
    problems = [sender.problem for sender in senders if sender.problem]
    seconds = [second for sender in senders for second in sender.seconds]
    events = len(seconds) * batch
    if problems or not seconds or bench.count_records(topic) < events:
        raise measuring.RunFailed(f"{events} events were accepted, {bench.count_records(topic)} are there: {problems[:3]}")
    return {"connections": connections, "batch": batch, "events": events, "events_per_s": round(events / wall),
            **measuring.percentiles(1e3 * second for second in seconds), "again": sum(sender.again for sender in senders),
            "cpu_s_per_million": round(1e6 * costs["cpu_s"] / events, 3), "peak_rss_mb": costs["peak_rss_mb"]}


def run(bench, arguments):
    rows = []
    for connections in arguments.connections:
        for batch in arguments.batch:
            measuring.note(f"{connections} connections, {batch} events a request")
            rows.append(measure(bench, arguments, connections, batch))
    measuring.print_table(COLUMNS, rows)
    return {"benchmark": "posts", "runs": rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--batch", nargs="+", type=int, default=[1, 100], help="events of a request (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--partitions", type=int, default=4)
    projection.add_keyfold_flag(parser)
    projection.add_flags(parser)
    projection.main(run, parser.parse_args())


if __name__ == "__main__":
    main()
