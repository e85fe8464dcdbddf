// What winning and serving the account costs.
#include "account/kinds.h"

namespace keyfold {

void ContributeCost(Events events, const Calendar& calendar, Contributions& contributions) {
  // Every event of a cost books it; the last one says what it is.
  const v1::CostBooked& cost = events.back()->cost_booked();
  const Measure measure =
      cost.kind() == v1::CostBooked::ACQUISITION ? Measure::kAcquisitionCost : Measure::kServiceCost;
  contributions.Add(measure, CurrencyOf(cost.amount()), DayOf(*events.front(), calendar), cost.amount().minor());
}

}  // namespace keyfold
