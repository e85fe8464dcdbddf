// Stage 1: account events into accounts' KPIs, and into partial sums of their groups.
//
// Three rules make the shard a function of its log.
//   * A batch never crosses a change of the epoch (D moved, or a rate was set): all its accounts are evaluated at one
//     date with one set of rates. The record that begins an epoch begins a batch.
//   * An account that a record touched is evaluated, and published if its values changed, at the end of the batch; so
//     are the partials of its groups.
//   * When an epoch begins, a sweep re-evaluates the accounts that no record touches, in the order of their keys, in
//     slices; then it publishes the partials of all groups. How far it came is part of the transaction that published
//     the slice (v1.CommitMetadata).
#ifndef KEYFOLD_ENGINE_ACCOUNT_SHARD_H_
#define KEYFOLD_ENGINE_ACCOUNT_SHARD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "engine/shard.h"
#include "event/decoder.h"
#include "fold/account_table.h"
#include "fold/cause.h"
#include "fold/fold_batch.h"
#include "fold/group_changes.h"
#include "fold/time_bound.h"
#include "fold/update_format.h"
#include "kpi/catalog.h"
#include "kpi/evaluation.h"
#include "kpi/evaluation_days.h"
#include "state/stored_account.h"

namespace keyfold {

struct AccountShardOptions {
  // A record whose timestamp is more than this ahead of all before it and of the clock is rejected and moves no time
  // (0: no bound); an erasure is obeyed, and moves none either.
  int64_t ahead_ms_max = 0;

  // What shards may keep in memory together: accounts used lately, and, in their stores, what of them is to be written.
  // Null: nothing is kept back, PostCommit() writes all of it.
  std::shared_ptr<MemoryBudget> memory;

  std::function<absl::Time()> clock = absl::Now;
};

class AccountShard final : public Shard {
 public:
  // Opens what the store holds, or begins anew in an empty store.
  // FailedPrecondition where the store belongs to another log, number of partitions, format, catalogue or bound: the
  // message says what to do. `catalog` and `format` outlive the shard.
  static absl::StatusOr<std::unique_ptr<AccountShard>> Open(std::unique_ptr<GatheringStore> store,
                                                            const Catalog& catalog, const UpdateFormat& format,
                                                            const ShardIdentity& identity,
                                                            AccountShardOptions options = {});

  const ShardBook& book() const override { return book_; }

  // Ends a batch before a change of the epoch.
  absl::StatusOr<size_t> Fold(std::span<const Record> records) override;

  // Accounts that a record has touched since the epoch began are skipped, they are up to date.
  absl::StatusOr<int64_t> Sweep(int64_t visits_max, absl::FunctionRef<bool()> over) override;

  absl::StatusOr<std::vector<OutputRecord>> PrepareCommit() override;

  // Keeps it in memory: Flush() and MakeRoom() write it.
  absl::Status PostCommit() override;
  absl::Status Flush() override;
  bool crowded() const override { return memory_->exceeded(); }
  int64_t kept_bytes() const override { return accounts_.bytes() + gathered_.bytes(); }
  absl::Status MakeRoom() override;
  bool catching_up() const override { return false; }
  void SetLogEnd(int64_t /*log_end*/) override {}
  void BeginReplay(const CommittedOffset& committed) override;
  absl::StatusOr<bool> FinishReplay(int64_t visits_max, absl::FunctionRef<bool()> over) override;

 private:
  // `gathered` is `store`.
  AccountShard(GatheringStore& gathered, std::unique_ptr<ShardStore> store, const Catalog& catalog,
               const UpdateFormat& format, const ShardIdentity& identity, AccountShardOptions options, bool keeps_back);

  absl::Status Load(int64_t ahead_ms_max);

  const EvaluationDay& At(Day day) { return days_.At(day); }
  Day DayAt(int64_t stream_time_ms) const;
  Day CurrentDay() const { return DayAt(book_.meta.stream_time_ms()); }

