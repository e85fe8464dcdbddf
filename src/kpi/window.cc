#include "kpi/window.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace keyfold {
namespace {

constexpr Day kBeginningOfTime = std::numeric_limits<Day>::min();
constexpr int kMonthsMax = 12 * 231;
constexpr int kDaysMax = 366 * 231;

enum class Unit { kMonths, kDays };

struct Span {
  int count;
  Unit unit;
};

// "12 m" or "90 d", as two words.
std::optional<Span> ParseSpan(std::string_view count, std::string_view unit) {
  Span span{};
  if (!absl::SimpleAtoi(std::string(count), &span.count) || span.count < 1) return std::nullopt;
  if (unit == "m") {
    span.unit = Unit::kMonths;
  } else if (unit == "d") {
    span.unit = Unit::kDays;
  } else {
    return std::nullopt;
  }
  if (span.count > (span.unit == Unit::kMonths ? kMonthsMax : kDaysMax)) return std::nullopt;
  return span;
}

std::optional<Window> ParseNamed(std::string_view text) {
  static constexpr std::pair<std::string_view, Window::Kind> kNames[] = {
      {"day", Window::Kind::kDay},           {"mtd", Window::Kind::kMonthToDate},
      {"qtd", Window::Kind::kQuarterToDate}, {"ytd", Window::Kind::kYearToDate},
      {"total", Window::Kind::kTotal},       {"ytd_prior", Window::Kind::kPriorYearToDate},
  };
  for (const auto& [name, kind] : kNames) {
    if (text == name) return Window{kind};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Window> ParseWindow(std::string_view text) {
  if (const std::optional<Window> named = ParseNamed(text)) return named;
  const std::vector<std::string> words = absl::StrSplit(std::string(text), ' ', absl::SkipEmpty());
  if (words.size() < 3) return std::nullopt;
  const std::optional<Span> last = ParseSpan(words[words.size() - 2], words[words.size() - 1]);
  if (!last.has_value()) return std::nullopt;
  const bool months = last->unit == Unit::kMonths;
  if (words.size() == 3 && words[0] == "trailing") {
    return Window{months ? Window::Kind::kTrailingMonths : Window::Kind::kTrailingDays, last->count, 0};
  }
  if (words.size() == 3 && words[0] == "next" && !months) return Window{Window::Kind::kNextDays, last->count, 0};
  if (words.size() == 4 && words[0] == "total" && words[1] == "before") {
    return Window{months ? Window::Kind::kTotalBeforeMonths : Window::Kind::kTotalBeforeDays, 0, last->count};
  }
  if (words.size() == 6 && words[0] == "trailing" && words[3] == "before" && months) {
    const std::optional<Span> trailing = ParseSpan(words[1], words[2]);
    if (trailing.has_value() && trailing->unit == Unit::kMonths) {
      return Window{Window::Kind::kTrailingMonths, trailing->count, last->count};
    }
  }
  return std::nullopt;
}

DayRange RangeAt(const Window& window, Day day, const Calendar& calendar) {
  switch (window.kind) {
    case Window::Kind::kDay:
      return {day, day};
    case Window::Kind::kMonthToDate:
      return {FirstDayOf(MonthOf(day)), day};
    case Window::Kind::kQuarterToDate:
      return {calendar.FiscalQuarterStart(day), day};
    case Window::Kind::kYearToDate:
      return {calendar.FiscalYearStart(day), day};
    case Window::Kind::kPriorYearToDate:
      return {MinusMonths(calendar.FiscalYearStart(day), 12), MinusMonths(day, 12)};
    case Window::Kind::kTrailingMonths:
      return {MinusMonths(day, window.count + window.before) + 1, MinusMonths(day, window.before)};
    case Window::Kind::kTrailingDays:
      return {day - window.count + 1, day};
    case Window::Kind::kTotal:
      return {kBeginningOfTime, day};
    case Window::Kind::kTotalBeforeMonths:
      return {kBeginningOfTime, MinusMonths(day, window.before)};
    case Window::Kind::kTotalBeforeDays:
      return {kBeginningOfTime, day - window.before};
    case Window::Kind::kNextDays:
      return {day, day + window.count - 1};
    case Window::Kind::kClosedMonth: {
      const Month month = MonthOf(day) - window.before;
      return {FirstDayOf(month), FirstDayOf(month + 1) - 1};
    }
  }
  return {};
}

}  // namespace keyfold
