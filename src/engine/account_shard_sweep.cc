// The part of AccountShard that brings accounts up to date which no record touches, and that replays.
#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "engine/account_shard.h"
#include "state/account_reader.h"
#include "state/commit_metadata.h"
#include "state/store_keys.h"

namespace keyfold {

// --- the sweep -------------------------------------------------------------------------------------------------------

absl::StatusOr<int64_t> AccountShard::Sweep(int64_t visits_max, absl::FunctionRef<bool()> over) {
  if (!sweeping()) return 0;
  // Groups in a transaction of their own: only then does the store hold those which the accounts' transactions made.
  if (book_.meta.sweep().accounts_done()) return SweepGroups(visits_max);
  return SweepAccounts(visits_max, std::nullopt, over);
}

absl::StatusOr<int64_t> AccountShard::SweepAccounts(int64_t visits_max, const std::optional<std::string>& last_account,
                                                    absl::FunctionRef<bool()> over) {
  constexpr int64_t kStep = 50;  // about a millisecond
  int64_t count = 0;
  int64_t step = 0;
  do {
    KEYFOLD_ASSIGN_OR_RETURN(step, SweepStep(std::min(kStep, visits_max - count), last_account));
    count += step;
  } while (step > 0 && sweeping() && !book_.meta.sweep().accounts_done() && count < visits_max && !over());
  return count;
}

// The next accounts, none beyond `last_account`. Returns how many those were.
absl::StatusOr<int64_t> AccountShard::SweepStep(int64_t visits_max, const std::optional<std::string>& last_account) {
  v1::SweepProgress& sweep = *book_.meta.mutable_sweep();
  const std::string after_key = AccountKey(sweep.after_account());
  std::vector<std::pair<std::string, v1::StoredAccount>> slice;
  bool more = false;
  absl::Status damaged;
  const std::string from = sweep.after_account().empty() ? AllAccountsPrefix() : after_key;
  KEYFOLD_RETURN_IF_ERROR(
      book_.store->Scan(AllAccountsPrefix(), from, [&](std::string_view key, std::string_view value) {
        if (key == after_key) return true;
        more = static_cast<int64_t>(slice.size()) == visits_max ||
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
  for (const auto& [account_id, stored] : slice) {
    if (!accounts_.IsUnwritten(account_id)) KEYFOLD_RETURN_IF_ERROR(SweepOne(account_id, stored));
  }
  if (!slice.empty()) sweep.set_after_account(slice.back().first);
  const auto count = static_cast<int64_t>(slice.size());
  if (more) return count;
  if (catalog_.has_rollups()) {
    sweep.set_accounts_done(true);
  } else {
    sweep.Clear();
  }
  return count;
}

// After an operator's reset the epoch begins with a record that is still to come: what has been folded speaks then.
Cause AccountShard::EpochCause(bool day_moved) const {
  return {day_moved ? v1::KpiUpdate::TIME : v1::KpiUpdate::RATE,
          std::min(book_.meta.epoch_offset(), book_.meta.last_record_offset()), book_.meta.epoch_recorded_at_ms()};
}

absl::Status AccountShard::SweepOne(const std::string& account_id, const v1::StoredAccount& stored) {
  const Day day = CurrentDay();
  if (stored.last_offset() >= book_.meta.epoch_offset()) return absl::OkStatus();  // a record touched it in this epoch
  const bool publish_all = book_.meta.sweep().publish_all();
  if (stored.day() == day && !stored.foreign() && !publish_all) return absl::OkStatus();  // no rate concerns it
  KEYFOLD_ASSIGN_OR_RETURN(AccountState before, FromStored(catalog_, account_id, stored));
  Evaluate(before);
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Contribution> ledger, ReadLedger(*book_.store, account_id));
  AccountState after{day, before.live_events, before.last_offset, SumComponents(At(day), ledger, rates_),
                     before.membership};
  const Cause cause = EpochCause(before.day != day);
  KEYFOLD_RETURN_IF_ERROR(UpdateMembership(account_id, before.day, cause, after.membership));
  Evaluate(after);
  ++book_.counts.swept;
  if (after.live_events > 0) {
    MoveGroups(&before, &after, cause, /*publish=*/false);
    Cause published = cause;
    if (publish_all) published.kind = Afresh();
    Publish({account_id, &before, &after, published, "", ""});
  }
  book_.writes.Put(AccountKey(account_id), SerializeAccount(&after, stored.entities()));
  accounts_.Forget(account_id);
  return absl::OkStatus();
}

// Every group's partial: its values depend on D also where its sums do not.
absl::StatusOr<int64_t> AccountShard::SweepGroups(int64_t groups_max) {
  v1::SweepProgress& sweep = *book_.meta.mutable_sweep();
  const std::string after_key = GroupKey(sweep.after_group());
  const std::string from = sweep.after_group().empty() ? AllGroupsPrefix() : after_key;
  int64_t count = 0;
  bool more = false;
  KEYFOLD_RETURN_IF_ERROR(
      book_.store->Scan(AllGroupsPrefix(), from, [&](std::string_view key, std::string_view /*value*/) {
        if (key == after_key) return true;
        more = count == groups_max;
        if (more) return false;
        ++count;
        const std::string group_id(GroupIdOf(key));
        group_changes_.Publish(group_id, EpochCause(sweep.day_moved()));
        sweep.set_after_group(group_id);
        return true;
      }));
  if (!more) sweep.Clear();
  return count;
}

// --- replaying -------------------------------------------------------------------------------------------------------

void AccountShard::BeginReplay(const CommittedOffset& committed) {
  replayed_ = ParseCommitMetadata(committed.metadata);
  time_bound_.BeginRepeating(replayed_->time_decisions());
  if (!IsUnknown(*replayed_) && replayed_->rebuilds() != book_.meta.rebuilds()) {
    // Whether all that was published before is in the shard.
    const bool complete =
        committed.offset == book_.meta.next_offset() && !replayed_->sweep().active() && !book_.meta.alerts_unknown();
    replayed_ = UnknownCommit();
    replayed_->mutable_sweep()->set_rebuilt(true);
    replayed_->mutable_sweep()->set_alerts_known(complete);
  }
  replays_one_transaction_ = replayed_->from_offset() == book_.meta.next_offset();
}

absl::StatusOr<bool> AccountShard::FinishReplay(int64_t visits_max, absl::FunctionRef<bool()> over) {
  time_bound_.EndRepeating();
  const v1::SweepProgress& target = replayed_->sweep();
  v1::SweepProgress& sweep = *book_.meta.mutable_sweep();
  if (IsUnknown(*replayed_)) {
    sweep = target;
    book_.meta.clear_alerts_unknown();
    book_.meta.set_epoch_offset(
        book_.meta.next_offset());  // of no account is it known that a record's update was published
    book_.meta.set_epoch_recorded_at_ms(book_.meta.last_record_ms());
    KEYFOLD_RETURN_IF_ERROR(EndReplay());
    KEYFOLD_RETURN_IF_ERROR(FlushKept());  // as before any epoch
    return true;
  }
  if (sweeping() && !sweep.accounts_done()) {
    // Accounts that the group's transactions have swept were published: bring them up to date without publishing again.
    std::optional<std::string> last_account;
    if (target.active() && !target.accounts_done()) last_account = target.after_account();
    book_.meta.set_sweep_behind(true);
    KEYFOLD_ASSIGN_OR_RETURN(const int64_t count, SweepAccounts(visits_max, last_account, over));
    KEYFOLD_RETURN_IF_ERROR(PrepareCommit().status());
    KEYFOLD_RETURN_IF_ERROR(PostCommit());
    if (count > 0 && sweeping() && !sweep.accounts_done()) return false;
  }
  if (sweeping() && !target.active()) {
    sweep.Clear();
  } else if (sweeping()) {
    sweep.set_publish_all(sweep.publish_all() || target.publish_all());
    sweep.set_alerts_known(sweep.alerts_known() && target.alerts_known());
    sweep.set_rebuilt(sweep.rebuilt() || target.rebuilt());
    sweep.set_after_account(target.after_account());
    sweep.set_accounts_done(sweep.accounts_done() || target.accounts_done());
    sweep.set_after_group(target.after_group());
  }
  KEYFOLD_RETURN_IF_ERROR(EndReplay());
  return true;
}

absl::Status AccountShard::EndReplay() {
  replayed_.reset();
  book_.meta.clear_sweep_behind();
  return PostCommit();
}

}  // namespace keyfold
