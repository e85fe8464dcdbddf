#include "ask/backtest.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/status_macros.h"
#include "base/undefined.h"
#include "kpi/groups.h"

namespace keyfold {
namespace {

double Ratio(int64_t part, int64_t of) {
  return of == 0 ? kUndefined : static_cast<double>(part) / static_cast<double>(of);
}

bool IsUp(double flag) { return !std::isnan(flag) && flag != 0; }

// The days on which the outcome came, ascending.
std::vector<Day> OutcomeDays(const std::vector<Contribution>& ledger, const BacktestOutcome& outcome) {
  std::map<Day, int64_t> amounts;
  for (const Contribution& contribution : ledger) {
    if (contribution.cell.measure == outcome.measure) amounts[contribution.cell.day] += contribution.amount;
  }
  std::vector<Day> days;
  for (const auto& [day, amount] : amounts) {
    if (amount != 0 && (outcome.sign == 0 || (amount > 0) == (outcome.sign > 0))) days.push_back(day);
  }
  return days;
}

double MedianOf(std::vector<int> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const size_t middle = numbers.size() / 2;
  return numbers.size() % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2.0;
}

// Takes the accounts one by one.
class BacktestBuilder {
 public:
  BacktestBuilder(const Catalog& catalog, uint16_t flag, const BacktestOutcome& outcome, int horizon_days, Day latest)
      : catalog_(catalog),
        flag_(flag),
        outcome_(outcome),
        horizon_days_(horizon_days),
        last_day_(latest - horizon_days),
        comparison_(FindScoreComparison(catalog, catalog.definitions()[flag].formula)) {}

  void Add(const AccountRecord& account) {
    if (account.ledger.empty()) return;
    const std::vector<Day> outcomes = OutcomeDays(account.ledger, outcome_);
    std::vector<MonthEnd> month_ends;
    for (Month month = MonthOf(FirstDayIn(account.ledger)); FirstDayOf(month + 1) - 1 <= last_day_; ++month) {
      AddMonthEnd(account, FirstDayOf(month + 1) - 1, outcomes, month_ends);
    }
    if (!month_ends.empty()) ++backtest_.accounts;
    for (Day outcome : outcomes) AddOutcome(outcome, month_ends);
  }

  Backtest Finish() && {
    if (!leads_.empty()) backtest_.lead_days = MedianOf(std::move(leads_));
    backtest_.score = comparison_;
    for (double threshold : Thresholds()) {
      BacktestThreshold& by = backtest_.thresholds.emplace_back();
      by.threshold = threshold;
      for (const auto& [score, came] : scores_) by.counts.Add(comparison_->Holds(score, threshold), came);
    }
    return std::move(backtest_);
  }

 private:
  struct MonthEnd {
    Day day;
    bool up;
  };

  static Day FirstDayIn(const std::vector<Contribution>& ledger) {
    return std::min_element(ledger.begin(), ledger.end(),
                            [](const auto& a, const auto& b) { return a.cell.day < b.cell.day; })
        ->cell.day;
  }

  const EvaluationDay& At(Day day) { return evaluations_.try_emplace(day, catalog_, day).first->second; }

  bool IsWithinHorizon(Day outcome, Day month_end) const {
    return outcome > month_end && outcome <= month_end + horizon_days_;
  }

  void AddMonthEnd(const AccountRecord& account, Day day, const std::vector<Day>& outcomes,
                   std::vector<MonthEnd>& month_ends) {
    const AccountValues at_day = EvaluateAt(At(day), account);
    if (at_day.components.base[catalog_.customer_slot()] <= 0) return;
    const bool came =
        std::any_of(outcomes.begin(), outcomes.end(), [&](Day outcome) { return IsWithinHorizon(outcome, day); });
    const bool up = IsUp(at_day.values[flag_]);
    backtest_.counts.Add(up, came);
    if (comparison_.has_value()) scores_.emplace_back(at_day.values[comparison_->kpi], came);
    backtest_.first = std::min(backtest_.first.value_or(day), day);
    backtest_.last = std::max(backtest_.last.value_or(day), day);
    month_ends.push_back({day, up});
  }

