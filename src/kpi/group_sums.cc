#include "kpi/group_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace keyfold {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// Adds counts by key, and drops those that have become zero.
template <typename Counts>
void AddCounts(const Counts& other, int sign, Counts& counts) {
  for (const auto& [key, count] : other) {
    const auto at = counts.try_emplace(key).first;
    at->second += sign * count;
    if (at->second == 0) counts.erase(at);
  }
}

}  // namespace

GroupSums::GroupSums(const Catalog& catalog)
    : amounts(catalog.base_components().size() + catalog.derived_components().size()),
      histograms(catalog.histogram_components().size()) {}

GroupSums::GroupSums(const Catalog& catalog, const ComponentValues& components, std::span<const double> values)
    : GroupSums(catalog) {
  accounts = 1;
  const size_t base = components.base.size();
  for (size_t slot = 0; slot < base; ++slot) {
    amounts[slot] = components.base[slot];
    if (components.undefined[slot] != 0) undefined[static_cast<uint16_t>(slot)] = 1;
    if (components.incomplete[slot] != 0) incomplete[static_cast<uint16_t>(slot)] = 1;
  }
  for (size_t i = 0; i < catalog.derived_components().size(); ++i) {
    const double value = values[catalog.derived_components()[i]];
    if (std::isnan(value)) {
      undefined[static_cast<uint16_t>(base + i)] = 1;
    } else {
      amounts[base + i] = static_cast<int64_t>(value);
    }
  }
  for (size_t i = 0; i < histograms.size(); ++i) {
    histograms[i].insert(components.histograms[i].begin(), components.histograms[i].end());
  }
  for (Currency currency : components.missing_rates) missing_rates[currency] = 1;
}

GroupSums& GroupSums::Add(const GroupSums& other, int sign) {
  accounts += sign * other.accounts;
  if (sign > 0) {
    for (size_t slot = 0; slot < amounts.size(); ++slot) amounts[slot] += other.amounts[slot];
  } else {
    for (size_t slot = 0; slot < amounts.size(); ++slot) amounts[slot] -= other.amounts[slot];
  }
  AddCounts(other.undefined, sign, undefined);
  AddCounts(other.incomplete, sign, incomplete);
  for (size_t i = 0; i < histograms.size(); ++i) AddCounts(other.histograms[i], sign, histograms[i]);
  AddCounts(other.missing_rates, sign, missing_rates);
  return *this;
}

bool GroupSums::IsZero() const {
  return accounts == 0 && undefined.empty() && incomplete.empty() && missing_rates.empty() &&
         std::all_of(amounts.begin(), amounts.end(), [](__int128 amount) { return amount == 0; }) &&
         std::all_of(histograms.begin(), histograms.end(), [](const auto& histogram) { return histogram.empty(); });
}

double GroupSums::ToDouble(size_t slot) const {
  const __int128 amount = amounts[slot];
  const bool fits = amount >= std::numeric_limits<int64_t>::min() && amount <= std::numeric_limits<int64_t>::max();
  return !fits || undefined.contains(static_cast<uint16_t>(slot)) ? kUndefined : static_cast<double>(amount);
}

std::vector<double> GroupSums::Evaluate(const EvaluationDay& evaluation) const {
  const Catalog& catalog = *evaluation.catalog;
  std::vector<double> base(catalog.base_components().size());
  for (size_t slot = 0; slot < base.size(); ++slot) base[slot] = ToDouble(slot);
  std::vector<uint8_t> is_incomplete(base.size());
  for (const auto& [slot, count] : incomplete) is_incomplete[slot] = 1;
  std::vector<Histogram> histogram_lists;
  for (const auto& histogram : histograms) histogram_lists.emplace_back(histogram.begin(), histogram.end());
  std::vector<double> values(catalog.definitions().size(), kUndefined);
  for (size_t i = 0; i < catalog.derived_components().size(); ++i) {
    values[catalog.derived_components()[i]] = ToDouble(base.size() + i);
  }
  FormulaInputs inputs = InputsAt(evaluation);
  inputs.base = base;
  inputs.incomplete = is_incomplete;
  inputs.histograms = histogram_lists;
  inputs.values = values;
  for (uint16_t index : catalog.group_order()) {
    const Definition& definition = catalog.definitions()[index];
    if (definition.is_kpi && definition.rollup == Definition::Rollup::kFormula) {
      values[index] = definition.group_formula.Evaluate(inputs);
    }
  }
  return values;
}

}  // namespace keyfold
