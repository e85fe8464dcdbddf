// Topics and workers on a real broker, each test with names of its own.
#ifndef KEYFOLD_TESTS_KAFKA_BROKER_WORLD_H_
#define KEYFOLD_TESTS_KAFKA_BROKER_WORLD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "contract/log_sink_world.h"
#include "kafka/connection.h"
#include "kafka/event_log.h"
#include "kafka/producer.h"
#include "kafka/update_sink.h"

namespace keyfold {

// Unavailable: the environment variable KEYFOLD_TEST_KAFKA does not name a broker.
absl::StatusOr<KafkaConnection> TestConnection();

// "<stem>-" and something that no other call, also of another process, gives.
std::string UniqueName(const std::string& stem);

absl::Status DeleteTopic(const KafkaConnection& connection, const std::string& name);

// Until the topic has `count` partitions.
absl::Status GrowTopic(const KafkaConnection& connection, const std::string& topic, int32_t count);

class BrokerWorld : public LogSinkWorld {
 public:
  static absl::StatusOr<std::unique_ptr<BrokerWorld>> Make();

  absl::Status CreateTopics(int32_t input_partitions) override;
  absl::Status GrowInput(int32_t partitions) override { return GrowTopic(connection_, input_, partitions); }
  absl::Status Append(const std::vector<PlainRecord>& records) override;
  absl::Status DeleteBefore(int32_t partition, int64_t offset) override;
  absl::StatusOr<LogSinkPair> Open(const std::string& identity) override;
  absl::StatusOr<LogSinkPair> OpenWithLossyCommits(const std::string& identity) override;
  absl::StatusOr<std::vector<PlainRecord>> ReadCommitted(OutputTopic topic) override;

  // What Open() uses, to be varied.
  KafkaEventLogOptions LogOptions() const;
  KafkaUpdateSinkOptions SinkOptions(const std::string& identity) const;
  static absl::StatusOr<LogSinkPair> OpenWith(const KafkaEventLogOptions& log_options,
                                              const KafkaUpdateSinkOptions& sink_options);

  const KafkaConnection& connection() const { return connection_; }
  const std::string& input() const { return input_; }
  const std::string& group() const { return group_; }

 private:
  const std::string& NameOf(OutputTopic topic) const;
  absl::Status AwaitMarkers(const std::string& topic);

  BrokerWorld(KafkaConnection connection, std::unique_ptr<KafkaProducer> producer);

  const KafkaConnection connection_;
  const std::string input_;
  const std::string account_kpis_;
  const std::string dead_letters_;
  const std::string partials_;
  const std::string group_kpis_;
  const std::string alerts_;
  const std::string group_;
  const std::unique_ptr<KafkaProducer> producer_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_KAFKA_BROKER_WORLD_H_
