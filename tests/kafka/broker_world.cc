#include "kafka/broker_world.h"

#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kafka/client.h"
#include "kafka/kafka_status.h"
#include "kafka/log_range.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"

namespace keyfold {
namespace {

// Loses the answer of every third commit, whatever it was.
class LossySink : public UpdateSink {
 public:
  explicit LossySink(std::unique_ptr<UpdateSink> sink) : sink_(std::move(sink)) {}

  absl::Status Begin() override { return sink_->Begin(); }
  absl::Status Publish(OutputRecord record) override { return sink_->Publish(std::move(record)); }
  CommitResult Commit(const std::vector<OffsetCommit>& offsets) override {
    CommitResult result = sink_->Commit(offsets);
    if (++commits_ % 3 != 0) return result;
    return {CommitOutcome::kUnknown, absl::UnavailableError("the answer was lost")};
  }
  absl::Status Abort() override { return sink_->Abort(); }
  absl::Status Reset() override { return sink_->Reset(); }

 private:
  const std::unique_ptr<UpdateSink> sink_;
  int commits_ = 0;
};

}  // namespace

absl::StatusOr<KafkaConnection> TestConnection() {
  const char* const address = std::getenv("KEYFOLD_TEST_KAFKA");
  if (address == nullptr || *address == '\0') {
    return absl::UnavailableError(
        "this needs a Kafka broker: tools/kafka start, then KEYFOLD_TEST_KAFKA=<the address it prints>");
  }
  return KafkaConnection{.bootstrap = address, .properties = {}};
}

std::string UniqueName(const std::string& stem) {
  static std::atomic<int> count = 0;
  return absl::StrCat(stem, "-", absl::ToUnixMicros(absl::Now()), "-", getpid(), "-", ++count);
}

absl::Status DeleteTopic(const KafkaConnection& connection, const std::string& name) {
  KEYFOLD_ASSIGN_OR_RETURN(const auto producer, KafkaProducer::Create(connection));
  rd_kafka_DeleteTopic_t* request = rd_kafka_DeleteTopic_new(name.c_str());
  const QueueHandle queue(rd_kafka_queue_new(producer->client()));
  rd_kafka_DeleteTopics(producer->client(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteTopic_destroy(request);
  rd_kafka_event_t* const event = rd_kafka_queue_poll(queue.get(), 30'000);
  if (event == nullptr) return absl::DeadlineExceededError("deleting a topic: no answer");
  const absl::Status status = KafkaStatus(rd_kafka_event_error(event), "deleting a topic");
  rd_kafka_event_destroy(event);
  return status;
}

absl::Status GrowTopic(const KafkaConnection& connection, const std::string& topic, int32_t count) {
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewClient(connection, ClientSettings()));
  char reason[256];
  rd_kafka_NewPartitions_t* request =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(count), reason, sizeof(reason));
  if (request == nullptr) return absl::InvalidArgumentError(reason);
  const QueueHandle queue(rd_kafka_queue_new(client.get()));
  rd_kafka_CreatePartitions(client.get(), &request, 1, nullptr, queue.get());
  rd_kafka_NewPartitions_destroy(request);
  rd_kafka_event_t* const event = rd_kafka_queue_poll(queue.get(), 30'000);
  if (event == nullptr) return absl::DeadlineExceededError("adding partitions: no answer");
  const absl::Status status = KafkaStatus(rd_kafka_event_error(event), "adding partitions");
  rd_kafka_event_destroy(event);
  KEYFOLD_RETURN_IF_ERROR(status);
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (absl::Now() < deadline) {
    KEYFOLD_ASSIGN_OR_RETURN(const int32_t partitions, CountPartitions(client.get(), topic, absl::Seconds(10)));
    if (partitions == count) return absl::OkStatus();
  }
  return absl::DeadlineExceededError("the partitions that were added do not show");
}

absl::StatusOr<std::unique_ptr<BrokerWorld>> BrokerWorld::Make() {
  KEYFOLD_ASSIGN_OR_RETURN(KafkaConnection connection, TestConnection());
  KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection));
  return std::unique_ptr<BrokerWorld>(new BrokerWorld(std::move(connection), std::move(producer)));
}

BrokerWorld::BrokerWorld(KafkaConnection connection, std::unique_ptr<KafkaProducer> producer)
    : connection_(std::move(connection)),
      input_(UniqueName("events")),
      account_kpis_(UniqueName("kpis")),
      dead_letters_(UniqueName("dead-letters")),
      partials_(UniqueName("partials")),
      group_kpis_(UniqueName("rollups")),
      alerts_(UniqueName("alerts")),
      group_(UniqueName("keyfold.test")),
      producer_(std::move(producer)) {}

absl::Status BrokerWorld::CreateTopics(int32_t input_partitions) {
  const std::string letter_bytes = absl::StrCat(kLetterTopicBytes);
  return keyfold::CreateTopics(connection_, {{.name = input_, .partitions = input_partitions},
                                             {.name = account_kpis_},
                                             {.name = dead_letters_, .config = {{"max.message.bytes", letter_bytes}}},
                                             {.name = partials_},
                                             {.name = group_kpis_},
                                             {.name = alerts_}});
}

absl::Status BrokerWorld::Append(const std::vector<PlainRecord>& records) {
  for (const PlainRecord& record : records) {
    const ProducerRecord produced{.partition = record.partition,
                                  .key = record.key,
                                  .value = record.value,
                                  .headers = &record.headers,
                                  .timestamp_ms = record.timestamp_ms};
    KEYFOLD_RETURN_IF_ERROR(producer_->Produce(input_, produced));
  }
  KEYFOLD_RETURN_IF_ERROR(producer_->Flush(absl::Seconds(30)));
  return producer_->failures().first;
}

absl::Status BrokerWorld::DeleteBefore(int32_t partition, int64_t offset) {
  const PartitionListHandle offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(offsets.get(), input_.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(offsets.get());
  const QueueHandle queue(rd_kafka_queue_new(producer_->client()));
  rd_kafka_DeleteRecords(producer_->client(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_event_t* const event = rd_kafka_queue_poll(queue.get(), 30'000);
  if (event == nullptr) return absl::DeadlineExceededError("deleting records: no answer");
  absl::Status status = KafkaStatus(rd_kafka_event_error(event), "deleting records");
  if (status.ok()) {
    const rd_kafka_topic_partition_list_t* const result =
        rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event));
    status = KafkaStatus(result->elems[0].err, "deleting records");
  }
  rd_kafka_event_destroy(event);
  return status;
}

KafkaEventLogOptions BrokerWorld::LogOptions() const {
  KafkaEventLogOptions options;
  options.connection = connection_;
  options.topic = input_;
  options.group_id = group_;
  return options;
}

KafkaUpdateSinkOptions BrokerWorld::SinkOptions(const std::string& identity) const {
  KafkaUpdateSinkOptions options;
  options.connection = connection_;
  options.account_kpis_topic = account_kpis_;
  options.dead_letters_topic = dead_letters_;
  options.partials_topic = partials_;
  options.group_kpis_topic = group_kpis_;
  options.alerts_topic = alerts_;
  options.transactional_id = absl::StrCat(group_, ".", identity);
  return options;
}

absl::StatusOr<LogSinkPair> BrokerWorld::OpenWith(const KafkaEventLogOptions& log_options,
                                                  const KafkaUpdateSinkOptions& sink_options) {
  KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<KafkaEventLog> log, KafkaEventLog::Create(log_options));
  LogSinkPair pair;
  pair.sink = std::make_unique<KafkaUpdateSink>(sink_options, log.get());
  pair.log = std::move(log);
  return pair;
}

absl::StatusOr<LogSinkPair> BrokerWorld::Open(const std::string& identity) {
  return OpenWith(LogOptions(), SinkOptions(identity));
}

absl::StatusOr<LogSinkPair> BrokerWorld::OpenWithLossyCommits(const std::string& identity) {
  KafkaUpdateSinkOptions options = SinkOptions(identity);
  // Brokers seldom answer so fast: the request is under way when the caller gives up.
  options.commit_wait_max = absl::Milliseconds(1);
  KEYFOLD_ASSIGN_OR_RETURN(LogSinkPair pair, OpenWith(LogOptions(), options));
  pair.sink = std::make_unique<LossySink>(std::move(pair.sink));
  return pair;
}

// A commit is answered before its marker is in the log. Where a transaction stays open, we wait in vain for a while.
absl::Status BrokerWorld::AwaitMarkers(const std::string& topic) {
  ClientSettings settings;
  settings.required = {{"isolation.level", "read_uncommitted"}};
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle uncommitted, NewClient(connection_, settings));
  settings.required = {{"isolation.level", "read_committed"}};
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle committed, NewClient(connection_, settings));
  const absl::Time deadline = absl::Now() + absl::Milliseconds(500);
  int64_t first = 0;
  int64_t end = 0;
  int64_t stable_end = -1;
  while (end != stable_end && absl::Now() < deadline) {
    KEYFOLD_RETURN_IF_ERROR(KafkaStatus(
        rd_kafka_query_watermark_offsets(uncommitted.get(), topic.c_str(), 0, &first, &end, 10'000), "end"));
    KEYFOLD_RETURN_IF_ERROR(KafkaStatus(
        rd_kafka_query_watermark_offsets(committed.get(), topic.c_str(), 0, &first, &stable_end, 10'000), "end"));
  }
  return absl::OkStatus();
}

const std::string& BrokerWorld::NameOf(OutputTopic topic) const {
  switch (topic) {
    case OutputTopic::kDeadLetters:
      return dead_letters_;
    case OutputTopic::kPartials:
      return partials_;
    case OutputTopic::kGroupKpis:
      return group_kpis_;
    case OutputTopic::kAlerts:
      return alerts_;
    case OutputTopic::kAccountKpis:
      break;
  }
  return account_kpis_;
}

absl::StatusOr<std::vector<PlainRecord>> BrokerWorld::ReadCommitted(OutputTopic topic) {
  const std::string& name = NameOf(topic);
  KEYFOLD_RETURN_IF_ERROR(AwaitMarkers(name));
  std::vector<PlainRecord> records;
  const auto copy = [](const std::optional<std::string_view>& bytes) {
    return bytes.has_value() ? std::optional<std::string>(*bytes) : std::nullopt;
  };
  KEYFOLD_RETURN_IF_ERROR(ReadTopic(connection_, name, [&](const Record& record) {
    records.push_back({record.partition, copy(record.key), copy(record.value), record.headers, record.timestamp_ms});
  }));
  return records;
}

}  // namespace keyfold
