// The input topic as keyfold::EventLog: one member of a consumer group.
#ifndef KEYFOLD_KAFKA_EVENT_LOG_H_
#define KEYFOLD_KAFKA_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/connection.h"
#include "kafka/handles.h"
#include "keyfold/event_log.h"
#include "keyfold/update_sink.h"

namespace keyfold {

struct KafkaEventLogOptions {
  KafkaConnection connection;
  std::string topic = "account-events";
  std::string group_id;           // "keyfold.<projection>"
  std::string group_instance_id;  // not empty: a static member, whose partitions wait for its return

  // What librdkafka may fetch ahead for this worker: a process divides its memory by the number of its workers.
  size_t prefetch_bytes_max = 128 << 20;

  // How long a call may wait for the brokers, and Committed() for the end of open transactions.
  absl::Duration request_wait_max = absl::Seconds(10);
  absl::Duration stable_wait_max = absl::Seconds(30);
};

// Records that Poll() returned must be gone before the log is. An end of Range() is the last stable offset: nothing
// before it can change any more, and an open transaction of a producer of the input holds it back. The last offset
// before it may belong to no record (transactions write markers into the log).
//
// Poll() also returns, again and again until the next Fetch(), FailedPrecondition where the log has lost (or never
// had) the offset that a partition was to be read from; it never goes on from another one.
class KafkaEventLog final : public EventLog {
 public:
  // Joins the group (in the background, served by Poll()). Errors: those of NewClient().
  static absl::StatusOr<std::unique_ptr<KafkaEventLog>> Create(const KafkaEventLogOptions& options);

  KafkaEventLog(const KafkaEventLog&) = delete;
  KafkaEventLog& operator=(const KafkaEventLog&) = delete;

  // Leaves the group, so that others take over at once.
  ~KafkaEventLog() override;

  absl::StatusOr<PollResult> Poll(const PollLimits& limits) override;
  absl::Status Fetch(int32_t partition, int64_t offset) override;
  absl::StatusOr<CommittedOffset> Committed(int32_t partition) override;
  absl::StatusOr<LogRange> Range(int32_t partition) override;
  absl::StatusOr<int32_t> Partitions() override;
  absl::StatusOr<std::string> ClusterId() override;

  // For KafkaUpdateSink: what a transaction shows to the group's coordinator, which refuses a member that has been
  // replaced. Aborted: one of the partitions of `offsets` is not ours any more.
  absl::StatusOr<GroupMetadataHandle> MetadataToCommit(const std::vector<OffsetCommit>& offsets) const;

  // For KafkaUpdateSink's at_least_once: commits offsets without a transaction. Errors as above, and of the broker.
  absl::Status CommitOffsets(const std::vector<OffsetCommit>& offsets);

  const std::string& topic() const;

  // Whether the group has ever told which partitions are ours, be it none.
  bool joined() const;

  // How far the log of an assigned partition goes on behind `next_offset`, the first record that the caller has not
  // folded yet, as far as the last answer of a broker told: nobody is asked. 0 at the end of the log, whatever its last
  // offsets belong to (markers of transactions, records of aborted ones). nullopt: no broker has told yet, or the
  // partition is not ours.
  std::optional<int64_t> Lag(int32_t partition, int64_t next_offset) const;

 private:
  class Consumer;

  explicit KafkaEventLog(std::unique_ptr<Consumer> consumer);

  std::unique_ptr<Consumer> consumer_;
};

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_EVENT_LOG_H_
