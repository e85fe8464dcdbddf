#!/usr/bin/env python3
"""Checks of the source itself: source_check.py ROOT [CHECK…]. Status 1 if anything is refused."""

import argparse
import sys

import contract_check
import include_check
import name_check
import proto_check
import size_check
import source_tree
import target_check
import text_check

CHECKS = {
    "includes": include_check.check,
    "sizes": size_check.check,
    "names": name_check.check,
    "texts": text_check.check,
    "targets": target_check.check,
    "contract": contract_check.check,
    "proto": proto_check.check,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"of: {', '.join(CHECKS)} (all, if none is given)")
    options = parser.parse_args()
    unknown = set(options.checks) - CHECKS.keys()
    if unknown:
        parser.error(f"no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    files = source_tree.load(options.root)
    if not any(file.is_cpp for file in files):
        parser.error(f"there is no source below {options.root}")
    refused = 0
    for name in options.checks or CHECKS:
        for finding in CHECKS[name](files):
            refused += 1
            print(f"{finding} [{name}]")
    print(f"{len(files)} files, {refused} refused", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
