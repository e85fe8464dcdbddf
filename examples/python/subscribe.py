"""Prints the values of accounts as they change, one JSON object a line: subscribe.py BROKERS TOPIC [KPI…]"""

import json
import sys
import uuid

from confluent_kafka import Consumer

from keyfold.v1.kpi_update_pb2 import KpiUpdate


def describe(record, kpis):
    account_id = record.key().decode()
    if record.value() is None:
        return {"account": account_id, "gone": True}
    update = KpiUpdate.FromString(record.value())
    return {"account": account_id, "name": update.attributes.name, "as_of": update.as_of, "because": update.cause_event,
            "kpis": {kpi: value for kpi, value in sorted(update.kpis.items()) if not kpis or kpi in kpis},
            "changed": [change.id for change in update.changed]}


def main():
    brokers, topic, *kpis = sys.argv[1:]
    # A group of its own that commits nothing: it begins with the present values of all accounts.
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"example-{uuid.uuid4()}", "enable.auto.commit": False,
                         "auto.offset.reset": "earliest", "isolation.level": "read_committed"})
    consumer.subscribe([topic])
    while True:
        record = consumer.poll(1)
        if record is None:
            continue
        if record.error():
            sys.exit(str(record.error()))
        print(json.dumps(describe(record, kpis), ensure_ascii=False), flush=True)


main()
