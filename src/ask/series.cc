#include "ask/series.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kpi/group_sums.h"

namespace keyfold {
namespace {

constexpr std::pair<std::string_view, SeriesStep> kSteps[] = {
    {"day", SeriesStep::kDay},         {"week", SeriesStep::kWeek}, {"month", SeriesStep::kMonth},
    {"quarter", SeriesStep::kQuarter}, {"year", SeriesStep::kYear},
};

Day PlusSteps(Day from, SeriesStep step, int count) {
  switch (step) {
    case SeriesStep::kDay:
      return from + count;
    case SeriesStep::kWeek:
      return from + 7 * count;
    case SeriesStep::kMonth:
      return MinusMonths(from, -count);
    case SeriesStep::kQuarter:
      return MinusMonths(from, -3 * count);
    case SeriesStep::kYear:
      return MinusMonths(from, -12 * count);
  }
  return from;
}

std::vector<EvaluationDay> Evaluations(const Catalog& catalog, std::span<const Day> days) {
  std::vector<EvaluationDay> evaluations;
  evaluations.reserve(days.size());
  for (Day day : days) evaluations.emplace_back(catalog, day);
  return evaluations;
}

}  // namespace

std::optional<SeriesStep> ParseSeriesStep(std::string_view name) {
  for (const auto& [known, step] : kSteps) {
    if (name == known) return step;
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<Day>> SeriesDays(Day from, Day to, SeriesStep step) {
  if (from > to) {
    return absl::InvalidArgumentError(absl::StrCat(FormatDay(from), " is after ", FormatDay(to), ": nothing to show"));
  }
  std::vector<Day> days;
  for (Day day = from; day <= to; day = PlusSteps(from, step, static_cast<int>(days.size()))) {
    if (days.size() == kSeriesStepsMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("more than ", kSeriesStepsMax, " steps: a longer step or fewer days are needed"));
    }
    days.push_back(day);
  }
  return days;
}

absl::StatusOr<bool> AccountSeries(const ProjectionReader& reader, std::string_view account_id,
                                   std::span<const Day> days, std::span<const uint16_t> kpis,
                                   const SeriesVisitor& visit) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<AccountRecord> account, reader.ReadAccount(account_id));
  if (!account.has_value()) return false;
  for (Day day : days) {
    const AccountValues at_day = EvaluateAt(EvaluationDay(reader.catalog(), day), *account);
    FoldedValues values;
    values.id = account->id;
    values.kpis = PublishedKpis(reader.catalog(), kpis, at_day.values, /*group=*/false);
    values.missing_rates = CurrencyCodes(at_day.components.missing_rates);
    visit(day, values);
  }
  return true;
}

absl::StatusOr<GroupSeriesShare> ReadGroupShare(const ProjectionReader& reader, std::string_view group_id,
                                                std::span<const Day> days) {
  const Catalog& catalog = reader.catalog();
  const std::vector<EvaluationDay> evaluations = Evaluations(catalog, days);
  GroupSeriesShare share{false, std::vector<GroupSums>(days.size(), GroupSums(catalog))};
  KEYFOLD_RETURN_IF_ERROR(
      reader.VisitMembers(group_id, days, [&](const AccountRecord& account, std::span<const uint8_t> member) {
        share.any = true;
        for (size_t i = 0; i < days.size(); ++i) {
          if (member[i] == 0) continue;
          const AccountValues at_day = EvaluateAt(evaluations[i], account);
          share.sums[i] += GroupDelta(catalog, {at_day.components, at_day.values});
        }
      }));
  return share;
}

void Add(const GroupSeriesShare& share, GroupSeriesShare& to) {
  to.any |= share.any;
  for (size_t i = 0; i < to.sums.size(); ++i) to.sums[i] += share.sums[i];
}

bool VisitGroupSeries(const Catalog& catalog, std::string_view group_id, std::span<const Day> days,
                      std::span<const uint16_t> kpis, const GroupSeriesShare& share, const SeriesVisitor& visit) {
  if (!share.any) return false;
  for (size_t i = 0; i < days.size(); ++i) {
    const GroupSums& sums = share.sums[i];
    FoldedValues values;
    values.id = std::string(group_id);
    values.accounts = sums.accounts;
    if (sums.accounts > 0) {
      values.kpis = PublishedKpis(catalog, kpis, sums.Evaluate(EvaluationDay(catalog, days[i])), /*group=*/true);
    }
    values.missing_rates = CurrencyCodes(sums.missing_rates);
    visit(days[i], values);
  }
  return true;
}

absl::StatusOr<bool> GroupSeries(const ProjectionReader& reader, std::string_view group_id, std::span<const Day> days,
                                 std::span<const uint16_t> kpis, const SeriesVisitor& visit) {
  KEYFOLD_ASSIGN_OR_RETURN(const GroupSeriesShare share, ReadGroupShare(reader, group_id, days));
  return VisitGroupSeries(reader.catalog(), group_id, days, kpis, share, visit);
}

}  // namespace keyfold
