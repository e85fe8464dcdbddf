// The sums of a group's accounts: what roll-ups are made of.
//
// Sums form a commutative group: an account joins by being added and leaves by being subtracted, shards add up, and the
// order of all that does not matter. What cannot be summed is counted: accounts where a component is undefined, or
// where an amount was left out for want of a rate.
#ifndef KEYFOLD_KPI_GROUP_SUMS_H_
#define KEYFOLD_KPI_GROUP_SUMS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/currency.h"
#include "kpi/catalog.h"
#include "kpi/evaluation.h"

namespace keyfold {

// What an account brings into the sums of its groups: its components, and its definitions' values as EvaluateAccount()
// gives them.
struct AccountShare {
  const ComponentValues& components;
  std::span<const double> values;
};

// What an account's change does to the sums of its groups. Most amounts stay what they were, so it is little to add.
class GroupDelta {
 public:
  // None: the account does not belong to them.
  GroupDelta(const Catalog& catalog, const std::optional<AccountShare>& before,
             const std::optional<AccountShare>& after);

  // Of an account that joins.
  GroupDelta(const Catalog& catalog, const AccountShare& share) : GroupDelta(catalog, std::nullopt, share) {}

  bool IsZero() const;

 private:
  friend class GroupSums;

  void AddLists(const ComponentValues& components, int sign);

  template <typename Key, typename Number>
  using Differences = std::vector<std::pair<Key, Number>>;

  int accounts_ = 0;
  Differences<uint16_t, __int128> amounts_;
  Differences<uint16_t, int> undefined_;
  Differences<uint16_t, int> incomplete_;
  Differences<std::pair<uint16_t, int16_t>, int64_t> histograms_;  // by histogram and bin, some twice
  Differences<Currency, int> missing_rates_;
};

// A value; copies and moves. Sums of different catalogues must not meet.
class GroupSums {
 public:
  // Of no accounts: the neutral element.
  explicit GroupSums(const Catalog& catalog);

  GroupSums& operator+=(const GroupSums& other) { return Add(other, 1); }
  GroupSums& operator-=(const GroupSums& other) { return Add(other, -1); }
  GroupSums& operator+=(const GroupDelta& delta);
  friend bool operator==(const GroupSums&, const GroupSums&) = default;

  // Whether it is the neutral element.
  bool IsZero() const;

  // A slot of `amounts`; NaN: undefined.
  double ValueOf(size_t slot) const;

  // The values of all definitions for the group, by their index; NaN: undefined. Money in minor units.
  std::vector<double> Evaluate(const EvaluationDay& evaluation) const;

  using Count = std::map<uint16_t, int64_t>;  // accounts by slot, zeros left out

  // The parts, for storing them. `amounts`: base components, then derived ones in catalogue order.
  int64_t accounts = 0;
  std::vector<__int128> amounts;
  Count undefined;   // by slot of `amounts`
  Count incomplete;  // by base component
  std::vector<std::map<int16_t, int64_t>> histograms;
  std::map<Currency, int64_t> missing_rates;  // accounts by currency, zeros left out

 private:
  GroupSums& Add(const GroupSums& other, int sign);
};

}  // namespace keyfold

#endif  // KEYFOLD_KPI_GROUP_SUMS_H_
