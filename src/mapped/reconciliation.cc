#include "mapped/reconciliation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/wrapping.h"

namespace keyfold {
namespace {

struct Sums {
  int64_t in_export = 0;
  int64_t in_ledger = 0;
};

// By what is added up, and by day within it.
using SumKey = std::tuple<std::string, Measure, Currency>;  // period, measure, currency
using Days = std::map<Day, Sums>;

SumDifference DifferenceOf(std::string_view account_id, const SumKey& key, const Sums& whole, const Days& days) {
  SumDifference difference;
  difference.account_id = std::string(account_id);
  std::tie(difference.period, difference.measure, difference.currency) = key;
  difference.in_export = whole.in_export;
  difference.in_ledger = whole.in_ledger;
  for (const auto& [day, sums] : days) {
    if (sums.in_export != sums.in_ledger) difference.days.push_back({day, sums.in_export, sums.in_ledger});
  }
  return difference;
}

}  // namespace

std::optional<Period> ParsePeriod(std::string_view name) {
  if (name == "day") return Period::kDay;
  if (name == "month") return Period::kMonth;
  if (name == "quarter") return Period::kQuarter;
  if (name == "year") return Period::kYear;
  return std::nullopt;
}

std::string PeriodOf(Period period, Day day) {
  const std::string iso = FormatDay(day);
  switch (period) {
    case Period::kDay:
      return iso;
    case Period::kMonth:
      return iso.substr(0, 7);
    case Period::kQuarter:
      return absl::StrCat(iso.substr(0, 4), "-Q", MonthOf(day) % 12 / 3 + 1);
    case Period::kYear:
      break;
  }
  return iso.substr(0, 4);
}

bool Reconciliation::IsCompared(const LedgerCell& cell) const {
  if (KindOf(cell.measure) != MeasureKind::kFlow || cell.measure == Measure::kResolutionHistogram) return false;
  if (sums_.from.has_value() && cell.day < *sums_.from) return false;
  if (sums_.to.has_value() && cell.day > *sums_.to) return false;
  return sums_.measures.empty() ? UnitOf(cell.measure) == MeasureUnit::kMoney : sums_.measures.count(cell.measure) != 0;
}

void Reconciliation::Compare(std::string_view account_id, std::span<const Contribution> in_export,
                             std::span<const Contribution> in_ledger) {
  ++accounts_;
  std::set<Measure> known;
  std::map<SumKey, Days> all;
  const auto key_of = [this](const LedgerCell& cell) {
    return SumKey(PeriodOf(sums_.period, cell.day), cell.measure, cell.currency);
  };
  for (const auto& [cell, amount] : in_export) {
    if (!IsCompared(cell)) continue;
    known.insert(cell.measure);
    int64_t& sum = all[key_of(cell)][cell.day].in_export;
    sum = WrappingAdd(sum, amount);
  }
  for (const auto& [cell, amount] : in_ledger) {
    const bool compared = sums_.measures.empty() ? known.count(cell.measure) != 0 : true;
    if (!compared || !IsCompared(cell)) continue;
    int64_t& sum = all[key_of(cell)][cell.day].in_ledger;
    sum = WrappingAdd(sum, amount);
  }
  const size_t before = differences_.size();
  for (const auto& [key, days] : all) {
    Sums whole;
    for (const auto& [day, sums] : days) {
      whole.in_export = WrappingAdd(whole.in_export, sums.in_export);
      whole.in_ledger = WrappingAdd(whole.in_ledger, sums.in_ledger);
    }
    ++compared_;
    if (whole.in_export != whole.in_ledger) differences_.push_back(DifferenceOf(account_id, key, whole, days));
  }
  if (differences_.size() != before) ++differing_;
}

}  // namespace keyfold
