// Where results go: records and consumed offsets, atomically.
#ifndef KEYFOLD_UPDATE_SINK_H_
#define KEYFOLD_UPDATE_SINK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "keyfold/record.h"

namespace keyfold {

enum class OutputTopic {
  kAccountKpis,
  kDeadLetters,
  kPartials,   // internal: what a shard adds to each group
  kGroupKpis,  // of the groups: the roll-ups
  kAlerts,     // of both: flags that changed
};

struct OutputRecord {
  OutputTopic topic = OutputTopic::kAccountKpis;
  std::optional<std::string> key;
  std::optional<std::string> value;  // nullopt: a tombstone
  std::vector<RecordHeader> headers;
  int64_t timestamp_ms = -1;  // -1: now

  // What the partition is chosen by; nullopt: the key. Records with different keys meet in a partition by it.
  std::optional<std::string> routing_key = std::nullopt;

  std::optional<int32_t> partition = std::nullopt;  // where it goes, whatever the keys say
};

struct OffsetCommit {
  int32_t partition = 0;
  int64_t next_offset = 0;
  std::string metadata;
};

// How a transaction ended.
enum class CommitOutcome {
  kCommitted,
  kAborted,  // certainly: nothing of it is visible, its offsets are not committed
  kUnknown,  // the answer was lost: Reset(), then ask EventLog::Committed()
};

struct CommitResult {
  CommitOutcome outcome = CommitOutcome::kUnknown;
  absl::Status status;  // why, unless committed; OutOfRange: a dead letter is larger than its topic takes
};

// Begin, Publish*, then Commit or Abort; then again. Not thread-safe: one worker owns it.
class UpdateSink {
 public:
  virtual ~UpdateSink() = default;

  virtual absl::Status Begin() = 0;

  // Queues a record of the open transaction. An error leaves the transaction open: Abort() or Reset() it.
  virtual absl::Status Publish(OutputRecord record) = 0;

  // Commits the records together with the group's offsets.
  virtual CommitResult Commit(const std::vector<OffsetCommit>& offsets) = 0;

  // Drops the open transaction. After an error the state is unknown: Reset().
  virtual absl::Status Abort() = 0;

  // Starts anew: fences whatever this sink (or a predecessor with its identity) left open, and waits until that has
  // ended. Needed once before the first Begin(), and after kUnknown or an error.
  virtual absl::Status Reset() = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_UPDATE_SINK_H_
