#!/usr/bin/env python3
"""Compares two outputs of a fold: account by account, KPI by KPI; and two dead-letter files by line and code."""

import argparse
import json
import sys

TOLERANCE = 1e-9
_WITHOUT_EFFECT = ("account_id", "entity_kind", "entity_id", "event_id", "type", "reason")


def load_lines(path):
    """(kind, id) -> the line, with how often each id comes."""
    lines, repeated = {}, []
    with open(path, encoding="utf-8") as stream:
        for text in stream:
            if not text.strip():
                continue
            line = json.loads(text)
            key = ("group", line["group_id"]) if "group_id" in line else ("account", line["account_id"])
            if key in lines:
                repeated.append(f"{key[0]} {key[1]}: printed twice in {path}")
            lines[key] = line
    return lines, repeated


def close(expected, actual):
    """Relative 1e-9, absolute 1e-9 near zero."""
    return abs(expected - actual) <= TOLERANCE * max(1.0 if abs(expected) < 1e-3 else 0.0, abs(expected), abs(actual))


def _maps(name, what, expected, actual, equal):
    for key in sorted(expected.keys() | actual.keys()):
        if key not in actual:
            yield f"{name}: {what} {key}: expected {expected[key]!r}, absent"
        elif key not in expected:
            yield f"{name}: {what} {key}: expected to be absent, is {actual[key]!r}"
        elif not equal(expected[key], actual[key]):
            yield f"{name}: {what} {key}: expected {expected[key]!r}, is {actual[key]!r}"


def compare_lines(expected_path, actual_path):
    """Yields each difference as a sentence."""
    expected, repeated = load_lines(expected_path)
    actual, repeated_actual = load_lines(actual_path)
    yield from repeated + repeated_actual
    if list(expected) != list(actual) and expected.keys() == actual.keys():
        yield "the lines come in another order"
    for key in sorted(expected.keys() | actual.keys()):
        name = " ".join(key)
        if key not in actual:
            yield f"{name}: missing"
            continue
        if key not in expected:
            yield f"{name}: not expected"
            continue
        one, other = expected[key], actual[key]
        for field in sorted((one.keys() | other.keys()) - {"kpis", "measures"}):
            if one.get(field) != other.get(field):
                yield f"{name}: {field}: expected {one.get(field)!r}, is {other.get(field)!r}"
        yield from _maps(name, "kpi", one["kpis"], other["kpis"], close)
        if ("measures" in one) != ("measures" in other):
            yield f"{name}: measures are printed by only one side"
        yield from _maps(name, "measure", one.get("measures", {}), other.get("measures", {}), lambda a, b: a == b)


def _load_dead(path):
    with open(path, encoding="utf-8") as stream:
        letters = [json.loads(text) for text in stream if text.strip()]
    return {letter["line"]: letter for letter in letters}


def compare_dead(expected_path, actual_path):
    """By (line, code); undecodable and invalid count as equal."""
    expected, actual = _load_dead(expected_path), _load_dead(actual_path)
    same = {"undecodable": "invalid"}
    for line in sorted(expected.keys() | actual.keys()):
        one, other = expected.get(line), actual.get(line)
        record = (one or other)["record"][:300]
        if one is None:
            yield f"line {line}: rejected as {other['code']} ({other['message']}), expected to be taken: {record}"
        elif other is None:
            yield f"line {line}: expected {one['code']} ({one['message']}), was taken: {record}"
        elif same.get(one["code"], one["code"]) != same.get(other["code"], other["code"]):
            yield f"line {line}: expected {one['code']}, is {other['code']} ({other['message']}): {record}"
        elif one["record"] != other["record"]:
            yield f"line {line}: the dead letter's record differs: {record}"


def compare_without_effect(expected_path, actual_path):
    """In any order: which events are without effect, and why."""
    found = []
    for path in (expected_path, actual_path):
        with open(path, encoding="utf-8") as stream:
            lines = [json.loads(text) for text in stream if text.strip()]
        found.append({tuple(line[name] for name in _WITHOUT_EFFECT) for line in lines})
        if len(found[-1]) != len(lines):
            yield f"an event without effect is listed twice in {path}"
    expected, actual = found
    for event in sorted(expected - actual):
        yield f"without effect, and not listed: {event}"
    for event in sorted(actual - expected):
        yield f"listed as without effect, unexpectedly: {event}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("expected")
    parser.add_argument("actual")
    parser.add_argument("dead", nargs="*", metavar="expected-dead actual-dead")
    options = parser.parse_args()
    if len(options.dead) not in (0, 2):
        parser.error("give both dead-letter files or none")
    differences = list(compare_lines(options.expected, options.actual))
    if options.dead:
        differences += compare_dead(*options.dead)
    for difference in differences:
        print(difference)
    print(f"{len(differences)} differences", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
