// The part of Shard that brings accounts up to date which no record touches, and that commits and replays.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status_macros.h"
#include "engine/account_reader.h"
#include "engine/commit_metadata.h"
#include "engine/shard.h"
#include "engine/store_keys.h"
#include "engine/stored_account.h"

namespace keyfold {

// --- the sweep -------------------------------------------------------------------------------------------------------

absl::Status Shard::Sweep(int64_t accounts_max, Outputs mode, std::vector<OutputRecord>& outputs) {
  return SweepSlice(accounts_max, std::nullopt, mode, outputs);
}

absl::Status Shard::SweepSlice(int64_t accounts_max, const std::optional<std::string>& last_account, Outputs mode,
                               std::vector<OutputRecord>& outputs) {
  if (!sweeping()) return absl::OkStatus();
  v1::SweepProgress& sweep = *meta_.mutable_sweep();
  const std::string after_key = AccountKey(sweep.after_account());
  std::vector<std::pair<std::string, v1::StoredAccount>> slice;
  bool more = false;
  absl::Status damaged;
  const std::string from = sweep.after_account().empty() ? AllAccountsPrefix() : after_key;
  KEYFOLD_RETURN_IF_ERROR(store_->Scan(AllAccountsPrefix(), from, [&](std::string_view key, std::string_view value) {
    if (key == after_key) return true;
    more = static_cast<int64_t>(slice.size()) == accounts_max ||
           (last_account.has_value() && key > AccountKey(*last_account));
    if (more) return false;
    const std::string account_id(AccountIdOf(key));
    absl::StatusOr<v1::StoredAccount> stored = ParseStoredAccount(account_id, value);
    if (!stored.ok()) {
      damaged = stored.status();
      return false;
    }
    slice.emplace_back(account_id, *std::move(stored));
    return true;
  }));
  KEYFOLD_RETURN_IF_ERROR(damaged);
  std::vector<OutputRecord> results;
  for (auto& [account_id, stored] : slice) {
    if (!touched_.contains(account_id)) KEYFOLD_RETURN_IF_ERROR(SweepOne(account_id, std::move(stored), results));
  }
  if (!more) {
    sweep.Clear();
  } else if (!slice.empty()) {
    sweep.set_after_account(slice.back().first);
  }
  if (mode == Outputs::kPublish) {
    outputs.insert(outputs.end(), std::make_move_iterator(results.begin()), std::make_move_iterator(results.end()));
  }
  return absl::OkStatus();
}

absl::Status Shard::SweepOne(const std::string& account_id, v1::StoredAccount stored,
                             std::vector<OutputRecord>& outputs) {
  const Day day = CurrentDay();
  if (stored.last_offset() >= meta_.epoch_offset()) return absl::OkStatus();  // a record touched it in this epoch
  const bool publish_all = meta_.sweep().publish_all();
  if (stored.day() == day && !stored.foreign() && !publish_all) return absl::OkStatus();  // no rate concerns it
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Contribution> ledger, ReadLedger(*store_, account_id));
  const ComponentValues components = SumComponents(At(day), ledger, rates_);
  ++counts_.swept;
  if (stored.live_events() > 0) {
    // After an operator's reset the epoch begins with a record that is still to come: what has been folded speaks then.
    const int64_t offset = std::min(meta_.epoch_offset(), meta_.last_record_offset());
    Publish(account_id, &stored, components, offset, "", publish_all, outputs);
  }
  writes_.Put(AccountKey(account_id),
              ToStored(components, day, stored.live_events(), stored.last_offset()).SerializeAsString());
  return absl::OkStatus();
}

// --- committing and replaying ----------------------------------------------------------------------------------------

OffsetCommit Shard::Commit() const {
  v1::CommitMetadata metadata;
  metadata.set_from_offset(batch_from_);
  *metadata.mutable_sweep() = meta_.sweep();
  return {identity_.partition, meta_.next_offset(), FormatCommitMetadata(metadata)};
}

absl::Status Shard::Persist() {
  writes_.Put(MetaKey(), meta_.SerializeAsString());
  KEYFOLD_RETURN_IF_ERROR(store_->Write(writes_));
  writes_ = StoreBatch();
  touched_.clear();
  batch_from_ = meta_.next_offset();
  return absl::OkStatus();
}

void Shard::BeginReplay(const CommittedOffset& committed) {
  replayed_ = ParseCommitMetadata(committed.metadata);
  replays_one_transaction_ = replayed_->from_offset() == meta_.next_offset();
}

absl::Status Shard::FinishReplay(int64_t accounts_max) {
  const v1::CommitMetadata replayed = *std::exchange(replayed_, std::nullopt);
  const v1::SweepProgress& target = replayed.sweep();
  if (IsUnknown(replayed)) {
    *meta_.mutable_sweep() = target;
    meta_.set_epoch_offset(meta_.next_offset());  // of no account is it known that a record's update was published
    return Persist();
  }
  // Accounts that the group's transactions have swept were published: bring them up to date without publishing again.
  std::optional<std::string> last_account;
  if (target.active()) last_account = target.after_account();
  std::vector<OutputRecord> none;
  for (std::optional<std::string> before; sweeping() && before != meta_.sweep().after_account();) {
    before = meta_.sweep().after_account();
    KEYFOLD_RETURN_IF_ERROR(SweepSlice(accounts_max, last_account, Outputs::kSuppress, none));
    KEYFOLD_RETURN_IF_ERROR(Persist());
  }
  if (sweeping()) {
    meta_.mutable_sweep()->set_after_account(target.after_account());
    meta_.mutable_sweep()->set_publish_all(meta_.sweep().publish_all() || target.publish_all());
  }
  return Persist();
}

}  // namespace keyfold
