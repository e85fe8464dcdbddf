#include "expression/dates.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/time/time.h"

namespace keyfold {
namespace {

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

// In UTC; "none": it is not written like that.
std::string Read(const char* format, const char* text, const char* zone = "Europe/Berlin") {
  const absl::StatusOr<DateFormat> created = DateFormat::Create(format);
  EXPECT_TRUE(created.ok()) << created.status();
  const std::optional<absl::Time> time = created->Parse(text, Zone(zone));
  return time.has_value() ? absl::FormatTime("%Y-%m-%d %H:%M:%E*S", *time, absl::UTCTimeZone()) : "none";
}

TEST(Dates, Iso) {
  EXPECT_EQ(Read("iso", "2016-02-29"), "2016-02-28 23:00:00");
  EXPECT_EQ(Read("iso", "2016-02-29 11:29"), "2016-02-29 10:29:00");
  EXPECT_EQ(Read("iso", "2016-07-01T11:29:30.25"), "2016-07-01 09:29:30.25");
  EXPECT_EQ(Read("iso", "2016-07-01T11:29:30Z"), "2016-07-01 11:29:30");
  EXPECT_EQ(Read("iso", "2016-07-01T11:29:30.000+0530"), "2016-07-01 05:59:30");
  EXPECT_EQ(Read("iso", "2016-07-01 11:29:30 -03:00"), "2016-07-01 14:29:30");
  EXPECT_EQ(Read("iso", "1996-07-04 00:00:00.000"), "1996-07-03 22:00:00");
  EXPECT_EQ(Read("iso", "/Date(1451606400000)/"), "2016-01-01 00:00:00");
  EXPECT_EQ(Read("iso", "/Date(1451606400000+0060)/"), "2016-01-01 00:00:00");
}

TEST(Dates, WhatIsNoDayIsNone) {
  for (const char* text : {"", "2015-02-29", "2016-13-01", "2016-00-10", "2016-1-1", "2016-02-29x", "2016-02-29 24:00",
                           "2016-02-29T", "2016-02-29 11:29:", "2016-02-29 11:29:30.", "2016-02-29 11:29+1", "/Date()/",
                           "/Date(1)", "29.02.2016", "infinite-future"}) {
    EXPECT_EQ(Read("iso", text), "none") << text;
    EXPECT_EQ(Read("%d/%m/%Y", text), "none") << text;
  }
}

TEST(Dates, Patterns) {
  EXPECT_EQ(Read("%d/%m/%Y %H:%M", "29/2/2016 01:16"), "2016-02-29 00:16:00");
  EXPECT_EQ(Read("%d.%m.%Y", "01.07.2016"), "2016-06-30 22:00:00");
  EXPECT_EQ(Read("%Y%m%d", "20160701"), "2016-06-30 22:00:00");
  EXPECT_EQ(Read("%m/%d/%y", "7/4/16"), "2016-07-03 22:00:00");
  EXPECT_EQ(Read("%d %b %Y %I:%M %p", "4 Jul 2016 03:05 PM"), "2016-07-04 13:05:00");
  EXPECT_EQ(Read("%d.%m.%Y %H:%M:%S", "01.07.2016 08:00:00.5"), "2016-07-01 06:00:00.5");
  EXPECT_EQ(Read("%d.%m.%Y", "31.06.2016"), "none");
  EXPECT_EQ(Read("%d.%m.%Y %H:%M %z", "01.07.2016 08:00 +0100"), "2016-07-01 07:00:00");
  for (const char* const text : {"2016070", "2016711", "201671"}) EXPECT_EQ(Read("%Y%m%d", text), "none") << text;
}

TEST(Dates, ExcelAndSecondsAndMilliseconds) {
  EXPECT_EQ(Read("excel", "42429"), "2016-02-28 23:00:00");
  EXPECT_EQ(Read("excel", "42429.4791666667"), "2016-02-29 10:30:00");
  EXPECT_EQ(Read("excel", "-1"), "none");
  EXPECT_EQ(Read("excel", "1e5"), "none");
  EXPECT_EQ(Read("epoch_s", "1451606400"), "2016-01-01 00:00:00");
  EXPECT_EQ(Read("epoch_ms", "1451606400250"), "2016-01-01 00:00:00.25");
  EXPECT_EQ(Read("epoch_ms", "1.5"), "none");
}

// On 2016-03-27 there is no 02:30 in Berlin, on 2016-10-30 there are two.
TEST(Dates, ChangesOfTheOffset) {
  EXPECT_EQ(Read("iso", "2016-03-27 02:30"), "2016-03-27 01:00:00");
  EXPECT_EQ(Read("iso", "2016-10-30 02:30"), "2016-10-30 00:30:00");
}

TEST(Dates, FormatsThatAreNoneAreRefused) {
  for (const char* format : {"", "DD.MM.YYYY", "%Q", "%", "%d.%m.%", "isoo"}) {
    EXPECT_FALSE(DateFormat::Create(format).ok()) << format;
  }
}

TEST(Dates, MonthsAndDaysAreAddedByTheCalendar) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  const auto at = [&](int month, int day) { return absl::FromCivil(absl::CivilSecond(2016, month, day, 12), berlin); };
  EXPECT_EQ(AddMonths(at(1, 31), 1, berlin), at(2, 29));
  EXPECT_EQ(AddMonths(at(3, 31), -1, berlin), at(2, 29));
  EXPECT_EQ(AddMonths(at(1, 15), 3, berlin), at(4, 15));
  EXPECT_EQ(AddDays(at(3, 26), 1, berlin), at(3, 27));  // 23 hours
}

}  // namespace
}  // namespace keyfold
