// What a projection keeps on disk and in memory, and whether it is ready.
#ifndef KEYFOLD_METRICS_STATE_METRICS_H_
#define KEYFOLD_METRICS_STATE_METRICS_H_

#include <cstdint>
#include <functional>

#include "keyfold/memory_budget.h"
#include "metrics/metrics.h"
#include "store/rocks_store.h"

namespace keyfold {

struct StateSources {
  const RocksEnvironment* environment = nullptr;
  const MemoryBudget* accounts = nullptr;  // accounts used lately, and what is gathered to be written
  RocksMemory limits;
  int64_t fetch_queue_bytes_max = 0;
  std::function<bool()> ready;  // may be called by any thread
};

// Asks at every scrape, as long as it lives. All that is passed in outlives it.
class StateMetrics {
 public:
  StateMetrics(Metrics& metrics, const StateSources& sources);

 private:
  const Metrics::Hook hook_;
};

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_STATE_METRICS_H_
