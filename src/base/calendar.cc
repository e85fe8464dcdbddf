#include "base/calendar.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace keyfold {
namespace {

constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2200;

constexpr int64_t kDaySeconds = 86'400;

// What offsets are kept of: the years above and more than a day on either side.
constexpr int64_t kOffsetsFrom = -10 * kDaySeconds;
constexpr int64_t kOffsetsTo = 84'400 * kDaySeconds;

const absl::CivilDay kEpoch(1970, 1, 1);

// The number that `digits` spells; -1 if it holds anything but digits.
int ParseDigits(std::string_view digits) {
  int value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

absl::CivilDay ToCivil(Day day) { return kEpoch + day; }
Day FromCivil(absl::CivilDay day) { return static_cast<Day>(day - kEpoch); }

}  // namespace

std::optional<Month> ParseMonth(std::string_view iso_month) {
  if (iso_month.size() != 7 || iso_month[4] != '-') return std::nullopt;
  const int year = ParseDigits(iso_month.substr(0, 4));
  const int month = ParseDigits(iso_month.substr(5, 2));
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12) return std::nullopt;
  return (year - kFirstYear) * 12 + month - 1;
}

std::optional<Day> ParseDay(std::string_view iso_date) {
  if (iso_date.size() != 10 || iso_date[7] != '-') return std::nullopt;
  const std::optional<Month> month = ParseMonth(iso_date.substr(0, 7));
  const int day_of_month = ParseDigits(iso_date.substr(8, 2));
  if (!month.has_value() || day_of_month < 1) return std::nullopt;
  const Day day = FirstDayOf(*month) + day_of_month - 1;
  if (day >= FirstDayOf(*month + 1)) return std::nullopt;
  return day;
}

std::string FormatDay(Day day) {
  const absl::CivilDay civil = ToCivil(day);
  return absl::StrFormat("%04d-%02d-%02d", civil.year(), civil.month(), civil.day());
}

// Abseil's civil days step through years and months; this is asked of every amount in a foreign currency. Years are
// counted from March on, so that a leap day is the last of its year, and months of 153 days in five.
Month MonthOf(Day day) {
  constexpr int kDaysOf400Years = 146'097;
  constexpr Day kFirstOfMarch2000 = 11'017;
  const int since = day - kFirstOfMarch2000;
  const int era = (since >= 0 ? since : since - (kDaysOf400Years - 1)) / kDaysOf400Years;
  const int day_of_era = since - era * kDaysOf400Years;
  const int year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / (kDaysOf400Years - 1)) / 365;
  const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int month_of_year = (5 * day_of_year + 2) / 153;
  constexpr Month kMarch2000 = 30 * 12 + 2;
  return kMarch2000 + (era * 400 + year_of_era) * 12 + month_of_year;
}

Day FirstDayOf(Month month) { return FromCivil(absl::CivilDay(absl::CivilMonth(1970, 1) + month)); }

Day MinusMonths(Day day, int months) {
  const Month from = MonthOf(day);
  const Month to = from - months;
  const Day last_of_target = FirstDayOf(to + 1) - 1;
  if (day + 1 == FirstDayOf(from + 1)) return last_of_target;
  return std::min(FirstDayOf(to) + (day - FirstDayOf(from)), last_of_target);
}

absl::StatusOr<Calendar> Calendar::Create(std::string_view time_zone, int fiscal_year_start_month) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(std::string(time_zone), &zone)) {
    return absl::InvalidArgumentError(absl::StrCat("unknown time zone '", std::string(time_zone), "'"));
  }
  if (fiscal_year_start_month < 1 || fiscal_year_start_month > 12) {
    return absl::InvalidArgumentError(
        absl::StrCat("fiscal_year_start_month: ", fiscal_year_start_month, " is not a month (1-12)"));
  }
  return Calendar(zone, fiscal_year_start_month);
}

Calendar::Calendar(absl::TimeZone zone, int fiscal_year_start_month)
    : zone_(zone), fiscal_year_start_month_(fiscal_year_start_month) {
  absl::Time at = absl::FromUnixSeconds(kOffsetsFrom);
  std::vector<Offset> offsets = {{kOffsetsFrom, zone.At(at).offset}};
  absl::TimeZone::CivilTransition change;
  while (zone.NextTransition(at, &change)) {
    // Local times are skipped where the clock is put forward, and come twice where it is put back.
    at = zone.At(std::min(change.from, change.to)).trans;
    if (absl::ToUnixSeconds(at) >= kOffsetsTo) break;
    offsets.push_back({absl::ToUnixSeconds(at), zone.At(at).offset});
  }
  offsets_ = std::make_shared<const std::vector<Offset>>(std::move(offsets));
}

std::vector<Calendar::Offset> Calendar::Rules() const {
  const int64_t end = (FromCivil(absl::CivilDay(kLastYear + 1, 1, 1))) * kDaySeconds;
  std::vector<Offset> rules;
  for (Offset offset : *offsets_) {
    if (offset.from >= end) break;
    offset.from = std::max<int64_t>(offset.from, 0);
    if (!rules.empty() && rules.back().from == offset.from) rules.pop_back();  // it ended before 1970
    if (rules.empty() || rules.back().seconds != offset.seconds) rules.push_back(offset);
  }
  return rules;
}

Day Calendar::DayOf(int64_t epoch_seconds) const {
  if (epoch_seconds < kOffsetsFrom || epoch_seconds >= kOffsetsTo) {
    return FromCivil(absl::ToCivilDay(absl::FromUnixSeconds(epoch_seconds), zone_));
  }
  const auto later = std::upper_bound(offsets_->begin(), offsets_->end(), epoch_seconds,
                                      [](int64_t seconds, const Offset& offset) { return seconds < offset.from; });
  const int64_t local = epoch_seconds + std::prev(later)->seconds;
  return static_cast<Day>((local - kOffsetsFrom) / kDaySeconds + kOffsetsFrom / kDaySeconds);
}

int64_t Calendar::StartOf(Day day) const {
  const absl::TimeZone::TimeInfo info = zone_.At(absl::CivilSecond(ToCivil(day)));
  return absl::ToUnixSeconds(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre);
}

Day Calendar::FiscalYearStart(Day day) const {
  const Month month = MonthOf(day);
  const int months_into_year = (month % 12 + 12 - (fiscal_year_start_month_ - 1)) % 12;
  return FirstDayOf(month - months_into_year);
}

Day Calendar::FiscalQuarterStart(Day day) const {
  const Month month = MonthOf(day);
  const int months_into_year = (month % 12 + 12 - (fiscal_year_start_month_ - 1)) % 12;
  return FirstDayOf(month - months_into_year % 3);
}

}  // namespace keyfold
