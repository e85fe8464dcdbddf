package io.keyfold.examples;

import com.google.protobuf.Timestamp;
import io.keyfold.v1.AccountEvent;
import io.keyfold.v1.AccountOpened;
import io.keyfold.v1.InvoiceIssued;
import io.keyfold.v1.Line;
import io.keyfold.v1.Money;
import io.keyfold.v1.SaleType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes an account and an invoice of it: Produce BROKERS TOPIC ACCOUNT_ID. */
public final class Produce {
  private static AccountEvent.Builder event(String accountId, String fact, String occurredAt) {
    Timestamp time = Timestamp.newBuilder().setSeconds(Instant.parse(occurredAt).getEpochSecond()).build();
    return AccountEvent.newBuilder()
        .setEventId(accountId + "-" + fact)
        .setAccountId(accountId)
        .setSource("example")
        .setOccurredAt(time);
  }

  private static AccountEvent opened(String accountId) {
    AccountOpened opened = AccountOpened.newBuilder().setName("Birken Foods").build();
    return event(accountId, "opened", "2026-01-02T09:00:00Z").setAccountOpened(opened).build();
  }

  private static AccountEvent invoiced(String accountId) {
    Money net = Money.newBuilder().setCurrencyCode("EUR").setMinor(123_400).build(); // EUR 1,234.00
    Line line =
        Line.newBuilder()
            .setLineId("1")
            .setProductId("P-20")
            .setSaleType(SaleType.BASE)
            .setQuantity(2_000)
            .setNet(net)
            .build();
    InvoiceIssued invoice = InvoiceIssued.newBuilder().setInvoiceId("1").addLines(line).build();
    return event(accountId, "invoice-1", "2026-06-01T10:00:00Z").setInvoiceIssued(invoice).build();
  }

  public static void main(String[] arguments) throws ExecutionException, InterruptedException {
    // Idempotent, and acknowledged by all replicas: the producer's defaults.
    Map<String, Object> config = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
      for (AccountEvent event : List.of(opened(arguments[2]), invoiced(arguments[2]))) {
        ProducerRecord<String, byte[]> record =
            new ProducerRecord<>(arguments[1], event.getAccountId(), event.toByteArray());
        record.headers().add("content-type", "application/protobuf".getBytes(StandardCharsets.UTF_8));
        producer.send(record).get();
      }
    }
  }
}
