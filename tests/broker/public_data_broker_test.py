#!/usr/bin/env python3
"""Public data through a real Kafka by the shipped mappings alone: produce --map -> run -> the shards, and what others have
published comes out. The same files a second time send nothing.

Needs KEYFOLD_TEST_KAFKA=host:port, kcat, and the data, which the repository does not carry. Exit status 77: skipped.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import deployment

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "mapping"))
import public_data  # noqa: E402  (beside the mappings' own tests)

RUN_SECONDS_MAX = 600


def produce(target, data_set, data):
    """The last line of what it says; a rejected row makes its status 1."""
    command = [target.keyfold, "produce", "--map", data_set.mapping_file(), *data_set.paths(data), "--timestamps",
               "occurred_at", *target.flags, "--state_directory", str(pathlib.Path(target.directory) / "state")]
    result = subprocess.run(command, stderr=subprocess.PIPE, check=False, text=True)
    return result.stderr


def measures_of(target, data_set):
    """What the shards say of every account at the end of the data."""
    ids = sorted({key for key, _ in target.updates()})
    answer = target.call("query", *ids, "--measures", "--as-of", data_set.as_of, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    accounts = map(json.loads, answer.splitlines())
    return {account["account_id"]: account for account in accounts}


def not_rising(target):
    """How many updates were published twice, or out of order."""
    version, wrong = {}, 0
    for key, payload in target.updates():
        offset = int(json.loads(payload)["source_offset"])
        wrong += key in version and offset <= version[key]
        version[key] = offset
    return wrong


def check(target, data_set, data, comparison):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    target.call("topics", "--create", "--create-time", "--partitions", "4", **quiet)
    summary = produce(target, data_set, data)
    for line in data_set.summary:
        comparison.check(f"the summary says '{line}'", line in summary, True)
    again = produce(target, data_set, data).splitlines()[-1]
    comparison.check("sent again", "0 new, 0 corrected, 0 retracted" in again, True)
    status = target.start("--until-end").wait(timeout=RUN_SECONDS_MAX)
    comparison.check("run ends with", status, 0)
    comparison.check("dead letters", len(target.dead_letters()), 0)
    comparison.check("updates out of order, or published twice", not_rising(target), 0)
    comparison.check_accounts(data_set, measures_of(target, data_set))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--data", default=str(public_data.DATA))
    parser.add_argument("--set", default="", help="only mappings whose name begins so")
    arguments = parser.parse_args()
    if not pathlib.Path(arguments.data).is_dir():
        print(f"NOT TESTED: there is no {arguments.data}")
        sys.exit(deployment.SKIPPED)
    bootstrap = deployment.bootstrap_or_skip()
    comparison = public_data.Comparison()
    for data_set in public_data.SETS:
        if not data_set.mapping.startswith(arguments.set):
            continue
        print(data_set.mapping)
        with tempfile.TemporaryDirectory() as directory:
            flags = ["--reporting_currency", data_set.currency]
            target = deployment.Deployment(arguments.keyfold, bootstrap, directory, flags)
            check(target, data_set, arguments.data, comparison)
    sys.exit(1 if comparison.failed else 0)


if __name__ == "__main__":
    main()
