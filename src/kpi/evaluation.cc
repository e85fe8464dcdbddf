#include "kpi/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "base/undefined.h"
#include "kpi/conversion.h"

namespace keyfold {
namespace {

bool FitsInt64(__int128 value) {
  return value >= std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max();
}

// Amounts of other currencies: summed per month (flows) or altogether (stocks) before they are converted and rounded.
class ForeignAmounts {
 public:
  explicit ForeignAmounts(const EvaluationDay& evaluation) : evaluation_(evaluation) {}

  void Add(uint16_t slot, const LedgerCell& cell, int64_t amount) {
    amounts_[{slot, cell.currency, RateMonth(evaluation_, cell)}] += amount;
  }

  // Adds the converted amounts to the sums, and notes those without a rate.
  void ConvertInto(const RateTable& rates, std::vector<__int128>& sums, ComponentValues& components) const {
    const Catalog& catalog = *evaluation_.catalog;
    std::set<Currency> missing;
    for (const auto& [key, amount] : amounts_) {
      const auto& [slot, currency, month] = key;
      if (amount == 0) continue;
      const std::optional<double> rate = rates.Find(currency, month);
      if (rate.has_value()) {
        sums[slot] += Convert(amount, *rate, currency, catalog.reporting_currency());
        continue;
      }
      components.incomplete[slot] = 1;
      if (catalog.base_components()[slot].published) missing.insert(currency);
    }
    components.missing_rates.assign(missing.begin(), missing.end());
  }

 private:
  const EvaluationDay& evaluation_;
  std::map<std::tuple<uint16_t, Currency, Month>, __int128> amounts_;
};

void AddToHistogram(Histogram& histogram, int16_t bin, int64_t count) {
  auto at = std::lower_bound(histogram.begin(), histogram.end(), std::pair(bin, std::numeric_limits<int64_t>::min()));
  if (at == histogram.end() || at->first != bin) at = histogram.insert(at, {bin, 0});
  at->second += count;
  if (at->second == 0) histogram.erase(at);
}

void AddToHistograms(const EvaluationDay& evaluation, const Contribution& contribution,
                     std::vector<Histogram>& histograms) {
  for (size_t slot = 0; slot < histograms.size(); ++slot) {
    if (evaluation.histogram_ranges[slot].Contains(contribution.cell.day)) {
      AddToHistogram(histograms[slot], contribution.cell.bin, contribution.amount);
    }
  }
}

bool IsLocal(const EvaluationDay& evaluation, Currency currency) {
  return currency.is_none() || currency == evaluation.catalog->reporting_currency();
}

// A derived component: rounded half away from zero, undefined outside int64.
double RoundedComponent(double value) {
  const double rounded = std::round(value);
  return std::abs(rounded) < 0x1p63 ? rounded : kUndefined;
}

// The definitions of an account, one by one, into `values`.
class AccountFormulas {
 public:
  AccountFormulas(const EvaluationDay& evaluation, const ComponentValues& components, std::vector<double>& values)
      : catalog_(*evaluation.catalog), values_(values), base_(components.base.size()), inputs_(InputsAt(evaluation)) {
    for (size_t slot = 0; slot < base_.size(); ++slot) {
      base_[slot] = components.undefined[slot] != 0 ? kUndefined : static_cast<double>(components.base[slot]);
    }
    inputs_.base = base_;
    inputs_.incomplete = components.incomplete;
    inputs_.histograms = components.histograms;
    inputs_.values = values;
  }

  void Evaluate(uint16_t index) {
    const Definition& definition = catalog_.definitions()[index];
    const double value = definition.formula.Evaluate(inputs_);
    values_[index] = definition.kind == Definition::Kind::kComponent ? RoundedComponent(value) : value;
  }

