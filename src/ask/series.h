// KPIs over time: of an account or a group, at every step of a calendar.
#ifndef KEYFOLD_ASK_SERIES_H_
#define KEYFOLD_ASK_SERIES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"
#include "kpi/group_sums.h"
#include "state/account_reader.h"

namespace keyfold {

enum class SeriesStep { kDay, kWeek, kMonth, kQuarter, kYear };

// The largest number of steps in a series.
inline constexpr size_t kSeriesStepsMax = 10'000;

// "day", "week", "month", "quarter", "year"; nullopt: none of them.
std::optional<SeriesStep> ParseSeriesStep(std::string_view name);

// The days `from`, `from` + 1 step ... up to `to`. Months are counted from `from` as in docs/kpis.md, "D - n m": the
// same day of the month, clamped; a month's last day leads to last days. InvalidArgument: from > to, or too many steps.
absl::StatusOr<std::vector<Day>> SeriesDays(Day from, Day to, SeriesStep step);

using SeriesVisitor = std::function<void(Day day, const FoldedValues& values)>;

// Visits an account's KPIs (definition indexes) at each of the days. Its ledger is read once. False: no shard has it.
absl::StatusOr<bool> AccountSeries(const ProjectionReader& reader, std::string_view account_id,
                                   std::span<const Day> days, std::span<const uint16_t> kpis,
                                   const SeriesVisitor& visit);

// What some of the shards know of a group at each of some days. Shares of different shards add up.
struct GroupSeriesShare {
  bool any = false;             // somebody belongs to the group at one of the days
  std::vector<GroupSums> sums;  // by day
};

// Each account's ledger is read once.
absl::StatusOr<GroupSeriesShare> ReadGroupShare(const ProjectionReader& reader, std::string_view group_id,
                                                std::span<const Day> days);

// REQUIRES: both are of the same catalogue, group and days.
void Add(const GroupSeriesShare& share, GroupSeriesShare& to);

// Visits a group's KPIs at each of the days, with the members of that day; 0 accounts where there is none. `share` is
// that of all shards. False, and nothing visited: nobody belongs to the group at any of the days.
bool VisitGroupSeries(const Catalog& catalog, std::string_view group_id, std::span<const Day> days,
                      std::span<const uint16_t> kpis, const GroupSeriesShare& share, const SeriesVisitor& visit);

// The same where all shards are here.
absl::StatusOr<bool> GroupSeries(const ProjectionReader& reader, std::string_view group_id, std::span<const Day> days,
                                 std::span<const uint16_t> kpis, const SeriesVisitor& visit);

}  // namespace keyfold

#endif  // KEYFOLD_ASK_SERIES_H_
