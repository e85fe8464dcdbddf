#include "peers/partition_owners.h"

namespace keyfold {

void PartitionOwners::Take(const PartitionClaim& claim) {
  const absl::MutexLock lock(&mutex_);
  claims_[claim.partition] = claim;
}

void PartitionOwners::Say(const absl::Status& complete) {
  const absl::MutexLock lock(&mutex_);
  complete_ = complete;
}

absl::Status PartitionOwners::complete() const {
  const absl::MutexLock lock(&mutex_);
  return complete_;
}

PartitionOwners::Claims PartitionOwners::Elsewhere() const {
  Claims elsewhere = All();
  std::erase_if(elsewhere, [this](const auto& claim) { return IsOwn(claim.second); });
  return elsewhere;
}

std::optional<PartitionClaim> PartitionOwners::Elsewhere(int32_t partition) const {
  const absl::MutexLock lock(&mutex_);
  const auto claim = claims_.find(partition);
  if (claim == claims_.end() || IsOwn(claim->second)) return std::nullopt;
  return claim->second;
}

PartitionOwners::Claims PartitionOwners::All() const {
  const absl::MutexLock lock(&mutex_);
  return claims_;
}

bool PartitionOwners::IsOwn(const PartitionClaim& claim) const {
  return claim.instance == instance_ || (!url_.empty() && claim.url == url_);
}

}  // namespace keyfold
