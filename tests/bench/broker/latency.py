#!/usr/bin/env python3
"""How long after an event its account's KPIs are visible: percentiles at given rates, for both guarantees.

An open loop: latency counts from the time at which an event was to be sent, so what waits behind a slow moment counts.
Fails if an event does not become visible. Where `visible/s` is well below the rate, the engine did not keep up: the
latencies say how far it fell behind in this time. Where `sent/s` is below the rate, or `sent late` more than a few
milliseconds, the machine did not: then they say nothing about the engine.
"""

import argparse
import json
import os

import measuring
import projection

COLUMNS = {"guarantee": "guarantee", "rate": "rate/s", "sent_per_s": "sent/s", "visible_per_s": "visible/s",
           "p50_ms": "p50 ms", "p90_ms": "p90 ms", "p99_ms": "p99 ms", "p999_ms": "p99.9 ms", "max_ms": "max ms",
           "acknowledged_p50_ms": "ack p50 ms", "acknowledged_p99_ms": "ack p99 ms", "sent_late_max_ms": "sent late ms",
           "updates": "updates", "keyfold_cpu_s": "keyfold CPU s", "peak_rss_mb": "RSS MB"}


def measure(bench, arguments, guarantee, rate):
    """One rate with a projection of its own. Returns what keyfold_latency reports, and keyfold's costs."""
    topic = bench.name("latency-events")
    flags = [*arguments.keyfold_flag, "--publish.guarantee", guarantee]
    if arguments.catalog:
        flags += ["--catalog", arguments.catalog]
    bench.load(topic, "--partitions", str(arguments.partitions), "--events", "0")
    project = projection.Projection(bench, topic, arguments.partitions, *flags, workers=arguments.workers)
    running = project.start()
    try:
        client = measuring.call([
            bench.program("keyfold_latency"), "--bootstrap", bench.bootstrap, "--events-topic", topic, "--kpis-topic",
            project.name + "-kpis", "--rate", str(rate), "--accounts", str(arguments.accounts), "--warm-up-s",
            str(arguments.warm_up), "--measure-s", str(arguments.measure)])
    except measuring.RunFailed as failure:
        raise measuring.RunFailed(f"{failure}\nkeyfold run says:\n{measuring.tail(running.log)}") from failure
    finally:
        running.stop()
        costs = running.finish()
        project.close()
    return {"guarantee": guarantee, **json.loads(client.stdout), "keyfold_cpu_s": costs["cpu_s"],
            "peak_rss_mb": costs["peak_rss_mb"], "broker_cpu_s": costs["broker_cpu_s"]}


def run(bench, arguments):
    rows = []
    for guarantee in arguments.guarantee:
        for rate in arguments.rate:
            measuring.note(f"{guarantee}, {rate} events/s")
            rows.append(measure(bench, arguments, guarantee, rate))
    measuring.print_table(COLUMNS, rows)
    settings = {key: getattr(arguments, key) for key in ("accounts", "partitions", "workers", "warm_up", "measure")}
    settings["catalog"] = os.path.basename(arguments.catalog or "default")
    return {"benchmark": "latency", "settings": settings, "runs": rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", nargs="+", type=int, default=[1_000, 10_000, 50_000],
                        help="events a second (%(default)s)")
    parser.add_argument("--guarantee", nargs="+", choices=("exactly_once", "at_least_once"),
                        default=["exactly_once", "at_least_once"])
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--warm-up", type=float, default=5, metavar="SECONDS")
    parser.add_argument("--measure", type=float, default=20, metavar="SECONDS")
    parser.add_argument("--catalog", help="another catalogue than the default one")
    projection.add_keyfold_flag(parser)
    projection.add_flags(parser)
    projection.main(run, parser.parse_args())


if __name__ == "__main__":
    main()
