// Forecasts of a month's revenue: what was said last before the month began.
#include "account/kinds.h"

namespace keyfold {

void ContributeForecast(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored) {
  const Day first_day = FirstDayOf(ParseMonth(events.front()->forecast_submitted().period()).value());
  const v1::AccountEvent* in_force = nullptr;
  for (const v1::AccountEvent* event : events) {
    if (DayOf(*event, calendar) < first_day) {
      in_force = event;
    } else {
      ignored.Add(*event, NoEffect::kAfterMonthBegan);
    }
  }
  if (in_force == nullptr) return;
  const v1::Money& revenue = in_force->forecast_submitted().revenue();
  contributions.Add(Measure::kForecast, CurrencyOf(revenue), first_day, revenue.minor());
  contributions.Add(Measure::kForecastMonths, first_day, 1);
}

}  // namespace keyfold
