// Plans and where they stand: every member of a group with a plan in force, its revenue and margin against the plan,
// and where the fiscal year ends at the present run rate.
#ifndef KEYFOLD_ASK_TARGETS_H_
#define KEYFOLD_ASK_TARGETS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"

namespace keyfold {

// The fiscal year that a day lies in.
struct FiscalYear {
  Day first = 0;
  Day last = 0;

  int days() const { return last - first + 1; }
};
FiscalYear FiscalYearOf(const Calendar& calendar, Day day);

// What revenue the year ends with if every day brings what the days so far have brought on average: revenue to date /
// elapsed days (`day` included) x days of the year. Any unit.
double RunRate(double revenue_to_date, const FiscalYear& year, Day day);

// Money in major units; ratios 0.25 = 25 %; NaN: undefined, or the catalogue has no such KPI.
struct TargetValues {
  double revenue = 0;           // of twelve months (revenue_t12m)
  double target = 0;            // where the plan wants it to be today
  double goal = 0;              // where the plan wants it to be at its end
  double attainment = 0;        // revenue / target
  double progress = 0;          // how much of the way from the baseline to the goal
  double margin_ratio = 0;      // contribution margin / revenue
  double margin_headroom = 0;   // ratio above the plan's floor
  double year_end_revenue = 0;  // at the present run rate
  double year_end_target = 0;   // where the plan wants it to be then; NaN: no plan is in force then

  double year_end_gap() const { return year_end_revenue - year_end_target; }
};

struct TargetRow {
  std::string account_id;
  std::string name;
  std::string tier;
  std::string manager_id;
  Day plan_start = 0;
  Day plan_end = 0;
  double growth = 0;      // what the plan wants by its end: 0.25 = +25 %
  double min_margin = 0;  // the plan's floor of contribution margin / revenue
  double on_track = 0;    // 1 or 0; NaN: the catalogue has no plan_on_track
  TargetValues values;
};

struct Targets {
  FiscalYear year;
  int64_t accounts = 0;  // members
  int64_t accounts_on_track = 0;
  std::vector<TargetRow> rows;  // of the members with a plan: the worst year-end gap first, no gap last, then by id
  // Summed over the rows, ratios of the sums; the year's end over the rows that have a year-end target, of which there
  // are so many.
  TargetValues group;
  int64_t year_end_accounts = 0;
  std::vector<std::string> missing_rates;  // of the rows' accounts
};

// FailedPrecondition: the catalogue lacks what plans are seen by, and which that is.
absl::StatusOr<Targets> AskTargets(const ProjectionReader& reader, std::string_view group_id, Day day);

}  // namespace keyfold

#endif  // KEYFOLD_ASK_TARGETS_H_
