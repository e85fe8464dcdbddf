#include "ask/targets.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/undefined.h"
#include "kpi/group_sums.h"
#include "state/account_reader.h"

namespace keyfold {
namespace {

constexpr double kMillionths = 1'000'000;

// What plans are seen by: definitions and totals of the catalogue.
struct PlanWords {
  uint16_t plans = 0;
  uint16_t target = 0;
  uint16_t goal = 0;
  uint16_t revenue = 0;
  uint16_t revenue_ytd = 0;
  std::optional<uint16_t> attainment;
  std::optional<uint16_t> progress;
  std::optional<uint16_t> on_track;
  std::optional<uint16_t> margin_ratio;
  std::optional<uint16_t> margin_headroom;
  uint16_t start = 0;  // slots
  uint16_t end = 0;
  uint16_t growth = 0;
  std::optional<uint16_t> min_margin;
};

absl::StatusOr<PlanWords> FindWords(const Catalog& catalog) {
  PlanWords words;
  for (const auto& [id, index] :
       {std::pair("plans", &words.plans), std::pair("plan_target", &words.target), std::pair("plan_goal", &words.goal),
        std::pair("revenue_t12m", &words.revenue), std::pair("revenue_ytd", &words.revenue_ytd)}) {
    const std::optional<uint16_t> found = catalog.FindDefinition(id);
    if (!found.has_value()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the catalogue has no '", id, "': plans cannot be followed with it"));
    }
    *index = *found;
  }
  for (const auto& [measure, slot] :
       {std::pair(Measure::kPlanStart, &words.start), std::pair(Measure::kPlanEnd, &words.end),
        std::pair(Measure::kPlanTargetGrowth, &words.growth)}) {
    const std::optional<uint16_t> found = catalog.FindTotal(measure);
    if (!found.has_value()) {
      return absl::FailedPreconditionError(absl::StrCat("no formula of the catalogue reads sum(",
                                                        std::string(MeasureName(measure)),
                                                        ", total): plans cannot be followed with it"));
    }
    *slot = *found;
  }
  words.attainment = catalog.FindKpi("plan_attainment");
  words.progress = catalog.FindKpi("plan_progress");
  words.on_track = catalog.FindKpi("plan_on_track");
  words.margin_ratio = catalog.FindKpi("contribution_margin_ratio");
  words.margin_headroom = catalog.FindKpi("plan_margin_headroom");
  words.min_margin = catalog.FindTotal(Measure::kPlanMinMargin);
  return words;
}

// Takes the members one by one.
class TargetsBuilder {
 public:
  TargetsBuilder(const Catalog& catalog, const PlanWords& words, Day day)
      : catalog_(catalog),
        words_(words),
        year_(FiscalYearOf(catalog.calendar(), day)),
        today_(catalog, day),
        year_end_(catalog, year_.last),
        money_unit_(InputsAt(today_).money_unit),
        sums_(catalog) {}

  void Add(const AccountRecord& account) {
    ++accounts_;
    const AccountValues today = EvaluateAt(today_, account);
    if (!(today.values[words_.plans] > 0)) return;
    sums_ += GroupDelta(catalog_, {today.components, today.values});
    TargetRow row;
    const AccountAttributes attributes = AttributesAt(account.attributes, today_.day);
    row.account_id = account.id;
    row.name = attributes.name;
    row.tier = attributes.tier;
    row.manager_id = attributes.manager_id;
    const std::vector<int64_t>& base = today.components.base;
    row.plan_start = static_cast<Day>(base[words_.start]);
    row.plan_end = static_cast<Day>(base[words_.end]);
    row.growth = static_cast<double>(base[words_.growth]) / kMillionths;
    row.min_margin = words_.min_margin ? static_cast<double>(base[*words_.min_margin]) / kMillionths : kUndefined;
    row.on_track = ValueOf(words_.on_track, today.values);
    row.values = ValuesOf(today.values);
    const AccountValues then = EvaluateAt(year_end_, account);
    row.values.year_end_target = then.values[words_.plans] > 0 ? Money(then.values[words_.target]) : kUndefined;
    rows_.push_back(std::move(row));
  }

  Targets Finish() && {
    Targets targets;
    targets.year = year_;
    targets.accounts = accounts_;
    targets.group = GroupValues();
    for (const TargetRow& row : rows_) {
      if (row.on_track > 0) ++targets.accounts_on_track;
      if (std::isnan(row.values.year_end_gap())) continue;
      ++targets.year_end_accounts;
      targets.group.year_end_revenue += row.values.year_end_revenue;
      targets.group.year_end_target += row.values.year_end_target;
    }
    if (targets.year_end_accounts == 0) {
      targets.group.year_end_revenue = targets.group.year_end_target = kUndefined;
    }
    targets.missing_rates = CurrencyCodes(sums_.missing_rates);
    const auto key = [](const TargetRow& row) {
      const double gap = row.values.year_end_gap();
      return std::tuple(std::isnan(gap) ? std::numeric_limits<double>::infinity() : gap,
                        std::string_view(row.account_id));
    };
    std::sort(rows_.begin(), rows_.end(), [&key](const TargetRow& a, const TargetRow& b) { return key(a) < key(b); });
    targets.rows = std::move(rows_);
    return targets;
  }

 private:
  double Money(double minor) const { return minor / money_unit_; }

  double ValueOf(std::optional<uint16_t> kpi, const std::vector<double>& values) const {
    if (!kpi.has_value()) return kUndefined;
    return PublishedValue(catalog_, catalog_.definitions()[*kpi], values[*kpi]);
  }

  // All but the year's target.
  TargetValues ValuesOf(const std::vector<double>& values) const {
    TargetValues target;
    target.revenue = Money(values[words_.revenue]);
    target.target = Money(values[words_.target]);
    target.goal = Money(values[words_.goal]);
    target.attainment = ValueOf(words_.attainment, values);
    target.progress = ValueOf(words_.progress, values);
    target.margin_ratio = ValueOf(words_.margin_ratio, values);
    target.margin_headroom = ValueOf(words_.margin_headroom, values);
    target.year_end_revenue = RunRate(Money(values[words_.revenue_ytd]), year_, today_.day);
    return target;
  }

  // The year's end is left at 0, to be added up.
  TargetValues GroupValues() const {
    TargetValues group = ValuesOf(sums_.Evaluate(today_));
    group.year_end_revenue = 0;
    return group;
  }

  const Catalog& catalog_;
  const PlanWords& words_;
  FiscalYear year_;
  EvaluationDay today_;
  EvaluationDay year_end_;
  double money_unit_;
  GroupSums sums_;
  int64_t accounts_ = 0;
  std::vector<TargetRow> rows_;
};

}  // namespace

FiscalYear FiscalYearOf(const Calendar& calendar, Day day) {
  const Day first = calendar.FiscalYearStart(day);
  return {first, MinusMonths(first, -12) - 1};
}

double RunRate(double revenue_to_date, const FiscalYear& year, Day day) {
  return revenue_to_date / (day - year.first + 1) * year.days();
}

absl::StatusOr<Targets> AskTargets(const ProjectionReader& reader, std::string_view group_id, Day day) {
  KEYFOLD_ASSIGN_OR_RETURN(const PlanWords words, FindWords(reader.catalog()));
  TargetsBuilder builder(reader.catalog(), words, day);
  KEYFOLD_RETURN_IF_ERROR(reader.VisitMembers(
      group_id, std::span(&day, 1),
      [&builder](const AccountRecord& account, std::span<const uint8_t> /*member*/) { builder.Add(account); }));
  return std::move(builder).Finish();
}

}  // namespace keyfold
