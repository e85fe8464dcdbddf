"""Compatibility of proto/: what was written once stays readable. Every field and enumerator is in proto/numbers.txt; one
that goes leaves its number and its name reserved, and none changes its number or type.

  proto_check.py ROOT --write     brings proto/numbers.txt up to date, after what it refuses has been mended
"""

import argparse
import re
import sys

import source_tree
from source_tree import Finding

LIST = "proto/numbers.txt"

_COMMENT = re.compile(r"//[^\n]*")
_TOKEN = re.compile(r"\b(message|enum|oneof)\s+(\w+)\s*\{|\}"
                    r"|\breserved\s+([^;]*);"
                    r"|\b(?:(repeated|optional)\s+)?((?:map\s*<[^>]*>)|[\w.]+)\s+(\w+)\s*=\s*(\d+)\s*(?:\[[^\]]*\])?;"
                    r"|\b(\w+)\s*=\s*(-?\d+)\s*;")


def parse(file):
    """(scope -> {name: "number type"}, scope -> what is reserved there). Fields of a oneof belong to its message."""
    fields, reserved, scopes = {}, {}, []
    text = _COMMENT.sub("", file.text)
    for match in _TOKEN.finditer(text):
        kind, name, kept, label, type_name, field, number, enumerator, value = match.groups()
        if kind:
            scopes.append((kind, name))
            continue
        if match.group() == "}":
            if scopes:
                scopes.pop()
            continue
        scope = ".".join(name for kind, name in scopes if kind != "oneof")
        if kept is not None:
            reserved.setdefault(scope, set()).update(re.findall(r"[\w]+", kept))
        elif field and scopes:
            words = f"{label} {type_name}" if label else re.sub(r"\s", "", type_name)
            fields.setdefault(scope, {})[field] = f"{number} {words}"
        elif enumerator and scopes:
            fields.setdefault(scope, {})[enumerator] = value
    return fields, reserved


def lines_of(files):
    """What proto/numbers.txt should hold: "<file> <message> <field> <number> <type>", sorted."""
    lines = set()
    for file in files:
        if file.suffix != ".proto":
            continue
        for scope, members in parse(file)[0].items():
            lines |= {f"{file.path.rsplit('/', 1)[-1]} {scope} {name} {what}" for name, what in members.items()}
    return sorted(lines)


def _listed(files):
    for file in files:
        if file.path == LIST:
            return [line for line in file.text.split("\n") if line and not line.startswith("#")]
    return []


def check(files):
    protos = {file.path.rsplit("/", 1)[-1]: file for file in files if file.suffix == ".proto"}
    parsed = {name: parse(file) for name, file in protos.items()}
    now, listed = set(lines_of(files)), _listed(files)
    for line in listed:
        if line in now:
            continue
        name, scope, field, number = line.split(" ")[:4]
        if name not in protos:
            yield Finding(LIST, 1, f"{name} is gone: its messages may be in logs and on disks")
            continue
        fields, reserved = parsed[name]
        if field in fields.get(scope, {}):
            yield Finding(protos[name].path, 1, f"{scope}.{field} was {' '.join(line.split(' ')[3:])}: it stays so")
        elif not {field, number} <= reserved.get(scope, set()):
            yield Finding(protos[name].path, 1, f'{scope}.{field} is gone: reserved {number}; reserved "{field}";')
    for line in sorted(now - set(listed)):
        yield Finding(LIST, 1, f"{line} is missing: tests/source/proto_check.py ROOT --write")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root")
    parser.add_argument("--write", action="store_true", required=True)
    options = parser.parse_args()
    files = source_tree.load(options.root)
    refused = [finding for finding in check(files) if "is missing" not in finding.what]
    for finding in refused:
        print(finding)
    if refused:
        return 1
    kept = sorted(set(_listed(files)) | set(lines_of(files)))
    with open(f"{options.root}/{LIST}", "w", encoding="utf-8") as out:
        out.write("# Every field and enumerator that there has ever been (tests/source/proto_check.py).\n")
        out.write("\n".join(kept) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