  void AddOutcome(Day outcome, const std::vector<MonthEnd>& month_ends) {
    bool counts = false;
    std::optional<Day> up_since;  // without a break up to the last month end before the outcome at which it was up
    std::optional<Day> since;
    for (const auto& [day, up] : month_ends) {
      if (day >= outcome) break;
      since = up ? std::optional(since.value_or(day)) : std::nullopt;
      if (!IsWithinHorizon(outcome, day)) continue;
      counts = true;
      if (up) up_since = since;
    }
    backtest_.outcomes += counts ? 1 : 0;
    if (!up_since.has_value()) return;
    ++backtest_.warned;
    leads_.push_back(outcome - *up_since);
  }

  std::vector<double> Thresholds() const {
    constexpr size_t kSteps = 10;
    std::vector<double> defined;
    for (const auto& [score, came] : scores_) {
      if (!std::isnan(score)) defined.push_back(score);
    }
    if (defined.empty()) return {};
    std::sort(defined.begin(), defined.end());
    std::vector<double> thresholds = {comparison_->constant};
    for (size_t step = 1; step < kSteps; ++step) thresholds.push_back(defined[step * defined.size() / kSteps]);
    std::sort(thresholds.begin(), thresholds.end());
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
    return thresholds;
  }

  const Catalog& catalog_;
  const uint16_t flag_;
  const BacktestOutcome outcome_;
  const int horizon_days_;
  const Day last_day_;  // of which it is known what came
  const std::optional<ScoreComparison> comparison_;
  std::map<Day, EvaluationDay> evaluations_;
  std::vector<std::pair<double, bool>> scores_;  // with whether an outcome came
  std::vector<int> leads_;
  Backtest backtest_;
};

}  // namespace

std::optional<BacktestOutcome> ParseOutcome(std::string_view text) {
  int sign = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  const std::optional<Measure> measure = FindMeasure(text);
  return measure.has_value() ? std::optional(BacktestOutcome{*measure, sign}) : std::nullopt;
}

void BacktestCounts::Add(bool flagged, bool came) {
  ++(flagged ? (came ? true_positives : false_positives) : (came ? false_negatives : true_negatives));
}

double BacktestCounts::precision() const { return Ratio(true_positives, true_positives + false_positives); }
double BacktestCounts::recall() const { return Ratio(true_positives, true_positives + false_negatives); }

bool ScoreComparison::Holds(double score, double threshold) const {
  switch (op) {
    case Formula::Op::kLess:
      return score < threshold;
    case Formula::Op::kLessEqual:
      return score <= threshold;
    case Formula::Op::kGreater:
      return score > threshold;
    default:
      return score >= threshold;
  }
}

std::optional<ScoreComparison> FindScoreComparison(const Catalog& catalog, const Formula& formula) {
  using Op = Formula::Op;
  const std::vector<Formula::Instruction>& code = formula.code();
  for (size_t i = 0; i + 2 < code.size(); ++i) {
    if (code[i].op != Op::kDefinition || code[i + 1].op != Op::kConstant) continue;
    if (catalog.definitions()[code[i].index].kind != Definition::Kind::kKpi) continue;
    const bool negated = code[i + 2].op == Op::kNegate;
    const size_t at = i + 2 + (negated ? 1 : 0);
    if (at >= code.size()) continue;
    const Op op = code[at].op;
    if (op != Op::kLess && op != Op::kLessEqual && op != Op::kGreater && op != Op::kGreaterEqual) continue;
    return ScoreComparison{code[i].index, op, negated ? -code[i + 1].constant : code[i + 1].constant};
  }
  return std::nullopt;
}

absl::StatusOr<Backtest> AskBacktest(const ProjectionReader& reader, uint16_t flag, const BacktestOutcome& outcome,
                                     int horizon_days) {
  KEYFOLD_ASSIGN_OR_RETURN(const Day latest, reader.LatestDay());
  BacktestBuilder builder(reader.catalog(), flag, outcome, horizon_days, latest);
  KEYFOLD_RETURN_IF_ERROR(reader.VisitMembers(
      kAllAccountsGroup, std::span(&latest, 1),
      [&builder](const AccountRecord& account, std::span<const uint8_t> /*member*/) { builder.Add(account); }));
  return std::move(builder).Finish();
}

}  // namespace keyfold
