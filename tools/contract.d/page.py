"""The contract as a page: every event, its fields, what is required of them, and an example."""

import json

_HEAD = """# The contract for producers, field by field

Made by `tools/contract` from `proto/keyfold/v1/account_event.proto` and from what the decoder says when it is asked; not to be
edited. What events mean, and what they do to KPIs, is in {events}, which formats there are in
{formats}. For programs: [account_event.schema.json](account_event.schema.json) (JSON Schema of one event, stricter than
the decoder in that it knows no other fields) and [asyncapi.json](asyncapi.json) (the topics). `keyfold new-event TYPE` prints an
example to begin with, `keyfold validate FILE` says what is wrong with it.

`required` holds of events that are not retracted; of a retracted one only what is marked `key`. Where an amount is given, both
of its fields are required. Enum values are written by their names.
"""


def _link(path):
    """To a page of docs/, from this one."""
    return f"[{path}](../{path.split('/')[-1]})"


def _number(value):
    return f"{value:g}" if isinstance(value, float) else f"{value:,}"


def _type_text(protos, field):
    if field.type in protos.enums:
        text = ", ".join(f"`{name}`" for name, _ in protos.enums[field.type])
    elif field.type in protos.messages:
        text = f"[{field.type}](#{field.type.lower()})"
    else:
        text = "timestamp" if field.type.endswith("Timestamp") else field.type
    return f"list of {text}" if field.label == "repeated" else text


def _rule_text(rule):
    words = ["**key**" if rule.is_key else "required"] if rule.required else []
    if rule.form:
        words.append({"date": "YYYY-MM-DD", "month": "YYYY-MM", "currency": "ISO 4217"}[rule.form])
    if rule.bytes_max is not None:
        words.append(f"at most {rule.bytes_max} bytes")
    if rule.minimum is not None and rule.maximum is not None:
        words.append(f"{_number(rule.minimum)} … {_number(rule.maximum)}")
    return ", ".join(words)


def _table(protos, rules, name):
    fields = [field for field in protos.messages[name].fields if not field.in_oneof]
    if not fields:
        return "No fields.\n"
    lines = ["| field | type | rule | meaning |", "|---|---|---|---|"]
    for field in fields:
        comment = field.comment.replace("|", "\\|")
        if field.type in protos.enums:
            told = [f"{value}: {text}" for value, text in protos.enums[field.type] if text]
            comment = "; ".join(([comment] if comment else []) + told)
        lines.append(f"| `{field.name}` | {_type_text(protos, field)} | {_rule_text(rules.of_field[name, field.name])} "
                     f"| {comment} |")
    return "\n".join(lines) + "\n"


def _section(protos, rules, title, name):
    comment = protos.messages[name].comment
    return f"## {title}\n\n" + (f"{comment}\n\n" if comment else "") + _table(protos, rules, name)


def render(protos, rules):
    head = _HEAD.format(events=_link("docs/events.md"), formats=_link("docs/formats.md"))
    parts = [head, _section(protos, rules, "The envelope", "AccountEvent"),
             _section(protos, rules, "Money", "Money"), _section(protos, rules, "Line", "Line")]
    for payload in protos.payloads:
        example = json.dumps(rules.examples[payload.name], indent=2, ensure_ascii=False)
        parts.append(_section(protos, rules, f"`{payload.name}`", payload.type) + f"\n```json\n{example}\n```\n")
    return "\n".join(parts)
