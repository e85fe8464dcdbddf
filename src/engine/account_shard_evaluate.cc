// The part of AccountShard that turns what a batch changed into values, updates and group sums.
#include <algorithm>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "engine/account_reader.h"
#include "engine/account_shard.h"
#include "engine/store_keys.h"

namespace keyfold {

absl::Status AccountShard::EvaluateChanged(const std::vector<AccountChange>& changes) {
  KEYFOLD_RETURN_IF_ERROR(LoadAccounts(changes));
  for (const AccountChange& change : changes) {
    KEYFOLD_RETURN_IF_ERROR(EvaluateOne(change, accounts_.Find(change.account_id)));
    if (sweeping()) touched_.insert(change.account_id);
  }
  accounts_.Trim();
  return absl::OkStatus();
}

// Reads those that are not in memory.
absl::Status AccountShard::LoadAccounts(const std::vector<AccountChange>& changes) {
  std::vector<std::string> keys;
  for (const AccountChange& change : changes) {
    if (accounts_.Find(change.account_id) == nullptr) keys.push_back(AccountKey(change.account_id));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, store_->MultiGet(keys));
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!values[i].has_value()) continue;
    const std::string_view account_id = AccountIdOf(keys[i]);
    KEYFOLD_ASSIGN_OR_RETURN(const v1::StoredAccount stored, ParseStoredAccount(account_id, *values[i]));
    Keep(account_id, Evaluate(stored));
  }
  return absl::OkStatus();
}

void AccountShard::Keep(std::string_view account_id, Account account) {
  const int64_t bytes = account.Bytes();
  accounts_.Insert(account_id, std::make_unique<Account>(std::move(account)), bytes);
}

int64_t AccountShard::Account::Bytes() const {
  constexpr size_t kOverhead = sizeof(Account) + 200;
  constexpr size_t kComponentBytes = sizeof(int64_t) + 2;
  return static_cast<int64_t>(kOverhead + components.base.size() * kComponentBytes + values.size() * sizeof(double));
}

absl::Status AccountShard::EvaluateOne(const AccountChange& change, Account* before) {
  const std::string& account_id = change.account_id;
  KEYFOLD_RETURN_IF_ERROR(UpdateMembers(change));
  std::optional<Account> after;
  if (!change.erased || change.edited) {
    const int64_t live_before = change.erased || before == nullptr ? 0 : before->live_events;
    KEYFOLD_ASSIGN_OR_RETURN(ComponentValues components, ComponentsAfter(change, before));
    KEYFOLD_ASSIGN_OR_RETURN(Membership membership, MembershipAfter(change, before));
    after = {CurrentDay(),          live_before + change.live_events,
             change.last_offset,    std::move(components),
             std::move(membership), {}};
    after->values = EvaluateAccount(At(after->day), after->components);
    Store(account_id, *after);
  }
  const Account* const published = before != nullptr && before->live_events > 0 ? before : nullptr;
  const Account* const live = after.has_value() && after->live_events > 0 ? &*after : nullptr;
  MoveGroups(published, live, /*publish=*/true);
  if (live != nullptr) {
    const bool afresh = published == nullptr || change.erased;
    Publish(account_id, afresh ? nullptr : published, *live, {change.last_offset, change.correlation_id, afresh});
  } else if (published != nullptr) {
    ++counts_.updates;
    results_.push_back({OutputTopic::kAccountKpis, account_id, std::nullopt, {}, -1, std::nullopt});
  }
  if (!after.has_value()) {
    accounts_.Erase(account_id);
  } else if (before == nullptr) {
    Keep(account_id, *std::move(after));
  } else {
    *before = *std::move(after);  // as large as it was
  }
  return absl::OkStatus();
}

AccountShard::Account AccountShard::Evaluate(const v1::StoredAccount& stored) {
  Account account{stored.day(),         stored.live_events(), stored.last_offset(), FromStored(catalog_, stored),
                  MembershipOf(stored), std::vector<double>()};
  account.values = EvaluateAccount(At(account.day), account.components);
  return account;
}

absl::StatusOr<ComponentValues> AccountShard::ComponentsAfter(const AccountChange& change, const Account* before) {
  const EvaluationDay& evaluation = At(CurrentDay());
  const bool begins = change.erased || before == nullptr;
  // Components of another day, or converted with rates that may have changed since, are of no use.
  const bool stale = !begins && (before->day != evaluation.day ||
                                 (before->components.foreign && before->last_offset < meta_.epoch_offset()));
  if (!stale) {
    ComponentValues components = begins ? ComponentValues(catalog_) : before->components;
    if (AddToComponents(evaluation, change.delta, components)) return components;
  }
  std::vector<Contribution> ledger;
  if (!begins) {
    KEYFOLD_ASSIGN_OR_RETURN(ledger, ReadLedger(*store_, change.account_id));
    std::sort(ledger.begin(), ledger.end(),
              [](const Contribution& a, const Contribution& b) { return a.cell < b.cell; });
  }
  return SumComponents(evaluation, AddContributions(ledger, change.delta), rates_);
}

