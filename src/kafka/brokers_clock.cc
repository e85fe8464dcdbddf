#include "kafka/brokers_clock.h"

#include <librdkafka/rdkafka.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"

namespace keyfold {
namespace {

constexpr char kKey[] = "keyfold clock";  // compacted topics ask for one

struct Delivery {
  absl::Status status;
  std::optional<absl::Time> appended_at;
};

void OnDelivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
  Delivery& delivery = *static_cast<Delivery*>(opaque);
  delivery.status = KafkaStatus(message->err, "asking the brokers for the time");
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
  if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) delivery.appended_at = absl::FromUnixMillis(timestamp_ms);
}

absl::Status AppendOne(rd_kafka_t* client, const std::string& topic, absl::Duration wait_max) {
  const std::string what = absl::StrCat("asking the brokers for the time by ", topic);
  const ErrorHandle error(rd_kafka_begin_transaction(client));
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(error.get(), what));
  KEYFOLD_RETURN_IF_ERROR(
      KafkaStatus(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(kKey, sizeof(kKey) - 1),
                                    RD_KAFKA_V_END),
                  what));
  return KafkaStatus(rd_kafka_flush(client, WaitMilliseconds(wait_max)), what);
}

}  // namespace

absl::StatusOr<absl::Time> ReadBrokersClock(const KafkaConnection& connection, const std::string& topic,
                                            const std::string& transactional_id, absl::Duration wait_max) {
  Delivery delivery;  // outlives the client
  ClientSettings settings;
  settings.kind = ClientKind::kProducer;
  settings.required["transactional.id"] = transactional_id;
  settings.required["transaction.timeout.ms"] = absl::StrCat(WaitMilliseconds(wait_max));
  settings.configure = [&delivery](rd_kafka_conf_t* configuration) {
    rd_kafka_conf_set_opaque(configuration, &delivery);
    rd_kafka_conf_set_dr_msg_cb(configuration, &OnDelivery);
  };
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewClient(connection, settings));
  const int wait_ms = WaitMilliseconds(wait_max);
  const ErrorHandle begun(rd_kafka_init_transactions(client.get(), wait_ms));
  KEYFOLD_RETURN_IF_ERROR(KafkaStatus(begun.get(), absl::StrCat("taking over as ", transactional_id)));
  const absl::Status appended = AppendOne(client.get(), topic, wait_max);
  const ErrorHandle aborted(rd_kafka_abort_transaction(client.get(), wait_ms));  // else it times out
  KEYFOLD_RETURN_IF_ERROR(appended);
  KEYFOLD_RETURN_IF_ERROR(delivery.status);
  if (delivery.appended_at.has_value()) return *delivery.appended_at;
  return absl::FailedPreconditionError(absl::StrCat(topic, " is not stamped by the brokers (LogAppendTime)"));
}

}  // namespace keyfold
