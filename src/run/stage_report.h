// What the workers of a stage tell of themselves: their metrics, and whether they are ready.
#ifndef KEYFOLD_RUN_STAGE_REPORT_H_
#define KEYFOLD_RUN_STAGE_REPORT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "engine/worker.h"
#include "metrics/stage_metrics.h"
#include "store/rocks_store.h"

namespace keyfold {

// How a worker does after a turn.
struct WorkerTurn {
  absl::Status status = {};  // of the turn
  bool joined = false;       // the group has told it which partitions are its own, be it none
  std::vector<PartitionProgress> partitions = {};
};

// How far the log of a partition goes on behind an offset; nullopt: not known.
using LagOf = std::function<std::optional<int64_t>(const PartitionProgress& progress)>;

// Thread-safe.
class StageReport {
 public:
  // `name` is of a worker, for people: "worker". `metrics` outlives this.
  StageReport(std::string name, int64_t workers, StageMetrics& metrics);

  // By the worker's own thread, after a turn: whether it is time to tell (a turn may take microseconds), and what.
  bool Due(int64_t worker, absl::Time now) const;
  void Tell(int64_t worker, const WorkerTurn& turn, const LagOf& lag_of, absl::Time now);

  // The worker has ended, or begins anew; why, if that is an error.
  void TellEnd(int64_t worker, const absl::Status& why);

  // A transaction was committed.
  void Tell(const CommittedBatch& batch, absl::Time now);

  // OK: all workers have joined the group, and fold all partitions that it has given to them. A worker that got none
  // because there are more workers than partitions is ready, too. Unavailable says which one is not, and why.
  absl::Status ready() const;

 private:
  struct Teller {
    absl::Time told_at = absl::InfinitePast();
    absl::Status ready;
    std::set<int32_t> partitions;
    BlockReads reads;
  };

  absl::Status Judge(int64_t worker, const WorkerTurn& turn) const;
  void Keep(Teller& teller, const std::set<int32_t>& partitions) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string name_;
  StageMetrics& metrics_;
  mutable absl::Mutex mutex_;
  std::vector<Teller> tellers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyfold

#endif  // KEYFOLD_RUN_STAGE_REPORT_H_
