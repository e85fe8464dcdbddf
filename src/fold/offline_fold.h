// A log folded at once, without Kafka: the counterpart of the stream for the command line and for tests. Uses the same
// FoldBatch and the same evaluation.
#ifndef KEYFOLD_FOLD_OFFLINE_FOLD_H_
#define KEYFOLD_FOLD_OFFLINE_FOLD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "account/without_effect.h"
#include "event/decoder.h"
#include "fold/fold_batch.h"
#include "keyfold/shard_store.h"
#include "kpi/catalog.h"
#include "kpi/evaluation.h"
#include "state/account_reader.h"

namespace keyfold {

struct FoldCounts {
  int64_t applied = 0;
  int64_t duplicates = 0;
  int64_t superseded = 0;
  int64_t erasures = 0;
  int64_t rejected = 0;
};

// The record with the greatest occurred_at that was not rejected (the first of several).
struct LastRecord {
  int64_t offset = 0;
  std::string event_id;
  int64_t seconds = 0;
  int64_t days_after_median = 0;  // of the days (UTC) of the others; 0: there are none
};

// Not thread-safe.
class OfflineFold {
 public:
  // `store` is empty, merges with MergeStored, and outlives this; so does `catalog`.
  OfflineFold(const Catalog& catalog, ShardStore& store)
      : catalog_(catalog), store_(store), accounts_(store, catalog, budget_) {}

  using RejectionHandler = std::function<void(int64_t offset, const Rejection& rejection)>;

  // Takes what the decoder made of the record at `offset`; its effect may wait for Flush(). Rejections, those of the
  // decoder too, go to the handler by the next Flush() at the latest.
  absl::Status Add(DecodedRecord record, int64_t offset, const RejectionHandler& on_rejection);

  absl::Status Flush(const RejectionHandler& on_rejection);

  const FoldCounts& counts() const { return counts_; }

  // The civil day of the greatest occurred_at that was not rejected; nullopt before any.
  std::optional<Day> LastDay() const;

  // Which record LastDay() is of, and whether it stands alone; nullopt before any.
  std::optional<LastRecord> Last() const;

  // Visits accounts in bytewise order of their ids. REQUIRES: flushed.
  absl::Status VisitAccounts(Day day, const std::function<void(const FoldedValues&)>& visit) const;

  // Visits the events that are stored but without effect, by account (bytewise). REQUIRES: flushed.
  absl::Status VisitWithoutEffect(
      const std::function<void(const std::string& account_id, const EntityRef&, const WithoutEffect&)>& visit) const;

  // Visits groups in bytewise order of their ids. REQUIRES: flushed.
  absl::Status VisitGroups(Day day, const std::function<void(const FoldedValues&)>& visit) const;

 private:
  struct Pending {
    DecodedRecord record;
    int64_t offset;
  };

  void NoteTime(const ValidEvent& event, int64_t offset);
  absl::Status ApplyOne(FoldBatch& batch, Pending& pending, const RejectionHandler& on_rejection);

  const Catalog& catalog_;
  ShardStore& store_;
  MemoryBudget budget_{int64_t{256} << 20};
  AccountTable accounts_;
  std::vector<Pending> pending_;
  RateTable rates_;
  std::map<std::string, int64_t> live_events_;  // by account
  std::optional<LastRecord> last_;              // its days_after_median is not kept
  std::map<int64_t, int64_t> records_by_day_;   // not rejected ones, by the day (UTC) of their occurred_at
  FoldCounts counts_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_OFFLINE_FOLD_H_
