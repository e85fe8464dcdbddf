#include "rows/audience.h"

#include <algorithm>
#include <optional>

#include "kpi/groups.h"

namespace keyfold {
namespace {

bool AnyOf(std::span<const GroupNumber> groups, const absl::flat_hash_set<GroupNumber>& among) {
  return std::any_of(groups.begin(), groups.end(), [&among](GroupNumber group) { return among.contains(group); });
}

}  // namespace

VisibleRows::VisibleRows(const RowTable& table, const Visibility& visibility) : sees_all_(visibility.sees_all) {
  for (const std::string& id : visibility.groups) {
    if (const std::optional<GroupNumber> group = table.FindGroup(id); group.has_value()) groups_.insert(*group);
  }
}

bool VisibleRows::Sees(std::span<const GroupNumber> groups) const { return sees_all_ || AnyOf(groups, groups_); }

Audience::Audience(RowTable& table, const Visibility& visibility, const Interest& interest)
    : table_(table),
      sees_all_(visibility.sees_all),
      all_accounts_(interest.all_accounts),
      all_groups_(interest.all_groups),
      alerts_(interest.alerts),
      account_ids_(interest.accounts.begin(), interest.accounts.end()),
      group_ids_(interest.groups.begin(), interest.groups.end()) {
  for (const std::string& id : interest.members_of) members_of_.insert(Acquire(id));
  const bool sees_accounts = sees_all_ || visibility.groups.contains(std::string(kAllAccountsGroup));
  broad_ =
      (all_accounts_ && sees_accounts) || (all_groups_ && sees_all_) ||
      std::find(interest.members_of.begin(), interest.members_of.end(), kAllAccountsGroup) != interest.members_of.end();
  if (sees_all_) return;
  for (const std::string& id : visibility.groups) {
    visible_.insert(Acquire(id));
    if (all_groups_) group_ids_.insert(id);
  }
  if (all_accounts_) members_of_ = visible_;
}

Audience::~Audience() {
  for (GroupNumber group : acquired_) table_.ReleaseGroup(group);
}

GroupNumber Audience::Acquire(std::string_view id) {
  acquired_.push_back(table_.AcquireGroup(id));
  return acquired_.back();
}

bool Audience::Matches(const Row& row, std::span<const GroupNumber> groups) const {
  if (row.topic == LatestTopic::kAlerts) return false;
  if (!sees_all_ && !AnyOf(groups, visible_)) return false;
  if (row.topic == LatestTopic::kGroups) return all_groups_ || group_ids_.contains(row.id());
  return all_accounts_ || account_ids_.contains(row.id()) || AnyOf(groups, members_of_);
}

}  // namespace keyfold
