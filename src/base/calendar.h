// Civil days in one time zone, and the month arithmetic that KPI windows are defined with.
#ifndef KEYFOLD_BASE_CALENDAR_H_
#define KEYFOLD_BASE_CALENDAR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace keyfold {

// A civil day: days since 1970-01-01.
using Day = int32_t;

// A civil month: months since 1970-01.
using Month = int32_t;

// "2024-02-29" -> Day; nullopt unless it is exactly YYYY-MM-DD, a day of the proleptic Gregorian calendar and within
// the years 1970-2200.
std::optional<Day> ParseDay(std::string_view iso_date);

// "2024-02" -> Month; nullopt unless it is exactly YYYY-MM within 1970-2200.
std::optional<Month> ParseMonth(std::string_view iso_month);

std::string FormatDay(Day day);

Month MonthOf(Day day);
Day FirstDayOf(Month month);

// The same day of the month `months` earlier, clamped to that month's last day; the last day of a month leads to the
// last day of a month (docs/kpis.md, "D - n m").
Day MinusMonths(Day day, int months);

// The time zone whose midnights separate days. Immutable, thread-safe, cheap to copy.
class Calendar {
 public:
  // `time_zone` is an IANA name ("Europe/Berlin"). `fiscal_year_start_month` is 1-12. InvalidArgument otherwise.
  static absl::StatusOr<Calendar> Create(std::string_view time_zone, int fiscal_year_start_month);

  // The civil day of an instant, in seconds since the epoch.
  Day DayOf(int64_t epoch_seconds) const;

  // The first instant of a day, in seconds since the epoch: where midnight is skipped by a change of offset, the first
  // instant after the gap.
  int64_t StartOf(Day day) const;

  // From an instant on local time is ahead of UTC by so much, in seconds.
  struct Offset {
    int64_t from;
    int64_t seconds;
    friend bool operator==(const Offset&, const Offset&) = default;
  };

  // The zone's rules, as this machine's time zone database has them: all changes within the years 1970-2200, the first
  // of which is the offset that 1970 begins with.
  std::vector<Offset> Rules() const;

  Day FiscalYearStart(Day day) const;
  Day FiscalQuarterStart(Day day) const;

 private:
  Calendar(absl::TimeZone zone, int fiscal_year_start_month);

  absl::TimeZone zone_;
  int fiscal_year_start_month_;
  std::shared_ptr<const std::vector<Offset>> offsets_;  // of the years that dates may have: every event asks
};

}  // namespace keyfold

#endif  // KEYFOLD_BASE_CALENDAR_H_
