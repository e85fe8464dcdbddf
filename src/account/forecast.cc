// Forecasts of a month's revenue: what was said last before the month began.
#include "account/kinds.h"

namespace keyfold {

void ContributeForecast(Events events, const Calendar& calendar, Contributions& contributions) {
  const Day first_day = FirstDayOf(ParseMonth(events.front()->forecast_submitted().period()).value());
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (DayOf(**event, calendar) >= first_day) continue;
    const v1::Money& revenue = (*event)->forecast_submitted().revenue();
    contributions.Add(Measure::kForecast, CurrencyOf(revenue), first_day, revenue.minor());
    contributions.Add(Measure::kForecastMonths, first_day, 1);
    return;
  }
}

}  // namespace keyfold
