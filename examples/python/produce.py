"""Publishes an account and an invoice of it: produce.py BROKERS TOPIC ACCOUNT_ID"""

import sys

from confluent_kafka import Producer

from keyfold.v1.account_event_pb2 import BASE, AccountEvent


def opened(account_id):
    event = AccountEvent(event_id=f"{account_id}-opened", account_id=account_id, source="example")
    event.occurred_at.FromJsonString("2026-01-02T09:00:00Z")
    event.account_opened.name = "Birken Foods"
    return event


def invoiced(account_id):
    event = AccountEvent(event_id=f"{account_id}-invoice-1", account_id=account_id, source="example")
    event.occurred_at.FromJsonString("2026-06-01T10:00:00Z")
    event.invoice_issued.invoice_id = "1"
    line = event.invoice_issued.lines.add(line_id="1", product_id="P-20", sale_type=BASE, quantity=2_000)
    line.net.currency_code, line.net.minor = "EUR", 123_400  # EUR 1,234.00
    return event


def main():
    brokers, topic, account_id = sys.argv[1:]
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "partitioner": "murmur2_random"})
    failures = []
    for event in (opened(account_id), invoiced(account_id)):
        producer.produce(topic, key=event.account_id, value=event.SerializeToString(),
                         headers={"content-type": "application/protobuf"},
                         on_delivery=lambda error, _: error and failures.append(error))
    if producer.flush(30) > 0 or failures:
        sys.exit(f"not sent: {failures}")


main()