void AccountShard::Publish(const std::string& account_id, const Account* before, const Account& after,
                           const Cause& cause) {
  Update update;
  update.id = account_id;
  update.before = before == nullptr ? nullptr : &before->values;
  update.after = &after.values;
  const bool changed = before == nullptr || ValuesChanged(catalog_, update) ||
                       before->components.missing_rates != after.components.missing_rates;
  if (!changed && !cause.always) return;
  update.missing_rates = CurrencyCodes(after.components.missing_rates);
  update.source_partition = identity_.partition;
  update.source_offset = cause.offset;
  update.correlation_id = cause.correlation_id;
  ++counts_.updates;
  results_.push_back(
      {OutputTopic::kAccountKpis, account_id, format_.Encode(At(after.day), update), {}, -1, std::nullopt});
}

// --- groups ----------------------------------------------------------------------------------------------------------

absl::StatusOr<Membership> AccountShard::MembershipAfter(const AccountChange& change, const Account* before) {
  const bool begins = change.erased || before == nullptr;
  const std::optional<Day> since = begins ? std::nullopt : std::optional(before->day);
  if (change.attributes.has_value()) return MembershipAmong(change.attributes->after, since);
  if (begins) return Membership();
  return MembershipNow(change.account_id, *before);
}

// The membership of an account that no event has changed: time may have.
absl::StatusOr<Membership> AccountShard::MembershipNow(const std::string& account_id, const Account& before) {
  const Membership& membership = before.membership;
  if (!membership.until.has_value() || CurrentDay() < *membership.until) return membership;
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<AttributeSpan> spans,
                           ReadAttributes(*store_, catalog_.calendar(), account_id));
  return MembershipAmong(spans, before.day);
}

Membership AccountShard::MembershipAmong(std::span<const AttributeSpan> spans, std::optional<Day> since) {
  const Day day = CurrentDay();
  // Had time gone on in smaller steps, the account would have been in these groups in between, and a worker that was
  // here before may have published that.
  for (const AttributeSpan& span : spans) {
    if (!catalog_.has_rollups() || !since.has_value() || span.from <= *since || span.from > day) continue;
    for (const std::string& group : GroupsOf(span.attributes)) group_changes_.Publish(group);
  }
  return MembershipAt(spans, day);
}

absl::Status AccountShard::UpdateMembers(const AccountChange& change) {
  std::set<std::string> before;
  std::set<std::string> after;
  if (change.erased) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<AttributeSpan> spans,
                             ReadAttributes(*store_, catalog_.calendar(), change.account_id));
    before = GroupsEver(spans);
  } else if (change.attributes.has_value()) {
    before = GroupsEver(change.attributes->before);
  }
  if (change.attributes.has_value()) after = GroupsEver(change.attributes->after);
  for (const std::string& group : before) {
    if (!after.contains(group)) writes_.Delete(MemberKey(group, change.account_id));
  }
  for (const std::string& group : after) {
    if (!before.contains(group)) writes_.Put(MemberKey(group, change.account_id), "");
  }
  return absl::OkStatus();
}

// The account's share of the sums moves from the groups that it was in to those that it is in.
void AccountShard::MoveGroups(const Account* before, const Account* after, bool publish) {
  if (!catalog_.has_rollups()) return;
  const auto add = [this, publish](const Account& account, const GroupSums& delta) {
    if (delta.IsZero()) return;
    for (const std::string& group : GroupsOf(account.membership.attributes)) group_changes_.Add(group, delta, publish);
  };
  GroupSums gone(catalog_);
  if (before != nullptr) gone -= GroupSums(catalog_, before->components, before->values);
  GroupSums come(catalog_);
  if (after != nullptr) come += GroupSums(catalog_, after->components, after->values);
  if (before != nullptr && after != nullptr && before->membership.attributes == after->membership.attributes) {
    come += gone;
    add(*after, come);
    return;
  }
  if (before != nullptr) add(*before, gone);
  if (after != nullptr) add(*after, come);
}

// What is stored of an account as it is now.
void AccountShard::Store(const std::string& account_id, const Account& account) {
  writes_.Put(AccountKey(account_id),
              ToStored(account.components, account.day, account.live_events, account.last_offset, account.membership)
                  .SerializeAsString());
}

}  // namespace keyfold
