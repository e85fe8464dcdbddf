"""One record, many spellings: everything that the proto3 JSON mapping takes for the same message."""

import datetime
import json

from schema import ENUMS, MESSAGES, camel

_OFFSETS = ("Z", "Z", "Z", "+02:00", "-05:00", "+05:45", "-00:00", "+13:00", "-09:30")
_EPOCH = datetime.datetime(1970, 1, 1)


def timestamp_text(rng, seconds, nanos):
    """RFC 3339 with a random offset and no more digits than are needed, or all nine."""
    offset = rng.choice(_OFFSETS)
    shift = 0
    if offset != "Z":
        shift = (int(offset[1:3]) * 60 + int(offset[4:])) * (60 if offset[0] == "+" else -60)
    civil = _EPOCH + datetime.timedelta(seconds=seconds + shift)
    fraction = f".{nanos:09d}"
    if rng.random() < 0.7:
        fraction = fraction.rstrip("0").rstrip(".")
    return civil.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + fraction + offset


class Dress:
    """Renders messages (dictionaries as protojson.parse_record gives them, enums as words) to JSON text."""

    def __init__(self, rng, chaos):
        self._rng, self._chaos = rng, chaos

    def record(self, fields):
        rng = self._rng
        self._camel = rng.random() < 0.4
        value = self._message(fields, "AccountEvent")
        separators = rng.choice(((",", ":"), (", ", ": ")))
        text = json.dumps(value, ensure_ascii=rng.random() < 0.5, separators=separators)
        if rng.random() < 0.01 * self._chaos:  # what Protobuf's parser takes beyond JSON
            text = rng.choice((text[:-1] + ",}", " \t" + text + "\t", text.replace('"source"', "source", 1)))
        return text

    def _message(self, fields, name):
        rng = self._rng
        items = []
        for field, value in fields.items():
            kind = MESSAGES[name][field]
            spelling = camel(field) if self._camel != (rng.random() < 0.03) else field
            items.append((spelling, self._value(value, kind)))
        # an empty or zero value spelled out, null, and fields that nobody knows change nothing
        if rng.random() < 0.05 and name == "AccountEvent":
            items.append(rng.choice((("futureField", {"a": [1, None]}), ("x", 1.5), ("account_exploded", {}))))
        if rng.random() < 0.05 and name == "AccountEvent":
            for field, empty in (("revision", 0), ("correlation_id", None), ("retracted", False)):
                if field not in fields:
                    items.append((field, empty))
        if rng.random() < 0.3:
            rng.shuffle(items)
        return dict(items)

    def _value(self, value, kind):
        rng = self._rng
        if kind[0] == "+":
            if len(value) == 1 and rng.random() < 0.02 * self._chaos:
                return self._value(value[0], kind[1:])
            return [self._value(part, kind[1:]) for part in value]
        kind = kind.lstrip("?")
        if kind == "Timestamp":
            return timestamp_text(rng, value["seconds"], value["nanos"])
        if kind in MESSAGES:
            return self._message(value, kind)
        if kind in ENUMS and isinstance(value, str) and rng.random() < 0.15 and value in ENUMS[kind]:
            number = ENUMS[kind].index(value)
            return rng.choice((number, number, str(number), float(number)))
        if kind in ("int64", "int32", "uint32") and isinstance(value, int):
            draw = rng.random()
            if draw < 0.35:
                return str(value)
            if draw < 0.38 and abs(value) < 2**50:
                return float(value)
        if kind == "double" and rng.random() < 0.1 and isinstance(value, float):
            return repr(value)
        return value
