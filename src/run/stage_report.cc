#include "run/stage_report.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

constexpr absl::Duration kEvery = absl::Milliseconds(100);

}  // namespace

StageReport::StageReport(std::string name, int64_t workers, StageMetrics& metrics)
    : name_(std::move(name)), metrics_(metrics) {
  for (int64_t worker = 0; worker < workers; ++worker) {
    tellers_.emplace_back().ready = absl::UnavailableError(absl::StrCat(name_, " ", worker, " has not begun yet"));
  }
}

bool StageReport::Due(int64_t worker, absl::Time now) const {
  const absl::MutexLock lock(&mutex_);
  return now - tellers_[static_cast<size_t>(worker)].told_at >= kEvery;
}

absl::Status StageReport::Judge(int64_t worker, const WorkerTurn& turn) const {
  const auto not_ready = [&](const std::string& why) {
    return absl::UnavailableError(absl::StrCat(name_, " ", worker, ": ", why));
  };
  if (!turn.status.ok()) return not_ready(std::string(turn.status.message()));
  if (!turn.joined) return not_ready("the group has not given it partitions yet");
  for (const PartitionProgress& partition : turn.partitions) {
    if (!partition.running) return not_ready(absl::StrCat("partition ", partition.partition, " is being replayed"));
  }
  return absl::OkStatus();
}

void StageReport::Tell(int64_t worker, const WorkerTurn& turn, const LagOf& lag_of, absl::Time now) {
  if (!turn.status.ok()) metrics_.CountFailure(turn.status);
  std::set<int32_t> partitions;
  for (const PartitionProgress& partition : turn.partitions) {
    metrics_.Set(partition, lag_of(partition));
    partitions.insert(partition.partition);
  }
  const BlockReads reads = BlockReadsOfThisThread();
  const absl::MutexLock lock(&mutex_);
  Teller& teller = tellers_[static_cast<size_t>(worker)];
  metrics_.Count({reads.cached - teller.reads.cached, reads.from_disk - teller.reads.from_disk});
  teller.reads = reads;
  teller.told_at = now;
  teller.ready = Judge(worker, turn);
  Keep(teller, partitions);
}

void StageReport::TellEnd(int64_t worker, const absl::Status& why) {
  const absl::MutexLock lock(&mutex_);
  Teller& teller = tellers_[static_cast<size_t>(worker)];
  teller.ready = absl::UnavailableError(
      absl::StrCat(name_, " ", worker, why.ok() ? std::string(" has ended") : absl::StrCat(": ", why.message())));
  Keep(teller, {});
}

void StageReport::Tell(const CommittedBatch& batch, absl::Time now) { metrics_.Count(batch, now); }

// What the worker had and has no more is forgotten, unless another worker has it by now.
void StageReport::Keep(Teller& teller, const std::set<int32_t>& partitions) {
  const std::set<int32_t> before = std::exchange(teller.partitions, partitions);
  for (const int32_t partition : before) {
    bool is_anyones = false;
    for (const Teller& other : tellers_) is_anyones |= other.partitions.contains(partition);
    if (!is_anyones) metrics_.Forget(partition);
  }
}

absl::Status StageReport::ready() const {
  const absl::MutexLock lock(&mutex_);
  for (const Teller& teller : tellers_) {
    if (!teller.ready.ok()) return teller.ready;
  }
  return absl::OkStatus();
}

}  // namespace keyfold
