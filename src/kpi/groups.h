// Groups of accounts: who belongs where, and how groups are called.
#ifndef KEYFOLD_KPI_GROUPS_H_
#define KEYFOLD_KPI_GROUPS_H_

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "account/entity.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {

// The group that every account belongs to, and that of the key accounts.
inline constexpr std::string_view kAllAccountsGroup = "portfolio:all";
inline constexpr std::string_view kKeyAccountsGroup = "portfolio:key";

// The groups that an account with these attributes belongs to ("portfolio:all", "manager:M7" ...).
void VisitGroups(const AccountAttributes& attributes, absl::FunctionRef<void(const std::string&)> visit);
std::vector<std::string> GroupsOf(const AccountAttributes& attributes);

// The groups that an account with these attributes over time belongs to at some date, but for that of all.
std::set<std::string> GroupsEver(std::span<const AttributeSpan> spans);

// Whether accounts with these attributes belong to the same groups.
bool SameGroups(const AccountAttributes& a, const AccountAttributes& b);

// What kind of group it is, and its id within that kind: "M7" of "manager:M7".
struct GroupName {
  v1::GroupAttributes::Kind kind = v1::GroupAttributes::KIND_UNSPECIFIED;
  std::string_view label;
};
GroupName NameOfGroup(std::string_view group_id);

// Whether an account with these attributes belongs to the group: whether GroupsOf() has it.
bool BelongsTo(const AccountAttributes& attributes, std::string_view group_id);

// Whether an id is meant to be a group's: it begins with a group's prefix ("manager:").
bool IsGroupId(std::string_view id);

// InvalidArgument says which groups there are, where `id` is none.
absl::Status CheckGroupId(std::string_view id);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_GROUPS_H_
