#include "engine/group_shard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "fold/alerts.h"
#include "state/account_reader.h"
#include "state/commit_metadata.h"
#include "state/store_keys.h"
#include "state/stored_group.h"

namespace keyfold {
GroupShard::GroupShard(std::unique_ptr<ShardStore> store, const Catalog& catalog, const UpdateFormat& format,
                       const ShardIdentity& identity)
    : catalog_(catalog), format_(format), book_(std::move(store), identity), days_(catalog) {}

absl::StatusOr<std::unique_ptr<GroupShard>> GroupShard::Open(std::unique_ptr<ShardStore> store, const Catalog& catalog,
                                                             const UpdateFormat& format,
                                                             const ShardIdentity& identity) {
  std::unique_ptr<GroupShard> shard(new GroupShard(std::move(store), catalog, format, identity));
  KEYFOLD_RETURN_IF_ERROR(shard->book_.Load(catalog).status());
  return shard;
}

std::variant<GroupShard::Partial, Rejection> GroupShard::Parse(const Record& record) const {
  v1::GroupPartial partial;
  if (!record.value.has_value() ||
      !partial.ParseFromArray(record.value->data(), static_cast<int>(record.value->size())) ||
      partial.group_id().empty()) {
    return Rejection{RejectionCode::kUndecodable, "this is no partial of a group"};
  }
  constexpr size_t kGroupIdBytesMax = 255;  // what a key of the store can hold
  if (partial.group_id().size() > kGroupIdBytesMax) {
    return Rejection{RejectionCode::kInvalid, "group_id: longer than 255 bytes"};
  }
  // Nothing is the same in every catalogue: what a shard said before a rebuild still holds where no account is left.
  if (partial.sums().accounts() == 0) return Partial{std::move(partial), GroupSums(catalog_), record.offset};
  std::optional<GroupSums> sums = FromStored(catalog_, partial.sums());
  if (partial.catalog_hash() != catalog_.hash() || !sums.has_value()) {
    return Rejection{RejectionCode::kInvalid, absl::StrCat("catalog_hash: the partial was made with catalogue '",
                                                           partial.catalog_hash(), "', not ", catalog_.hash())};
  }
  return Partial{std::move(partial), *std::move(sums), record.offset};
}

absl::StatusOr<size_t> GroupShard::Fold(std::span<const Record> records) {
  book_.Begin();
  std::vector<Partial> partials;
  partials.reserve(records.size());
  for (const Record& record : records) {
    std::variant<Partial, Rejection> parsed = Parse(record);
    if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
      book_.Reject(record, *rejection);
    } else {
      partials.push_back(std::get<Partial>(std::move(parsed)));
    }
  }
  KEYFOLD_ASSIGN_OR_RETURN(Stored stored, Prefetch(partials));
  for (const Partial& partial : partials) KEYFOLD_RETURN_IF_ERROR(Replace(partial, stored));
  book_.End(records.back());
  EndCatchingUp();
  book_.counts.records += static_cast<int64_t>(records.size());
  book_.counts.applied += static_cast<int64_t>(partials.size());
  return records.size();
}

absl::StatusOr<GroupShard::Stored> GroupShard::Prefetch(const std::vector<Partial>& partials) const {
  std::vector<std::string> keys;
  for (const Partial& partial : partials) {
    keys.push_back(GroupKey(partial.message.group_id()));
    keys.push_back(PartialKey(partial.message.group_id(), partial.message.source_partition()));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<std::optional<std::string>> values, book_.store->MultiGet(keys));
  Stored stored;
  for (size_t i = 0; i < keys.size(); ++i) stored.emplace(std::move(keys[i]), std::move(values[i]));
  return stored;
}

absl::StatusOr<GroupShard::Group*> GroupShard::Load(const std::string& group_id, const Stored& stored) {
  const auto [at, is_new] = groups_.try_emplace(group_id, catalog_);
  Group& group = at->second;
  if (!is_new) return &group;
  group.unknown = catching_up();
  const std::optional<std::string>& bytes = stored.at(GroupKey(group_id));
  if (!bytes.has_value()) return &group;
  KEYFOLD_ASSIGN_OR_RETURN(KeptGroup before, ParseGroup(catalog_, group_id, *bytes));
  group.before = group.sums = std::move(before.sums);
  group.day_before = group.day = before.day;
  group.raised_alerts = std::move(before.raised_alerts);
  group.unpublished = before.unpublished;
  group.unknown |= before.replayed;
  return &group;
}

