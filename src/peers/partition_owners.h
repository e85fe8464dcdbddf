// Who has which partition, as the processes of the projection have told.
#ifndef KEYFOLD_PEERS_PARTITION_OWNERS_H_
#define KEYFOLD_PEERS_PARTITION_OWNERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "peers/partition_claim.h"

namespace keyfold {

// Thread-safe.
class PartitionOwners {
 public:
  using Claims = std::map<int32_t, PartitionClaim>;

  // Of the process that asks: a claim with this name or address is its own.
  PartitionOwners(std::string instance, std::string url) : instance_(std::move(instance)), url_(std::move(url)) {}

  // Takes claims in the order in which they were made.
  void Take(const PartitionClaim& claim);

  // Whether all claims that there are have been taken; else why not. What is claimed later is taken when it comes.
  void Say(const absl::Status& complete);
  absl::Status complete() const;

  // The partitions that another process has. Those that nobody has claimed are looked for here.
  Claims Elsewhere() const;
  std::optional<PartitionClaim> Elsewhere(int32_t partition) const;

  // All of them.
  Claims All() const;

 private:
  bool IsOwn(const PartitionClaim& claim) const;

  const std::string instance_;
  const std::string url_;
  mutable absl::Mutex mutex_;
  absl::Status complete_ ABSL_GUARDED_BY(mutex_) =
      absl::UnavailableError("which process has which partition has not been read yet");
  Claims claims_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyfold

#endif  // KEYFOLD_PEERS_PARTITION_OWNERS_H_
