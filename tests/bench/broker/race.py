#!/usr/bin/env python3
"""Runs keyfold and the peer (Kafka Streams) on the same load in turns, compares results account by account.

PEER is the directory that holds the peer: its script `race` and what belongs to it. Where the peer is not built there,
a copy is built in a temporary directory. Compared are medians. The peer's CPU and wall seconds are its own figures, from
the start of its JVM to its last commit; keyfold's are those of its whole life.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess

import measuring
import projection
from measuring import RunFailed, note

CATALOG = str(pathlib.Path(__file__).resolve().with_name("race_catalog.yaml"))
COLUMNS = {"dist": "dist", "engine": "engine", "turn": "turn", "wall_s": "wall s", "cpu_s": "CPU s",
           "events_per_s": "events/s", "events_per_cpu_s": "events/CPU s", "cpu_s_per_million": "CPU s/M",
           "peak_rss_mb": "RSS MB", "written_bytes_per_event": "B written/event", "published": "published",
           "dead_letters": "dead letters", "broker_cpu_s": "broker CPU s"}
SUMMARY = {"dist": "dist", "engine": "engine", "turns": "turns", "events_per_s": "events/s", "cpu_s": "CPU s",
           "events_per_cpu_s": "events/CPU s", "peak_rss_mb": "RSS MB", "broker_cpu_s": "broker CPU s",
           "ratio_cpu": "keyfold is, per CPU s", "ratio_wall": "per s", "ratio_broker": "broker CPU s ratio"}


class Peer:
    """The other engine: its own script, with the settings of the race in its environment."""

    def __init__(self, bench, source, arguments):
        self._bench = bench
        self._directory = pathlib.Path(source).resolve()
        if not (self._directory / "race").exists():
            raise RunFailed(f"{source} holds no peer: there is no script `race` in it")
        self._environment = {
            "BOOTSTRAP": bench.bootstrap, "EVENTS": str(arguments.events), "ACCOUNTS": str(arguments.accounts),
            "PARTITIONS": str(arguments.partitions), "THREADS": str(arguments.threads), "SEED": str(arguments.seed),
            "PROTO_DIR": str(projection.ROOT / "proto"), "GUARANTEE": "eos"}
        if not (self._directory / "kafka-streams/target/classes").exists():
            self._build()

    def _build(self):
        note("building the peer")
        copy = pathlib.Path(self._bench.path("peer"))
        shutil.copytree(self._directory, copy)
        for directory, _, _ in os.walk(copy):
            os.chmod(directory, 0o755)
        self._directory = copy
        self.call("build")

    def _command(self, verb, *arguments):
        return [str(self._directory / "race"), verb, *arguments]

    def call(self, verb, *arguments, output=subprocess.PIPE, **settings):
        return measuring.call(self._command(verb, *arguments), output=output,
                              env={**os.environ, **self._environment, **settings})

    def load(self, topic, dist):
        note(f"loading {topic}")
        self.call("load", INPUT=topic, DIST=dist)

    def fold(self, topic, retain):
        """A cold run. Returns its costs and the topic of its results."""
        output = self._bench.name("peer-kpis")
        state = self._bench.path(output)
        settings = {**self._environment, "INPUT": topic, "OUTPUT": output, "RETAIN": retain, "STATE_DIR": state}
        run = measuring.Measured(self._command("peer"), self._bench.path(output + ".log"), self._bench.broker,
                                 environment=settings)
        costs = run.finish()
        with open(run.log + ".out", encoding="utf-8") as out:
            own = json.loads(out.read().splitlines()[-1])
        shutil.rmtree(state, ignore_errors=True)
        if own["rejected"]:
            raise RunFailed(f"the peer has rejected {own['rejected']} events of {topic}")
        # Its own figures are without the shutdown of its JVM: in its favour.
        counted = {**costs, "cpu_s": own["cpu_s"], "wall_s": own["jvm_start_to_end_s"],
                   "wall_s_from_first_record": own["wall_s"], "cpu_s_whole_life": costs["cpu_s"],
                   "wall_s_whole_life": costs["wall_s"], "peak_rss_mb": own["peak_rss_mb"]}
        return {**measuring.per_event(counted, own["events"]), "published": own["published"]}, output

    def dump(self, output, file):
        with open(file, "wb") as out:
            self.call("dump", output=out, OUTPUT=output)

    def compare(self, own, others):
        """RunFailed: they differ; says where."""
        return self.call("compare", own, others).stdout.decode("utf-8").strip().splitlines()[-1]


def fold_keyfold(bench, topic, arguments, perf_data):
    """A cold run of keyfold. Returns its costs and the file of its results."""
    project = projection.Projection(bench, topic, arguments.partitions, "--catalog", CATALOG, *arguments.keyfold_flag,
                                    workers=arguments.workers)
    log = project.start("--until-end", perf_data=perf_data)
    costs = measuring.per_event(log.finish(), arguments.events)
    # The contract lets an entity have 10,000 events: the busiest accounts of a large load have stakeholders with more.
    costs["dead_letters"] = project.count("dead")
    costs["published"] = project.count("kpis")
    results = bench.path(project.name + ".jsonl")
    project.dump(results)
    project.close()
    return costs, results


def run_turn(bench, peer, topic, arguments, turn):
    """Each engine once, and their results compared."""
    perf_data = f"{arguments.perf}.{topic}.{turn}" if arguments.perf else None
    note(f"turn {turn}: keyfold")
    own, own_results = fold_keyfold(bench, topic, arguments, perf_data)
    yield {"engine": "keyfold", **own}
    for retain in arguments.retain:
        note(f"turn {turn}: peer, RETAIN={retain}")
        costs, output = peer.fold(topic, retain)
        results = bench.path(output + ".jsonl")
        peer.dump(output, results)
        compared = peer.compare(results, own_results)
        note(compared)
        os.unlink(results)
        yield {"engine": f"peer, {retain}", **costs, "compared": compared}
    os.unlink(own_results)


def summarize(rows, dist):
    """The medians of each engine, and what keyfold is as a multiple of each peer: above 1 it is better."""
    medians = {}
    for engine in dict.fromkeys(row["engine"] for row in rows):
        runs = [row for row in rows if row["engine"] == engine]
        medians[engine] = {"dist": dist, "engine": engine, "turns": len(runs)}
        for key in ("events_per_s", "cpu_s", "events_per_cpu_s", "cpu_s_per_million", "peak_rss_mb", "broker_cpu_s",
                    "written_bytes_per_event", "published", "wall_s"):
            values = [run[key] for run in runs]
            medians[engine][key] = None if None in values else statistics.median(values)
    own = medians["keyfold"]
    for engine, median in medians.items():
        if engine == "keyfold":
            continue
        median["ratio_cpu"] = round(own["events_per_cpu_s"] / median["events_per_cpu_s"], 2)
        median["ratio_wall"] = round(own["events_per_s"] / median["events_per_s"], 2)
        if own["broker_cpu_s"]:
            median["ratio_broker"] = round(median["broker_cpu_s"] / own["broker_cpu_s"], 2)
    return list(medians.values())


def run(bench, arguments):
    peer = Peer(bench, arguments.peer, arguments)
    rows, summary = [], []
    for dist in arguments.dist:
        topic = bench.name("race-" + dist)
        peer.load(topic, dist)
        mine = []
        for turn in range(1, arguments.turns + 1):
            for row in run_turn(bench, peer, topic, arguments, turn):
                mine.append({"dist": dist, "turn": turn, **row})
        rows += mine
        summary += summarize(mine, dist)
    print("Every run:")
    measuring.print_table(COLUMNS, rows)
    print("\nMedians, and keyfold against each peer (above 1: keyfold is better):")
    measuring.print_table(SUMMARY, summary)
    names = ("events", "accounts", "partitions", "threads", "workers", "seed")
    settings = {name: getattr(arguments, name) for name in names}
    return {"benchmark": "race", "settings": settings, "medians": summary, "runs": rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True, help="directory of the peer")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--turns", type=int, default=3, help="runs of each engine (%(default)s)")
    parser.add_argument("--dist", nargs="+", choices=("zipf", "uniform"), default=["zipf", "uniform"])
    parser.add_argument("--retain", nargs="+", choices=("kpi", "all"), default=["kpi", "all"],
                        help="what the peer keeps: events that the KPIs need, or all (both)")
    parser.add_argument("--threads", type=int, default=2, help="of the peer (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="of keyfold (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    projection.add_keyfold_flag(parser)
    parser.add_argument("--perf", metavar="FILE",
                        help="record profiles of keyfold to FILE.TOPIC.TURN; its costs then include perf's own")
    projection.add_flags(parser)
    projection.main(run, parser.parse_args())


if __name__ == "__main__":
    main()
