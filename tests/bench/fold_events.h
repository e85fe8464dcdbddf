// Folding without evaluating: what the fold benchmark times, and how others make ledgers.
#ifndef KEYFOLD_TESTS_BENCH_FOLD_EVENTS_H_
#define KEYFOLD_TESTS_BENCH_FOLD_EVENTS_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/workload.h"
#include "fold/account_table.h"
#include "fold/fold_batch.h"

namespace keyfold {

// Folds events into a store, without evaluating accounts.
class EventFold {
 public:
  explicit EventFold(ShardStore& store) : store_(store) {}

  // As one batch; the events' offsets begin at `offset`. Returns what it did to accounts.
  std::vector<AccountChange> FoldOneBatch(std::span<const ValidEvent> events, int64_t offset) {
    FoldBatch batch(accounts_);
    for (const ValidEvent& event : events) batch.Announce(*event);
    Require(batch.ReadAnnounced());
    for (const ValidEvent& event : events) {
      const auto result = Require(batch.Apply(event, /*recorded_at_ms=*/0, offset++));
      if (std::holds_alternative<Rejection>(result)) Require(absl::InternalError("a sample event is rejected"));
    }
    StoreBatch writes;
    std::vector<AccountChange> changes = Require(batch.Finish(writes, rates_));
    accounts_.EndBatch();
    accounts_.TakeChanges(writes);
    Require(store_.Write(writes));
    return changes;
  }

  // In batches of kBatchRecords.
  void FoldInBatches(std::span<const ValidEvent> events, int64_t offset) {
    while (!events.empty()) {
      const size_t size = std::min(events.size(), kBatchRecords);
      FoldOneBatch(events.first(size), offset);
      events = events.subspan(size);
      offset += static_cast<int64_t>(size);
    }
  }

  const RateTable& rates() const { return rates_; }

 private:
  ShardStore& store_;
  MemoryBudget budget_{int64_t{64} << 20};
  AccountTable accounts_{store_, BenchCatalog(), budget_};
  RateTable rates_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_BENCH_FOLD_EVENTS_H_