// The partial takes the place of its predecessor, in the store and in the group's sums.
absl::Status GroupShard::Replace(const Partial& partial, Stored& stored) {
  const v1::GroupPartial& message = partial.message;
  KEYFOLD_ASSIGN_OR_RETURN(Group* const group, Load(message.group_id(), stored));
  const std::string key = PartialKey(message.group_id(), message.source_partition());
  std::optional<std::string>& bytes = stored.at(key);
  if (bytes.has_value()) {
    v1::GroupPartial predecessor;
    std::optional<GroupSums> sums;
    if (predecessor.ParseFromString(*bytes)) sums = FromStored(catalog_, predecessor.sums());
    if (!sums.has_value()) return DamagedGroup(message.group_id());
    group->sums -= *sums;
  }
  group->sums += partial.sums;
  group->day = std::max(group->day, message.day());
  group->last_offset = partial.offset;
  group->cause = message.cause();
  group->cause_event = message.cause_event();
  group->recorded_at_ms = message.recorded_at_ms();
  bytes.reset();
  if (partial.sums.accounts > 0) bytes = message.SerializeAsString();
  if (bytes.has_value()) {
    book_.writes.Put(key, *bytes);
  } else {
    book_.writes.Delete(key);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<OutputRecord>> GroupShard::PrepareCommit() {
  for (auto& [group_id, group] : groups_) {
    Publish(group_id, group);
    if (group.sums.accounts == 0) {
      book_.writes.Delete(GroupKey(group_id));
      continue;
    }
    // What is replayed is not published. And compaction may have taken away partials that were folded before: sums do
    // not depend on them, but the latest day of any does, and so do the values that were published last.
    book_.writes.Put(GroupKey(group_id), SerializeGroup({group.sums, group.day, group.unpublished && replaying_,
                                                         /*replayed=*/replaying_, std::move(group.raised_alerts)}));
  }
  groups_.clear();
  return book_.TakeResults();
}

void GroupShard::PublishGone(const std::string& group_id, const Group& group) {
  ++book_.counts.updates;
  book_.results.push_back({OutputTopic::kGroupKpis, group_id, std::nullopt, {}, -1, std::nullopt});
  const size_t outputs = book_.results.size();
  AppendGoneAlerts(catalog_, group_id, /*group=*/true, group.raised_alerts, book_.results);
  book_.counts.alerts += static_cast<int64_t>(book_.results.size() - outputs);
}

void GroupShard::Publish(const std::string& group_id, Group& group) {
  const bool always = group.unpublished || group.unknown;
  if (group.sums.accounts == 0) {
    if (group.before.has_value() || always) PublishGone(group_id, group);
    return;
  }
  std::vector<double> before;
  if (group.before.has_value()) before = group.before->Evaluate(days_.At(group.day_before));
  const std::vector<double> after = group.sums.Evaluate(days_.At(group.day));
  Update update;
  update.id = group_id;
  update.group = true;
  update.accounts = group.sums.accounts;
  update.before = group.before.has_value() ? &before : nullptr;
  update.after = &after;
  update.missing_rates = CurrencyCodes(group.sums.missing_rates);
  const bool changed = !group.before.has_value() || ValuesChanged(catalog_, update) ||
                       group.before->accounts != group.sums.accounts ||
                       CurrencyCodes(group.before->missing_rates) != update.missing_rates;
  update.source_partition = book_.identity.partition;
  update.source_offset = group.last_offset;
  update.cause = group.unpublished ? v1::KpiUpdate::DEFINITION : group.unknown ? v1::KpiUpdate::RECOVERY : group.cause;
  update.cause_event = group.cause_event;
  update.recorded_at_ms = group.recorded_at_ms;
  if (changed || always) {
    ++book_.counts.updates;
    book_.results.push_back(
        {OutputTopic::kGroupKpis, group_id, format_.Encode(days_.At(group.day), update), {}, -1, std::nullopt});
  }
  PublishAlerts(update, group);
}

void GroupShard::PublishAlerts(const Update& update, Group& group) {
  AlertIds raised = RaisedAlerts(catalog_, update);
  const auto sum = [&sums = group.sums](uint16_t slot) { return sums.ValueOf(slot); };
  const size_t outputs = book_.results.size();
  AppendAlerts(days_.At(group.day), format_, {update, sum, group.raised_alerts, raised, !group.unknown}, book_.results);
  book_.counts.alerts += static_cast<int64_t>(book_.results.size() - outputs);
  group.raised_alerts = std::move(raised);
}

// --- replaying -------------------------------------------------------------------------------------------------------

void GroupShard::BeginReplay(const CommittedOffset& committed) {
  const bool gap = committed.offset.value_or(0) > book_.meta.next_offset();
  if (gap || IsUnknown(ParseCommitMetadata(committed.metadata))) book_.meta.set_catching_up(1);
  replaying_ = true;
}

absl::StatusOr<bool> GroupShard::FinishReplay(int64_t /*visits_max*/, absl::FunctionRef<bool()> /*over*/) {
  replaying_ = false;
  EndCatchingUp();
  KEYFOLD_RETURN_IF_ERROR(PostCommit());
  return true;
}

void GroupShard::EndCatchingUp() {
  if (!replaying_ && book_.meta.next_offset() >= log_end_) book_.meta.set_catching_up(0);
}

}  // namespace keyfold
