"""The contract (proto/): what Protobuf's compiler lets pass and readers of the topics would stumble over."""

import re

from source_tree import Finding

_COMMENT = re.compile(r"//[^\n]*")
_ENUM = re.compile(r"\benum\s+(\w+)\s*\{([^}]*)\}")
_ENUMERATOR = re.compile(r"(\w+)\s*=\s*(-?\d+)")
_ONEOF = re.compile(r"\boneof\s+payload\s*\{([^}]*)\}")
_FIELD = re.compile(r"(\w+)\s+(\w+)\s*=\s*\d+")


def snake_case(name):
    """KeyAccountDesignated -> key_account_designated."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _check_enums(file, text):
    for match in _ENUM.finditer(text):
        line = file.line_of(match.start())
        prefix = snake_case(match[1]).upper() + "_"
        values = _ENUMERATOR.findall(match[2])
        if not values or values[0] != (f"{prefix}UNSPECIFIED", "0"):
            yield Finding(file.path, line, f"enum {match[1]} should begin with {prefix}UNSPECIFIED = 0")


def _check_payloads(file, text):
    for match in _ONEOF.finditer(text):
        for kind, name in _FIELD.findall(match[1]):
            line = file.line_of(match.start())
            if snake_case(kind) != name:
                yield Finding(file.path, line, f"the payload {kind} should be called {snake_case(kind)}, not {name}")
            if not re.search(rf"\bmessage\s+{kind}\b", text):
                yield Finding(file.path, line, f"the payload {kind} has no message in this file")


def check(files):
    for file in files:
        if file.suffix == ".proto":
            text = _COMMENT.sub(lambda match: " " * len(match.group()), file.text)
            yield from _check_enums(file, text)
            yield from _check_payloads(file, text)
