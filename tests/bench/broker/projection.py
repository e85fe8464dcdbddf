"""What the broker benchmarks run on: a broker, the programs of a build, and a projection with topics of its own."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import measuring

ROOT = pathlib.Path(__file__).resolve().parents[3]

COSTS = {"events_per_s": "events/s", "cpu_s_per_million": "CPU s/M", "events_per_cpu_s": "events/CPU s",
         "peak_rss_mb": "RSS MB", "written_bytes_per_event": "B written/event", "published": "published",
         "broker_cpu_s": "broker CPU s"}


class Broker:
    """The broker of BOOTSTRAP (BROKER_PID, if set, is its process), or our own, which tools/kafka starts in `directory`.
    """

    def __init__(self, directory):
        self.pid = None
        self._directory = None
        self.bootstrap = os.environ.get("BOOTSTRAP", "")
        if self.bootstrap:
            self.pid = int(os.environ["BROKER_PID"]) if os.environ.get("BROKER_PID") else None
            return
        self._directory = os.path.join(directory, "broker")
        start = measuring.call([str(ROOT / "tools/kafka"), "start", "--dir", self._directory])
        self.bootstrap = start.stdout.decode("ascii").split()[-1]
        with open(os.path.join(self._directory, "pid"), encoding="ascii") as pid:
            self.pid = int(pid.read())

    def close(self):
        if self._directory:
            subprocess.run([str(ROOT / "tools/kafka"), "stop", "--dir", self._directory], check=False,
                           stdout=subprocess.DEVNULL)


class Bench:
    """Where one benchmark works: its directory, broker and programs. Used by `with`; nothing of it stays behind."""

    def __init__(self, build):
        self.programs = pathlib.Path(build).resolve() / "bin"
        self.topics = 0

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        with self._stack:
            self.directory = tempfile.mkdtemp(prefix="keyfold-bench-")
            self._stack.callback(shutil.rmtree, self.directory, ignore_errors=True)
            self.broker = Broker(self.directory)
            self._stack.callback(self.broker.close)
            self.bootstrap = self.broker.bootstrap
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        self._stack.close()

    def program(self, name):
        path = self.programs / name
        if not path.exists():
            raise measuring.RunFailed(f"{path} is missing: cmake --preset release && "
                                      f"ninja -C build/release keyfold keyfold_broker_benches")
        return str(path)

    def name(self, what):
        """A name that no topic, group or directory of this broker has; it may be a projection's."""
        self.topics += 1
        directory = os.path.basename(self.directory)[-8:].lower().replace("_", "-")
        return f"bench-{os.getpid()}-{directory}-{what}-{self.topics}"

    def path(self, name):
        return os.path.join(self.directory, name)

    def load(self, topic, *flags):
        """Writes generated invoices, or copies records, with keyfold_load; its flags."""
        measuring.call([self.program("keyfold_load"), "--bootstrap", self.bootstrap, "--topic", topic, *flags])

    def count_records(self, topic):
        """How many committed records a topic has."""
        counted = measuring.call([self.program("keyfold_latest"), "--bootstrap", self.bootstrap, "--topic", topic,
                                  "--count-only"])
        return json.loads(counted.stderr.splitlines()[-1])["records"]


class Projection:
    """A projection of an events topic, with output topics and state of its own. `close` removes the state."""

    def __init__(self, bench, events_topic, partitions, *flags, workers=1):
        self.bench, self.events_topic, self.partitions = bench, events_topic, partitions
        self.name = bench.name("projection")
        self.state = bench.path(self.name)
        self._flags = [
            "--kafka", "bootstrap.servers=" + bench.bootstrap,
            "--topics.events", events_topic,
            "--topics.kpis", self.name + "-kpis",
            "--topics.rollup_kpis", self.name + "-rollup-kpis",
            "--topics.alerts", self.name + "-alerts",
            "--topics.partials", self.name + "-partials",
            "--topics.dead_letters", self.name + "-dead",
            "--projection", self.name,
            "--instance", self.name,
            "--state_directory", self.state,
            "--workers", str(workers),
            "--clock.ticker", "false",  # time is what the records say
            "--time.ahead_days_max", "0",
            *flags,
        ]
        self.call("topics", "--create", "--create-time", "--partitions", str(partitions))

    def call(self, verb, *arguments, **options):
        return measuring.call([self.bench.program("keyfold"), verb, *arguments, *self._flags], **options)

    def start(self, *arguments, perf_data=None):
        command = [self.bench.program("keyfold"), "run", *arguments, *self._flags]
        return measuring.Measured(command, self.state + ".log", self.bench.broker, perf_data=perf_data)

    def serve(self, *arguments):
        """A gateway of the projection, until it is stopped."""
        command = [self.bench.program("keyfold"), "serve", *arguments, *self._flags]
        return measuring.Measured(command, self.state + ".serve.log", self.bench.broker)

    def fold(self, events, perf_data=None):
        """Runs until the end of the log and returns the costs per event. RunFailed: a dead letter, or it failed."""
        before = self.counts()
        costs = self.start("--until-end", perf_data=perf_data).finish()
        after = self.counts()
        if after["dead"]:
            raise measuring.RunFailed(f"{after['dead']} events of {self.events_topic} ended as dead letters")
        published = {topic: after[topic] - before[topic] for topic in after}
        return {**measuring.per_event(costs, events), "published": published["kpis"],
                "published_rollups": published["rollup-kpis"], "published_partials": published["partials"]}

    def rebuild(self):
        """Makes everything anew from the stored events, and returns the costs per event."""
        log = self.state + ".rebuild.log"
        costs = measuring.Measured([self.bench.program("keyfold"), "rebuild", *self._flags], log).finish()
        with open(log + ".out", encoding="utf-8") as said:
            events = int(re.search(r"(\d+) events", said.read()).group(1))
        return measuring.per_event(costs, events)

    def counts(self):
        """How many records each output topic has."""
        return {topic: self.count(topic) for topic in ("kpis", "rollup-kpis", "partials", "dead")}

    def count(self, topic):
        return self.bench.count_records(f"{self.name}-{topic}")

    def dump(self, file):
        """Writes the last update of every account to a file, as JSON lines."""
        with open(file, "wb") as out:
            measuring.call([self.bench.program("keyfold_latest"), "--bootstrap", self.bench.bootstrap, "--topic",
                            self.name + "-kpis"], output=out)

    def close(self):
        shutil.rmtree(self.state, ignore_errors=True)


def values_of(line):
    """What an update says about its account, whichever record caused it: a line of Projection.dump()."""
    update = json.loads(line)
    return update["account_id"], update["as_of"], update["kpis"], update.get("missing_rates", [])


def main(run, arguments):
    """Runs a benchmark: run(bench, arguments) returns its results. The exit code is 1 where something is wrong."""
    if "BOOTSTRAP" not in os.environ:
        measuring.note("starting a broker of our own (BOOTSTRAP=HOST:PORT takes another one)")
    try:
        with Bench(arguments.build) as bench:
            measuring.write_json(arguments.json, run(bench, arguments))
    except measuring.RunFailed as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        sys.exit(1)


def add_flags(parser):
    """The flags that every benchmark of this folder has."""
    parser.add_argument("--build", default=str(ROOT / "build/release"), help="directory of the build (%(default)s)")
    parser.add_argument("--json", help="also write the results to this file")


def add_keyfold_flag(parser):
    parser.add_argument("--keyfold-flag", action="append", default=[], metavar="FLAG",
                        help="a further flag of `keyfold run`, such as --keyfold-flag=--batch.records_max=20000")
