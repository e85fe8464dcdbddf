// Why a number is what it is: a KPI taken apart into formulas, the components that they read, and what those are made
// of: of an account its ledger and the events behind it, of a group its members.
//
// What is listed adds up: a component's lines and the rest sum, currency by currency, to what its conversions take in
// and what is in the reporting currency already, and that to its value, to the last integer.
#ifndef KEYFOLD_EXPLAIN_EXPLANATION_H_
#define KEYFOLD_EXPLAIN_EXPLANATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/contribution.h"
#include "base/calendar.h"
#include "base/currency.h"
#include "explain/event_origin.h"
#include "kpi/conversion.h"
#include "kpi/window.h"

namespace keyfold {

// Of two dates that are compared: in whose windows a contribution lies. Without a comparison all of them stay.
enum class Presence { kStays, kCame, kLeft };

// "stays", "came", "left"
std::string_view PresenceName(Presence presence);

// A sum in decimal digits.
std::string DecimalDigits(__int128 value);

struct ContributionLine {
  EventOrigin event;
  LedgerCell cell;
  int64_t amount = 0;  // in minor units of the cell's currency, or what the measure counts in
  Presence presence = Presence::kStays;
  bool moved = false;  // the same entity has lines of this component that came and others that left
  double weight = 0;   // about what it comes to in the reporting currency: orders the lines
};

// What an account brings into the sum of its group, at both dates; nullopt: no member then, or undefined.
struct MemberLine {
  std::string account_id;
  std::string name;
  std::optional<int64_t> amount;
  std::optional<int64_t> amount_since;
};

// Lines that are not listed one by one.
struct RestOfLines {
  Presence presence = Presence::kStays;
  Currency currency;
  int64_t count = 0;
  __int128 amount = 0;
};

// A component at a date.
struct ComponentAt {
  DayRange days;                        // of the window
  double value = 0;                     // NaN: undefined
  std::vector<Conversion> conversions;  // accounts only
  bool incomplete = false;              // an amount was left out for want of a rate
};

struct ExplainedComponent {
  std::string name;       // "sum(revenue, t12m)"; of a group also that of a derived component
  std::string window;     // "trailing 12 m"; empty for a derived one
  std::string formula;    // of a derived one: what it is for each account
  std::string measure;    // empty for a derived one
  std::string rule;       // what contributes, and on which day
  bool is_money = false;  // amounts are minor units
  ComponentAt now;
  std::optional<ComponentAt> since;
  std::vector<ContributionLine> lines;  // of an account; the largest first
  std::vector<RestOfLines> rest;
  std::vector<MemberLine> members;  // of a group; the largest first, or the most changed
  int64_t members_rest_count = 0;
  __int128 members_rest = 0;  // their sum
  __int128 members_rest_since = 0;
};

// A formula and its value. Money is in minor units.
struct ExplainedFormula {
  std::string id;
  std::string formula;
  std::string with_values;  // the same with what it reads put in: a formula with the same value
  double value = 0;         // NaN: undefined
  std::string with_values_since;
  double value_since = 0;
};

// An event that is stored but changes nothing.
struct LeftOutEvent {
  EventOrigin event;
  std::string reason;  // NoEffectName()
};

struct Explanation {
  std::string id;
  bool is_group = false;
  std::string kpi;
  std::string unit;
  Day day = 0;
  std::optional<Day> since;
  double value = 0;  // as published; NaN: undefined
  double value_since = 0;
  int64_t accounts = 0;  // of a group, with those of `since`
  int64_t accounts_since = 0;
  std::vector<ExplainedFormula> formulas;  // each after what it reads; the KPI's is the last
  std::vector<ExplainedComponent> components;
  std::vector<std::string> missing_rates;    // at `day`, of what the KPI reads
  std::vector<LeftOutEvent> without_effect;  // of the kinds of entities that it reads; the latest first
  int64_t without_effect_rest = 0;           // how many more there are
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPLAIN_EXPLANATION_H_
