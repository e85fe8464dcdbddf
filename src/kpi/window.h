// Windows: which days a component sums over, seen from an evaluation date D (docs/kpis.md, "Evaluation date and
// windows").
#ifndef KEYFOLD_KPI_WINDOW_H_
#define KEYFOLD_KPI_WINDOW_H_

#include <limits>
#include <optional>
#include <string_view>

#include "base/calendar.h"

namespace keyfold {

struct Window {
  enum class Kind {
    kDay,                // {D}
    kMonthToDate,        // first day of D's month ... D
    kQuarterToDate,      // first day of D's fiscal quarter ... D
    kYearToDate,         // first day of D's fiscal year ... D
    kPriorYearToDate,    // (first day of D's fiscal year) - 12 m ... D - 12 m
    kTrailingMonths,     // (D - (before + count) m, D - before m]
    kTrailingDays,       // (D - count days, D]
    kTotal,              // (-inf, D]
    kTotalBeforeMonths,  // (-inf, D - before m]
    kTotalBeforeDays,    // (-inf, D - before days]
    kNextDays,           // [D, D + count days)
    kClosedMonth,        // the whole month that lies `before` months before D's month
  };
  Kind kind = Kind::kTotal;
  int count = 0;
  int before = 0;

  friend bool operator==(const Window&, const Window&) = default;
  friend auto operator<=>(const Window&, const Window&) = default;
};

// The days first ... last, both included. Empty when last < first.
struct DayRange {
  Day first = std::numeric_limits<Day>::min();
  Day last = std::numeric_limits<Day>::min();

  bool Contains(Day day) const { return first <= day && day <= last; }
  friend bool operator==(const DayRange&, const DayRange&) = default;
};

// "mtd", "trailing 12 m before 12 m", "total before 90 d", "next 90 d" ... -> Window; nullopt if it says none.
std::optional<Window> ParseWindow(std::string_view text);

DayRange RangeAt(const Window& window, Day day, const Calendar& calendar);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_WINDOW_H_
