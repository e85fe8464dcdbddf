// Which partitions a consumer owns, as seen by the thread that polls it.
#ifndef KEYFOLD_KAFKA_ASSIGNMENT_H_
#define KEYFOLD_KAFKA_ASSIGNMENT_H_

#include <cstdint>
#include <map>
#include <set>

#include "absl/status/status.h"
#include "keyfold/event_log.h"

namespace keyfold {

struct AssignedPartition {
  bool fetching = false;      // Fetch() was called; records of a partition that is not fetching are dropped
  int64_t next_offset = 0;    // records before it are of a superseded position
  absl::Status fetch_status;  // not OK: the log does not have next_offset
  int64_t end_offset = 0;     // to which it was read when there was nothing more: what is no record included
};

// Rebalances change it while records are taken; the owner is told of the changes once, in the next result. A partition
// that goes and comes back in between was revoked and assigned; one that comes and goes has never been there.
// Not thread-safe.
class Assignment {
 public:
  void Assign(int32_t partition) {
    partitions_[partition] = AssignedPartition{};
    unreported_assigned_.insert(partition);
  }

  void Revoke(int32_t partition) {
    partitions_.erase(partition);
    if (unreported_assigned_.erase(partition) == 0) unreported_revoked_.insert(partition);
  }

  // nullptr: not ours. Lives until the partition is revoked.
  AssignedPartition* Find(int32_t partition) {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? nullptr : &found->second;
  }

  // Ours, and no loss of it in between that the owner does not know yet.
  bool Owns(int32_t partition) const {
    return partitions_.contains(partition) && !unreported_assigned_.contains(partition);
  }

  void Report(PollResult* result) {
    result->revoked.assign(unreported_revoked_.begin(), unreported_revoked_.end());
    result->assigned.assign(unreported_assigned_.begin(), unreported_assigned_.end());
    unreported_revoked_.clear();
    unreported_assigned_.clear();
  }

  const std::map<int32_t, AssignedPartition>& partitions() const { return partitions_; }

 private:
  std::map<int32_t, AssignedPartition> partitions_;
  std::set<int32_t> unreported_revoked_;
  std::set<int32_t> unreported_assigned_;
};

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_ASSIGNMENT_H_
