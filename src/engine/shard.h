// One partition's state, and what a batch of its records does to it. There are two kinds: AccountShard folds account
// events (stage 1), GroupShard folds the partials that those publish (stage 2). The worker knows neither.
//
// A shard is a function of the log: batches may be cut differently and the stored state, and what was last published,
// is the same.
#ifndef KEYFOLD_ENGINE_SHARD_H_
#define KEYFOLD_ENGINE_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/shard_book.h"
#include "keyfold/event_log.h"
#include "keyfold/record.h"
#include "keyfold/update_sink.h"
#include "keyfold/v1/stored_state.pb.h"

namespace keyfold {

// Fold(), Sweep(), PrepareCommit(), then, when what that returned has been committed, PostCommit(). Not thread-safe.
// After an error the shard is to be opened again from its store.
class Shard {
 public:
  virtual ~Shard() = default;

  virtual const ShardBook& book() const = 0;

  // The first record not folded yet, pending batches included.
  int64_t next_offset() const { return meta().next_offset(); }
  const v1::ShardMeta& meta() const { return book().meta; }
  const ShardIdentity& identity() const { return book().identity; }
  bool sweeping() const { return meta().sweep().active(); }
  const ShardCounts& counts() const { return book().counts; }

  // Folds as many of the records as make one batch, and returns how many those were: at least one. REQUIRES:
  // PostCommit() since the last Fold(); records in offset order from next_offset() on.
  virtual absl::StatusOr<size_t> Fold(std::span<const Record> records) = 0;

  // One slice of the sweep, and one at most in a transaction: accounts or groups, until those are `visits_max` or it
  // is `over`, which it is not asked before it has made some progress. Returns how many. Nothing when no sweep is
  // active.
  virtual absl::StatusOr<int64_t> Sweep(int64_t visits_max, absl::FunctionRef<bool()> over) = 0;

  // Completes the pending batch and slice, and gives away what its transaction is to publish. REQUIRED before
  // OffsetToCommit() and PostCommit().
  virtual absl::StatusOr<std::vector<OutputRecord>> PrepareCommit() = 0;

  // What is to be committed for the pending batch and slice.
  OffsetCommit OffsetToCommit() const { return book().OffsetToCommit(); }

  // Makes the pending batch and slice the shard's state, which may stay in memory until Flush(): after their
  // transaction was committed, and only then.
  virtual absl::Status PostCommit() = 0;

  // Sees to it that the state outlives the process. Without it a shard that dies folds a longer gap again.
  // While a batch is pending it does nothing.
  virtual absl::Status Flush() = 0;

  // Shards that are short of memory: whether the budget that they share is exceeded, how much of it this one takes, in
  // bytes, and how it lets go of some of that, by writing what it keeps back if need be. No batch is pending.
  virtual bool crowded() const = 0;
  virtual int64_t kept_bytes() const = 0;
  virtual absl::Status MakeRoom() = 0;

  // A shard that has to catch up with its log is told before each Fold(), and before FinishReplay(), where that ends.
  virtual bool catching_up() const = 0;
  virtual void SetLogEnd(int64_t log_end) = 0;

  // Folding again what the group has committed already: BeginReplay() with the group's commit, Fold(), PrepareCommit()
  // and PostCommit() up to its offset, nothing of it published, then FinishReplay(), which brings the sweep to where
  // the commit says it was: a slice each time, bounded as one of Sweep(), until it is there (true). What was made of it
  // in between may be flushed, and a shard that is opened from it goes on from there.
  virtual void BeginReplay(const CommittedOffset& committed) = 0;
  virtual absl::StatusOr<bool> FinishReplay(int64_t visits_max, absl::FunctionRef<bool()> over) = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_SHARD_H_
