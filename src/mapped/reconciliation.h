// An export's own sums against what the ledger has: to the cent, per account and period, with the days that differ.
#ifndef KEYFOLD_MAPPED_RECONCILIATION_H_
#define KEYFOLD_MAPPED_RECONCILIATION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "account/contribution.h"
#include "account/measure.h"
#include "base/calendar.h"
#include "base/currency.h"

namespace keyfold {

enum class Period { kDay, kMonth, kQuarter, kYear };

// "day", "month", "quarter", "year"; nullopt: something else.
std::optional<Period> ParsePeriod(std::string_view name);

// "2026-01-31", "2026-01", "2026-Q1", "2026": the period that a day is in. Calendar years.
std::string PeriodOf(Period period, Day day);

// A sum that differs. Amounts are minor units, of counts the counts themselves.
struct SumDifference {
  struct OnDay {
    Day day = 0;
    int64_t in_export = 0;
    int64_t in_ledger = 0;
  };

  std::string account_id;
  std::string period;
  Measure measure = Measure::kRevenue;
  Currency currency;
  int64_t in_export = 0;
  int64_t in_ledger = 0;
  std::vector<OnDay> days;  // those that differ
};

// What is compared.
struct ReconciledSums {
  std::set<Measure> measures;  // flows; empty: money of which the export has any
  Period period = Period::kMonth;
  std::optional<Day> from;  // of days outside nothing is compared
  std::optional<Day> to;
};

// Not thread-safe.
class Reconciliation {
 public:
  explicit Reconciliation(ReconciledSums sums) : sums_(std::move(sums)) {}

  // Compares an account's contributions. With no measure named, only those that the export has.
  void Compare(std::string_view account_id, std::span<const Contribution> in_export,
               std::span<const Contribution> in_ledger);

  int64_t accounts() const { return accounts_; }
  int64_t accounts_that_differ() const { return differing_; }
  int64_t sums() const { return compared_; }
  const std::vector<SumDifference>& differences() const { return differences_; }

 private:
  bool IsCompared(const LedgerCell& cell) const;

  ReconciledSums sums_;
  int64_t accounts_ = 0;
  int64_t differing_ = 0;
  int64_t compared_ = 0;
  std::vector<SumDifference> differences_;
};

}  // namespace keyfold

#endif  // KEYFOLD_MAPPED_RECONCILIATION_H_
