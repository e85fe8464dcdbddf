#!/usr/bin/env python3
"""What the parts cost that no engine on librdkafka, Protobuf and RocksDB can do without, against what keyfold costs.

keyfold_limit passes over a topic four times, in bare loops that do one thing more each time: consume, parse, store (an
entity read and written, a ledger operand merged, per event), produce (an update per account and batch, transactional).
The load is that of the race (with --peer; its nine KPIs), or invoices of our own (the default catalogue).
"""

import argparse
import json

import measuring
import projection
import race

COLUMNS = {"step": "step", "events": "events", "updates": "updates", "wall_s": "wall s", "cpu_s": "CPU s",
           "cpu_s_per_million": "CPU s/M, in all", "own_cpu_s_per_million": "CPU s/M, its own"}


def load(bench, arguments):
    """Returns the topic, how many records it has, and the catalogue's flags."""
    topic = bench.name("limit")
    if arguments.peer:
        peer = race.Peer(bench, arguments.peer, arguments)
        peer.load(topic, arguments.dist)
        return topic, ["--catalog", race.CATALOG]
    bench.load(topic, "--partitions", str(arguments.partitions), "--events", str(arguments.events), "--accounts",
               str(arguments.accounts))
    return topic, []


def run(bench, arguments):
    topic, catalog = load(bench, arguments)
    measuring.note("measuring the parts")
    steps = json.loads(measuring.call([bench.program("keyfold_limit"), "--bootstrap", bench.bootstrap, "--topic", topic,
                                       "--batch", str(arguments.batch), *catalog]).stdout)
    before = 0
    for step in steps:
        step["cpu_s_per_million"] = round(1e6 * step["cpu_s"] / step["events"], 3)
        step["own_cpu_s_per_million"] = round(step["cpu_s_per_million"] - before, 3)
        before = step["cpu_s_per_million"]
    measuring.note("measuring keyfold")
    project = projection.Projection(bench, topic, arguments.partitions, *catalog, "--batch.records_max",
                                    str(arguments.batch), *arguments.keyfold_flag)
    costs = project.fold(steps[0]["events"])
    project.close()
    rows = [*steps, {"step": "keyfold", **costs, "updates": costs["published"]}]
    measuring.print_table(COLUMNS, rows)
    ratio = round(costs["cpu_s_per_million"] / before, 2)
    print(f"\nThe parts add up to {before} CPU s per million events; keyfold takes {costs['cpu_s_per_million']}: "
          f"{ratio} times that.")
    return {"benchmark": "limit", "steps": steps, "keyfold": costs, "keyfold_to_limit": ratio}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="directory of the peer, whose generator makes the race's load")
    parser.add_argument("--dist", choices=("zipf", "uniform"), default="zipf", help="of the race's load (%(default)s)")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--batch", type=int, default=60_000, help="records of a batch, here and there (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    projection.add_keyfold_flag(parser)
    projection.add_flags(parser)
    arguments = parser.parse_args()
    arguments.threads = 1  # of the peer, which does not run here
    projection.main(run, arguments)


if __name__ == "__main__":
    main()
