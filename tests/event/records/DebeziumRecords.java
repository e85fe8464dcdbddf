// Writes change records as Debezium does, one JSON object a line: {"name", "key", "value"}; README.md says how it is run.
import io.debezium.data.Envelope;
import io.debezium.data.SpecialValueDecimal;
import io.debezium.data.VariableScaleDecimal;
import io.debezium.time.Date;
import io.debezium.time.MicroTime;
import io.debezium.time.MicroTimestamp;
import io.debezium.time.Timestamp;
import io.debezium.time.ZonedTimestamp;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;

public final class DebeziumRecords {
  private static final Schema KEY = SchemaBuilder.struct().name("erp.public.invoices.Key").field("id", Schema.INT64_SCHEMA).build();
  private static final Schema ROW = SchemaBuilder.struct().optional().name("erp.public.invoices.Value")
      .field("id", Schema.INT64_SCHEMA)
      .field("customer", Schema.OPTIONAL_STRING_SCHEMA)
      .field("net", Decimal.builder(2).optional().parameter("connect.decimal.precision", "12").build())
      .field("tax", Decimal.builder(4).optional().parameter("connect.decimal.precision", "30").build())
      .field("rate", VariableScaleDecimal.builder().optional().build())
      .field("booked_on", Date.builder().optional().build())
      .field("printed_at", Timestamp.builder().optional().build())
      .field("changed_at", MicroTimestamp.builder().optional().build())
      .field("opens", MicroTime.builder().optional().build())
      .field("created_at", ZonedTimestamp.builder().optional().build())
      .field("scan", Schema.OPTIONAL_BYTES_SCHEMA)
      .field("tags", SchemaBuilder.array(Schema.OPTIONAL_STRING_SCHEMA).optional().build())
      .field("weight", Schema.OPTIONAL_FLOAT64_SCHEMA)
      .field("paid", Schema.OPTIONAL_BOOLEAN_SCHEMA)
      .build();
  private static final Schema SOURCE = SchemaBuilder.struct().name("io.debezium.connector.postgresql.Source")
      .field("version", Schema.STRING_SCHEMA).field("connector", Schema.STRING_SCHEMA).field("name", Schema.STRING_SCHEMA)
      .field("ts_ms", Schema.INT64_SCHEMA).field("snapshot", Schema.OPTIONAL_STRING_SCHEMA).field("db", Schema.STRING_SCHEMA)
      .field("schema", Schema.STRING_SCHEMA).field("table", Schema.STRING_SCHEMA).field("lsn", Schema.OPTIONAL_INT64_SCHEMA)
      .build();
  private static final Envelope ENVELOPE =
      Envelope.defineSchema().withName("erp.public.invoices.Envelope").withRecord(ROW).withSource(SOURCE).build();
  private static final Instant NOW = Instant.parse("2026-06-01T10:00:00Z");

  private static Struct source(String snapshot, long lsn) {
    return new Struct(SOURCE).put("version", "2.7.4.Final").put("connector", "postgresql").put("name", "erp").put("ts_ms", 1780308000000L)
        .put("snapshot", snapshot).put("db", "shop").put("schema", "public").put("table", "invoices").put("lsn", lsn);
  }

  private static Struct row(String net, String tax, String rate, long micros) {
    return new Struct(ROW).put("id", 9007199254740993L).put("customer", "Birken \"Süd\"").put("net", new BigDecimal(net))
        .put("tax", new BigDecimal(tax)).put("rate", VariableScaleDecimal.fromLogical(VariableScaleDecimal.optionalSchema(),
            new SpecialValueDecimal(new BigDecimal(rate))))
        .put("booked_on", 20605).put("printed_at", 1780308000120L).put("changed_at", micros).put("opens", 30600000000L)
        .put("created_at", "2026-06-01T08:00:00.5Z").put("scan", ByteBuffer.wrap(new byte[] {1, 2, 3}))
        .put("tags", java.util.List.of("a", "b")).put("weight", 0.1).put("paid", true);
  }

  private static void print(String name, boolean schemas, Struct value) {
    Struct key = new Struct(KEY).put("id", 9007199254740993L);
    JsonConverter keys = new JsonConverter();
    keys.configure(Map.of("schemas.enable", schemas), true);
    JsonConverter values = new JsonConverter();
    values.configure(Map.of("schemas.enable", schemas), false);
    byte[] bytes = values.fromConnectData("erp.public.invoices", value.schema(), value);
    System.out.println("{\"name\": \"" + name + "\", \"key\": "
        + quoted(keys.fromConnectData("erp.public.invoices", KEY, key)) + ", \"value\": " + quoted(bytes) + "}");
  }

  private static String quoted(byte[] json) {
    return '"' + new String(json, StandardCharsets.UTF_8).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  public static void main(String[] arguments) {
    Struct before = row("1234.50", "-0.0001", "12.5", 1780308000123456L);
    Struct after = row("-1234567890.12", "-98765432109876543210.9876", "-0.000000001", -1L);
    for (boolean schemas : new boolean[] {true, false}) {
      String suffix = schemas ? "" : " without schema";
      print("create" + suffix, schemas, ENVELOPE.create(before, source("false", 1), NOW));
      print("update" + suffix, schemas, ENVELOPE.update(before, after, source("false", 2), NOW));
      print("delete" + suffix, schemas, ENVELOPE.delete(after, source("false", 3), NOW));
      print("read" + suffix, schemas, ENVELOPE.read(before, source("true", 0), NOW));
      print("row" + suffix, schemas, before);
    }
    print("truncate", true, ENVELOPE.truncate(source("false", 4), NOW));
    print("unavailable", true, ENVELOPE.update(null, row("0.00", "0.0000", "100", 0L).put("customer", "__debezium_unavailable_value"),
        source("false", 5), NOW));
  }
}
