#include "rows/row_table.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "base/check.h"
#include "kpi/groups.h"
#include "rows/alert_key.h"

namespace keyfold {
namespace {

AccountAttributes AttributesOf(const v1::AccountAttributes& attributes) {
  AccountAttributes result;
  result.name = attributes.name();
  result.segment = attributes.segment();
  result.region = attributes.region();
  result.industry = attributes.industry();
  result.manager_id = attributes.manager_id();
  result.tier = attributes.tier();
  result.parent_id = attributes.parent_id();
  return result;
}

}  // namespace

size_t ChangeLog::From(int64_t offset) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), offset,
                                   [](const Entry& entry, int64_t from) { return entry.offset < from; });
  return static_cast<size_t>(at - entries_.begin());
}

void ChangeLog::Sort() {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return std::pair(a.offset, a.row) < std::pair(b.offset, b.row); });
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.offset == b.offset && a.row == b.row; }),
                 entries_.end());
}

void ChangeLog::Compact(absl::FunctionRef<bool(const Entry& entry)> is_live) {
  if (entries_.size() < compact_at_) return;
  std::erase_if(entries_, [is_live](const Entry& entry) { return !is_live(entry); });
  compact_at_ = std::max<size_t>(1024, 2 * entries_.size());
}

size_t RowTable::KeyHash::operator()(const RowKey& key) const {
  return absl::HashOf(static_cast<int>(key.topic), key.id);
}

size_t RowTable::KeyHash::operator()(RowNumber number) const {
  const Row& row = table->row(number);
  return (*this)(RowKey{row.topic, row.id()});
}

RowTable::RowKey RowTable::KeyEqual::KeyOf(RowNumber number) const {
  const Row& row = table->row(number);
  return {row.topic, row.id()};
}

RowTable::RowTable() : by_id_(0, KeyHash{this}, KeyEqual{this}) {}

std::optional<RowNumber> RowTable::Find(LatestTopic topic, std::string_view id) const {
  const auto at = by_id_.find(RowKey{topic, id});
  return at == by_id_.end() ? std::nullopt : std::optional(*at);
}

std::optional<GroupNumber> RowTable::FindGroup(std::string_view id) const {
  const auto at = groups_by_id_.find(id);
  return at == groups_by_id_.end() ? std::nullopt : std::optional(at->second);
}

const absl::btree_set<RowNumber>& RowTable::AlertsOf(LatestTopic owner_topic, std::string_view owner_id) const {
  static const auto* const kNone = new absl::btree_set<RowNumber>();
  const std::optional<GroupNumber> group = FindGroup(AlertsGroupOf(owner_topic, owner_id));
  return group.has_value() ? members(*group) : *kNone;
}

std::optional<RowNumber> RowTable::OwnerOf(const Row& alert) const {
  const std::optional<ParsedAlertKey> key = ParseAlertKey(alert.id());
  if (!key.has_value()) return std::nullopt;
  const std::optional<RowNumber> owner = Find(key->owner_topic, key->owner_id);
  return owner.has_value() && !rows_[*owner].gone ? owner : std::nullopt;
}

GroupNumber RowTable::AcquireGroup(std::string_view id) {
  const auto found = groups_by_id_.find(id);
  if (found != groups_by_id_.end()) {
    ++groups_[found->second].uses;
    return found->second;
  }
  GroupNumber number = static_cast<GroupNumber>(groups_.size());
  if (free_groups_.empty()) {
    groups_.emplace_back();
  } else {
    number = free_groups_.back();
    free_groups_.pop_back();
  }
  groups_[number].id = id;
  groups_[number].uses = 1;
  groups_by_id_.emplace(id, number);
  return number;
}

void RowTable::ReleaseGroup(GroupNumber group) {
  Group& released = groups_[group];
  KEYFOLD_CHECK(released.uses > 0);
  if (--released.uses > 0) return;
  groups_by_id_.erase(released.id);
  released = Group();
  free_groups_.push_back(group);
}

// Everybody belongs to the group of all: whoever wants its members walks all rows.
void RowTable::Join(RowNumber number, GroupNumber group) {
  if (rows_[number].topic != LatestTopic::kGroups && group_id(group) != kAllAccountsGroup) {
    groups_[group].members.insert(number);
  }
}

void RowTable::Leave(RowNumber number, GroupNumber group) {
  groups_[group].members.erase(number);
  ReleaseGroup(group);
}

bool RowTable::SetGroups(RowNumber number, const v1::LatestRow& latest) {
  Row& row = rows_[number];
  // What is acquired before anything is released keeps its number.
  std::vector<FormerMembership> former;
  for (const v1::FormerGroup& group : latest.former_groups()) {
    former.push_back({AcquireGroup(group.group_id()), group.partition(), group.offset()});
  }
  const std::vector<std::string> groups = GroupsOfRow(row.topic, row.id(), latest);
  const bool same = std::equal(groups.begin(), groups.end(), row.groups.begin(), row.groups.end(),
                               [this](const std::string& id, GroupNumber group) { return groups_[group].id == id; });
  if (!same) {
    GroupNumbers numbers;
    for (const std::string& id : groups) numbers.push_back(AcquireGroup(id));
    for (GroupNumber group : row.groups) Leave(number, group);
    row.groups = std::move(numbers);
    for (GroupNumber group : row.groups) Join(number, group);
  }
  if (row.former != nullptr) {
    for (const FormerMembership& membership : *row.former) ReleaseGroup(membership.group);
  }
  row.former = former.empty() ? nullptr : std::make_unique<std::vector<FormerMembership>>(std::move(former));
  return !same;
}

