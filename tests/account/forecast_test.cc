#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::AccountEvent Submitted(std::string_view when, int64_t revenue) {
  return At(when, absl::StrCat("forecast_submitted { period: '2025-03'", Money("revenue", revenue), "}"));
}

TEST(ForecastTest, LatestBeforeTheMonthIsInForce) {
  EXPECT_THAT(Contributed(EntityKind::kForecast,
                          {Submitted("2025-02-10", 100), Submitted("2025-02-20", 90), Submitted("2025-03-02", 5)}),
              ElementsAre("forecast EUR +90 @ 2025-03-01", "forecast_months +1 @ 2025-03-01"));
}

TEST(ForecastTest, TheFirstDayIsTooLate) {
  EXPECT_THAT(Contributed(EntityKind::kForecast, {Submitted("2025-02-28T23:00:00Z", 100)}), IsEmpty());
  EXPECT_THAT(Contributed(EntityKind::kForecast, {Submitted("2025-02-28T22:59:59.9Z", 100)}),
              ElementsAre("forecast EUR +100 @ 2025-03-01", "forecast_months +1 @ 2025-03-01"));
}

TEST(ForecastTest, AForecastOfNothingIsOne) {
  EXPECT_THAT(Contributed(EntityKind::kForecast, {Submitted("2025-02-10", 0)}),
              ElementsAre("forecast_months +1 @ 2025-03-01"));
}

}  // namespace
}  // namespace keyfold
