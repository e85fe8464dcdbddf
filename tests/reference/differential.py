#!/usr/bin/env python3
"""Generates logs, folds each with keyfold and with the reference, compares; shrinks what differs."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from compare import compare_dead, compare_lines, compare_without_effect
from generate_log import generate

_HERE = pathlib.Path(__file__).resolve().parent
_FOLD_SECONDS_MAX = 300


class Run:
    """One log with its options in a directory of its own."""

    def __init__(self, keyfold, directory, config, arguments):
        self._keyfold, self._directory, self._arguments = keyfold, directory, arguments
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
        (directory / "args.txt").write_text(" ".join(arguments) + "\n", encoding="utf-8")

    def _fold(self, command, name):
        directory = self._directory
        dead, without_effect = directory / f"{name}-dead.jsonl", directory / f"{name}-without-effect.jsonl"
        for path in (dead, without_effect):
            path.write_bytes(b"")
        with open(directory / f"{name}.jsonl", "wb") as out, open(directory / f"{name}.log", "wb") as log:
            status = subprocess.run(
                command + [str(directory / "events.jsonl"), *self._arguments, "--config",
                           str(directory / "config.json"), "--dead-letters", str(dead),
                           "--without-effect", str(without_effect)],
                stdout=out, stderr=log, timeout=_FOLD_SECONDS_MAX, check=False).returncode
        return status

    def differences(self, records):
        """Folds the records with both; the differences as sentences."""
        (self._directory / "events.jsonl").write_bytes(b"".join(record + b"\n" for record in records))
        if self._fold([sys.executable, str(_HERE / "reference_fold.py")], "expected") != 0:
            raise RuntimeError(f"the reference failed, see {self._directory}/expected.log")
        try:
            status = self._fold([self._keyfold, "fold"], "actual")
        except subprocess.TimeoutExpired:
            return [f"keyfold did not end within {_FOLD_SECONDS_MAX} seconds"]
        if status != 0:
            return [f"keyfold ended with status {status}, see actual.log"]
        pair = [str(self._directory / f"{name}.jsonl") for name in ("expected", "actual")]
        dead = [str(self._directory / f"{name}-dead.jsonl") for name in ("expected", "actual")]
        idle = [str(self._directory / f"{name}-without-effect.jsonl") for name in ("expected", "actual")]
        try:
            return list(compare_lines(*pair)) + list(compare_dead(*dead)) + list(compare_without_effect(*idle))
        except (ValueError, KeyError) as error:
            return [f"the output cannot be read: {error!r}"]


def account_of(record):
    try:
        fields = json.loads(record)
        return str(fields.get("account_id", fields.get("accountId", fields.get("erase_account", ""))))
    except (ValueError, AttributeError):
        return ""


class Shrinker:
    """Drops records while the difference stays, in at most `runs` attempts."""

    def __init__(self, run, records, runs):
        self._run, self.records, self._left = run, records, runs

    def _try(self, candidate):
        """Keeps the smaller log where it still differs."""
        if self._left <= 0 or not candidate or len(candidate) == len(self.records):
            return False
        self._left -= 1
        if not self._run.differences(candidate):
            return False
        self.records = candidate
        return True

    def shrink(self):
        for account in sorted({account_of(record) for record in self.records}):
            self._try([record for record in self.records if account_of(record) != account])
        size = len(self.records) // 2
        while size >= 1:
            start, dropped = 0, False
            while start < len(self.records):
                if self._try(self.records[:start] + self.records[start + size:]):
                    dropped = True
                else:
                    start += size
            if size > 1 or not dropped:  # single lines as long as one of them can go
                size //= 2
        return self.records


def check_seed(seed, options, directory):
    """Returns whether both agree; keeps the shrunk log where they do not."""
    chaos = options.chaos if options.chaos is not None else (0.0, 0.3, 0.6, 1.0)[seed % 4]
    flood = options.flood_every > 0 and seed % options.flood_every == 0
    records, config, arguments = generate(seed, options.accounts, options.events, chaos, flood)
    with tempfile.TemporaryDirectory() as scratch:
        differences = Run(options.keyfold, pathlib.Path(scratch), config, arguments).differences(records)
    if not differences:
        return True
    kept = directory / f"seed-{seed}"
    run = Run(options.keyfold, kept, config, arguments)
    records = Shrinker(run, records, options.shrink_runs).shrink()
    differences = run.differences(records)
    (kept / "differences.txt").write_text("\n".join(differences) + "\n", encoding="utf-8")
    print(f"seed {seed}: {len(differences)} differences, {len(records)} lines left, see {kept}")
    for difference in differences[:10]:
        print(f"  {difference}")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True, metavar="BIN")
    parser.add_argument("--seeds", required=True, metavar="A..B")
    parser.add_argument("--events", type=int, default=600)
    parser.add_argument("--accounts", type=int, default=4)
    parser.add_argument("--chaos", type=float, help="0..1; left out: it varies with the seed")
    parser.add_argument("--flood-every", type=int, default=50, metavar="N",
                        help="every Nth seed gets an entity with too many events (0: none)")
    parser.add_argument("--shrink-runs", type=int, default=400, metavar="N")
    parser.add_argument("--failures-max", type=int, default=10, metavar="N", help="stop after so many failures")
    parser.add_argument("--keep", metavar="DIR", help="where logs that differ are kept (a new directory by default)")
    options = parser.parse_args()
    directory = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="keyfold-differential-"))
    first, _, last = options.seeds.partition("..")
    checked, failed = 0, 0
    for seed in range(int(first), int(last or first) + 1):
        checked += 1
        failed += not check_seed(seed, options, directory)
        if failed >= options.failures_max:
            break
    print(f"{checked} seeds, {failed} with differences" + (f", kept in {directory}" if failed else ""))
    if not failed and not options.keep:
        directory.rmdir()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