RowNumber RowTable::Put(LatestTopic topic, std::string_view id, const v1::LatestRow& latest) {
  RowNumber number = 0;
  if (const std::optional<RowNumber> found = Find(topic, id); found.has_value()) {
    number = *found;
  } else {
    if (free_rows_.empty()) {
      number = static_cast<RowNumber>(rows_.size());
      rows_.emplace_back();
      signatures_.emplace_back();
    } else {
      number = free_rows_.back();
      free_rows_.pop_back();
    }
    rows_[number].topic = topic;
    rows_[number].text = id;
    rows_[number].id_size = static_cast<uint32_t>(id.size());
    by_id_.insert(number);
  }
  Row& row = rows_[number];
  counts_[static_cast<size_t>(topic)] += (latest.gone() ? 0 : 1) - (row.gone ? 0 : 1);
  row.partition = latest.partition();
  row.offset = latest.offset();
  row.timestamp_ms = latest.timestamp_ms();
  row.gone = latest.gone();
  row.customer = latest.attributes().customer();
  if (row.name() != latest.attributes().name()) {
    row.text.resize(row.id_size);
    row.text += latest.attributes().name();
  }
  if (topic != LatestTopic::kAlerts) {
    signatures_[number] = TextSignature(row.id());
    signatures_[number].Add(row.name());
  }
  if (SetGroups(number, latest)) row.joined = {row.partition, row.offset};
  if (topic == LatestTopic::kAlerts) alerts_.Put(number, row.id(), latest);
  return number;
}

void RowTable::Remove(RowNumber number) {
  KEYFOLD_CHECK(rows_[number].gone);
  v1::LatestRow nothing;
  nothing.set_gone(true);
  SetGroups(number, nothing);
  alerts_.Erase(number);
  by_id_.erase(number);
  rows_[number] = Row();
  free_rows_.push_back(number);
}

void RowTable::Clear() {
  v1::LatestRow nothing;
  nothing.set_gone(true);
  for (RowNumber number : std::vector<RowNumber>(by_id_.begin(), by_id_.end())) {
    const std::string id(rows_[number].id());
    Remove(Put(rows_[number].topic, id, nothing));
  }
  logs_ = {};
}

ChangeLog& RowTable::MutableLog(LatestTopic topic, int32_t partition) {
  std::vector<ChangeLog>& logs = logs_[static_cast<size_t>(topic)];
  const auto index = static_cast<size_t>(partition);
  if (index >= logs.size()) logs.resize(index + 1);
  return logs[index];
}

const ChangeLog& RowTable::log(LatestTopic topic, int32_t partition) const {
  static const ChangeLog* const kNothing = new ChangeLog();
  const std::vector<ChangeLog>& logs = logs_[static_cast<size_t>(topic)];
  const auto index = static_cast<size_t>(partition);
  return index < logs.size() ? logs[index] : *kNothing;
}

bool RowTable::IsLive(LatestTopic topic, int32_t partition, const ChangeLog::Entry& entry) const {
  const Row& row = rows_[entry.row];
  if (row.topic != topic) return false;
  if (row.partition == partition && row.offset == entry.offset) return true;
  return row.former != nullptr && std::any_of(row.former->begin(), row.former->end(), [&](const auto& former) {
           return former.partition == partition && former.offset == entry.offset;
         });
}

void RowTable::LogLatest(RowNumber number) {
  const Row& row = rows_[number];
  ChangeLog& log = MutableLog(row.topic, row.partition);
  log.Append(row.offset, number);
  log.Compact([&](const ChangeLog::Entry& entry) { return IsLive(row.topic, row.partition, entry); });
}

void RowTable::MakeLogs() {
  for (RowNumber number : by_id_) {
    const Row& row = rows_[number];
    MutableLog(row.topic, row.partition).Append(row.offset, number);
    if (row.former == nullptr) continue;
    for (const FormerMembership& former : *row.former) {
      if (former.partition == row.partition && former.offset == row.offset) continue;
      MutableLog(row.topic, former.partition).Append(former.offset, number);
    }
  }
  for (std::vector<ChangeLog>& logs : logs_) {
    for (ChangeLog& log : logs) log.Sort();
  }
}

std::vector<std::string> GroupsOfRow(LatestTopic topic, std::string_view id, const v1::LatestRow& latest) {
  if (latest.gone()) return {};
  if (topic == LatestTopic::kGroups) return {std::string(id)};
  if (topic == LatestTopic::kAlerts) {
    const std::optional<ParsedAlertKey> key = ParseAlertKey(id);
    if (!key.has_value()) return {};
    return {AlertsGroupOf(key->owner_topic, key->owner_id)};
  }
  return GroupsOf(AttributesOf(latest.attributes()));
}

}  // namespace keyfold
