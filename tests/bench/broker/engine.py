#!/usr/bin/env python3
"""What `keyfold run --until-end` costs per event, exactly once: cold (no state), and warm (half of the log is folded).
And what `keyfold rebuild` costs per stored event, of the cold run's state.

Workloads: the race's load (with --peer; its nine KPIs), Zipf 1.0 and uniform; and generated histories of all types
(`keyfold sample`) with the default catalogue and roll-ups: 100,000 accounts, Zipf 1.0, and 1,000,000 accounts, uniform.
With --repeat the medians are what to look at. `wall s` and the rates are of the whole life of the process.
"""

import argparse
import os
import statistics
import subprocess

import measuring
import projection
import race

COLUMNS = {"workload": "workload", "state": "state", "wall_s": "wall s", **projection.COSTS,
           "published_rollups": "roll-ups", "published_partials": "partials"}
# All records at one moment of the last day: D stands still, as when a history is loaded.
SAMPLE_TIME = "2025-12-31T12:00:00Z"


def load_sample(bench, topic, arguments, flags):
    """A history of all types, as `keyfold sample` writes it. Returns how many records the topic has."""
    measuring.note(f"loading {topic}")
    keyfold = bench.program("keyfold")
    bench.load(topic, "--partitions", str(arguments.partitions), "--events", "0")
    with subprocess.Popen([keyfold, "sample", "--events", str(arguments.events), "--to", SAMPLE_TIME[:10], *flags],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as sample:
        measuring.call([keyfold, "produce", "-", "--timestamps", SAMPLE_TIME, "--topics.events", topic, "--kafka",
                        "bootstrap.servers=" + bench.bootstrap], stdin=sample.stdout)
    if sample.returncode != 0:
        raise measuring.RunFailed(f"keyfold sample ended with {sample.returncode}")


def copy(bench, source, target, arguments, begin, end, create):
    flags = ["--partitions", str(arguments.partitions)] if create else []
    return bench.load(target, "--copy-from", source, "--from", str(begin), "--to", str(end), *flags)


def run_cold(bench, topic, arguments, flags, perf_data):
    records = bench.count_records(topic)
    project = projection.Projection(bench, topic, arguments.partitions, *flags, workers=arguments.workers)
    costs = project.fold(records, perf_data)
    return costs, project


def run_warm(bench, topic, arguments, flags, perf_data):
    """Folds the first half, then measures the second."""
    target = bench.name("half")
    copy(bench, topic, target, arguments, 0, 0.5, create=True)
    first = bench.count_records(target)
    project = projection.Projection(bench, target, arguments.partitions, *flags, workers=arguments.workers)
    project.fold(first)
    copy(bench, topic, target, arguments, 0.5, 1, create=False)
    costs = project.fold(bench.count_records(target) - first, perf_data)
    return costs, project


def check_same(bench, workload, cold, warm):
    """What was published last must not depend on how the log was cut. RunFailed: it does."""
    files = [bench.path(workload.replace(" ", "-") + state) for state in ("cold", "warm")]
    lines = []
    for project, file in zip((cold, warm), files):
        project.dump(file)
        with open(file, encoding="utf-8") as dump:
            lines.append([projection.values_of(line) for line in dump])
        os.unlink(file)
    if lines[0] != lines[1]:
        different = sum(a != b for a, b in zip(*lines)) + abs(len(lines[0]) - len(lines[1]))
        raise measuring.RunFailed(f"{workload}: {different} accounts differ between the cold and the warm run")
    return len(lines[0])


def run_workload(bench, workload, topic, arguments, flags):
    for turn in range(arguments.repeat):
        projects = {}
        for state, run_one in (("cold", run_cold), ("warm", run_warm)):
            if state not in arguments.state:
                continue
            measuring.note(f"{workload}, {state}")
            perf_data = f"{arguments.perf}.{workload.replace(' ', '-')}.{state}.{turn}" if arguments.perf else None
            costs, projects[state] = run_one(bench, topic, arguments, flags, perf_data)
            yield {"workload": workload, "state": state, **costs}
            if state == "cold" and "rebuild" in arguments.state:
                measuring.note(f"{workload}, rebuild")
                yield {"workload": workload, "state": "rebuild", **projects[state].rebuild()}
            projects[state].close()
        if len(projects) == 2:
            measuring.note(f"{workload}: {check_same(bench, workload, *projects.values())} accounts agree")


def workloads(bench, arguments):
    """Loads one after the other: (name, topic, flags of keyfold)."""
    if arguments.peer:
        peer = race.Peer(bench, arguments.peer, arguments)
        for dist in ("zipf", "uniform"):
            if "race" in arguments.workload:
                topic = bench.name("race-" + dist)
                peer.load(topic, dist)
                yield f"race {dist}", topic, ["--catalog", race.CATALOG]
    if "sample" in arguments.workload:
        for dist, accounts, flags in (("zipf", arguments.accounts, ["--zipf", "1"]),
                                      ("uniform", arguments.accounts_large, ["--uniform"])):
            topic = bench.name("sample")
            load_sample(bench, topic, arguments, ["--accounts", str(accounts), *flags])
            yield f"sample {dist} {accounts}", topic, []


def medians(rows):
    for workload, state in dict.fromkeys((row["workload"], row["state"]) for row in rows):
        runs = [row for row in rows if (row["workload"], row["state"]) == (workload, state)]
        result = {"workload": workload, "state": state}
        for key in runs[0]:
            if key not in result:
                values = [run[key] for run in runs]
                result[key] = None if None in values else statistics.median(values)
        yield result


def run(bench, arguments):
    rows = []
    for name, topic, flags in workloads(bench, arguments):
        rows += run_workload(bench, name, topic, arguments, [*flags, *arguments.keyfold_flag])
    if not rows:
        raise measuring.RunFailed("there is nothing to run: the race's load needs --peer")
    summary = list(medians(rows))
    measuring.print_table(COLUMNS, summary)
    settings = {key: getattr(arguments, key) for key in ("events", "partitions", "workers", "repeat")}
    return {"benchmark": "engine", "settings": settings, "medians": summary, "runs": rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", nargs="+", choices=("race", "sample"), default=["race", "sample"])
    parser.add_argument("--state", nargs="+", choices=("cold", "rebuild", "warm"),
                        default=["cold", "rebuild", "warm"], help="rebuild needs cold (%(default)s)")
    parser.add_argument("--events", type=int, default=1_000_000, help="of each workload (%(default)s)")
    parser.add_argument("--accounts", type=int, default=100_000,
                        help="of the race and of the sample with Zipf (%(default)s)")
    parser.add_argument("--accounts-large", type=int, default=1_000_000, help="of the uniform sample (%(default)s)")
    parser.add_argument("--peer", help="directory of the peer, whose generator makes the race's load")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    projection.add_keyfold_flag(parser)
    parser.add_argument("--perf", metavar="FILE",
                        help="record profiles to FILE.WORKLOAD.STATE.TURN; the costs then include perf's own")
    projection.add_flags(parser)
    arguments = parser.parse_args()
    arguments.threads = arguments.workers  # of the peer, which does not run here
    projection.main(run, arguments)


if __name__ == "__main__":
    main()
