// Explains a KPI of an account or a group at a date, or its change between two dates, from the shards.
#ifndef KEYFOLD_EXPLAIN_EXPLAIN_H_
#define KEYFOLD_EXPLAIN_EXPLAIN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"
#include "explain/explanation.h"

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

// nullopt: no shard has the account; nobody belongs to the group at any of the dates. InvalidArgument: the KPI is not
// published for groups. What is said of a group needs ProjectionReader::CheckComplete().
absl::StatusOr<std::optional<Explanation>> Explain(const ProjectionReader& reader, const ExplainQuestion& question);

}  // namespace keyfold

#endif  // KEYFOLD_EXPLAIN_EXPLAIN_H_
