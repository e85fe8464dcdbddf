#include "kpi/group_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/undefined.h"

namespace keyfold {
namespace {

template <typename Counts, typename Key>
void AddCount(const Key& key, int64_t count, Counts& counts) {
  const auto at = counts.try_emplace(key).first;
  at->second += count;
  if (at->second == 0) counts.erase(at);
}

template <typename Counts>
void AddCounts(const Counts& others, int sign, Counts& counts) {
  for (const auto& [key, count] : others) AddCount(key, sign * count, counts);
}

// Lists by how much each of `after` is above its like in `before`, where it differs.
template <typename Value, typename Differences>
void ListDifferences(const std::vector<Value>& before, const std::vector<Value>& after, Differences& differences) {
  if (before == after) return;
  for (size_t i = 0; i < after.size(); ++i) {
    if (before[i] == after[i]) continue;
    using Number = typename Differences::value_type::second_type;
    differences.emplace_back(static_cast<uint16_t>(i), Number{after[i]} - Number{before[i]});
  }
}

// A derived component of an account; 0 without one. None: undefined.
std::optional<int64_t> DerivedAmount(const std::optional<AccountShare>& share, uint16_t definition) {
  if (!share.has_value()) return 0;
  const double value = share->values[definition];
  return std::isnan(value) ? std::nullopt : std::optional(static_cast<int64_t>(value));
}

}  // namespace

// --- one account -----------------------------------------------------------------------------------------------------

GroupDelta::GroupDelta(const Catalog& catalog, const std::optional<AccountShare>& before,
                       const std::optional<AccountShare>& after)
    : accounts_(after.has_value() - before.has_value()) {
  std::optional<ComponentValues> none;
  const auto components_of = [&](const std::optional<AccountShare>& share) -> const ComponentValues& {
    if (share.has_value()) return share->components;
    return none.has_value() ? *none : none.emplace(catalog);
  };
  const ComponentValues& was = components_of(before);
  const ComponentValues& is = components_of(after);
  ListDifferences(was.base, is.base, amounts_);
  ListDifferences(was.undefined, is.undefined, undefined_);
  ListDifferences(was.incomplete, is.incomplete, incomplete_);
  auto slot = static_cast<uint16_t>(is.base.size());  // derived components come after the base components
  for (const uint16_t definition : catalog.derived_components()) {
    const std::optional<int64_t> amount_was = DerivedAmount(before, definition);
    const std::optional<int64_t> amount_is = DerivedAmount(after, definition);
    const __int128 change = __int128{amount_is.value_or(0)} - amount_was.value_or(0);
    if (change != 0) amounts_.emplace_back(slot, change);
    if (amount_was.has_value() != amount_is.has_value()) {
      undefined_.emplace_back(slot, amount_was.has_value() - amount_is.has_value());
    }
    ++slot;
  }
  if (was.histograms == is.histograms && was.missing_rates == is.missing_rates) return;
  AddLists(was, -1);
  AddLists(is, 1);
}

void GroupDelta::AddLists(const ComponentValues& components, int sign) {
  for (size_t i = 0; i < components.histograms.size(); ++i) {
    for (const auto& [bin, count] : components.histograms[i]) {
      histograms_.emplace_back(std::pair(static_cast<uint16_t>(i), bin), sign * count);
    }
  }
  for (Currency currency : components.missing_rates) missing_rates_.emplace_back(currency, sign);
}

bool GroupDelta::IsZero() const {
  return accounts_ == 0 && amounts_.empty() && undefined_.empty() && incomplete_.empty() && histograms_.empty() &&
         missing_rates_.empty();
}

// --- all of a group --------------------------------------------------------------------------------------------------

GroupSums::GroupSums(const Catalog& catalog)
    : amounts(catalog.base_components().size() + catalog.derived_components().size()),
      histograms(catalog.histogram_components().size()) {}

GroupSums& GroupSums::operator+=(const GroupDelta& delta) {
  accounts += delta.accounts_;
  for (const auto& [slot, amount] : delta.amounts_) amounts[slot] += amount;
  for (const auto& [slot, count] : delta.undefined_) AddCount(slot, count, undefined);
  for (const auto& [slot, count] : delta.incomplete_) AddCount(slot, count, incomplete);
  for (const auto& [place, count] : delta.histograms_) AddCount(place.second, count, histograms[place.first]);
  for (const auto& [currency, count] : delta.missing_rates_) AddCount(currency, count, missing_rates);
  return *this;
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

double GroupSums::ValueOf(size_t slot) const {
  const __int128 amount = amounts[slot];
  const bool fits = amount >= std::numeric_limits<int64_t>::min() && amount <= std::numeric_limits<int64_t>::max();
  return !fits || undefined.contains(static_cast<uint16_t>(slot)) ? kUndefined : static_cast<double>(amount);
}

std::vector<double> GroupSums::Evaluate(const EvaluationDay& evaluation) const {
  const Catalog& catalog = *evaluation.catalog;
  std::vector<double> base(catalog.base_components().size());
  for (size_t slot = 0; slot < base.size(); ++slot) base[slot] = ValueOf(slot);
  std::vector<uint8_t> is_incomplete(base.size());
  for (const auto& [slot, count] : incomplete) is_incomplete[slot] = 1;
  std::vector<Histogram> histogram_lists;
  for (const auto& histogram : histograms) histogram_lists.emplace_back(histogram.begin(), histogram.end());
  std::vector<double> values(catalog.definitions().size(), kUndefined);
  for (size_t i = 0; i < catalog.derived_components().size(); ++i) {
    values[catalog.derived_components()[i]] = ValueOf(base.size() + i);
  }
  FormulaInputs inputs = InputsAt(evaluation);
  inputs.base = base;
  inputs.incomplete = is_incomplete;
  inputs.histograms = histogram_lists;
  inputs.values = values;
  for (uint16_t index : catalog.group_order()) {
    const Definition& definition = catalog.definitions()[index];
    if (definition.has_group()) values[index] = definition.group_formula.Evaluate(inputs);
  }
  return values;
}

}  // namespace keyfold
