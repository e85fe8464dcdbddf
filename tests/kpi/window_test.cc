#include "kpi/window.h"

#include <gtest/gtest.h>

#include <string>

namespace keyfold {
namespace {

class WindowTest : public ::testing::Test {
 protected:
  // "first ... last" of a window at a date.
  static std::string At(const std::string& window, const std::string& date, int fiscal_month = 1) {
    const Calendar calendar = *Calendar::Create("Europe/Berlin", fiscal_month);
    const DayRange range = RangeAt(*ParseWindow(window), *ParseDay(date), calendar);
    const bool open = range.first == std::numeric_limits<Day>::min();
    return (open ? "-" : FormatDay(range.first)) + " " + FormatDay(range.last);
  }
};

TEST_F(WindowTest, ToDateWindowsBeginWithTheirPeriod) {
  EXPECT_EQ(At("day", "2026-06-30"), "2026-06-30 2026-06-30");
  EXPECT_EQ(At("mtd", "2026-06-30"), "2026-06-01 2026-06-30");
  EXPECT_EQ(At("qtd", "2026-05-15"), "2026-04-01 2026-05-15");
  EXPECT_EQ(At("ytd", "2026-05-15"), "2026-01-01 2026-05-15");
  EXPECT_EQ(At("ytd_prior", "2026-05-15"), "2025-01-01 2025-05-15");
}

TEST_F(WindowTest, FiscalYearsMayBeginInAnyMonth) {
  EXPECT_EQ(At("ytd", "2026-03-31", 4), "2025-04-01 2026-03-31");
  EXPECT_EQ(At("ytd", "2026-04-01", 4), "2026-04-01 2026-04-01");
  EXPECT_EQ(At("qtd", "2026-03-31", 2), "2026-02-01 2026-03-31");
  EXPECT_EQ(At("qtd", "2026-01-31", 2), "2025-11-01 2026-01-31");
  EXPECT_EQ(At("ytd_prior", "2026-03-31", 4), "2024-04-01 2025-03-31");
}

TEST_F(WindowTest, TrailingMonthsKeepTheEndsOfMonths) {
  EXPECT_EQ(At("trailing 12 m", "2026-06-15"), "2025-06-16 2026-06-15");
  EXPECT_EQ(At("trailing 12 m", "2025-02-28"), "2024-03-01 2025-02-28");  // 2024-02-29 is a month's end, too
  EXPECT_EQ(At("trailing 1 m", "2026-03-30"), "2026-03-01 2026-03-30");   // clamped to 2026-02-28
  EXPECT_EQ(At("trailing 12 m before 12 m", "2026-06-15"), "2024-06-16 2025-06-15");
  EXPECT_EQ(At("total before 12 m", "2026-06-30"), "- 2025-06-30");
}

TEST_F(WindowTest, DaysAreCountedInDays) {
  EXPECT_EQ(At("trailing 90 d", "2026-03-31"), "2026-01-01 2026-03-31");
  EXPECT_EQ(At("total before 90 d", "2026-03-31"), "- 2025-12-31");
  EXPECT_EQ(At("next 90 d", "2026-01-01"), "2026-01-01 2026-03-31");
  EXPECT_EQ(At("total", "2026-01-01"), "- 2026-01-01");
}

TEST_F(WindowTest, RefusesWhatIsNoWindow) {
  for (const char* text : {"", "week", "trailing", "trailing 0 m", "trailing -1 d", "trailing 12", "trailing 12 y",
                           "next 3 m", "total before", "trailing 90 d before 90 d", "trailing 99999999 d"}) {
    EXPECT_FALSE(ParseWindow(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace keyfold
