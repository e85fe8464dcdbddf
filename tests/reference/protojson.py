"""Text -> message, accepting what Protobuf's C++ JSON parser (3.21) accepts, with unknown fields ignored.

That parser is laxer than JSON: single quotes, bare keys, a trailing comma, any escaped character; null means absent; a
number may be written as a string; a list may be given as its only element, or nested. It is also stricter in places:
a oneof (or a field with explicit presence) may be set only once, numbers have no leading zeros.
"""

import datetime
import math
import re

from schema import ENUMS, MESSAGES, PAYLOADS, SPELLINGS

_DEPTH_MAX = 100
_SPACE = " \t\n\r\v\f"
_EPOCH = datetime.datetime(1970, 1, 1)
_TIMESTAMP = re.compile(
    r"(\d{1,4})-(\d{1,2})-(\d{1,2})T(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d+))?(?:Z|([+-])(\d{1,2}):(\d{1,2}))", re.ASCII)
_RANGES = {"int32": (-2**31, 2**31), "uint32": (0, 2**32), "int64": (-2**63, 2**63)}


class Undecodable(Exception):
    """The bytes are not what they claim to be."""


class _Pairs(list):
    """A JSON object as its (key, value) pairs in order: a key may come twice."""


class _Text:
    """Recursive descent over one record."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def fail(self, why):
        raise Undecodable(f"{why} at character {self.at}")

    def peek(self):
        while self.at < len(self.text) and self.text[self.at] in _SPACE:
            self.at += 1
        return self.text[self.at] if self.at < len(self.text) else ""

    def document(self):
        value = self.value(0)
        if self.peek():
            self.fail("text after the record")
        return value

    def value(self, depth):
        first = self.peek()
        if first == "{":
            if depth >= _DEPTH_MAX:
                self.fail("nested too deeply")
            return self.object(depth + 1)
        if first == "[":
            return self.array(depth)
        if first and first in "\"'":
            return self.string(first)
        if first and first in "-0123456789":
            return self.number()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.fail("expected a value")

    def object(self, depth):
        self.at += 1
        pairs = _Pairs()
        while self.peek() != "}":  # also after a comma
            key = self.key()
            if self.peek() != ":":
                self.fail("expected a colon")
            self.at += 1
            pairs.append((key, self.value(depth)))
            if self.peek() == ",":
                self.at += 1
            elif self.peek() != "}":
                self.fail("expected , or }")
        self.at += 1
        return pairs

    def key(self):
        first = self.peek()
        if first and first in "\"'":
            return self.string(first)
        match = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*", re.ASCII).match(self.text, self.at)
        if not match or match[0] in ("true", "false", "null"):
            self.fail("expected a key")
        self.at = match.end()
        return match[0]

    def array(self, depth):
        self.at += 1
        values = []
        while self.peek() != "]":
            values.append(self.value(depth))
            if self.peek() == ",":
                self.at += 1
            elif self.peek() != "]":
                self.fail("expected , or ]")
        self.at += 1
        return values

    def string(self, quote):
        self.at += 1
        parts = []
        while True:
            character = self.text[self.at:self.at + 1]
            if not character:
                self.fail("unterminated string")
            self.at += 1
            if character == quote:
                return "".join(parts)
            if character == "\\":
                character = self.escape()
            parts.append(character)

    def escape(self):
        character = self.text[self.at:self.at + 1]
        if not character:
            self.fail("unterminated string")
        self.at += 1
        if character != "u":
            return {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}.get(character, character)
        code = self.code_unit()
        if 0xDC00 <= code < 0xE000:
            self.fail("lone low surrogate")
        if 0xD800 <= code < 0xDC00:
            if self.text[self.at:self.at + 2] != "\\u":
                self.fail("missing low surrogate")
            self.at += 2
            low = self.code_unit()
            if not 0xDC00 <= low < 0xE000:
                self.fail("invalid low surrogate")
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        return chr(code)

    def code_unit(self):
        digits = self.text[self.at:self.at + 4]
        if not re.fullmatch(r"[0-9A-Fa-f]{4}", digits):
            self.fail("invalid escape")
        self.at += 4
        return int(digits, 16)

    def number(self):
        token = re.compile(r"[0-9.eE+\-x]+").match(self.text, self.at)[0]
        self.at += len(token)
        if re.search(r"[.eE]", token):
            if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", token):
                self.fail("not a number")
            value = float(token)
            if math.isinf(value):
                self.fail("number exceeds the range of double")
            return value
        if not re.fullmatch(r"-?(0|[1-9]\d*)", token):
            self.fail("not a number")
        value = int(token)
        return value if -2**63 <= value < 2**64 else float(value)


def _integer(value, kind):
    if isinstance(value, str):
        if not re.fullmatch(r"[+]?\d+" if kind == "uint32" else r"[+-]?\d+", value, re.ASCII):
            raise Undecodable(f"{value!r} is not an integer")
        value = int(value)
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or value != math.floor(value):
        raise Undecodable(f"{value!r} is not an integer")
    low, high = _RANGES[kind]
    # -9223372036854775809 lies outside, but is first rounded to a double, which is -2^63.
    if not low <= value < high:
        raise Undecodable(f"{value!r} is out of range")
    return int(value)


def _double(value):
    if isinstance(value, str):
        named = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
        if value in named:
            return named[value]
        if re.fullmatch(r"[+-]?0[xX][0-9A-Fa-f]+", value):
            return float(int(value, 16))
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value, re.ASCII) or math.isinf(float(value)):
            raise Undecodable(f"{value!r} is not a double")
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Undecodable(f"{value!r} is not a double")
    return float(value)


def _boolean(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        if value.lower() in ("true", "t", "yes", "y", "1"):
            return True
        if value.lower() in ("false", "f", "no", "n", "0"):
            return False
    raise Undecodable(f"{value!r} is not a bool")


def _enum(value, kind):
    """The number; None where the word is unknown, which is ignored like an unknown field."""
    words = ENUMS[kind]
    if isinstance(value, str):
        if value in words:
            return words.index(value)
        if re.fullmatch(r"[+-]?\d+", value, re.ASCII) and 0 <= int(value) < len(words):
            return int(value)
        return None
    return _integer(value, "int32")


def _timestamp(value):
    if isinstance(value, _Pairs):
        return _message(value, "Timestamp")
    match = isinstance(value, str) and _TIMESTAMP.fullmatch(value)
    if not match:
        raise Undecodable(f"{value!r} is not a timestamp")
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    try:
        civil = datetime.datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise Undecodable(f"{value!r} is not a timestamp") from error
    nanos = int((match[7] or "0")[:9].ljust(9, "0"))
    offset = 0
    if match[8]:
        hours, minutes = int(match[9]), int(match[10])
        if hours > 23 or minutes > 59:
            raise Undecodable(f"{value!r} is not a timestamp")
        offset = (hours * 60 + minutes) * (60 if match[8] == "+" else -60)
    return {"seconds": (civil - _EPOCH) // datetime.timedelta(seconds=1) - offset, "nanos": nanos}


def _single(value, kind):
    if kind == "Timestamp":
        return _timestamp(value)
    if kind in MESSAGES:
        if not isinstance(value, _Pairs):
            raise Undecodable(f"{kind}: not an object")
        return _message(value, kind)
    if isinstance(value, list):
        raise Undecodable(f"{kind}: neither list nor object can be one")
    if kind in ENUMS:
        return _enum(value, kind)
    if kind == "double":
        return _double(value)
    if kind == "bool":
        return _boolean(value)
    if kind == "string":
        if not isinstance(value, str):
            raise Undecodable(f"{value!r} is not a string")
        return value
    return _integer(value, kind)


def _elements(value):
    """A repeated field's elements: nested lists are flattened, nulls skipped, a single value is a list of one."""
    if isinstance(value, list) and not isinstance(value, _Pairs):
        return [element for part in value for element in _elements(part)]
    return [] if value is None else [value]


