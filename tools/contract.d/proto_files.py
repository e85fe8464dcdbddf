"""proto/ as far as documents need it: messages, fields, enums, and the comments on them."""

import dataclasses
import re

_SCALARS = {"string", "bool", "int32", "int64", "uint32", "double", "bytes"}
_LINE = re.compile(
    r"(?P<open>(?P<kind>message|enum|oneof) (?P<name>\w+) \{(?P<closed>\})?)"
    r"|(?P<close>\})"
    r"|(?:(?P<label>repeated|optional) )?(?P<type>map<[^>]*>|[\w.]+) (?P<field>\w+) = (?P<number>\d+);"
    r"|(?P<enumerator>\w+) = (?P<value>\d+);")


@dataclasses.dataclass
class Field:
    name: str
    type: str         # "string", "int64" …, or the full name of a message or enum of this package
    label: str        # "repeated", "optional", ""
    comment: str
    in_oneof: bool


@dataclasses.dataclass
class Message:
    name: str
    comment: str
    fields: list = dataclasses.field(default_factory=list)

    def field(self, name):
        return next(field for field in self.fields if field.name == name)


@dataclasses.dataclass
class Protos:
    messages: dict = dataclasses.field(default_factory=dict)  # by name: "Line"
    enums: dict = dataclasses.field(default_factory=dict)     # by full name, "CostBooked.Kind": [(name, comment)]

    @property
    def payloads(self):
        """The fields of AccountEvent's oneof, in the order of the file."""
        return [field for field in self.messages["AccountEvent"].fields if field.in_oneof]


class _Reader:
    def __init__(self, protos):
        self._protos = protos
        self._scopes = []   # (kind, name)
        self._comment = []  # the lines above
        self._last = None   # what a comment that goes on belongs to

    def _resolve(self, name):
        """The full name of a type that is used here."""
        if name in _SCALARS or name.startswith(("google.", "map<")):
            return name
        for depth in range(len(self._scopes), 0, -1):
            nested = ".".join([scope for kind, scope in self._scopes[:depth] if kind == "message"] + [name])
            if nested in self._protos.enums or nested in self._protos.messages:
                return nested
        return name

    def line(self, text):
        code, _, comment = (part.strip() for part in text.partition("//"))
        if not code:
            if comment and not comment.startswith("---"):
                self._comment.append(comment)
            else:
                self._comment = []
            return
        match = _LINE.match(code)
        if match:
            self._take(match, " ".join(self._comment + ([comment] if comment else [])))
        self._comment = []

    def _take(self, match, comment):
        if match["open"]:
            self._scopes.append((match["kind"], match["name"]))
            name = ".".join(scope for _, scope in self._scopes)
            if match["kind"] == "message":
                self._protos.messages[name] = Message(name, comment)
            elif match["kind"] == "enum":
                self._protos.enums[name] = []
            if match["closed"]:
                self._scopes.pop()
        elif match["close"]:
            if self._scopes:
                self._scopes.pop()
        elif match["enumerator"]:
            if int(match["value"]) > 0:
                self._protos.enums[".".join(scope for _, scope in self._scopes)].append((match["enumerator"], comment))
        elif self._scopes:
            message = ".".join(scope for kind, scope in self._scopes if kind == "message")
            self._protos.messages[message].fields.append(
                Field(match["field"], self._resolve(match["type"]), match["label"] or "", comment,
                      self._scopes[-1][0] == "oneof"))


def read(directory):
    protos = Protos()
    for name in ("account_event", "kpi_update", "alert"):
        reader = _Reader(protos)
        for line in (directory / f"{name}.proto").read_text(encoding="utf-8").splitlines():
            reader.line(line)
    return protos
