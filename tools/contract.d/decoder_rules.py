"""What the decoder demands of each field, found by asking it."""

import copy
import dataclasses
import json
import subprocess
import tempfile

MOMENT = "2026-06-01T10:00:00Z"
_INTEGERS = {"int32": (-2**31, 2**31 - 1), "int64": (-2**63, 2**63 - 1), "uint32": (0, 2**32 - 1)}
_LONG = "x" * 129
_POWERS = [sign * float(f"1e{exponent}") for sign in (-1, 1) for exponent in range(-12, 19)]


@dataclasses.dataclass
class Rule:
    """Of a field. Bounds are None where the type has no others."""
    required: bool = False
    is_key: bool = False     # required of a retracted event, too
    form: str = ""           # "date", "month", "currency"
    bytes_max: int = None
    minimum: float = None
    maximum: float = None


class Rules:
    def __init__(self, keyfold):
        self._keyfold = keyfold
        self.asked = []      # (event, problem or None)
        self.examples = {}   # type -> event
        self.of_field = {}   # (message, field) -> Rule

    def problems(self, events):
        """What the decoder says of each event; None: it is valid."""
        lines = []
        for number, event in enumerate(events):
            event = copy.deepcopy(event)
            if event.get("event_id") == "e-1":  # each is a fact of its own: no conflicts
                event["event_id"] = f"e-{number}"
            lines.append(json.dumps(event))
        with tempfile.NamedTemporaryFile("r") as letters:
            subprocess.run([self._keyfold, "validate", "-", "--dead-letters", letters.name], input="\n".join(lines),
                           text=True, check=True, stderr=subprocess.DEVNULL)
            found = {letter["line"]: letter["message"] for letter in map(json.loads, letters)}
        answers = [found.get(number + 1) for number in range(len(events))]
        self.asked += zip(copy.deepcopy(events), answers)
        return answers


def _changed(event, path, value):
    """The event with another value at the path; None: without the field."""
    event = copy.deepcopy(event)
    at = event
    for step in path[:-1]:
        at = at[step]
    if value is None:
        at.pop(path[-1])
    else:
        at[path[-1]] = value
    return event


def _examples(keyfold, protos):
    examples = {}
    for payload in protos.payloads:
        line = subprocess.run([keyfold, "new-event", payload.name], capture_output=True, text=True, check=True).stdout
        event = json.loads(line)
        event.update(event_id="e-1", occurred_at=MOMENT)
        examples[payload.name] = event
    return examples


def _places(protos, examples):
    """(message, field) -> the example and the path by which the field is asked about. What many messages have is asked
    about in one of them."""
    places = {}
    for field in protos.messages["AccountEvent"].fields:
        if not field.in_oneof:
            places["AccountEvent", field.name] = examples["account_churned"], [field.name]
    for payload in protos.payloads:
        for field in protos.messages[payload.type].fields:
            places[payload.type, field.name] = examples[payload.name], [payload.name, field.name]
    for field in protos.messages["Line"].fields:
        places["Line", field.name] = examples["invoice_issued"], ["invoice_issued", "lines", 0, field.name]
    for field in protos.messages["Money"].fields:
        places["Money", field.name] = examples["cost_booked"], ["cost_booked", "amount", field.name]
    return places


def _ask_presence(rules, protos, places):
    names = list(places)
    without = [_changed(*places[name], None) for name in names]
    for name, problem in zip(names, rules.problems(without)):
        rules.of_field[name] = Rule(required=problem is not None)
    payloads = [name for name in names if name[0] not in ("AccountEvent", "Line", "Money")]
    retracted = [{**_changed(*places[name], None), "retracted": True, "revision": 1} for name in payloads]
    for name, problem in zip(payloads, rules.problems(retracted)):
        rules.of_field[name].is_key = problem is not None


def _ask_texts(rules, protos, places):
    names = [name for name in places if protos.messages[name[0]].field(name[1]).type == "string"]
    for name, problem in zip(names, rules.problems([
            _changed(*places[name], [_LONG] if protos.messages[name[0]].field(name[1]).label else _LONG)
            for name in names])):
        rule = rules.of_field[name]
        if problem is None:
            continue
        rule.form = ("date" if "YYYY-MM-DD" in problem else "month" if "YYYY-MM" in problem else
                     "currency" if "currency" in problem else "")
        rule.bytes_max = None if rule.form else len(_LONG) - 1


def _ask_integers(rules, protos, places):
    """The greatest and the least that is taken, by halving what lies between the example's and the type's."""
    sides = []
    for name, (event, path) in places.items():
        kind = protos.messages[name[0]].field(name[1]).type
        if kind not in _INTEGERS:
            continue
        good = event
        for step in path:
            good = good[step]
        sides += [[name, "minimum", int(good), _INTEGERS[kind][0]], [name, "maximum", int(good), _INTEGERS[kind][1]]]
    for side, problem in zip(sides, rules.problems([_changed(*places[side[0]], side[3]) for side in sides])):
        if problem is None:
            side[2] = side[3]
    while open_sides := [side for side in sides if abs(side[2] - side[3]) > 1]:
        tried = [(side[2] + side[3]) // 2 for side in open_sides]
        answers = rules.problems([_changed(*places[side[0]], value) for side, value in zip(open_sides, tried)])
        for side, value, problem in zip(open_sides, tried, answers):
            side[2 if problem is None else 3] = value
    for name, bound, good, bad in sides:
        if good != bad:
            setattr(rules.of_field[name], bound, good)


def _ask_numbers(rules, protos, places):
    names = [name for name in places if protos.messages[name[0]].field(name[1]).type == "double"]
    for name in names:
        taken = [power for power, problem in
                 zip(_POWERS, rules.problems([_changed(*places[name], power) for power in _POWERS])) if problem is None]
        rules.of_field[name].minimum, rules.of_field[name].maximum = min(taken), max(taken)


def ask(keyfold, protos):
    rules = Rules(keyfold)
    rules.examples = _examples(keyfold, protos)
    bad = [problem for problem in rules.problems(list(rules.examples.values())) if problem is not None]
    if bad:
        raise SystemExit(f"an example is not valid: {bad[0]}")
    places = _places(protos, rules.examples)
    _ask_presence(rules, protos, places)
    _ask_texts(rules, protos, places)
    _ask_integers(rules, protos, places)
    _ask_numbers(rules, protos, places)
    return rules
