// Initiatives with the customer, from start to completion or cancellation.
#include <optional>

#include "account/kinds.h"

namespace keyfold {

void ContributeInitiative(Events events, const Calendar& calendar, Contributions& contributions) {
  const Day started = DayOf(*events.front(), calendar);
  std::optional<Day> ended;
  contributions.Add(Measure::kInitiativesStarted, started, 1);
  for (const v1::AccountEvent* event : events) {
    switch (event->payload_case()) {
      case v1::AccountEvent::kInitiativeMilestoneReached:
        contributions.Add(Measure::kMilestones, DayOf(*event, calendar), 1);
        break;
      case v1::AccountEvent::kInitiativeCompleted:
        ended = DayOf(*event, calendar);
        contributions.Add(Measure::kInitiativesCompleted, *ended, 1);
        break;
      case v1::AccountEvent::kInitiativeCancelled:
        ended = DayOf(*event, calendar);
        contributions.Add(Measure::kInitiativesCancelled, *ended, 1);
        break;
      default:
        break;  // starting again changes nothing that counts
    }
  }
  contributions.AddInterval(Measure::kInitiativesActive, started, ended, 1);
}

}  // namespace keyfold
