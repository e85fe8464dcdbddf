// The part of AccountShard that turns what a batch changed into values, updates and group sums.
#include <algorithm>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "base/undefined.h"
#include "engine/account_shard.h"
#include "event/trace_parent.h"
#include "fold/alerts.h"
#include "state/account_reader.h"
#include "state/store_keys.h"

namespace keyfold {

namespace {

const AccountState* IfLive(const AccountState* account) {
  return account != nullptr && account->live_events > 0 ? account : nullptr;
}

}  // namespace

// A transition: the account as it was, as it is now, and what is told of the difference.
absl::Status AccountShard::EvaluateOne(const AccountChange& change) {
  HeldAccount& account = *change.account;
  KEYFOLD_RETURN_IF_ERROR(UpdateMembers(change));
  const AccountState* const before = StateBefore(account);
  KEYFOLD_RETURN_IF_ERROR(Advance(change, before));
  Transition transition{account.id(),          IfLive(before),     nullptr,      change.cause,
                        change.correlation_id, change.traceparent, change.erased};
  if (IfLive(account.state.get()) != nullptr) transition.after = account.state.get();
  MoveGroups(transition.before, transition.after, change.cause, /*publish=*/true);
  const bool continues = transition.before != nullptr && transition.after != nullptr;
  if (continues && !KnowsPublished(account.id(), *transition.before)) transition.cause.kind = Afresh();
  Publish(transition);
  return absl::OkStatus();
}

// As it was before the change, with values; null: there was none. Until the next one is asked for.
const AccountState* AccountShard::StateBefore(HeldAccount& account) {
  if (account.state == nullptr) return nullptr;
  Evaluate(*account.state);
  before_ = *account.state;
  return &*before_;
}

// Makes the account's state what it is after the change; null: there is none.
absl::Status AccountShard::Advance(const AccountChange& change, const AccountState* before) {
  HeldAccount& account = *change.account;
  if (change.erased) account.state = nullptr;
  if (change.erased && !change.edited) return absl::OkStatus();
  const AccountState* const continued = change.erased ? nullptr : before;
  if (continued == nullptr) {
    account.state = std::make_unique<AccountState>(
        AccountState{CurrentDay(), /*live_events=*/0, change.cause.offset, ComponentValues(catalog_), Membership()});
  }
  AccountState& after = *account.state;
  KEYFOLD_RETURN_IF_ERROR(AddChange(change, continued, after));
  Evaluate(after);
  if (after.live_events == 0) after.raised_alerts.clear();
  return UpdateMembership(change, continued, after.membership);
}

void AccountShard::Evaluate(AccountState& account) {
  if (account.values.empty()) account.values = EvaluateAccount(At(account.day), account.components);
}

// All but the membership, and the values only where those before tell them.
absl::Status AccountShard::AddChange(const AccountChange& change, const AccountState* before, AccountState& account) {
  account.day = CurrentDay();
  account.live_events += change.live_events;
  account.last_offset = change.cause.offset;
  const EvaluationDay& evaluation = At(account.day);
  // Components of another day, or converted with rates that may have changed since, are of no use.
  const bool stale =
      before != nullptr &&
      (before->day != account.day || (before->components.foreign && before->last_offset < book_.meta.epoch_offset()));
  if (!stale && AddToComponents(evaluation, change.delta, account.components)) {
    if (before != nullptr) UpdateValues(evaluation, account.components, change.delta, account.values);
    return absl::OkStatus();
  }
  // Of an account that begins the batch has all, and the store may still have what was erased.
  std::vector<Contribution> ledger = Summed(change.delta);
  if (before != nullptr) {
    KEYFOLD_ASSIGN_OR_RETURN(ledger, accounts_.ReadLedger(*change.account));
  }
  account.components = SumComponents(evaluation, ledger, rates_);
  account.values.clear();
  return absl::OkStatus();
}

// Whether the values that the account had before are those of its last record: not where a sweep is still to publish
// them, changed or not.
bool AccountShard::KnowsPublished(const std::string& account_id, const AccountState& before) const {
  const v1::SweepProgress& sweep = book_.meta.sweep();
  if (!sweep.publish_all() || sweep.accounts_done() || before.last_offset >= book_.meta.epoch_offset()) return true;
  return !sweep.after_account().empty() && AccountKey(account_id) <= AccountKey(sweep.after_account());
}

v1::KpiUpdate::Cause AccountShard::Afresh() const {
  return book_.meta.sweep().rebuilt() ? v1::KpiUpdate::DEFINITION : v1::KpiUpdate::RECOVERY;
}

void AccountShard::Publish(const Transition& transition) {
  const auto& [account_id, before, after, cause, correlation_id, traceparent, erased] = transition;
  const size_t outputs = book_.results.size();
  if (after != nullptr) {
    PublishValues(transition);
  } else if (before != nullptr) {
    PublishGone(account_id, *before);
  }
  if (traceparent.empty()) return;
  for (size_t i = outputs; i < book_.results.size(); ++i) {
    book_.results[i].headers.push_back({kTraceParentHeader, std::string(traceparent)});
  }
}

void AccountShard::PublishValues(const Transition& transition) {
  const auto& [account_id, before, after, cause, correlation_id, traceparent, erased] = transition;
  Update update;
  update.id = account_id;
  update.before = before == nullptr ? nullptr : &before->values;
  update.after = &after->values;
  update.missing_rates = CurrencyCodes(after->components.missing_rates);
  update.source_partition = book_.identity.partition;
  update.source_offset = cause.offset;
  update.correlation_id = correlation_id;
  update.cause = cause.kind;
  update.cause_event = EventTypeName(cause.event);
  update.recorded_at_ms = cause.recorded_at_ms;
  update.attributes = &after->membership.attributes;
  update.customer = IsCustomer(catalog_, *after);
  const bool changed = before == nullptr || ValuesChanged(catalog_, update) ||
                       before->components.missing_rates != after->components.missing_rates ||
                       before->membership.attributes != after->membership.attributes ||
                       IsCustomer(catalog_, *before) != update.customer;
  if (changed || IsAfresh(cause.kind)) {
    ++book_.counts.updates;
    book_.results.push_back(
        {OutputTopic::kAccountKpis, account_id, format_.Encode(At(after->day), update), {}, -1, std::nullopt});
  }
  PublishAlerts(transition, update);
}

void AccountShard::PublishAlerts(const Transition& transition, const Update& update) {
  AccountState& after = *transition.after;
  AlertIds before;
  if (transition.before != nullptr) before = transition.before->raised_alerts;
  const size_t outputs = book_.results.size();
  // What was erased is told nowhere, also not in alerts that were cleared before.
  if (transition.erased && transition.before != nullptr) {
    AppendGoneAlerts(catalog_, transition.account_id, /*group=*/false, std::exchange(before, {}), book_.results);
  }
  after.raised_alerts = RaisedAlerts(catalog_, update);
  const auto sum = [&components = after.components](uint16_t slot) {
    return components.undefined[slot] != 0 ? kUndefined : static_cast<double>(components.base[slot]);
  };
  const bool known = !IsAfresh(update.cause) || book_.meta.sweep().alerts_known();
  AppendAlerts(At(after.day), format_, {update, sum, before, after.raised_alerts, known}, book_.results);
  book_.counts.alerts += static_cast<int64_t>(book_.results.size() - outputs);
}

void AccountShard::PublishGone(const std::string& account_id, const AccountState& before) {
  ++book_.counts.updates;
  book_.results.push_back({OutputTopic::kAccountKpis, account_id, std::nullopt, {}, -1, std::nullopt});
  const size_t outputs = book_.results.size();
  AppendGoneAlerts(catalog_, account_id, /*group=*/false, before.raised_alerts, book_.results);
  book_.counts.alerts += static_cast<int64_t>(book_.results.size() - outputs);
}

// --- groups ----------------------------------------------------------------------------------------------------------

absl::Status AccountShard::UpdateMembership(const AccountChange& change, const AccountState* before,
                                            Membership& membership) {
  if (change.attributes.has_value()) {
    membership = MembershipAmong(change.attributes->after,
                                 before == nullptr ? std::nullopt : std::optional(before->day), change.cause);
  } else if (before != nullptr) {
    return UpdateMembership(change.account->id(), before->day, change.cause, membership);
  }
  return absl::OkStatus();
}

// Of an account that no event has changed since a day: time may have.
absl::Status AccountShard::UpdateMembership(const std::string& account_id, Day since, const Cause& cause,
                                            Membership& membership) {
  if (!membership.until.has_value() || CurrentDay() < *membership.until) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<AttributeSpan> spans,
                           ReadAttributes(*book_.store, catalog_.calendar(), account_id));
  membership = MembershipAmong(spans, since, cause);
  return absl::OkStatus();
}

