// Where account events come from: a partitioned log that a group of workers shares.
#ifndef KEYFOLD_EVENT_LOG_H_
#define KEYFOLD_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "keyfold/record.h"

namespace keyfold {

// What the group has committed for a partition.
struct CommittedOffset {
  std::optional<int64_t> offset;  // the next record to be folded; nullopt: nothing was ever committed
  std::string metadata;           // the string committed with it

  friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};

// The offsets between which a partition has records: [first, end). `end` is where the next committed record will be.
struct LogRange {
  int64_t first = 0;
  int64_t end = 0;
};

struct PollLimits {
  size_t records_max = 10'000;
  size_t bytes_max = 8 << 20;
  absl::Duration wait_max = absl::Milliseconds(100);  // when nothing is there; what is there is never waited for
};

struct PollResult {
  std::vector<int32_t> revoked;   // no longer ours; records of them that are still unfolded must be dropped
  std::vector<int32_t> assigned;  // newly ours; nothing is fetched before Fetch()
  std::vector<Record> records;    // in offset order within a partition
};

// Not thread-safe: one worker owns it. Errors are operating errors (broker gone, not authorised); a call that failed
// may be repeated.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // Tells what changed in the assignment, and takes records that have arrived. The revocations of a result come before
  // its assignments, and both before its records.
  virtual absl::StatusOr<PollResult> Poll(const PollLimits& limits) = 0;

  // Starts (or moves) fetching of an assigned partition: the next record polled of it is the first one at `offset` or
  // after it, also if others had been fetched already. Aborted: the partition is not ours (any more), the next Poll()
  // tells. FailedPrecondition: the log has no such offset.
  virtual absl::Status Fetch(int32_t partition, int64_t offset) = 0;

  // What the group committed last. Waits for the end of open transactions, so the answer is final.
  virtual absl::StatusOr<CommittedOffset> Committed(int32_t partition) = 0;

  virtual absl::StatusOr<LogRange> Range(int32_t partition) = 0;

  // How many partitions the log has by now. NotFound: there is no such log.
  virtual absl::StatusOr<int32_t> Partitions() = 0;

  // Identifies the cluster that the log lives in.
  virtual absl::StatusOr<std::string> ClusterId() = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_LOG_H_