  // The batch.
  struct FoldedBatch {
    size_t records;
    std::vector<AccountChange> changes;
  };
  void BeginEpoch(const Record& record, bool moves_day);
  absl::StatusOr<std::vector<DecodedRecord>> DecodeBatch(std::span<const Record> records,
                                                         google::protobuf::Arena& arena, FoldBatch& batch);
  absl::StatusOr<FoldedBatch> FoldBatchOf(std::span<const Record> records);
  DecodedRecord Decode(const Record& record, google::protobuf::Arena& arena, int64_t* stream_time_ms);
  absl::Status ApplyRecord(FoldBatch& batch, const Record& record, const DecodedRecord& decoded);
  absl::Status ApplyList(FoldBatch& batch, const Record& record, const EventList& list);
  absl::StatusOr<std::optional<Rejection>> ApplyEvent(FoldBatch& batch, const Record& record, const ValidEvent& event);

  // Evaluation.
  // What a batch or a sweep has made of an account, evaluated; null: it was not published, or is gone.
  struct Transition {
    const std::string& account_id;
    const AccountState* before;
    AccountState* after;  // learns which of its alerts are published as raised
    Cause cause;
    std::string_view correlation_id;
    std::string_view traceparent;
    bool erased = false;  // before whatever else was done to it
  };
  absl::Status EvaluateOne(const AccountChange& change);
  const AccountState* StateBefore(HeldAccount& account);
  absl::Status Advance(const AccountChange& change, const AccountState* before);
  absl::Status AddChange(const AccountChange& change, const AccountState* before, AccountState& account);
  void Evaluate(AccountState& account);
  bool KnowsPublished(const std::string& account_id, const AccountState& before) const;
  v1::KpiUpdate::Cause Afresh() const;
  void Publish(const Transition& transition);
  void PublishValues(const Transition& transition);
  void PublishAlerts(const Transition& transition, const Update& update);
  void PublishGone(const std::string& account_id, const AccountState& before);

  // Groups.
  absl::Status UpdateMembership(const AccountChange& change, const AccountState* before, Membership& membership);
  absl::Status UpdateMembership(const std::string& account_id, Day since, const Cause& cause, Membership& membership);
  Membership MembershipAmong(std::span<const AttributeSpan> spans, std::optional<Day> since, const Cause& cause);
  absl::Status UpdateMembers(const AccountChange& change);
  void MoveGroups(const AccountState* before, const AccountState* after, const Cause& cause, bool publish);

  // The sweep.
  absl::StatusOr<int64_t> SweepAccounts(int64_t visits_max, const std::optional<std::string>& last_account,
                                        absl::FunctionRef<bool()> over);
  absl::StatusOr<int64_t> SweepStep(int64_t visits_max, const std::optional<std::string>& last_account);
  absl::StatusOr<int64_t> SweepGroups(int64_t groups_max);
  absl::Status EndReplay();
  Cause EpochCause(bool day_moved) const;
  absl::Status SweepOne(const std::string& account_id, const v1::StoredAccount& stored);
  absl::Status FlushKept();

  const Catalog& catalog_;
  const UpdateFormat& format_;
  Decoder decoder_;
  const std::shared_ptr<MemoryBudget> memory_;
  const bool keeps_back_;     // what has changed, to write it with more
  GatheringStore& gathered_;  // the book's store: what is written beside the accounts
  ShardBook book_;
  AccountTable accounts_;  // as they are after the last batch

  TimeBound time_bound_;
  RateTable rates_;
  EvaluationDays days_;

  // The pending batch and slice.
  GroupChanges group_changes_;

  std::optional<AccountState> before_;  // of EvaluateOne(), which is spared making one each time

  // While replaying: what the group has committed, and whether one transaction made all of the gap.
  std::optional<v1::CommitMetadata> replayed_;
  bool replays_one_transaction_ = false;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_ACCOUNT_SHARD_H_
