#!/usr/bin/env python3
"""Every shipped mapping is short, says what it cannot know, and makes of its example what is expected.

examples/<mapping>/ holds a small synthetic export as the system writes it, the lookups beside it (of a topic NAME its records as
lookup_NAME.jsonl), and events.jsonl: the events that it becomes. `--write` makes these files anew, to be read before they are committed.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import public_data

EXAMPLES = pathlib.Path(__file__).resolve().parent / "examples"
MAPPINGS = public_data.ROOT / "deploy/mappings"
LINES_MAX = 80


def files_of(example):
    """The files to import: those whose name begins with "export"."""
    return sorted(str(path) for path in example.glob("export*"))


def lookups_of(example):
    """The flags for what takes the place of topics."""
    return [flag for path in sorted(example.glob("lookup_*"))
            for flag in ("--lookup", f"{path.stem.removeprefix('lookup_')}={path}")]


def events_of(keyfold, mapping, example):
    """What the example becomes, and what the summary says."""
    command = [keyfold, "validate", "--strict", "--map", str(mapping), "--events", "-", *lookups_of(example),
               *files_of(example)]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    return sorted(result.stdout.splitlines()), result.stderr, result.returncode


def check(keyfold, mapping, problems, write):
    text = mapping.read_text(encoding="utf-8")
    name = mapping.stem
    if len(text.splitlines()) > LINES_MAX:
        problems.append(f"{name}: more than {LINES_MAX} lines")
    if "cannot know" not in text:
        problems.append(f"{name}: does not say what it cannot know")
    if any(data_set.mapping == mapping.name for data_set in public_data.SETS):
        return  # tried on the data themselves
    example = EXAMPLES / name
    if not files_of(example):
        problems.append(f"{name}: no example")
        return
    events, summary, status = events_of(keyfold, mapping, example)
    expected = example / "events.jsonl"
    if write:
        expected.write_text("".join(event + "\n" for event in events), encoding="utf-8")
    if status != 0:
        problems.append(f"{name}: status {status}: {summary}")
    wanted = expected.read_text(encoding="utf-8").splitlines() if expected.exists() else []
    for event in sorted(set(events) ^ set(wanted)):
        problems.append(f"{name}: {'not expected' if event in events else 'missing'}: {event}")
    print(f"{name}: {len(events)} events of {len({json.loads(event).get('account_id') for event in events})} accounts")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", default=str(public_data.ROOT / "build/dev/bin/keyfold"))
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    problems = []
    mappings = sorted(MAPPINGS.glob("*.yaml"))
    for mapping in mappings:
        check(arguments.keyfold, mapping, problems, arguments.write)
    for example in sorted(EXAMPLES.iterdir()):
        if not (MAPPINGS / (example.name + ".yaml")).exists():
            problems.append(f"there is an example {example.name}, but no such mapping")
    for problem in problems:
        print(problem)
    print(f"{len(mappings)} mappings, {len(problems)} problems")
    sys.exit(1 if problems or not mappings else 0)


if __name__ == "__main__":
    main()
