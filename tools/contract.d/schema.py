"""JSON Schema (2020-12) of messages in proto3's JSON mapping, with the names of the .proto files."""

_SCALARS = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer"},
    "uint32": {"type": "integer"},
    "double": {"type": "number"},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
}
_FORMS = {
    "date": {"format": "date", "pattern": r"^(\d{4}-\d{2}-\d{2})?$"},
    "month": {"pattern": r"^(\d{4}-\d{2})?$"},
    "currency": {"pattern": "^[A-Z]{3}$"},
}
_INT64_DIGITS = r"^-?\d{1,19}$"


def _type_schema(protos, field, references):
    if field.type in protos.enums:
        return {"enum": [name for name, _ in protos.enums[field.type]]}
    if field.type in protos.messages:
        return {"$ref": f"{references}{field.type}"}
    if field.type == "int64":
        return {"type": ["integer", "string"], "pattern": _INT64_DIGITS}
    if field.type.startswith("map<string"):
        return {"type": "object", "additionalProperties": {"type": "number"}}
    return dict(_SCALARS[field.type])


def field_schema(protos, field, references, rule=None):
    schema = _type_schema(protos, field, references)
    if rule is not None:
        if rule.form:
            schema.update(_FORMS[rule.form])
        if rule.bytes_max is not None:
            schema["maxLength"] = rule.bytes_max
        for bound in ("minimum", "maximum"):
            if getattr(rule, bound) is not None:
                schema[bound] = getattr(rule, bound)
        if rule.required and field.type == "string":
            schema["minLength"] = 1
    if field.label == "repeated":
        schema = {"type": "array", "items": schema}
    if field.comment:
        schema["description"] = field.comment
    return schema


def message_schema(protos, name, references, rules=None):
    """Of a payload only the entity's key is required: a retracted one needs no more."""
    message = protos.messages[name]
    rule_of = {} if rules is None else {field.name: rules.of_field[name, field.name] for field in message.fields
                                        if not field.in_oneof}
    schema = {"type": "object",
              "properties": {field.name: field_schema(protos, field, references, rule_of.get(field.name))
                             for field in message.fields if not field.in_oneof}}
    if message.comment:
        schema["description"] = message.comment
    if rules is not None:
        schema["additionalProperties"] = False
        shared = name in ("Line", "Money")
        required = [field for field, rule in rule_of.items() if rule.is_key or (shared and rule.required)]
        if required:
            schema["required"] = required
    return schema


def event_schema(protos, rules):
    references = "#/$defs/"
    envelope = message_schema(protos, "AccountEvent", references, rules)
    payloads = protos.payloads
    for payload in payloads:
        envelope["properties"][payload.name] = {"$ref": references + payload.type}
    envelope["required"] = ["event_id", "occurred_at"]
    with_account = {"required": ["account_id"]}
    envelope["oneOf"] = [
        {"required": [payload.name], **({"properties": {"account_id": {"maxLength": 0}}}
                                        if "account_id" not in rules.examples[payload.name] else {})}
        for payload in payloads]
    for choice in envelope["oneOf"]:
        if "properties" not in choice:
            choice["required"] = choice["required"] + with_account["required"]
    demanded = {}
    for payload in payloads:
        required = [field.name for field in protos.messages[payload.type].fields
                    if rules.of_field[payload.type, field.name].required]
        if required:
            demanded[payload.name] = {"required": required}
    envelope["if"] = {"properties": {"retracted": {"const": True}}, "required": ["retracted"]}
    envelope["else"] = {"properties": demanded}
    names = ["Money", "Line"] + [payload.type for payload in payloads]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:keyfold:v1:account_event",
            "title": "AccountEvent",
            **envelope,
            "$defs": {name: message_schema(protos, name, references, rules) for name in names}}
