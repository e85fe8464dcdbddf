#include "expression/dates.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "expression/decimal.h"

namespace keyfold {
namespace {

constexpr int64_t kDaySeconds = 86'400;

// The local time in the zone: of one that it skips, the first instant after the gap; of one that it has twice the
// first.
absl::Time LocalTime(const absl::CivilSecond& civil, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

// Reads the fixed places of an ISO date from the left.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // Exactly so many digits; -1 otherwise.
  int Digits(size_t count) {
    if (text_.size() < count) return -1;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return -1;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value;
  }

  bool Take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  // ".5" -> half a second; false: no digits after the point.
  bool TakeFraction(absl::Duration& fraction) {
    if (!Take('.') && !Take(',')) return true;
    int64_t nanoseconds = 0;
    int64_t unit = 100'000'000;
    const size_t before = text_.size();
    for (; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; text_.remove_prefix(1), unit /= 10) {
      nanoseconds += (text_[0] - '0') * unit;
    }
    fraction = absl::Nanoseconds(nanoseconds);
    return text_.size() != before;
  }

  bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

// Z, +01:00, +0100 or +01; false: something else stands there.
bool TakeOffset(Scanner& scanner, std::optional<int64_t>& seconds) {
  if (scanner.at_end()) return true;
  if (scanner.Take('Z') || scanner.Take('z')) {
    seconds = 0;
    return scanner.at_end();
  }
  const bool negative = scanner.Take('-');
  if (!negative && !scanner.Take('+')) return false;
  const int hours = scanner.Digits(2);
  scanner.Take(':');
  const int minutes = scanner.at_end() ? 0 : scanner.Digits(2);
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59 || !scanner.at_end()) return false;
  seconds = (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
  return true;
}

std::optional<absl::Time> ParseIso(std::string_view text, const absl::TimeZone& zone) {
  Scanner scanner(text);
  const int year = scanner.Digits(4);
  if (year < 0 || !scanner.Take('-')) return std::nullopt;
  const int month = scanner.Digits(2);
  if (month < 1 || month > 12 || !scanner.Take('-')) return std::nullopt;
  const int day = scanner.Digits(2);
  if (day < 1) return std::nullopt;
  const absl::CivilDay date(year, month, day);
  if (date.month() != month) return std::nullopt;
  if (scanner.at_end()) return LocalTime(absl::CivilSecond(date), zone);
  if (!scanner.Take('T') && !scanner.Take(' ')) return std::nullopt;
  const int hour = scanner.Digits(2);
  if (hour < 0 || hour > 23 || !scanner.Take(':')) return std::nullopt;
  const int minute = scanner.Digits(2);
  if (minute < 0 || minute > 59) return std::nullopt;
  int second = 0;
  absl::Duration fraction;
  if (scanner.Take(':')) {
    second = scanner.Digits(2);
    if (second < 0 || second > 59 || !scanner.TakeFraction(fraction)) return std::nullopt;
  }
  std::optional<int64_t> offset;
  scanner.Take(' ');
  if (!TakeOffset(scanner, offset)) return std::nullopt;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  if (!offset.has_value()) return LocalTime(civil, zone) + fraction;
  return absl::FromCivil(civil, absl::UTCTimeZone()) - absl::Seconds(*offset) + fraction;
}

// /Date(1451606400000)/ and /Date(1451606400000+0060)/: the offset only says how to show it.
std::optional<absl::Time> ParseOData(std::string_view text) {
  if (!text.starts_with("/Date(") || !text.ends_with(")/")) return std::nullopt;
  text = text.substr(6, text.size() - 8);
  const size_t sign = text.find_first_of("+-", 1);
  int64_t milliseconds = 0;
  if (!absl::SimpleAtoi(std::string(text.substr(0, sign)), &milliseconds)) return std::nullopt;
  return absl::FromUnixMillis(milliseconds);
}

std::optional<absl::Time> ParseExcel(std::string_view text, const absl::TimeZone& zone) {
  const std::optional<Decimal> days = Decimal::Parse(text);
  if (!days.has_value() || days->is_negative()) return std::nullopt;
  const std::optional<Decimal> seconds = Decimal::Multiply(days->Round(10), Decimal(kDaySeconds));
  const std::optional<int64_t> rounded = seconds.has_value() ? seconds->ToUnits(0) : std::nullopt;
  constexpr int64_t kDaysMax = 200'000;
  if (!rounded.has_value() || *rounded > kDaysMax * kDaySeconds) return std::nullopt;
  return LocalTime(absl::CivilSecond(1899, 12, 30) + *rounded, zone);
}

std::optional<absl::Time> ParseEpoch(std::string_view text, int64_t per_second) {
  int64_t count = 0;
  if (!absl::SimpleAtoi(std::string(text), &count)) return std::nullopt;
  return per_second == 1 ? absl::FromUnixSeconds(count) : absl::FromUnixMillis(count);
}

// `joined`: nothing stands between two parts, so that each has all of its digits (2024015 is no day).
std::optional<absl::Time> ParsePattern(std::string_view text, const std::string& pattern, bool joined,
                                       const absl::TimeZone& zone) {
  absl::Time time;
  if (!absl::ParseTime(pattern, std::string(text), absl::UTCTimeZone(), &time, nullptr)) return std::nullopt;
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return std::nullopt;  // words that Abseil knows
  if (pattern.find("%z") != std::string::npos) return time;
  if (joined && absl::FormatTime(pattern, time, absl::UTCTimeZone()) != text) return std::nullopt;
  // Of a local time that the zone skips Abseil would take another instant than LocalTime() does.
  const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  return LocalTime(civil, zone) + (time - absl::FromCivil(civil, absl::UTCTimeZone()));
}

}  // namespace

DateFormat::DateFormat(Kind kind, std::string_view text, std::string pattern)
    : kind_(kind), text_(text), pattern_(std::move(pattern)) {
  for (size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 2)) {
    joined_ |= text.substr(std::min(at + 2, text.size())).starts_with('%');
  }
}

absl::StatusOr<DateFormat> DateFormat::Create(std::string_view text) {
  static constexpr std::pair<std::string_view, Kind> kWords[] = {{"iso", Kind::kIso},
                                                                 {"excel", Kind::kExcel},
                                                                 {"epoch_s", Kind::kEpochSeconds},
                                                                 {"epoch_ms", Kind::kEpochMilliseconds}};
  for (const auto& [word, kind] : kWords) {
    if (text == word) return DateFormat(kind, text, "");
  }
  constexpr std::string_view kLetters = "YymdHIpMSzbBeTF%";
  bool letters = false;
  for (size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 2)) {
    letters = at + 1 < text.size() && kLetters.find(text[at + 1]) != std::string_view::npos;
    if (!letters) break;
  }
  if (!letters) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", std::string(text), "' is no date format: iso, excel, epoch_s, epoch_ms or, for example, ",
                     "%d.%m.%Y %H:%M:%S"));
  }
  // Years have four digits, also where others follow at once; seconds may have decimals in any file.
  const std::string pattern = absl::StrReplaceAll(std::string(text), {{"%%", "%%"}, {"%Y", "%E4Y"}, {"%S", "%E*S"}});
  return DateFormat(Kind::kPattern, text, pattern);
}