def _message(pairs, name):
    """Fields that are set: in proto3 a scalar that is zero or empty is not, unless it has explicit presence."""
    fields = {}
    for key, value in pairs:
        if key == "":
            raise Undecodable("a field without a name")
        field = SPELLINGS[name].get(key)
        if field is None:
            continue
        kind = MESSAGES[name][field]
        if kind[0] == "+":
            fields.setdefault(field, []).extend(_single(element, kind[1:]) for element in _elements(value))
            continue
        if value is None:
            continue
        if name == "AccountEvent" and field in PAYLOADS and any(other in PAYLOADS for other in fields):
            raise Undecodable("payload: more than one")
        if kind[0] == "?" and field in fields:
            raise Undecodable(f"{field}: set twice")
        parsed = _single(value, kind.lstrip("?"))
        if parsed is None:
            continue
        if kind in ("Money", "Timestamp") and field in fields:
            parsed = fields[field] | parsed  # a message that comes twice is merged
        fields[field] = parsed
    for field in list(fields):
        kind = MESSAGES[name][field]
        zero = kind[0] == "+" and not fields[field]
        zero = zero or (kind[0] not in "+?" and kind not in MESSAGES and fields[field] in (0, "", False))
        if zero and str(fields[field]) != "-0.0":
            del fields[field]
    return fields


def parse_record(record):
    """bytes of one record -> the AccountEvent as a dictionary of its set fields. Raises Undecodable."""
    try:
        text = record.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Undecodable(str(error)) from error
    document = _Text(text).document()
    if not isinstance(document, _Pairs):
        raise Undecodable("not an object")
    return _message(document, "AccountEvent")