Membership AccountShard::MembershipAmong(std::span<const AttributeSpan> spans, std::optional<Day> since,
                                         const Cause& cause) {
  const Day day = CurrentDay();
  // Had time gone on in smaller steps, the account would have been in these groups in between, and a worker that was
  // here before may have published that.
  for (const AttributeSpan& span : spans) {
    if (!catalog_.has_rollups() || !since.has_value() || span.from <= *since || span.from > day) continue;
    for (const std::string& group : GroupsOf(span.attributes)) group_changes_.Publish(group, cause);
  }
  return MembershipAt(spans, day);
}

absl::Status AccountShard::UpdateMembers(const AccountChange& change) {
  std::set<std::string> before;
  std::set<std::string> after;
  if (change.erased) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<AttributeSpan> spans,
                             ReadAttributes(*book_.store, catalog_.calendar(), change.account->id()));
    before = GroupsEver(spans);
  } else if (change.attributes.has_value()) {
    before = GroupsEver(change.attributes->before);
  }
  if (change.attributes.has_value()) after = GroupsEver(change.attributes->after);
  for (const std::string& group : before) {
    if (!after.contains(group)) book_.writes.Delete(MemberKey(group, change.account->id()));
  }
  for (const std::string& group : after) {
    if (!before.contains(group)) book_.writes.Put(MemberKey(group, change.account->id()), "");
  }
  return absl::OkStatus();
}

// The account's share of the sums moves from the groups that it was in to those that it is in.
void AccountShard::MoveGroups(const AccountState* before, const AccountState* after, const Cause& cause, bool publish) {
  if (!catalog_.has_rollups()) return;
  const bool stays =
      before != nullptr && after != nullptr && SameGroups(before->membership.attributes, after->membership.attributes);
  Cause moved = cause;
  if (!stays && cause.kind == v1::KpiUpdate::EVENT) moved.kind = v1::KpiUpdate::MEMBERSHIP;
  const auto share_of = [](const AccountState* account) {
    return account == nullptr ? std::nullopt : std::optional(AccountShare{account->components, account->values});
  };
  const auto move = [&](const AccountState* from, const AccountState* to) {
    const GroupDelta delta(catalog_, share_of(from), share_of(to));
    if (delta.IsZero()) return;
    const AccountState& member = to != nullptr ? *to : *from;
    VisitGroups(member.membership.attributes,
                [&](const std::string& group) { group_changes_.Add(group, delta, moved, publish); });
  };
  if (stays) return move(before, after);
  if (before != nullptr) move(before, nullptr);
  if (after != nullptr) move(nullptr, after);
}

}  // namespace keyfold
