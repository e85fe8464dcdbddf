// One partition's state, and what a batch of its records does to it.
//
// A shard is a function of the log: batches may be cut differently and the stored state, and what was last published,
// is the same. Three rules make it so.
//   * A batch never crosses a change of the epoch (D moved, or a rate was set): all its accounts are evaluated at one
//     date with one set of rates. The record that begins an epoch begins a batch.
//   * An account that a record touched is evaluated, and published if its values changed, at the end of the batch.
//   * When an epoch begins, a sweep re-evaluates the accounts that no record touches, in the order of their keys, in
//     slices. How far it came is part of the transaction that published the slice (v1.CommitMetadata).
#ifndef KEYFOLD_ENGINE_SHARD_H_
#define KEYFOLD_ENGINE_SHARD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/fold_batch.h"
#include "engine/update_format.h"
#include "event/decoder.h"
#include "keyfold/event_log.h"
#include "keyfold/record.h"
#include "keyfold/shard_store.h"
#include "keyfold/update_sink.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/catalog.h"
#include "kpi/evaluation.h"

namespace keyfold {

// What a shard belongs to. A store that was written for another one is refused.
struct ShardIdentity {
  std::string cluster_id;
  std::string topic;
  int32_t partition = 0;
};

// Whether results of a batch are wanted, or were published before.
enum class Outputs { kPublish, kSuppress };

struct ShardCounts {
  int64_t records = 0;
  int64_t applied = 0;
  int64_t duplicates = 0;
  int64_t superseded = 0;
  int64_t erasures = 0;
  int64_t rejected = 0;
  int64_t updates = 0;  // published, tombstones included
  int64_t swept = 0;    // accounts re-evaluated by sweeps
};

// Not thread-safe. After an error the shard is to be opened again from its store.
class Shard {
 public:
  // Opens what the store holds, or begins anew in an empty store. FailedPrecondition where the store belongs to another
  // log, format or catalogue: the message says what to do. `catalog` and `format` outlive the shard.
  static absl::StatusOr<std::unique_ptr<Shard>> Open(std::unique_ptr<ShardStore> store, const Catalog& catalog,
                                                     const UpdateFormat& format, const ShardIdentity& identity);

  // The first record not folded yet, pending batches included.
  int64_t next_offset() const { return meta_.next_offset(); }
  const v1::ShardMeta& meta() const { return meta_; }
  const ShardIdentity& identity() const { return identity_; }
  bool sweeping() const { return meta_.sweep().active(); }
  const ShardCounts& counts() const { return counts_; }
  const ShardStore& store() const { return *store_; }

  // Folds as many of the records as make one batch, and returns how many those were: all of them, or those before a
  // change of the epoch; at least one. Results are appended to `outputs`. REQUIRES: Persist() since the last Fold();
  // records in offset order from next_offset() on.
  absl::StatusOr<size_t> Fold(std::span<const Record> records, Outputs mode, std::vector<OutputRecord>& outputs);

  // One slice of the sweep, of at most `accounts_max` accounts; accounts of the pending batch are skipped, they are up
  // to date. Nothing when no sweep is active.
  absl::Status Sweep(int64_t accounts_max, Outputs mode, std::vector<OutputRecord>& outputs);

  // What is to be committed for the pending batch and slice.
  OffsetCommit Commit() const;

  // Writes the pending batch and slice: after their transaction was committed, and only then.
  absl::Status Persist();

  // Folding again what the group has committed already, outputs suppressed: BeginReplay() with the group's commit,
  // Fold() and Persist() up to its offset, then FinishReplay(), which brings the sweep to where the commit says it was.
  void BeginReplay(const CommittedOffset& committed);
  absl::Status FinishReplay(int64_t accounts_max);

  // The fingerprint by which a record is recognised: detects a topic that was deleted and created again.
  static uint64_t Fingerprint(const Record& record);

 private:
  Shard(std::unique_ptr<ShardStore> store, const Catalog& catalog, const UpdateFormat& format,
        const ShardIdentity& identity);

  absl::Status Load();
  absl::Status CheckIdentity() const;

  const EvaluationDay& At(Day day);
  Day DayAt(int64_t stream_time_ms) const;
  Day CurrentDay() const { return DayAt(meta_.stream_time_ms()); }

  void BeginEpoch(int64_t offset);
  absl::Status ApplyRecord(FoldBatch& batch, const Record& record, DecodedRecord decoded,
                           std::vector<OutputRecord>& outputs);
  void Reject(const Record& record, const Rejection& rejection, std::vector<OutputRecord>& outputs);

  absl::Status EvaluateChanged(const std::map<std::string, AccountChange>& changes, std::vector<OutputRecord>& outputs);
  absl::Status EvaluateOne(const std::string& account_id, const AccountChange& change,
                           const std::optional<v1::StoredAccount>& stored, std::vector<OutputRecord>& outputs);
  absl::StatusOr<ComponentValues> ComponentsAfter(const std::string& account_id, const AccountChange& change,
                                                  const std::optional<v1::StoredAccount>& stored);
  // A slice that does not go beyond `last_account`.
  absl::Status SweepSlice(int64_t accounts_max, const std::optional<std::string>& last_account, Outputs mode,
                          std::vector<OutputRecord>& outputs);
  absl::Status SweepOne(const std::string& account_id, v1::StoredAccount stored, std::vector<OutputRecord>& outputs);

  // Appends an update if the values differ from those of `before`, or `always`.
  void Publish(const std::string& account_id, const v1::StoredAccount* before, const ComponentValues& after,
               int64_t offset, const std::string& correlation_id, bool always, std::vector<OutputRecord>& outputs);

  std::unique_ptr<ShardStore> store_;
  const Catalog& catalog_;
  const UpdateFormat& format_;
  ShardIdentity identity_;
  Decoder decoder_;

  v1::ShardMeta meta_;
  RateTable rates_;
  std::map<Day, EvaluationDay> days_;  // those in use

  // The pending batch and slice.
  StoreBatch writes_;
  std::set<std::string, std::less<>> touched_;
  int64_t batch_from_ = 0;

  // While replaying: what the group has committed, and whether one transaction made all of the gap.
  std::optional<v1::CommitMetadata> replayed_;
  bool replays_one_transaction_ = false;

  ShardCounts counts_;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_SHARD_H_
