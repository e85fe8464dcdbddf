#include "kpi/groups.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

constexpr std::string_view kPortfolioPrefix = "portfolio:";
constexpr std::pair<std::string_view, std::string AccountAttributes::*> kAttributeGroups[] = {
    {"manager:", &AccountAttributes::manager_id}, {"segment:", &AccountAttributes::segment},
    {"region:", &AccountAttributes::region},      {"industry:", &AccountAttributes::industry},
    {"tier:", &AccountAttributes::tier},          {"parent:", &AccountAttributes::parent_id},
};

// As they are in records.
constexpr std::pair<std::string_view, v1::GroupAttributes::Kind> kKinds[] = {
    {kPortfolioPrefix, v1::GroupAttributes::PORTFOLIO}, {"manager:", v1::GroupAttributes::MANAGER},
    {"segment:", v1::GroupAttributes::SEGMENT},         {"region:", v1::GroupAttributes::REGION},
    {"industry:", v1::GroupAttributes::INDUSTRY},       {"tier:", v1::GroupAttributes::TIER},
    {"parent:", v1::GroupAttributes::PARENT},
};

}  // namespace

void VisitGroups(const AccountAttributes& attributes, absl::FunctionRef<void(const std::string&)> visit) {
  std::string group(kAllAccountsGroup);
  visit(group);
  if (!attributes.tier.empty()) {
    group = kKeyAccountsGroup;
    visit(group);
  }
  for (const auto& [prefix, attribute] : kAttributeGroups) {
    const std::string& value = attributes.*attribute;
    if (value.empty()) continue;
    group = prefix;
    group += value;
    visit(group);
  }
}

std::vector<std::string> GroupsOf(const AccountAttributes& attributes) {
  std::vector<std::string> groups;
  VisitGroups(attributes, [&groups](const std::string& group) { groups.push_back(group); });
  return groups;
}

std::set<std::string> GroupsEver(std::span<const AttributeSpan> spans) {
  std::set<std::string> groups;
  for (const AttributeSpan& span : spans) {
    for (std::string& group : GroupsOf(span.attributes)) {
      if (group != kAllAccountsGroup) groups.insert(std::move(group));
    }
  }
  return groups;
}

bool SameGroups(const AccountAttributes& a, const AccountAttributes& b) {
  return std::all_of(std::begin(kAttributeGroups), std::end(kAttributeGroups), [&](const auto& group) {
    return a.*group.second == b.*group.second;  // the key accounts are those with a tier
  });
}

GroupName NameOfGroup(std::string_view group_id) {
  for (const auto& [prefix, kind] : kKinds) {
    if (group_id.starts_with(prefix)) return {kind, group_id.substr(prefix.size())};
  }
  return {};
}

bool IsGroupId(std::string_view id) {
  return id.starts_with(kPortfolioPrefix) ||
         std::any_of(std::begin(kAttributeGroups), std::end(kAttributeGroups),
                     [id](const auto& group) { return id.starts_with(group.first); });
}

absl::Status CheckGroupId(std::string_view id) {
  if (id == kAllAccountsGroup || id == kKeyAccountsGroup) return absl::OkStatus();
  for (const auto& [prefix, attribute] : kAttributeGroups) {
    if (id.starts_with(prefix) && id.size() > prefix.size()) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("'", std::string(id),
                                                 "' is not a group: portfolio:all, portfolio:key, manager:ID, "
                                                 "segment:X, region:X, industry:X, tier:X or parent:ID"));
}

bool BelongsTo(const AccountAttributes& attributes, std::string_view group_id) {
  if (group_id == kAllAccountsGroup) return true;
  if (group_id == kKeyAccountsGroup) return !attributes.tier.empty();
  for (const auto& [prefix, attribute] : kAttributeGroups) {
    if (group_id.starts_with(prefix)) {
      const std::string_view value = group_id.substr(prefix.size());
      return !value.empty() && attributes.*attribute == value;
    }
  }
  return false;
}

}  // namespace keyfold
