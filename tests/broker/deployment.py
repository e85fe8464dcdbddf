"""What broker tests share: a deployment of keyfold on a real Kafka, and when to skip."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED = 77


def bootstrap_or_skip():
    """The address of the broker for tests. Ends the process where there is none."""
    bootstrap = os.environ.get("KEYFOLD_TEST_KAFKA", "")
    if not bootstrap or shutil.which("kcat") is None:
        print("NOT TESTED: KEYFOLD_TEST_KAFKA is not set, or kcat is missing")
        sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)
    return bootstrap


def conclude(problems):
    """Ends the process, after telling what went wrong."""
    for problem in problems[:20]:
        print(problem)
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


def run_scenario(arguments, scenario):
    """Ends the process with the problems of scenario(arguments, bootstrap, directory), which has a directory of its own."""
    bootstrap = bootstrap_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        problems = scenario(arguments, bootstrap, directory)
    conclude(problems)


def write_sample(keyfold, directory, *options, share=0.5):
    """Two files with a sample (`keyfold sample` with these options): this share of its lines, and those after them."""
    sample, *parts = (os.path.join(directory, name + ".jsonl") for name in ("sample", "first", "second"))
    subprocess.run([keyfold, "sample", *options, "--out", sample], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(sample, encoding="utf-8") as source:
        lines = source.readlines()
    cut = int(len(lines) * share)
    for name, part in zip(parts, (lines[:cut], lines[cut:])):
        with open(name, "w", encoding="utf-8") as out:
            out.writelines(part)
    return parts


class Broker:
    """A Kafka broker of one's own, which may be stopped and killed; `address` is its HOST:PORT. Stopped at the end."""

    def __init__(self, directory):
        self.directory = directory

    def __enter__(self):
        self.address = self.call("start")[0]
        return self

    def __exit__(self, *_):
        self.call("stop")

    def begin(self, verb):
        return subprocess.Popen([os.path.join(ROOT, "tools", "kafka"), verb, "--dir", self.directory],
                                stdout=subprocess.PIPE)

    def call(self, verb):
        """The last line that tools/kafka prints, in a list."""
        process = self.begin(verb)
        output = process.communicate()[0].decode().strip().splitlines()
        if process.returncode != 0:
            raise RuntimeError(f"tools/kafka {verb} failed")
        return output[-1:]


class Deployment:
    """Topics, a state directory and a projection of their own."""

    def __init__(self, keyfold, bootstrap, directory, flags=()):
        self.keyfold = keyfold
        self.bootstrap = bootstrap
        self.directory = directory
        self.name = "test-%d-%d" % (os.getpid(), random.SystemRandom().randrange(10**6))
        self.flags = [
            "--kafka", "bootstrap.servers=" + bootstrap,
            "--topics.events", self.name + "-events",
            "--topics.kpis", self.name + "-kpis",
            "--topics.rollup_kpis", self.name + "-rollup-kpis",
            "--topics.alerts", self.name + "-alerts",
            "--topics.dead_letters", self.name + "-dead",
            "--projection", self.name,
            "--publish.format", "json",
            "--clock.ticker", "false",  # time is what the records say
            "--time.ahead_days_max", "0",
            *flags,
        ]

    def call(self, verb, *arguments, **options):
        return subprocess.run([self.keyfold, verb, *arguments, *self.flags, *self._shards("state")], check=True,
                              **options)

    def start(self, *arguments, machine="state"):
        """Starts `run` with the shards of a machine; its messages go to run_log()."""
        command = [self.keyfold, "run", *arguments, *self.flags, *self._shards(machine)]
        with open(os.path.join(self.directory, "run.log"), "ab") as log:
            return subprocess.Popen(command, stderr=log, stdout=log)

    def _shards(self, machine):
        return ["--state_directory", os.path.join(self.directory, machine)]

    def run_log(self):
        with open(os.path.join(self.directory, "run.log"), encoding="utf-8") as log:
            return log.read()

    def last_words(self):
        """What the processes that failed said at their end, or, where they said nothing, the end of the log."""
        lines = self.run_log().strip().splitlines()
        return "\n".join([line for line in lines if line.startswith("keyfold: ")] or lines[-20:])

    def _kcat(self, suffix, *arguments):
        return subprocess.run(
            ["kcat", "-C", "-q", "-e", "-o", "beginning", "-b", self.bootstrap, "-t", self.name + suffix,
             "-X", "isolation.level=read_committed", *arguments],
            check=True, stdout=subprocess.PIPE).stdout.decode("utf-8").splitlines()

    def updates(self, topic="-kpis"):
        """Every update that a read_committed consumer sees, in order: (key, payload or None)."""
        for line in self._kcat(topic, "-J"):
            record = json.loads(line)
            yield record["key"], record["payload"]

    def rollups(self):
        """The same of the groups."""
        return self.updates("-rollup-kpis")

    def alerts(self):
        """The same of the alerts."""
        return self.updates("-alerts")

    def alert_records(self):
        """Every record of the alerts with partition, offset, key and payload."""
        return map(json.loads, self._kcat("-alerts", "-J"))

    def dead_letters(self):
        """The keys of all rejected records."""
        return self._kcat("-dead", "-f", "%k\\n")

    def positions(self):
        """Partition, timestamp and key of every input record; control records have no key."""
        for line in self._kcat("-events", "-f", "%p %T %k\\n"):
            partition, timestamp, key = line.split(" ", 2)
            yield int(partition), int(timestamp), key


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(address, path, token=None):
    """Status and document that the gateway at HOST:PORT answers with."""
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request("GET", path, headers={"Authorization": "Bearer " + token} if token else {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


class Gateway:
    """`keyfold serve` on a port of its own."""

    def __init__(self, target, flags=()):
        self.target = target
        self.flags = list(flags)
        self.port = free_port()
        self.process = None

    def start(self):
        command = [self.target.keyfold, "serve", "--gateway.listen", f"127.0.0.1:{self.port}",
                   "--gateway.requests_per_second_max", "0", *self.flags, *self.target.flags, "--state_directory",
                   os.path.join(self.target.directory, "state")]
        with open(os.path.join(self.target.directory, "run.log"), "ab") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def get(self, path, token=None):
        return get(f"127.0.0.1:{self.port}", path, token)

    def wait_until_ready(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if self.get("/health/ready")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise TimeoutError("the gateway is not ready: " + self.target.last_words())
