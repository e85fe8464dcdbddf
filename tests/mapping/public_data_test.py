#!/usr/bin/env python3
"""Imports four public data sets by the shipped mappings, folds them and compares with what others have published.

public_data_test.py [--keyfold BINARY] [--data DIRECTORY] [--set NAME]

Exit codes: 0 all agree, 1 something differs, 77 skipped (no data, or no binary).
"""

import argparse
import json
import pathlib
import subprocess
import sys

import public_data

SKIPPED = 77


def fold(keyfold, data_set, data):
    command = [keyfold, "fold", "--map", data_set.mapping_file(), *data_set.paths(data), "--as-of", data_set.as_of,
               "--measures", "--reporting_currency", data_set.currency]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    if result.returncode != 0:
        sys.exit(f"{data_set.mapping}: {result.stderr}")
    return {account["account_id"]: account for account in map(json.loads, result.stdout.splitlines())}, result.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", default=str(public_data.ROOT / "build/release/bin/keyfold"))
    parser.add_argument("--data", default=str(public_data.DATA))
    parser.add_argument("--set", default="", help="only mappings whose name begins so")
    arguments = parser.parse_args()
    for needed in (arguments.data, arguments.keyfold):
        if not pathlib.Path(needed).exists():
            print(f"SKIPPED: there is no {needed}", file=sys.stderr)
            sys.exit(SKIPPED)
    comparison = public_data.Comparison()
    for data_set in public_data.SETS:
        if not data_set.mapping.startswith(arguments.set):
            continue
        print(data_set.mapping)
        accounts, summary = fold(arguments.keyfold, data_set, arguments.data)
        for line in data_set.summary:
            comparison.check(f"the summary says '{line}'", line in summary, True)
        comparison.check_accounts(data_set, accounts)
    sys.exit(1 if comparison.failed else 0)


if __name__ == "__main__":
    main()
