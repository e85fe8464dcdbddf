// One function per kind of entity: the fold of its events, told as contributions. Internal to account/.
//
// Each reads like its row of "What each entity contributes" (docs/events.md). They are pure and cannot fail on valid
// events. Those that may ignore an event say so.
// REQUIRES of `events`: live, in sort order, not empty. Contribute() has
// already dropped what sorts before the first founding event (not of the account, meetings and forecasts, which need
// none), so that event is the front one, and what follows a terminal one (not of quotes, where a rejection may come too
// late to be one, nor of opportunities, which may be reopened).
#ifndef KEYFOLD_ACCOUNT_KINDS_H_
#define KEYFOLD_ACCOUNT_KINDS_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "account/contribution.h"
#include "account/entity.h"
#include "account/without_effect.h"
#include "base/calendar.h"
#include "base/currency.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

using Events = std::span<const v1::AccountEvent* const>;

// Takes down which events a fold ignores: those that leave its state as it was. Nobody asks where contributions are
// made, and then it costs a comparison.
class Ignored {
 public:
  Ignored() = default;
  explicit Ignored(std::vector<WithoutEffect>& list) : list_(&list) {}

  void Add(const v1::AccountEvent& event, NoEffect reason) const {
    if (list_ != nullptr) list_->push_back({&event, reason});
  }

 private:
  std::vector<WithoutEffect>* list_ = nullptr;
};

void ContributeAccount(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);
void ContributePlans(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);
void ContributeOrder(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);
void ContributeInvoice(Events events, const Calendar& calendar, Contributions& contributions);
void ContributeCreditNote(Events events, const Calendar& calendar, Contributions& contributions);
void ContributeCost(Events events, const Calendar& calendar, Contributions& contributions);
void ContributeMeeting(Events events, const Calendar& calendar, Contributions& contributions);
void ContributeStakeholder(Events events, std::span<const Mention> mentions, const Calendar& calendar,
                           Contributions& contributions, Ignored ignored);
void ContributeEscalation(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);
void ContributeContract(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);
void ContributeQuote(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);
void ContributeOpportunity(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);
void ContributeForecast(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);
void ContributeSurvey(Events events, const Calendar& calendar, Contributions& contributions);
void ContributeInitiative(Events events, const Calendar& calendar, Contributions& contributions);
void ContributeRisk(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored);

// When it happened, in whole seconds since the epoch. Nanoseconds of a valid timestamp are never negative, so leaving
// them out is flooring.
inline int64_t SecondsOf(const v1::AccountEvent& event) { return event.occurred_at().seconds(); }

// The civil day of the event.
inline Day DayOf(const v1::AccountEvent& event, const Calendar& calendar) { return calendar.DayOf(SecondsOf(event)); }

// A date that a valid event must have. One that may be absent is read with ParseDay, which then gives nullopt.
inline Day RequiredDate(std::string_view iso_date) { return ParseDay(iso_date).value(); }

// The currency of a Money that is present.
inline Currency CurrencyOf(const v1::Money& money) { return Currency::Parse(money.currency_code()).value(); }

// HIGH and CRITICAL count as severe, for escalations and risks alike.
inline bool IsSevere(v1::Severity severity) { return severity == v1::HIGH || severity == v1::CRITICAL; }

}  // namespace keyfold

#endif  // KEYFOLD_ACCOUNT_KINDS_H_
