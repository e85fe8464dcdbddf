"""Writes CloudEvents as the official SDK does, one JSON object a line: {"name", "headers", "key", "value_base64"};
README.md says how it is run."""

import base64
import json
from datetime import datetime, timezone

from cloudevents.core.bindings.kafka import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

PROTOBUF = bytes.fromhex("0a026531120241311a0608a0b0f5d006fa01060a04495f3138")  # e1 of A1: invoice_cancelled I_18
WHOLE = {"event_id": "e1", "account_id": "A1", "occurred_at": "2026-06-01T10:00:00Z", "source": "crm",
         "account_churned": {"reason": "price \"ü\""}}
BARE = {"account_id": "A1", "account_churned": {"reason": "price"}}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def event(data, content_type="application/json", **more):
    attributes = {"id": "4711", "source": "/erp/eu", "type": "io.keyfold.account-event.v1", "specversion": "1.0",
                  "time": datetime(2026, 6, 1, 8, 0, 0, 250000, tzinfo=timezone.utc), "datacontenttype": content_type,
                  "subject": "A1", "partitionkey": "A1"}
    return CloudEvent({**attributes, **more}, data)


def show(name, message):
    headers = {key: value.decode() for key, value in message.headers.items()}
    print(json.dumps({"name": name, "headers": headers, "key": message.key,
                      "value_base64": base64.b64encode(message.value).decode()}, ensure_ascii=False))


def main():
    form = JSONFormat()
    for name, make in (("binary", to_binary), ("structured", to_structured)):
        show(f"{name} whole", make(event(WHOLE), form))
        show(f"{name} bare", make(event(BARE, traceparent=TRACE), form))
        show(f"{name} protobuf", make(event(PROTOBUF, "application/protobuf"), form))
    batch = [json.loads(to_structured(event(BARE, id=str(number)), form).value) for number in (1, 2, 3)]
    message = to_structured(event(BARE), form)
    message.headers["content-type"] = b"application/cloudevents-batch+json"
    message = type(message)(headers=message.headers, key=message.key, value=json.dumps(batch).encode())
    show("batch", message)


main()
