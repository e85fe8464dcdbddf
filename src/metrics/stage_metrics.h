// What a stage's workers do: records, transactions, partitions.
#ifndef KEYFOLD_METRICS_STAGE_METRICS_H_
#define KEYFOLD_METRICS_STAGE_METRICS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/worker.h"
#include "metrics/metrics.h"
#include "store/rocks_store.h"

namespace keyfold {

// Thread-safe. Nothing is done for a single record: what is told is of a transaction, or of a moment.
class StageMetrics {
 public:
  // `stage` is the label of all: "accounts", "groups". `metrics` outlives this.
  StageMetrics(Metrics& metrics, const std::string& stage);
  ~StageMetrics();

  // A transaction that was committed at `now`.
  void Count(const CommittedBatch& batch, absl::Time now);

  // Blocks that a worker has read since it last told.
  void Count(const BlockReads& reads);

  // A turn that failed: it is tried again, or ends the process.
  void CountFailure(const absl::Status& failure);

  // How a partition does; `lag` as of KafkaEventLog::Lag(): where it is not known it stays what it was.
  void Set(const PartitionProgress& progress, std::optional<int64_t> lag);

  // A partition that is not this process's any more has no metrics.
  void Forget(int32_t partition);

 private:
  struct Families;

  const std::unique_ptr<Families> families_;
};

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_STAGE_METRICS_H_
