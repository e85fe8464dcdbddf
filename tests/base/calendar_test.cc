#include "base/calendar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace keyfold {
namespace {

// The civil day by Abseil.
Day ExpectedDay(const std::string& zone_name, int64_t epoch_seconds) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(zone_name, &zone));
  return static_cast<Day>(absl::ToCivilDay(absl::FromUnixSeconds(epoch_seconds), zone) - absl::CivilDay(1970, 1, 1));
}

// Berlin changes by an hour, Lord Howe by half of one, Apia once by a day, São Paulo at midnight, New York is behind
// UTC.
class CalendarZonesTest : public ::testing::TestWithParam<const char*> {};

TEST_P(CalendarZonesTest, DaysAreThoseOfTheZone) {
  const Calendar calendar = *Calendar::Create(GetParam(), 1);
  std::mt19937_64 random(1);
  std::uniform_int_distribution<int64_t> seconds(-1'000'000, 7'300'000'000);
  for (int i = 0; i < 20'000; ++i) {
    const int64_t at = seconds(random);
    ASSERT_EQ(calendar.DayOf(at), ExpectedDay(GetParam(), at)) << at;
  }
}

TEST_P(CalendarZonesTest, ADayBeginsWhereTheOneBeforeEnds) {
  const Calendar calendar = *Calendar::Create(GetParam(), 1);
  for (Day day = -1; day < 84'373; ++day) {
    const int64_t start = calendar.StartOf(day);
    ASSERT_EQ(calendar.DayOf(start - 1), ExpectedDay(GetParam(), start - 1)) << FormatDay(day);
    ASSERT_EQ(calendar.DayOf(start), ExpectedDay(GetParam(), start)) << FormatDay(day);
  }
}

TEST_P(CalendarZonesTest, FarDaysAreKnown) {
  const Calendar calendar = *Calendar::Create(GetParam(), 1);
  for (const int64_t at : std::vector<int64_t>{-100'000'000'000, -2'000'000, 7'292'159'999, 7'292'160'000}) {
    EXPECT_EQ(calendar.DayOf(at), ExpectedDay(GetParam(), at)) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Zones, CalendarZonesTest,
                         ::testing::Values("UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia",
                                           "America/Sao_Paulo", "America/New_York"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '/', '_');
                           return name;
                         });

TEST(CalendarTest, MonthsAreThoseOfTheCivilCalendar) {
  const absl::CivilDay epoch(1970, 1, 1);
  for (Day day = -150'000; day < 150'000; ++day) {
    const absl::CivilMonth month(epoch + day);
    ASSERT_EQ(MonthOf(day), month - absl::CivilMonth(epoch)) << absl::CivilDay(epoch + day);
    ASSERT_EQ(FirstDayOf(MonthOf(day)), absl::CivilDay(month) - epoch) << absl::CivilDay(epoch + day);
  }
}

TEST(CalendarRulesTest, AreTheOffsetsOfTheYears) {
  EXPECT_EQ(Calendar::Create("UTC", 1)->Rules(), (std::vector<Calendar::Offset>{{0, 0}}));
  const std::vector<Calendar::Offset> berlin = Calendar::Create("Europe/Berlin", 1)->Rules();
  EXPECT_EQ(berlin.front(), (Calendar::Offset{0, 3600}));
  EXPECT_EQ(berlin[1].seconds, 7200);
  EXPECT_EQ(berlin[1].from, 323'830'800);        // 1980-04-06T01:00Z
  EXPECT_LT(berlin.back().from, 7'289'654'400);  // 2201-01-01T00:00Z
  EXPECT_GT(berlin.back().from, 7'289'654'400 - 86'400 * 90);
}

TEST(CalendarRulesTest, AreTheZonesAndNotItsName) {
  EXPECT_EQ(Calendar::Create("Europe/Berlin", 1)->Rules(), Calendar::Create("Europe/Berlin", 4)->Rules());
  EXPECT_EQ(Calendar::Create("UTC", 1)->Rules(), Calendar::Create("Etc/UTC", 1)->Rules());
  EXPECT_NE(Calendar::Create("Europe/Berlin", 1)->Rules(), Calendar::Create("America/New_York", 1)->Rules());
}

}  // namespace
}  // namespace keyfold
