#include "kpi/conversion.h"

#include <cmath>
#include <map>
#include <utility>

namespace keyfold {
namespace {

double PowerOfTen(int exponent) {
  static constexpr double kPowers[] = {1e-4, 1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3, 1e4};
  return kPowers[exponent + 4];
}

}  // namespace

__int128 Convert(__int128 amount, double rate, Currency from, Currency to) {
  const double scale = PowerOfTen(to.digits() - from.digits());
  return static_cast<__int128>(std::round(static_cast<double>(amount) * rate * scale));
}

Month RateMonth(const EvaluationDay& evaluation, const LedgerCell& cell) {
  return MonthOf(ConvertsAsStock(cell.measure) ? evaluation.day : cell.day);
}

std::vector<Conversion> ConversionsIn(const EvaluationDay& evaluation, uint16_t slot,
                                      std::span<const Contribution> ledger, const RateTable& rates) {
  const Currency reporting = evaluation.catalog->reporting_currency();
  const Measure measure = evaluation.catalog->base_components()[slot].measure;
  std::map<std::pair<Currency, Month>, __int128> amounts;
  for (const Contribution& contribution : ledger) {
    const LedgerCell& cell = contribution.cell;
    if (cell.measure != measure || cell.currency.is_none() || cell.currency == reporting) continue;
    if (!evaluation.ranges[slot].Contains(cell.day)) continue;
    amounts[{cell.currency, RateMonth(evaluation, cell)}] += contribution.amount;
  }
  std::vector<Conversion> conversions;
  for (const auto& [key, amount] : amounts) {
    const auto& [currency, month] = key;
    if (amount == 0) continue;
    Conversion& conversion = conversions.emplace_back(Conversion{currency, month, amount, rates.Find(currency, month)});
    if (conversion.rate.has_value()) conversion.converted = Convert(amount, *conversion.rate, currency, reporting);
  }
  return conversions;
}

}  // namespace keyfold
