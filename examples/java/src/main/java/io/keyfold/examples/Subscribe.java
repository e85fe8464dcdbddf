package io.keyfold.examples;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keyfold.v1.KpiUpdate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints the values of accounts as they change: Subscribe BROKERS TOPIC [KPI…]. */
public final class Subscribe {
  private static String describe(ConsumerRecord<String, byte[]> record, List<String> kpis)
      throws InvalidProtocolBufferException {
    if (record.value() == null) return record.key() + " is gone";
    KpiUpdate update = KpiUpdate.parseFrom(record.value());
    Map<String, Double> values = new TreeMap<>(update.getKpisMap());
    if (!kpis.isEmpty()) values.keySet().retainAll(kpis);
    return record.key() + " (" + update.getAttributes().getName() + ") " + update.getAsOf() + " " + values
        + " because of " + update.getCauseEvent();
  }

  public static void main(String[] arguments) throws InvalidProtocolBufferException {
    List<String> kpis = List.of(arguments).subList(2, arguments.length);
    // A group of its own that commits nothing: it begins with the present values of all accounts.
    Map<String, Object> config =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0],
            ConsumerConfig.GROUP_ID_CONFIG, "example-" + UUID.randomUUID(),
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(arguments[1]));
      while (true) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          System.out.println(describe(record, kpis));
        }
      }
    }
  }
}
