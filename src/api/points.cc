#include "api/points.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ask/series.h"
#include "base/status_macros.h"
#include "shares/group_share.h"

namespace keyfold {
namespace {

Json PointOf(Day day, const FoldedValues& values, bool is_group) {
  Json point{{"as_of", FormatDay(day)}};
  if (is_group) point["accounts"] = values.accounts;
  point["kpis"] = Json::object();
  for (const auto& [kpi, value] : values.kpis) point["kpis"][kpi] = value;
  point["missing_rates"] = values.missing_rates;
  return point;
}

}  // namespace

absl::StatusOr<std::vector<Day>> ReadDays(const ApiQuestion& question, Day last) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> from, question.Date("from"));
  if (!from.has_value()) return absl::InvalidArgumentError("from: a date is needed");
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> to, question.Date("to"));
  const std::string name = question.Text("step");
  const std::optional<SeriesStep> step = ParseSeriesStep(name.empty() ? "month" : name);
  if (!step.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("step: '", name, "' is none of day, week, month, quarter, year"));
  }
  return SeriesDays(*from, to.value_or(last), *step);
}

absl::Status NoMembers(const std::string& id) {
  return absl::NotFoundError(absl::StrCat("nobody belongs to the group ", id, " at that date"));
}

absl::Status NoShare() { return absl::UnavailableError("another gateway answers with what is no share of this"); }

absl::StatusOr<Points> PointsOfAccount(const ApiQuestion& question, const Catalog& catalog, const std::string& id,
                                       const DaysUpTo& days_up_to, std::span<const uint16_t> kpis) {
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::AtDate at, question.Shards());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Day> days, days_up_to(at.day));
  Points points{Json::array(), at.reader->moments()};
  const auto visit = [&points](Day day, const FoldedValues& values) {
    points.json.push_back(PointOf(day, values, /*is_group=*/false));
  };
  KEYFOLD_ASSIGN_OR_RETURN(const bool found, AccountSeries(at.reader->With(catalog), id, days, kpis, visit));
  if (!found) return NotThere(*at.reader, id);
  return points;
}

ShareReader SeriesShareReader(const Catalog& catalog, const std::string& id, const DaysUpTo& days_up_to) {
  return [&](const ProjectionReader& reader, Day last) -> absl::StatusOr<v1::GroupShare> {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Day> days, days_up_to(last));
    KEYFOLD_ASSIGN_OR_RETURN(const GroupSeriesShare share, ReadGroupShare(reader.With(catalog), id, days));
    v1::GroupShare message;
    Put(share, message);
    return message;
  };
}

absl::StatusOr<Points> PointsOfGroup(const ApiQuestion& question, const HttpTarget& target, const Catalog& catalog,
                                     const std::string& id, const DaysUpTo& days_up_to,
                                     std::span<const uint16_t> kpis) {
  KEYFOLD_ASSIGN_OR_RETURN(GatheredShares gathered,
                           GatherShares(question, target, SeriesShareReader(catalog, id, days_up_to)));
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Day> days, days_up_to(gathered.day));
  GroupSeriesShare sum{false, std::vector<GroupSums>(days.size(), GroupSums(catalog))};
  for (const v1::GroupShare& message : gathered.shares) {
    const std::optional<GroupSeriesShare> share = SeriesIn(catalog, days.size(), message);
    if (!share.has_value()) return NoShare();
    Add(*share, sum);
  }
  Points points{Json::array(), std::move(gathered.moments)};
  const auto visit = [&points](Day day, const FoldedValues& values) {
    points.json.push_back(PointOf(day, values, /*is_group=*/true));
  };
  if (!VisitGroupSeries(catalog, id, days, kpis, sum, visit)) return NoMembers(id);
  return points;
}

}  // namespace keyfold
