// Explains a KPI of an account or a group at a date, or its change between two dates, from the shards.
#ifndef KEYFOLD_EXPLAIN_EXPLAIN_H_
#define KEYFOLD_EXPLAIN_EXPLAIN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"
#include "explain/explanation.h"
#include "kpi/group_sums.h"

namespace keyfold {

struct ExplainQuestion {
  std::string id;    // of an account or a group
  uint16_t kpi = 0;  // definition index: of a KPI, or an alert
  Day day = 0;
  std::optional<Day> since;  // compare with this date
  size_t limit = 0;          // lines per component, members, events without effect; 0: all

  // Of a group, which members may be named; the others' shares are part of the rest. Null: all.
  std::function<bool(std::string_view account_id)> may_name = nullptr;
};

// The KPI or the alert of that name, by its own id or the one it has for groups; nullopt: there is none.
std::optional<uint16_t> FindExplained(const Catalog& catalog, std::string_view id);

// What some of the shards know of a group's members: their shares in one component.
struct MembersShare {
  std::vector<MemberLine> members;  // as ExplainedComponent has them
  int64_t count = 0;                // of all members
  __int128 amount = 0;              // likewise
  __int128 amount_since = 0;
};

// What some of the shards know of a group's KPI. Shares of different shards add up.
struct ExplanationShare {
  explicit ExplanationShare(const Catalog& catalog) : sums(catalog), sums_since(catalog) {}

  bool any = false;  // somebody belongs to the group at one of the dates
  GroupSums sums;
  GroupSums sums_since;
  std::vector<MembersShare> components;  // as the formulas read them
};

// InvalidArgument: the KPI is not published for groups.
absl::StatusOr<ExplanationShare> ReadExplanationShare(const ProjectionReader& reader, const ExplainQuestion& question);

// REQUIRES: both are of this question.
void Add(const ExplainQuestion& question, ExplanationShare share, ExplanationShare& to);

// `share` is that of all shards. nullopt: nobody belongs to the group at any of the dates.
std::optional<Explanation> ExplainGroup(const Catalog& catalog, const ExplainQuestion& question,
                                        ExplanationShare share);

// nullopt: no shard has the account; nobody belongs to the group at any of the dates. InvalidArgument: the KPI is not
// published for groups. What is said of a group needs ProjectionReader::CheckComplete().
absl::StatusOr<std::optional<Explanation>> Explain(const ProjectionReader& reader, const ExplainQuestion& question);

}  // namespace keyfold

#endif  // KEYFOLD_EXPLAIN_EXPLAIN_H_
