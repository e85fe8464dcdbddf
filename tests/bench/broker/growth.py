#!/usr/bin/env python3
"""How the cost of an event grows: with the accounts, with an account's history, with the partitions of a process; and
what a sweep costs.

accounts     every account has one event; then events for random accounts are measured
history      accounts with a long history each; then as many events again as a tenth of all histories are measured.
             Beside it the same events for the same accounts without a history: `ratio` is what the history costs
partitions   one process folds topics of so many partitions
sweep        the clock moves by a day, and every account is evaluated anew: per account, not per event; then once more
             while events arrive: how long they and the engine's transactions take, beside those at rest

`CPU µs/event` is without the costs of a run that starts, finds nothing to fold and ends: `idle CPU s`.
"""

import argparse
import datetime
import json
import os
import re
import time

import measuring
import projection

COLUMNS = {"what": "what", "size": "size", "accounts": "accounts", "loaded": "loaded before", "events": "events",
           "wall_s": "wall s", "cpu_s": "CPU s", "cpu_us": "CPU µs/event", "ratio": "ratio",
           "idle_cpu_s": "idle CPU s", "idle_wall_s": "idle wall s",
           "updates_per_event": "updates/event", "peak_rss_mb": "RSS MB",
           "written_bytes_per_event": "B written/event"}

MIDNIGHT_COLUMNS = {"what": "what", "rate": "rate/s", "visible_per_s": "visible/s", "p50_ms": "p50 ms",
                    "p99_ms": "p99 ms", "p999_ms": "p99.9 ms", "max_ms": "max ms", "sent_late_max_ms": "sent late ms",
                    "sweep_s": "sweep s", "transactions": "transactions", "median_ms": "median ms",
                    "slowest_ms": "slowest ms", "own_median_ms": "own median ms", "own_slowest_ms": "own slowest ms"}

# What `run` says at the end of a sweep.
SWEPT = re.compile(r"after (\d+) transactions: median ([\d.]+) ms, slowest ([\d.]+) ms; "
                   r"without publishing: median ([\d.]+) ms, slowest ([\d.]+) ms")


class Growing:
    """A topic of invoices and its projection; what is loaded is folded at once."""

    def __init__(self, bench, arguments, partitions=None):
        self._bench = bench
        self._first = 0
        self._days = 0
        self._partitions = partitions or arguments.partitions
        self.topic = bench.name("growth")
        bench.load(self.topic, "--partitions", str(self._partitions), "--events", "0")
        self._projection = projection.Projection(bench, self.topic, self._partitions, *arguments.keyfold_flag,
                                                 workers=arguments.workers)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._projection.close()

    def load(self, accounts, events, *flags):
        self._bench.load(self.topic, "--accounts", str(accounts), "--events", str(events), "--first", str(self._first),
                         "--seed", str(1 + self._first), *flags)
        self._first += events

    def fold(self, events):
        """Folds what is not measured."""
        self._projection.fold(events)

    def measure(self, events, load):
        """The costs of folding what `load` loads, less those of a run that has nothing to fold."""
        idle = self._projection.start("--until-end").finish()
        load()
        costs = self._projection.fold(events)
        return {**costs, "cpu_us": round(1e6 * (costs["cpu_s"] - idle["cpu_s"]) / events, 2),
                "idle_cpu_s": idle["cpu_s"], "idle_wall_s": idle["wall_s"],
                "updates_per_event": round(costs["published"] / events, 3)}

    def start(self):
        """Folds until stopped; returns the process."""
        return self._projection.start()

    def measure_latency(self, accounts, rate, seconds):
        """Sends new events for some of the accounts; how long it took until they were visible."""
        client = measuring.call([
            self._bench.program("keyfold_latency"), "--bootstrap", self._bench.bootstrap, "--events-topic", self.topic,
            "--kpis-topic", self._projection.name + "-kpis", "--rate", str(rate), "--accounts", str(accounts),
            "--first", str(self._first), "--warm-up-s", "2", "--measure-s", str(seconds)])
        self._first += 10 * rate * seconds
        return json.loads(client.stdout)

    def move_clock(self):
        """Writes a clock_advanced of a later civil day, in any time zone, to every partition."""
        self._days += 1
        hours = 25 * self._days  # a day may be that long
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
        time = later.strftime("%Y-%m-%dT%H:%M:%SZ")
        file = self._bench.path("clock.jsonl")
        with open(file, "w", encoding="ascii") as events:
            events.write(f'{{"event_id": "clock", "occurred_at": "{time}", "clock_advanced": {{}}}}\n')
        self._projection.call("produce", file, "--timestamps", time)
        os.unlink(file)


def with_accounts(bench, arguments):
    for accounts in arguments.accounts:
        measuring.note(f"{accounts} accounts")
        with Growing(bench, arguments) as growing:
            growing.load(accounts, accounts, "--each")
            growing.fold(accounts)
            costs = growing.measure(arguments.events, lambda: growing.load(accounts, arguments.events))
            yield {"what": "accounts", "size": accounts, "accounts": accounts, "loaded": accounts, **costs}
            if accounts == max(arguments.accounts):
                yield sweep(growing, accounts)
                yield from midnight(growing, accounts, arguments)


