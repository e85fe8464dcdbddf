"""What a process costs, as the kernel counts it; tables and JSON of results."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class RunFailed(Exception):
    """A measured command failed, or its results are wrong: there is nothing to report."""


def cpu_seconds(pid):
    """User and system time of a process that runs, with all of its threads. None where it is unknown."""
    if pid is None:
        return None
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def _bytes_written(pid):
    """What the process has caused to be written to disks, as far as it is known. None: the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/io", encoding="ascii") as counters:
            for line in counters:
                if line.startswith("write_bytes:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return None


class Measured:
    """A running command. Its costs are those of its process and of the children that it has waited for."""

    def __init__(self, command, log, broker=None, environment=None, perf_data=None):
        """Messages go to the file `log`, standard output to the file `log`.out. `perf_data`: run it under perf, which
        writes a profile there and adds its own costs."""
        if perf_data:  # as its parent: attached to a process it does not see threads that are made later
            command = ["perf", "record", "-q", "-g", "-F", "199", "-o", perf_data, "--", *command]
        self.command, self.log, self.broker = command, log, broker
        self._broker_before = cpu_seconds(broker.pid) if broker else None
        self._begin = time.monotonic()
        with open(log, "wb") as errors, open(log + ".out", "wb") as output:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                             env={**os.environ, **(environment or {})})
        self.pid = self._process.pid

    def stop(self):
        """Asks the process to end (SIGTERM)."""
        self._process.terminate()

    def finish(self):
        """Waits for the end and returns the costs. RunFailed: the process failed; says how."""
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        wall = time.monotonic() - self._begin
        written = _bytes_written(self.pid)  # it has ended, but still has its counters
        _, status, usage = os.wait4(self.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode != 0:
            raise RunFailed(f"{' '.join(self.command)}\nended with {self._process.returncode}:\n{tail(self.log)}")
        broker = cpu_seconds(self.broker.pid) if self.broker else None
        return {
            "wall_s": round(wall, 3),
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
            "user_s": round(usage.ru_utime, 3),
            "system_s": round(usage.ru_stime, 3),
            "peak_rss_mb": usage.ru_maxrss // 1024,
            "written_bytes": written,
            "broker_cpu_s": None if broker is None else round(broker - self._broker_before, 2),
        }


def tail(file, size=3000):
    with open(file, "rb") as log:
        log.seek(max(0, os.path.getsize(file) - size))
        return log.read().decode("utf-8", "replace")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(ask, running, seconds):
    """Waits for a gateway: `ask` gives the status of a path."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if ask("/health/ready") == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    raise RunFailed("the gateway is not ready:\n" + tail(running.log))


def per_event(costs, events):
    """The costs with what follows from them for `events` events."""
    written = costs["written_bytes"]
    return {
        **costs,
        "events": events,
        "events_per_s": round(events / costs["wall_s"]),
        "events_per_cpu_s": round(events / costs["cpu_s"]),
        "cpu_s_per_million": round(1e6 * costs["cpu_s"] / events, 3),
        "written_bytes_per_event": None if written is None else round(written / events, 1),
    }


def call(command, output=subprocess.PIPE, **options):
    """Runs a command that is not measured; returns what it printed, unless that goes to the file `output`. RunFailed:
    it failed; says how."""
    done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False, **options)
    if done.returncode != 0:
        said = ((done.stdout or b"")[-1500:] + done.stderr[-1500:]).decode("utf-8", "replace")
        raise RunFailed(f"{' '.join(command)}\nended with {done.returncode}:\n{said}")
    return done


def percentiles(milliseconds):
    """Of at least one value."""
    ordered = sorted(milliseconds)
    return {"p50_ms": round(ordered[len(ordered) // 2], 3), "p99_ms": round(ordered[len(ordered) * 99 // 100], 3),
            "max_ms": round(ordered[-1], 3)}


def note(text):
    """Tells what is going on."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _cell(value):
    if value is None:
        return "-"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


def print_table(columns, rows):
    """`columns`: {key of a row: heading}, in the order of printing."""
    lines = [list(columns.values())] + [[_cell(row.get(key)) for key in columns] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths)))
    sys.stdout.flush()


def write_json(file, results):
    if file:
        with open(file, "w", encoding="utf-8") as out:
            json.dump(results, out, indent=1)
            out.write("\n")
