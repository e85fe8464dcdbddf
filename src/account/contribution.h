// What an entity adds to the days of its account.
#ifndef KEYFOLD_ACCOUNT_CONTRIBUTION_H_
#define KEYFOLD_ACCOUNT_CONTRIBUTION_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "account/measure.h"
#include "base/calendar.h"
#include "base/currency.h"

namespace keyfold {

// Where a contribution lands. `bin` is 0 but for resolution_hist.
struct LedgerCell {
  Measure measure;
  int16_t bin = 0;
  Currency currency;
  Day day = 0;

  friend constexpr bool operator==(const LedgerCell&, const LedgerCell&) = default;
  friend constexpr auto operator<=>(const LedgerCell&, const LedgerCell&) = default;
};

// `amount` @ `cell.day`. Amounts add modulo 2^64, so order never matters.
struct Contribution {
  LedgerCell cell;
  int64_t amount = 0;

  friend constexpr bool operator==(const Contribution&, const Contribution&) = default;
};

// The same contributions sorted by cell, one item per cell, none that is zero.
std::vector<Contribution> Summed(std::vector<Contribution> contributions);

// Contributions in the making, of one entity or of many. Not thread-safe.
class Contributions {
 public:
  // +amount @ day. Zero amounts are left out.
  void Add(Measure measure, Currency currency, Day day, int64_t amount);
  void Add(Measure measure, Day day, int64_t amount) { Add(measure, Currency(), day, amount); }

  // One value of resolution_hist.
  void AddToHistogram(int16_t bin, Day day, int64_t amount);

  // A running total over [from, to): +amount @ from, -amount @ to; open-ended without `to`; nothing when to <= from.
  void AddInterval(Measure measure, Currency currency, Day from, std::optional<Day> to, int64_t amount);
  void AddInterval(Measure measure, Day from, std::optional<Day> to, int64_t amount) {
    AddInterval(measure, Currency(), from, to, amount);
  }

  // Takes back what was added since there were `from` items: adds the opposite instead.
  void Negate(size_t from);

  size_t size() const { return items_.size(); }
  const std::vector<Contribution>& items() const { return items_; }

  std::vector<Contribution> Take() && { return std::move(items_); }
  std::vector<Contribution> Summed() && { return keyfold::Summed(std::move(items_)); }

 private:
  std::vector<Contribution> items_;
};

// The bin of resolution_hist that a duration falls into: ceil(log_gamma(max(seconds, 1))), gamma = 1.01 / 0.99.
int16_t ResolutionBin(int64_t seconds);

// What a bin stands for, in seconds: 2 gamma^bin / (gamma + 1).
double ResolutionBinSeconds(int16_t bin);

}  // namespace keyfold

#endif  // KEYFOLD_ACCOUNT_CONTRIBUTION_H_