std::optional<absl::Time> DateFormat::Parse(std::string_view text, const absl::TimeZone& zone) const {
  switch (kind_) {
    case Kind::kIso:
      return text.starts_with('/') ? ParseOData(text) : ParseIso(text, zone);
    case Kind::kExcel:
      return ParseExcel(text, zone);
    case Kind::kEpochSeconds:
      return ParseEpoch(text, 1);
    case Kind::kEpochMilliseconds:
      return ParseEpoch(text, 1000);
    case Kind::kPattern:
      return ParsePattern(text, pattern_, joined_, zone);
  }
  return std::nullopt;  // not reached: the cases are all there are
}

std::optional<absl::Time> ParseDate(std::string_view text, const std::vector<DateFormat>& formats,
                                    const absl::TimeZone& zone) {
  for (const DateFormat& format : formats) {
    if (const std::optional<absl::Time> time = format.Parse(text, zone)) return time;
  }
  return std::nullopt;
}

absl::Time AddMonths(absl::Time time, int64_t months, const absl::TimeZone& zone) {
  const absl::CivilSecond civil = absl::ToCivilSecond(time, zone);
  const absl::CivilMonth month = absl::CivilMonth(civil) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const absl::CivilSecond moved(month.year(), month.month(), std::min(civil.day(), last.day()), civil.hour(),
                                civil.minute(), civil.second());
  return LocalTime(moved, zone);
}

absl::Time AddDays(absl::Time time, int64_t days, const absl::TimeZone& zone) {
  return LocalTime(absl::ToCivilSecond(time, zone) + days * kDaySeconds, zone);
}

}  // namespace keyfold