 private:
  const Catalog& catalog_;
  std::vector<double>& values_;
  std::vector<double> base_;
  FormulaInputs inputs_;
};

}  // namespace

EvaluationDay::EvaluationDay(const Catalog& catalog, Day day)
    : catalog(&catalog),
      day(day),
      date(FormatDay(day)),
      end_of_day(static_cast<double>(catalog.calendar().StartOf(day + 1))) {
  ranges.reserve(catalog.base_components().size());
  for (const BaseComponent& component : catalog.base_components()) {
    ranges.push_back(RangeAt(component.window, day, catalog.calendar()));
  }
  for (const HistogramComponent& component : catalog.histogram_components()) {
    histogram_ranges.push_back(RangeAt(component.window, day, catalog.calendar()));
  }
}

ComponentValues::ComponentValues(const Catalog& catalog)
    : base(catalog.base_components().size()),
      undefined(base.size()),
      incomplete(base.size()),
      histograms(catalog.histogram_components().size()) {}

ComponentValues SumComponents(const EvaluationDay& evaluation, std::span<const Contribution> ledger,
                              const RateTable& rates) {
  const Catalog& catalog = *evaluation.catalog;
  ComponentValues components(catalog);
  std::vector<__int128> sums(components.base.size());
  ForeignAmounts foreign(evaluation);
  for (const Contribution& contribution : ledger) {
    const LedgerCell& cell = contribution.cell;
    const bool local = IsLocal(evaluation, cell.currency);
    components.foreign |= !local;
    for (uint16_t slot : catalog.SlotsOf(cell.measure)) {
      if (!evaluation.ranges[slot].Contains(cell.day)) continue;
      if (local) {
        sums[slot] += contribution.amount;
      } else {
        foreign.Add(slot, cell, contribution.amount);
      }
    }
    if (cell.measure == Measure::kResolutionHistogram) AddToHistograms(evaluation, contribution, components.histograms);
  }
  foreign.ConvertInto(rates, sums, components);
  for (size_t slot = 0; slot < sums.size(); ++slot) {
    components.undefined[slot] = FitsInt64(sums[slot]) ? 0 : 1;
    components.base[slot] = components.undefined[slot] != 0 ? 0 : static_cast<int64_t>(sums[slot]);
  }
  return components;
}

bool AddToComponents(const EvaluationDay& evaluation, std::span<const Contribution> delta,
                     ComponentValues& components) {
  for (const Contribution& contribution : delta) {
    const LedgerCell& cell = contribution.cell;
    if (!IsLocal(evaluation, cell.currency)) return false;
    for (uint16_t slot : evaluation.catalog->SlotsOf(cell.measure)) {
      if (!evaluation.ranges[slot].Contains(cell.day)) continue;
      if (components.undefined[slot] != 0) return false;
      int64_t& base = components.base[slot];
      if (__builtin_add_overflow(base, contribution.amount, &base)) return false;
    }
    if (cell.measure == Measure::kResolutionHistogram) AddToHistograms(evaluation, contribution, components.histograms);
  }
  return true;
}

FormulaInputs InputsAt(const EvaluationDay& evaluation) {
  FormulaInputs inputs;
  inputs.day = evaluation.day;
  inputs.end_of_day = evaluation.end_of_day;
  inputs.money_unit = evaluation.catalog->money_unit();
  return inputs;
}

std::vector<double> EvaluateAccount(const EvaluationDay& evaluation, const ComponentValues& components) {
  std::vector<double> values(evaluation.catalog->definitions().size());
  AccountFormulas formulas(evaluation, components, values);
  for (uint16_t index : evaluation.catalog->account_order()) formulas.Evaluate(index);
  return values;
}

void UpdateValues(const EvaluationDay& evaluation, const ComponentValues& components,
                  std::span<const Contribution> delta, std::vector<double>& values) {
  const Catalog& catalog = *evaluation.catalog;
  DefinitionSet readers(catalog.account_order().size());
  for (const Contribution& contribution : delta) readers |= catalog.ReadersOf(contribution.cell.measure);
  AccountFormulas formulas(evaluation, components, values);
  readers.ForEach([&](size_t position) { formulas.Evaluate(catalog.account_order()[position]); });
}

double PublishedValue(const Catalog& catalog, const Definition& kpi, double value) {
  return kpi.is_money ? value / catalog.money_unit() : value;
}

}  // namespace keyfold
