// What is open of an account at a date: contracts in force, opportunities and quotes that nobody has decided, meetings
// that are planned, deliveries that are promised …
//
// Open is what counts as open: whether, since when and worth what is read off the entity's contributions
// (docs/events.md, "What each entity contributes"), so a list of open things and a KPI that counts them agree. Names
// and dates that count nowhere are those that hold at the date. Pure, as entity.h.
#ifndef KEYFOLD_ACCOUNT_OPEN_H_
#define KEYFOLD_ACCOUNT_OPEN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "account/entity.h"
#include "base/calendar.h"
#include "base/currency.h"

namespace keyfold {

struct OpenThing {
  Day since = 0;
  std::optional<Day> due;  // the last day on which it is in time, in force or valid; of a meeting, its day
  bool overdue = false;    // that day has passed

  // What counts for it at the date; nullopt: nothing does, or amounts in several currencies.
  struct Amount {
    Currency currency;
    int64_t minor = 0;
    friend bool operator==(const Amount&, const Amount&) = default;
  };
  std::optional<Amount> amount;    // of a contract, of a year; of a plan, the baseline
  std::optional<Amount> weighted;  // of an opportunity, by its probability

  // Those that its kind has; empty and nullopt otherwise.
  std::string type = {};                     // of a meeting, initiative, risk; an opportunity's sale type
  std::string severity = {};                 // of an escalation, a risk
  std::string department = {};               // of an escalation
  std::string stage = {};                    // of an opportunity
  std::string title = {};                    // of an initiative
  std::optional<int> probability = {};       // of an opportunity, percent
  std::optional<bool> acknowledged = {};     // of an escalation
  std::optional<bool> terminated = {};       // of a contract: it ends by notice
  std::optional<double> target_growth = {};  // of a plan, by its end
  std::optional<double> min_margin = {};     // of a plan
};

// nullopt: nothing is open of the entity at `day`. Of a meeting that was neither held nor cancelled and an order that
// was neither delivered nor cancelled that is never so again once they were announced: they stay overdue.
std::optional<OpenThing> OpenAt(EntityKind kind, const EntityHistory& history, const Calendar& calendar, Day day);

// Whether anything can be open of entities of this kind.
bool MayBeOpen(EntityKind kind);

}  // namespace keyfold

#endif  // KEYFOLD_ACCOUNT_OPEN_H_
