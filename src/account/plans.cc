// The account's plans, all in one entity: of those that cover a day, the one approved last is in force.
#include <algorithm>
#include <cmath>
#include <optional>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "account/kinds.h"

namespace keyfold {
namespace {

// Covers [start, end), cut by a close. Of two, the one with the greater index was approved later.
struct Plan {
  const v1::PlanApproved* approval;
  Day start;
  Day end;
  bool closed = false;
};

// In order of approval; a version that was approved anew covers nothing.
std::vector<Plan> FoldPlans(Events events, const Calendar& calendar, Ignored ignored) {
  std::vector<Plan> plans;
  std::unordered_map<std::string_view, size_t> latest;  // plan_id -> index of the version that stands
  for (const v1::AccountEvent* event : events) {
    if (event->has_plan_approved()) {
      const v1::PlanApproved& approval = event->plan_approved();
      const auto [position, is_new] = latest.try_emplace(approval.plan_id(), plans.size());
      if (!is_new) {
        plans[position->second].end = plans[position->second].start;
        position->second = plans.size();
      }
      plans.push_back({&approval, RequiredDate(approval.start_date()), RequiredDate(approval.end_date()) + 1});
    } else if (event->has_plan_closed()) {
      const auto position = latest.find(event->plan_closed().plan_id());
      if (position == latest.end()) {
        ignored.Add(*event, NoEffect::kUnknownPlan);
        continue;
      }
      Plan& plan = plans[position->second];
      if (plan.closed) {
        ignored.Add(*event, NoEffect::kAlreadyClosed);
        continue;
      }
      plan.end = std::min(plan.end, DayOf(*event, calendar));
      plan.closed = true;
    }
  }
  return plans;
}

int64_t Millionths(double ratio) { return std::llround(ratio * 1e6); }

void AddInForce(const Plan& plan, Day from, Day to, Contributions& contributions) {
  const v1::PlanApproved& approval = *plan.approval;
  const v1::Money& baseline = approval.baseline_revenue();
  contributions.AddInterval(Measure::kPlansActive, from, to, 1);
  contributions.AddInterval(Measure::kPlanBaseline, CurrencyOf(baseline), from, to, baseline.minor());
  contributions.AddInterval(Measure::kPlanTargetGrowth, from, to, Millionths(approval.target_growth()));
  contributions.AddInterval(Measure::kPlanMinMargin, from, to, Millionths(approval.min_margin()));
  contributions.AddInterval(Measure::kPlanStart, from, to, plan.start);
  contributions.AddInterval(Measure::kPlanEnd, from, to, RequiredDate(approval.end_date()));
}

}  // namespace

void ContributePlans(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored) {
  const std::vector<Plan> plans = FoldPlans(events, calendar, ignored);
  std::vector<size_t> by_start;
  std::vector<Day> bounds;  // the days on which another plan may come into force
  for (size_t index = 0; index < plans.size(); ++index) {
    if (plans[index].end <= plans[index].start) continue;
    by_start.push_back(index);
    bounds.push_back(plans[index].start);
    bounds.push_back(plans[index].end);
  }
  std::sort(by_start.begin(), by_start.end(), [&](size_t a, size_t b) { return plans[a].start < plans[b].start; });
  std::sort(bounds.begin(), bounds.end());

  std::priority_queue<size_t> covering;  // the latest approval on top; those beneath may have ended already
  std::optional<size_t> in_force;
  Day since = 0;
  auto next = by_start.begin();
  for (Day day : bounds) {
    for (; next != by_start.end() && plans[*next].start <= day; ++next) covering.push(*next);
    while (!covering.empty() && plans[covering.top()].end <= day) covering.pop();
    const std::optional<size_t> top = covering.empty() ? std::nullopt : std::optional(covering.top());
    if (top == in_force) continue;
    if (in_force.has_value()) AddInForce(plans[*in_force], since, day, contributions);
    in_force = top;
    since = day;
  }
}

}  // namespace keyfold
