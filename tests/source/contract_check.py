"""The contract (proto/, catalogue, verbs): what compilers let pass and readers of the topics would stumble over."""

import re

from source_tree import Finding

_COMMENT = re.compile(r"//[^\n]*")
_ENUM = re.compile(r"\benum\s+(\w+)\s*\{([^}]*)\}")
_ENUMERATOR = re.compile(r"(\w+)\s*=\s*(-?\d+)")
_ONEOF = re.compile(r"\boneof\s+payload\s*\{([^}]*)\}")
_FIELD = re.compile(r"(\w+)\s+(\w+)\s*=\s*\d+")

# Who has to know each payload, besides the code that a compiler or a test of its own holds to that.
_TOLD_IN = {
    "docs/events.md": "what it holds and does",
    "tests/reference/schema.py": "its fields, for the second implementation",
    "tests/support/entity_generator.h": "an event of it, for random histories"}
_CATALOGUE, _CATALOGUE_PAGE = "deploy/catalog.yaml", "docs/kpis.md"
_KPIS = re.compile(r"^kpis:\n(?:[ #].*\n|\n)*", re.MULTILINE)
_ID = re.compile(r"^ +(?:- )?id: (\w+)|\bid: (\w+)[,}]", re.MULTILINE)
_VERBS_PAGE = "README.md"
_VERB = re.compile(r"\bapp\.add_subcommand\(\s*\"(\w[\w-]*)\"")
_VERB_LIST = "src/cli/verbs.cc"
_ADDS = re.compile(r"^void (Add[A-Z]\w*)\(CLI::App& app, int& exit_status\) \{", re.MULTILINE)
_OF_NO_ENTITY = {"clock_advanced", "fx_rate_set"}  # what random histories are not made of


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


def _check_told(file, text, texts):
    """Forgotten is what nobody would miss: the tests pass over what they are not told of."""
    for match in _ONEOF.finditer(text):
        for _, name in _FIELD.findall(match[1]):
            for path, what in _TOLD_IN.items():
                if path.startswith("tests/support") and name in _OF_NO_ENTITY:
                    continue
                if not re.search(rf"\b{name}\b", texts.get(path, name)):
                    yield Finding(file.path, file.line_of(match.start()), f"{path} does not tell of {name}: {what}")


def _check_kpis(file, texts):
    kpis = _KPIS.search(file.text)
    for match in _ID.finditer(file.text, *kpis.span()) if kpis else ():
        name = match[1] or match[2]
        if not re.search(rf"\b{name}\b", texts.get(_CATALOGUE_PAGE, name)):
            yield Finding(file.path, file.line_of(match.start()), f"{_CATALOGUE_PAGE} does not define {name}")


def _check_verbs(file, texts):
    for match in _VERB.finditer(file.text):
        if f"| `{match[1]}" not in texts.get(_VERBS_PAGE, f"| `{match[1]}"):
            yield Finding(file.path, file.line_of(match.start()), f"{_VERBS_PAGE} has no line on the verb {match[1]}")
    for match in _ADDS.finditer(file.text):
        if f"  {match[1]}(app, " not in texts.get(_VERB_LIST, f"  {match[1]}(app, "):
            yield Finding(file.path, file.line_of(match.start()), f"{_VERB_LIST} does not call {match[1]}")


def check(files):
    texts = {file.path: file.text for file in files}
    for file in files:
        if file.suffix == ".proto":
            text = _COMMENT.sub(lambda match: " " * len(match.group()), file.text)
            yield from _check_enums(file, text)
            yield from _check_payloads(file, text)
            yield from _check_told(file, text, texts)
        elif file.path == _CATALOGUE:
            yield from _check_kpis(file, texts)
        elif file.folder == ("src", "cli"):
            yield from _check_verbs(file, texts)
