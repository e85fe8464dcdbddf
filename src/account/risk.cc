// Risks: spells from flag to clearance, each as severe as its own last flag.
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

void AddSpell(Day from, std::optional<Day> to, v1::Severity severity, Contributions& contributions) {
  contributions.AddInterval(Measure::kRisksOpen, from, to, 1);
  if (IsSevere(severity)) contributions.AddInterval(Measure::kRisksSevere, from, to, 1);
}

}  // namespace

void ContributeRisk(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored) {
  std::optional<Day> since;
  v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
  for (const v1::AccountEvent* event : events) {
    const Day day = DayOf(*event, calendar);
    if (event->has_risk_flagged()) {
      severity = event->risk_flagged().severity();
      if (!since.has_value()) since = day;
    } else if (since.has_value()) {
      AddSpell(*since, day, severity, contributions);
      since.reset();
    } else {
      ignored.Add(*event, NoEffect::kAlreadyCleared);
    }
  }
  if (since.has_value()) AddSpell(*since, std::nullopt, severity, contributions);
}

}  // namespace keyfold
