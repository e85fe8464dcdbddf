// The catalogue seen from the dates that are in use: few at a time, and asked for again and again.
#ifndef KEYFOLD_KPI_EVALUATION_DAYS_H_
#define KEYFOLD_KPI_EVALUATION_DAYS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>

#include "base/calendar.h"
#include "kpi/evaluation.h"

namespace keyfold {

// The evaluation date D of a shard whose stream time this is; nothing is evaluated before 1970.
inline Day StreamDay(const Calendar& calendar, int64_t stream_time_ms) {
  return calendar.DayOf(std::max<int64_t>(stream_time_ms, 0) / 1000);
}

// Not thread-safe.
class EvaluationDays {
 public:
  explicit EvaluationDays(const Catalog& catalog) : catalog_(catalog) {}

  // Lives until kKept other days have been asked for.
  const EvaluationDay& At(Day day) {
    auto known = std::find_if(days_.begin(), days_.end(), [day](const EvaluationDay& kept) { return kept.day == day; });
    if (known == days_.end()) {
      if (days_.size() > kKept) days_.pop_back();
      known = days_.emplace(days_.begin(), catalog_, day);
    }
    days_.splice(days_.begin(), days_, known);
    return days_.front();
  }

 private:
  static constexpr size_t kKept = 16;

  const Catalog& catalog_;
  std::list<EvaluationDay> days_;  // the last one asked for comes first
};

}  // namespace keyfold

#endif  // KEYFOLD_KPI_EVALUATION_DAYS_H_
