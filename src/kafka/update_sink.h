// The output topics as keyfold::UpdateSink: a transactional producer bound to a consumer group's offsets.
#ifndef KEYFOLD_KAFKA_UPDATE_SINK_H_
#define KEYFOLD_KAFKA_UPDATE_SINK_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kafka/connection.h"
#include "kafka/event_log.h"
#include "kafka/producer.h"
#include "keyfold/update_sink.h"

namespace keyfold {

enum class Guarantee {
  // Records and offsets become visible together, or not at all.
  kExactlyOnce,
  // No transactions: a Commit() that fails is kUnknown: its records may be there, its offsets too. What was not
  // committed
  // is folded again and published again.
  kAtLeastOnce,
};

struct KafkaUpdateSinkOptions {
  KafkaConnection connection;
  Guarantee guarantee = Guarantee::kExactlyOnce;
  std::string account_kpis_topic = "account-kpis";
  std::string dead_letters_topic = "account-events.dead-letters";
  std::string partials_topic = "keyfold.live.partials";
  std::string group_kpis_topic = "rollup-kpis";
  std::string alerts_topic = "account-alerts";

  // Names this worker across restarts (exactly_once only): its successor ends what it has left open.
  std::string transactional_id;

  // Where a topic takes less than producers send at once: no batch is larger than this.
  std::optional<size_t> batch_bytes_max;

  // After it the brokers abort a transaction by themselves.
  absl::Duration transaction_timeout = absl::Seconds(10);

  // How long Commit() waits for the answer; infinite: as long as the transaction may take.
  absl::Duration commit_wait_max = absl::InfiniteDuration();

  // How long Reset() tries.
  absl::Duration reset_wait_max = absl::Seconds(30);
};

// A commit whose answer is missing is never repeated (the repetition could end a later transaction): it is kUnknown,
// and Reset() replaces the producer, which fences whatever of it is still under way. An aborted Commit() after which
// the producer cannot be used any more (it was fenced, or aborting failed) shows in the next Begin(): Reset() it.
class KafkaUpdateSink final : public UpdateSink {
 public:
  // `log` is the worker's own, whose offsets are committed; it must live longer than the sink.
  KafkaUpdateSink(const KafkaUpdateSinkOptions& options, KafkaEventLog* log);
  ~KafkaUpdateSink() override;

  // FailedPrecondition: Reset() is needed, or a transaction is open.
  absl::Status Begin() override;

  // Keeps the record until the commit.
  absl::Status Publish(OutputRecord record) override;

  // Waits while the queue is full, and for the number of partitions where a topic's first record has a routing key. A
  // record that cannot be delivered gives kAborted, with a status that names its topic. A member that the group has
  // replaced gives kAborted with a status Aborted: rewind to the committed offsets.
  CommitResult Commit(const std::vector<OffsetCommit>& offsets) override;

  absl::Status Abort() override;

  // Aborted: another producer with this identity has taken over while we did.
  absl::Status Reset() override;

 private:
  enum class State { kNeedsReset, kIdle, kOpen };

  const std::string& TopicName(OutputTopic topic) const;
  CommitResult CommitTransaction(const std::vector<OffsetCommit>& offsets);
  CommitResult CommitInOrder(const std::vector<OffsetCommit>& offsets);
  CommitResult GiveUp(absl::Status why);
  absl::Status ProduceAll();
  absl::Status ProduceByTopic();
  absl::Status Produce(const OutputRecord& record);
  absl::Status AwaitDeliveries();
  absl::Status Refusal(const std::string& topic, const absl::Status& why) const;
  absl::Status SendOffsets(const std::vector<OffsetCommit>& offsets);
  absl::Status InitTransactions();
  void DropProducer();

  const KafkaUpdateSinkOptions options_;
  KafkaEventLog* const log_;
  std::unique_ptr<KafkaProducer> producer_;
  std::vector<OutputRecord> records_;  // of the open transaction
  State state_ = State::kNeedsReset;
  bool by_topic_ = false;  // one after the other: the brokers have refused one, and did not say which
};

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_UPDATE_SINK_H_
