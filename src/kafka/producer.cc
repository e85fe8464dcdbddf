#include "kafka/producer.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"
#include "kafka/log_range.h"

namespace keyfold {

struct DeliveryReports {
  DeliveryFailures failures;
  OnDelivered told;
};

namespace {

const std::map<std::string, std::string>& DefaultProperties() {
  static const auto* const properties = new std::map<std::string, std::string>{
      {"compression.type", "lz4"},
      {"linger.ms", "5"},
      {"batch.size", "1000000"},
      {"batch.num.messages", "100000"},
      // A limit of the brokers says more than one of our own: every record of the engine is smaller.
      {"message.max.bytes", "20000000"},
      {"queue.buffering.max.messages", "1000000"},
      {"queue.buffering.max.kbytes", "262144"},
      // What Java clients do: records of a key from anywhere land in the same partition.
      {"partitioner", "murmur2_random"},
      // The default of 100 ms is paid by every transaction that begins while the last one's markers are written.
      {"retry.backoff.ms", "1"},
  };
  return *properties;
}

constexpr char kEmpty[] = "";

// librdkafka takes a null pointer for a null, and any other with size 0 for an empty string.
void SetBytes(rd_kafka_vu_t* argument, rd_kafka_vtype_t type, std::optional<std::string_view> bytes) {
  argument->vtype = type;
  argument->u.mem.ptr = nullptr;
  argument->u.mem.size = 0;
  if (!bytes.has_value()) return;
  argument->u.mem.ptr = const_cast<char*>(bytes->empty() ? kEmpty : bytes->data());  // only read: it is copied
  argument->u.mem.size = bytes->size();
}

// The caller owns the result until it was produced.
rd_kafka_headers_t* NewHeaders(const std::vector<RecordHeader>& headers) {
  rd_kafka_headers_t* const result = rd_kafka_headers_new(headers.size());
  for (const RecordHeader& header : headers) {
    rd_kafka_header_add(result, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.has_value() ? header.value->data() : nullptr,
                        header.value.has_value() ? static_cast<ssize_t>(header.value->size()) : 0);
  }
  return result;
}

absl::Status ProduceOnce(rd_kafka_t* client, rd_kafka_topic_t* topic, std::optional<int32_t> partition,
                         const ProducerRecord& record) {
  std::array<rd_kafka_vu_t, 8> arguments{};
  size_t count = 0;
  arguments[count].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[count++].u.rkt = topic;
  arguments[count].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[count++].u.i32 = partition.value_or(RD_KAFKA_PARTITION_UA);
  arguments[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[count++].u.i = RD_KAFKA_MSG_F_COPY;
  SetBytes(&arguments[count++], RD_KAFKA_VTYPE_KEY, record.key);
  SetBytes(&arguments[count++], RD_KAFKA_VTYPE_VALUE, record.value);
  arguments[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[count++].u.ptr = reinterpret_cast<void*>(record.tag);
  if (record.timestamp_ms >= 0) {
    arguments[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    arguments[count++].u.i64 = record.timestamp_ms;
  }
  rd_kafka_headers_t* headers = nullptr;
  if (record.headers != nullptr && !record.headers->empty()) {
    headers = NewHeaders(*record.headers);
    arguments[count].vtype = RD_KAFKA_VTYPE_HEADERS;
    arguments[count++].u.headers = headers;
  }
  const ErrorHandle error(rd_kafka_produceva(client, arguments.data(), count));
  if (error != nullptr && headers != nullptr) rd_kafka_headers_destroy(headers);  // only success takes them
  return KafkaStatus(error.get(), absl::StrCat("producing to ", rd_kafka_topic_name(topic)));
}

void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& [failures, told] = *static_cast<DeliveryReports*>(opaque);
  const auto tag = reinterpret_cast<int64_t>(message->_private);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return told != nullptr ? told(tag, absl::OkStatus()) : void();
  const char* const topic = rd_kafka_topic_name(message->rkt);
  const absl::Status status =
      KafkaStatus(message->err, absl::StrCat("delivering to ", topic, "[", message->partition, "]"));
  if (told != nullptr) told(tag, status);
  // What was dropped because of another record's failure says nothing, and may be reported before that one.
  if (++failures.count > 1 && !absl::IsAborted(failures.first)) return;
  failures.first_tag = tag;
  failures.topic = topic;
  failures.first = status;
}

}  // namespace

struct KafkaProducer::Implementation {
  struct Topic {
    TopicHandle handle;                 // null: librdkafka refuses the name
    std::optional<int32_t> partitions;  // once somebody has asked
  };

  Topic& Find(const std::string& name) {
    Topic& topic = topics[name];
    if (topic.handle == nullptr) topic.handle.reset(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    return topic;
  }

  // nullopt: librdkafka chooses, by the key.
  absl::StatusOr<std::optional<int32_t>> PartitionOf(const std::string& name, const ProducerRecord& record,
                                                     Topic& topic, absl::Duration wait_max) {
    if (record.partition.has_value() || !record.routing_key.has_value()) return record.partition;
    if (!topic.partitions.has_value()) {
      KEYFOLD_ASSIGN_OR_RETURN(topic.partitions, CountPartitions(client.get(), name, wait_max));
    }
    return rd_kafka_msg_partitioner_murmur2(topic.handle.get(), record.routing_key->data(), record.routing_key->size(),
                                            *topic.partitions, nullptr, nullptr);
  }

  DeliveryReports reports;
  ClientHandle client;
  std::map<std::string, Topic> topics;
};

absl::StatusOr<std::unique_ptr<KafkaProducer>> KafkaProducer::Create(const KafkaConnection& connection,
                                                                     std::map<std::string, std::string> required) {
  auto implementation = std::make_unique<Implementation>();
  ClientSettings settings;
  settings.kind = ClientKind::kProducer;
  settings.defaults = DefaultProperties();
  settings.required = std::move(required);
  settings.required["enable.idempotence"] = "true";
  settings.required["acks"] = "all";
  // Reports of success, too: what waits for deliveries wakes up by a report, else only every ten milliseconds.
  settings.required["delivery.report.only.error"] = "false";
  settings.configure = [reports = &implementation->reports](rd_kafka_conf_t* configuration) {
    rd_kafka_conf_set_opaque(configuration, reports);
    rd_kafka_conf_set_dr_msg_cb(configuration, &OnDelivery);
  };
  KEYFOLD_ASSIGN_OR_RETURN(implementation->client, NewClient(connection, settings));
  return std::unique_ptr<KafkaProducer>(new KafkaProducer(std::move(implementation)));
}

KafkaProducer::KafkaProducer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

KafkaProducer::~KafkaProducer() = default;

absl::Status KafkaProducer::Produce(const std::string& topic, const ProducerRecord& record, absl::Duration wait_max) {
  Implementation::Topic& found = implementation_->Find(topic);
  if (found.handle == nullptr) {
    return KafkaStatus(rd_kafka_last_error(), absl::StrCat("producing to ", topic));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<int32_t> partition,
                           implementation_->PartitionOf(topic, record, found, wait_max));
  constexpr int kRoomWaitMilliseconds = 10;
  const absl::Time deadline = absl::Now() + wait_max;
  while (true) {
    absl::Status status = ProduceOnce(client(), found.handle.get(), partition, record);
    if (!absl::IsResourceExhausted(status) || absl::Now() >= deadline) return status;
    rd_kafka_poll(client(), kRoomWaitMilliseconds);
  }
}

absl::Status KafkaProducer::Flush(absl::Duration wait_max, const std::function<bool()>& stopped) {
  constexpr absl::Duration kLook = absl::Milliseconds(100);
  const absl::Time deadline = absl::Now() + wait_max;
  while (true) {
    const absl::Duration left = deadline - absl::Now();
    const bool looks = stopped != nullptr && left > kLook;
    const auto flushed = rd_kafka_flush(client(), WaitMilliseconds(looks ? kLook : left));
    if (flushed != RD_KAFKA_RESP_ERR__TIMED_OUT || !looks) return KafkaStatus(flushed, "waiting for deliveries");
    if (stopped()) return absl::CancelledError("stopped while waiting for deliveries");
  }
}

const DeliveryFailures& KafkaProducer::failures() const { return implementation_->reports.failures; }

void KafkaProducer::ClearFailures() { implementation_->reports.failures = {}; }

void KafkaProducer::TellDeliveries(OnDelivered told) { implementation_->reports.told = std::move(told); }

rd_kafka_s* KafkaProducer::client() const { return implementation_->client.get(); }

}  // namespace keyfold