def sweep(growing, accounts):
    measuring.note(f"sweep of {accounts} accounts")
    costs = growing.measure(accounts, growing.move_clock)  # per account
    if costs["published_partials"] == 0:
        raise measuring.RunFailed("there was no sweep: it would have ended with the partials of all groups")
    return {"what": "sweep", "size": accounts, "accounts": accounts, **costs}


def midnight(growing, accounts, arguments):
    """Latencies at rest, and while a sweep goes on; the transactions of the sweep."""
    rate, seconds = arguments.midnight_rate, arguments.midnight_seconds
    running = growing.start()
    try:
        measuring.note(f"{rate} events/s at rest")
        yield {"what": "at rest", "rate": rate, **growing.measure_latency(accounts, rate, seconds)}
        measuring.note(f"{rate} events/s and a sweep of {accounts} accounts")
        growing.move_clock()
        begin = time.monotonic()
        latencies = growing.measure_latency(accounts, rate, seconds)
        swept = await_sweep(running)
        yield {"what": "midnight", "rate": rate, **latencies, "sweep_s": round(time.monotonic() - begin, 1), **swept}
    finally:
        running.stop()
        running.finish()


def await_sweep(running, seconds=300):
    """What `run` says of the sweep that has ended last. REQUIRES: one worker."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        swept = SWEPT.findall(measuring.tail(running.log, 100_000))
        if swept:
            keys = ("median_ms", "slowest_ms", "own_median_ms", "own_slowest_ms")
            return {"transactions": int(swept[-1][0]), **dict(zip(keys, map(float, swept[-1][1:])))}
        time.sleep(0.2)
    raise measuring.RunFailed(f"no sweep has ended within {seconds} s:\n{measuring.tail(running.log)}")


def with_history(bench, arguments):
    for size in arguments.history:
        accounts = max(10, arguments.history_events // size)
        events = max(1, accounts * size // 10)
        measuring.note(f"{accounts} accounts with {size} events each")
        with Growing(bench, arguments) as growing:
            without = growing.measure(events, lambda: growing.load(accounts, events))
        with Growing(bench, arguments) as growing:
            growing.load(accounts, accounts * size, "--each")
            growing.fold(accounts * size)
            costs = growing.measure(events, lambda: growing.load(accounts, events))
        yield {"what": "no history", "size": 0, "accounts": accounts, "loaded": 0, **without}
        yield {"what": "history", "size": size, "accounts": accounts, "loaded": accounts * size, **costs,
               "ratio": round(costs["cpu_us"] / without["cpu_us"], 2)}


def with_partitions(bench, arguments):
    accounts = 10_000
    for partitions in arguments.partitions_of_process:
        measuring.note(f"{partitions} partitions")
        with Growing(bench, arguments, partitions) as growing:
            costs = growing.measure(arguments.events, lambda: growing.load(accounts, arguments.events))
            yield {"what": "partitions", "size": partitions, "accounts": accounts, "loaded": 0, **costs}


PARTS = {"accounts": with_accounts, "history": with_history, "partitions": with_partitions}


def run(bench, arguments):
    rows = []
    for part in arguments.part:
        rows += PARTS[part](bench, arguments)
    latencies = [row for row in rows if "p50_ms" in row]
    measuring.print_table(COLUMNS, [row for row in rows if row not in latencies])
    print("Of a sweep the events are its accounts.\n")
    measuring.print_table(MIDNIGHT_COLUMNS, latencies)
    settings = {key: getattr(arguments, key) for key in ("events", "partitions", "workers")}
    return {"benchmark": "growth", "settings": settings, "runs": rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", choices=tuple(PARTS), default=list(PARTS), help="(all)")
    parser.add_argument("--accounts", nargs="+", type=int, default=[100, 10_000, 1_000_000],
                        help="sizes; the largest is swept, too (%(default)s)")
    parser.add_argument("--history", nargs="+", type=int, default=[100, 10_000, 100_000],
                        help="events of an account (%(default)s)")
    parser.add_argument("--history-events", type=int, default=1_000_000,
                        help="of all histories together, of at least 10 accounts (%(default)s)")
    parser.add_argument("--partitions-of-process", nargs="+", type=int, default=[4, 64, 256], help="(%(default)s)")
    parser.add_argument("--midnight-rate", type=int, default=1_000, help="events a second meanwhile (%(default)s)")
    parser.add_argument("--midnight-seconds", type=int, default=30, help="of latencies (%(default)s)")
    parser.add_argument("--events", type=int, default=300_000, help="that are measured (%(default)s)")
    parser.add_argument("--partitions", type=int, default=4, help="of the other parts (%(default)s)")
    parser.add_argument("--workers", type=int, default=1)
    projection.add_keyfold_flag(parser)
    projection.add_flags(parser)
    projection.main(run, parser.parse_args())


if __name__ == "__main__":
    main()
