// Decimal amounts become minor units: what is finer is rounded half away from zero, and all of it is counted.
#ifndef KEYFOLD_MAPPING_ROUNDING_H_
#define KEYFOLD_MAPPING_ROUNDING_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/currency.h"
#include "expression/decimal.h"
#include "expression/expression.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// What is rounded as a whole, so that the cents of its lines add up: each line gets what the running total has moved
// by.
enum class Rounding : uint8_t {
  kLine,      // every amount by itself
  kDocument,  // the lines of an event
  kAccount,   // all lines of an account, in the order of their keys
};

// The amounts of one field of a type of event, in one currency.
struct AmountTotal {
  int64_t amounts = 0;
  int64_t rounded = 0;    // of these
  Decimal exact;          // as the file has them
  int64_t minor = 0;      // as the events have them
  bool overflow = false;  // the sums are not known

  void Add(const AmountTotal& other);
};
using AmountTotals = std::map<std::string, std::map<std::string, AmountTotal>>;  // by "invoice_issued.lines.net", "EUR"

// A running total: exact, and what has been given out of it.
struct RunningTotal {
  Decimal exact;
  int64_t minor = 0;
};
using Carry = std::map<std::string, RunningTotal>;  // by account, field and currency

// An amount of an event that has no minor units yet.
struct ExactAmount {
  static constexpr int kNoLine = -1;

  v1::Money* money = nullptr;
  Decimal exact;
  const std::string* field = nullptr;  // "invoice_issued.lines.net"; lives as long as the mapping
  Currency currency;
  int line = kNoLine;
};

// What an import has added up so far.
struct Amounts {
  AmountTotals totals;
  Carry carry;

  void Add(const Amounts& later);
};

// Minor units in whole ones: "12.34" of 1234 EUR.
std::string MajorUnits(int64_t minor, Currency currency);

// Gives the amounts of an event their minor units. `before` are the sums that it follows, the latest first; what it
// adds goes to `added`. False: one is too large.
bool Settle(const std::vector<ExactAmount>& amounts, Rounding rounding, const std::string& account,
            const std::vector<const Amounts*>& before, Amounts& added, MappingProblem& problem);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_ROUNDING_H_
