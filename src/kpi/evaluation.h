// From contributions to published values: components summed at a date, formulas over them.
// Pure: results are functions of the arguments.
#ifndef KEYFOLD_KPI_EVALUATION_H_
#define KEYFOLD_KPI_EVALUATION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "account/contribution.h"
#include "base/calendar.h"
#include "base/currency.h"
#include "kpi/catalog.h"
#include "kpi/rates.h"

namespace keyfold {

// A catalogue seen from one evaluation date.
struct EvaluationDay {
  EvaluationDay(const Catalog& catalog, Day day);

  const Catalog* catalog;
  Day day;
  std::string date;                        // YYYY-MM-DD
  std::vector<DayRange> ranges;            // of the base components
  std::vector<DayRange> histogram_ranges;  // of the histogram components
  double end_of_day;                       // epoch seconds
};

// An account's base components at a date.
struct ComponentValues {
  explicit ComponentValues(const Catalog& catalog);

  std::vector<int64_t> base;
  std::vector<uint8_t> undefined;   // outside int64
  std::vector<uint8_t> incomplete;  // an amount was left out for want of a rate
  std::vector<Histogram> histograms;
  std::vector<Currency> missing_rates;  // of published components; sorted
  bool foreign = false;                 // the ledger holds amounts in other currencies

  friend bool operator==(const ComponentValues&, const ComponentValues&) = default;
};

// Sums an account's ledger from the beginning.
ComponentValues SumComponents(const EvaluationDay& evaluation, std::span<const Contribution> ledger,
                              const RateTable& rates);

// Adds new contributions to components of the same day. False, with `components` in an unspecified state, where that
// is not a sum of integers (other currencies, overflow): then sum the ledger anew.
[[nodiscard]] bool AddToComponents(const EvaluationDay& evaluation, std::span<const Contribution> delta,
                                   ComponentValues& components);

// The values of all definitions for an account, by their index; NaN: undefined. Money in minor units; derived
// components rounded.
std::vector<double> EvaluateAccount(const EvaluationDay& evaluation, const ComponentValues& components);

// What these values become when a delta has been added to the components of the same day: those that do not depend on
// one of its measures stay as they are, without being evaluated.
void UpdateValues(const EvaluationDay& evaluation, const ComponentValues& components,
                  std::span<const Contribution> delta, std::vector<double>& values);

// What formulas read of a date: the caller adds the components.
FormulaInputs InputsAt(const EvaluationDay& evaluation);

// A KPI's value as it is published: money in major units.
double PublishedValue(const Catalog& catalog, const Definition& kpi, double value);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_EVALUATION_H_
