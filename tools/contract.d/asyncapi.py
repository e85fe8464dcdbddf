"""AsyncAPI 3.0: the topics, what is on them, and who writes and reads."""

import schema

_OUTPUTS = {
    "account-kpis": ("KpiUpdate", "The latest values of every account; compacted, the key is the account's id."),
    "rollup-kpis": ("KpiUpdate", "The latest values of every group; compacted, the key is the group's id."),
    "account-alerts": ("KpiAlert", "Alerts raised and cleared; compacted."),
}


def _messages_of(protos, name, found):
    """The message and all that it holds."""
    if name not in found:
        found.append(name)
        for field in protos.messages[name].fields:
            if field.type in protos.messages:
                _messages_of(protos, field.type, found)
    return found


def document(protos):
    components = "#/components/schemas/"
    names = []
    for message, _ in _OUTPUTS.values():
        _messages_of(protos, message, names)
    channels = {"account-events": {
        "address": "account-events",
        "description": "What ERP, CRM, ticketing and survey systems say of accounts. The record key is the account_id; a null "
                       "value under it erases the account.",
        "messages": {"AccountEvent": {"$ref": "#/components/messages/AccountEvent"}}}}
    operations = {"receiveAccountEvents": {"action": "receive", "channel": {"$ref": "#/channels/account-events"}}}
    for topic, (message, description) in _OUTPUTS.items():
        channels[topic] = {"address": topic, "description": description,
                           "messages": {message: {"$ref": f"#/components/messages/{message}"}}}
        operations["send" + "".join(word.capitalize() for word in topic.split("-"))] = {
            "action": "send", "channel": {"$ref": f"#/channels/{topic}"}}
    trace = {"type": "object", "properties": {"traceparent": {"type": "string", "description": "W3C Trace Context"}}}
    messages = {"AccountEvent": {
        "contentType": "application/json",
        "summary": "Also application/protobuf, Confluent's wire format, and CloudEvents around any of these.",
        "headers": trace, "payload": {"$ref": "./account_event.schema.json"}}}
    for message in ("KpiUpdate", "KpiAlert"):
        messages[message] = {"contentType": "application/protobuf",
                             "summary": "The schema is of its JSON (publish.format: json); read with "
                                        "isolation.level=read_committed.",
                             "headers": trace, "payload": {"$ref": components + message}}
    return {"asyncapi": "3.0.0",
            "info": {"title": "Keyfold", "version": "1", "description": "Account events in, KPIs out, exactly once."},
            "defaultContentType": "application/protobuf",
            "channels": channels, "operations": operations,
            "components": {"messages": messages,
                           "schemas": {name: schema.message_schema(protos, name, components) for name in names}}}
