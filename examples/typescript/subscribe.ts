// Prints the values of accounts as they change, one JSON object a line: subscribe.ts BROKERS TOPIC [KPI…]
import { randomUUID } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { Consumer, FetchIsolationLevels, MessagesStreamModes } from "@platformatic/kafka";
import { KpiUpdateSchema } from "./keyfold/v1/kpi_update_pb.js";

const [brokers, topic, ...kpis] = process.argv.slice(2) as [string, string, ...string[]];

// A group of its own that commits nothing: it begins with the present values of all accounts.
const consumer = new Consumer({
  clientId: "example",
  groupId: `example-${randomUUID()}`,
  bootstrapBrokers: brokers.split(","),
});
const records = await consumer.consume({
  topics: [topic],
  mode: MessagesStreamModes.EARLIEST,
  isolationLevel: FetchIsolationLevels.READ_COMMITTED,
  autocommit: false,
});
for await (const record of records) {
  const account = record.key.toString();
  if (!record.value) {
    console.log(JSON.stringify({ account, gone: true }));
    continue;
  }
  const update = fromBinary(KpiUpdateSchema, record.value);
  const values = Object.entries(update.kpis).filter(([kpi]) => kpis.length === 0 || kpis.includes(kpi));
  console.log(
    JSON.stringify({
      account,
      name: update.attributes?.name,
      asOf: update.asOf,
      because: update.causeEvent,
      kpis: Object.fromEntries(values),
    }),
  );
}
