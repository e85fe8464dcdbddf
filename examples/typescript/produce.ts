// Publishes an account and an invoice of it: produce.ts BROKERS TOPIC ACCOUNT_ID
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { compatibilityPartitioner, ProduceAcks, Producer } from "@platformatic/kafka";
import { AccountEventSchema, SaleType } from "./keyfold/v1/account_event_pb.js";

type Payload = MessageInitShape<typeof AccountEventSchema>["payload"];

const [brokers, topic, accountId] = process.argv.slice(2) as [string, string, string];

function event(fact: string, occurredAt: string, payload: Payload) {
  return create(AccountEventSchema, {
    eventId: `${accountId}-${fact}`,
    accountId,
    source: "example",
    occurredAt: timestampFromDate(new Date(occurredAt)),
    payload,
  });
}

const opened = event("opened", "2026-01-02T09:00:00Z", { case: "accountOpened", value: { name: "Birken Foods" } });

const net = { currencyCode: "EUR", minor: 123_400n }; // EUR 1,234.00
const lines = [{ lineId: "1", productId: "P-20", saleType: SaleType.BASE, quantity: 2_000n, net }];
const invoiced = event("invoice-1", "2026-06-01T10:00:00Z", { case: "invoiceIssued", value: { invoiceId: "1", lines } });

const producer = new Producer({
  clientId: "example",
  bootstrapBrokers: brokers.split(","),
  idempotent: true,
  partitioner: compatibilityPartitioner, // as Java's clients choose it; the default of this one differs
});
await producer.send({
  acks: ProduceAcks.ALL,
  messages: [opened, invoiced].map((message) => ({
    topic,
    key: Buffer.from(message.accountId),
    value: Buffer.from(toBinary(AccountEventSchema, message)),
    headers: new Map([[Buffer.from("content-type"), Buffer.from("application/protobuf")]]),
  })),
});
await producer.close();
