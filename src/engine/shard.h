// One partition's state, and what a batch of its records does to it. There are two kinds: AccountShard folds account
// events (stage 1), GroupShard folds the partials that those publish (stage 2). The worker knows neither.
//
// A shard is a function of the log: batches may be cut differently and the stored state, and what was last published,
// is the same.
#ifndef KEYFOLD_ENGINE_SHARD_H_
#define KEYFOLD_ENGINE_SHARD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "event/decoder.h"
#include "keyfold/event_log.h"
#include "keyfold/record.h"
#include "keyfold/shard_store.h"
#include "keyfold/update_sink.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/catalog.h"

namespace keyfold {

// What a shard belongs to. A store that was written for another one is refused.
struct ShardIdentity {
  std::string cluster_id;
  std::string topic;
  int32_t partition = 0;
  int32_t topic_partitions = 0;  // how many the topic has
  std::string projection = {};
};

struct ShardCounts {
  int64_t records = 0;
  int64_t applied = 0;
  int64_t duplicates = 0;
  int64_t superseded = 0;
  int64_t erasures = 0;
  int64_t rejected = 0;
  int64_t updates = 0;                                     // published, tombstones included
  int64_t alerts = 0;                                      // published, tombstones included
  int64_t swept = 0;                                       // accounts re-evaluated by sweeps
  int64_t partials = 0;                                    // published for the next stage
  int64_t accounts_found = 0;                              // opened, and in memory already
  int64_t accounts_looked_up = 0;                          // opened, and asked of the store
  std::array<int64_t, kRejectionCodes> rejected_for = {};  // `rejected`, by RejectionCode

  ShardCounts& operator+=(const ShardCounts& other);
  ShardCounts& operator-=(const ShardCounts& other);
};

// Fold(), Sweep(), PrepareCommit(), then, when what that returned has been committed, PostCommit(). Not thread-safe.
// After an error the shard is to be opened again from its store.
class Shard {
 public:
  virtual ~Shard() = default;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // The first record not folded yet, pending batches included.
  int64_t next_offset() const { return meta_.next_offset(); }
  const v1::ShardMeta& meta() const { return meta_; }
  const ShardIdentity& identity() const { return identity_; }
  bool sweeping() const { return meta_.sweep().active(); }
  const ShardCounts& counts() const { return counts_; }

  // Whether a batch was begun and is not the shard's state yet.
  bool pending() const { return pending_; }

  // Folds as many of the records as make one batch, and returns how many those were: at least one. REQUIRES:
  // PostCommit() since the last Fold(); records in offset order from next_offset() on.
  virtual absl::StatusOr<size_t> Fold(std::span<const Record> records) = 0;

  // One slice of the sweep, and one at most in a transaction: accounts or groups, until those are `visits_max` or it
  // is `over`, which it is not asked before it has made some progress. Returns how many. Nothing when no sweep is
  // active.
  virtual absl::StatusOr<int64_t> Sweep(int64_t visits_max, absl::FunctionRef<bool()> over) = 0;

  // Completes the pending batch and slice, and gives away what its transaction is to publish. REQUIRED before
  // OffsetToCommit() and PostCommit().
  absl::StatusOr<std::vector<OutputRecord>> PrepareCommit();

  // What is to be committed for the pending batch and slice.
  OffsetCommit OffsetToCommit() const;

  // Makes the pending batch and slice the shard's state, which may stay in memory until Flush(): after their
  // transaction was committed, and only then.
  virtual absl::Status PostCommit();

  // Sees to it that the state outlives the process. Without it a shard that dies folds a longer gap again.
  // While a batch is pending it does nothing.
  virtual absl::Status Flush() { return store_->Flush(); }

  // Shards that are short of memory: whether the budget that they share is exceeded, how much of it this one takes, in
  // bytes, and how it lets go of some of that, by writing what it keeps back if need be. No batch is pending.
  virtual bool crowded() const { return false; }
  virtual int64_t kept_bytes() const { return 0; }
  virtual absl::Status MakeRoom() { return absl::OkStatus(); }

  // A shard that has to catch up with its log is told before each Fold(), and before FinishReplay(), where that ends.
  virtual bool catching_up() const { return false; }
  virtual void SetLogEnd(int64_t /*log_end*/) {}

  // Folding again what the group has committed already: BeginReplay() with the group's commit, Fold(), PrepareCommit()
  // and PostCommit() up to its offset, nothing of it published, then FinishReplay(), which brings the sweep to where
  // the commit says it was: a slice each time, bounded as one of Sweep(), until it is there (true). What was made of it
  // in between may be flushed, and a shard that is opened from it goes on from there.
  virtual void BeginReplay(const CommittedOffset& committed) = 0;
  virtual absl::StatusOr<bool> FinishReplay(int64_t visits_max, absl::FunctionRef<bool()> over) = 0;

  // The fingerprint by which a record is recognised: detects a topic that was deleted and created again.
  static uint64_t Fingerprint(const Record& record);

 protected:
  Shard(std::unique_ptr<ShardStore> store, const ShardIdentity& identity)
      : store_(std::move(store)), identity_(identity) {}

  // Reads the meta record, or makes one for an empty store (false). FailedPrecondition where the store belongs to
  // another log, format or catalogue: the message says what to do.
  absl::StatusOr<bool> LoadMeta(const Catalog& catalog);

  // Adds what is still missing of the pending batch to `writes_` and `results_`.
  virtual absl::Status Complete() = 0;

  // Notes that the batch that began at `meta().next_offset()` ends with this record.
  void EndBatch(const Record& last);
  void BeginBatch();

  // The record goes to the dead letters as it came, with the reason.
  void Reject(const Record& record, const Rejection& rejection);

  std::unique_ptr<ShardStore> store_;
  ShardIdentity identity_;
  v1::ShardMeta meta_;
  ShardCounts counts_;

  // The pending batch and slice.
  StoreBatch writes_;
  std::vector<OutputRecord> results_;

 private:
  absl::Status CheckIdentity(const Catalog& catalog) const;

  int64_t batch_from_ = 0;
  bool pending_ = false;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_SHARD_H_
