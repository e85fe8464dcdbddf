#include "company/life.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/milliseconds.h"

namespace keyfold {
namespace {

constexpr int kMonthsBefore = 18;  // of which only the revenue is known: what a year ago is compared with

struct Worth {
  const char* code;
  int64_t euros_per_thousand;
};
constexpr Worth kWorths[] = {{"EUR", 1000}, {"USD", 920}, {"GBP", 1170}};

// 1970-01-05 was a Monday.
Day WeekdayOf(Day day) { return (day + 3) % 7; }

}  // namespace

Life::Life(const std::vector<Member>& cast, Day from, Day to, std::string reporting_currency, SampleRandom& random)
    : cast_(cast),
      from_(from),
      to_(to),
      reporting_currency_(std::move(reporting_currency)),
      random_(random),
      accounts_(cast.size()) {}

void Life::Begin(std::vector<Step>& next) {
  SetRates(next);
  for (uint32_t i = 0; i < cast_.size(); ++i) {
    const Day opened = cast_[i].opened;
    next.push_back({.due_ms = opened * kDayMs + 7 * kHourMs, .account = i, .act = Act::kOpenAccount});
    if (opened != from_) continue;
    for (int months = 1; months <= kMonthsBefore; ++months) {
      next.push_back({.due_ms = MinusMonths(from_, months) * kDayMs + 8 * kHourMs, .account = i, .act = Act::kBringIn});
    }
  }
}

void Life::SetRates(std::vector<Step>& next) {
  const Day first = FirstDayOf(MonthOf(from_) - kMonthsBefore);
  for (Month month = MonthOf(first); month <= MonthOf(to_); ++month) {
    const Day day = FirstDayOf(month);
    for (uint8_t currency = 0; currency < std::size(kWorths); ++currency) {
      if (kWorths[currency].code == reporting_currency_) continue;
      next.push_back({.due_ms = day * kDayMs, .day = day, .stage = currency, .act = Act::kSetRate});
    }
  }
}

bool Life::SetRate(v1::AccountEvent& event) {
  if (hurried()) return false;
  const auto* const reporting = std::find_if(std::begin(kWorths), std::end(kWorths),
                                             [this](const Worth& one) { return one.code == reporting_currency_; });
  const Worth& worth = kWorths[step_.stage];
  v1::FxRateSet& rate = *event.mutable_fx_rate_set();
  rate.set_currency_code(worth.code);
  rate.set_month(FormatDay(step_.day).substr(0, 7));
  const double middle =
      static_cast<double>(worth.euros_per_thousand) / static_cast<double>(reporting->euros_per_thousand);
  rate.set_rate(middle * static_cast<double>(random_.Between(970, 1030)) / 1000);
  event.set_source("treasury");
  return true;
}

bool Life::Perform(const Step& step, int64_t now_ms, Pace pace, v1::AccountEvent& event, std::vector<Step>& next) {
  step_ = step;
  now_ms_ = now_ms;
  pace_ = pace;
  member_ = &cast_[step.account];
  account_ = &accounts_[step.account];
  next_ = &next;
  if (step.act > Act::kReactivate && step.act <= Act::kLastOfCustomers && !account_->customer) return false;
  const bool happened = step.act == Act::kSetRate ? SetRate(event)
                                                  : PerformRelation(event) || PerformSale(event) ||
                                                        PerformDeal(event) || PerformService(event);
  if (!happened) return false;
  if (step.act != Act::kSetRate) event.set_account_id(member_->account_id);
  // A correction names the event that it corrects.
  if (event.event_id().empty()) event.set_event_id(absl::StrFormat("%s-%07d", event.source(), ++last_event_));
  return true;
}

std::string Life::EntityId(std::string_view kind) {
  if (step_.number == 0) step_.number = ++last_number_;
  return absl::StrCat(std::string(kind), "-", step_.number);
}

void Life::Add(Step step, Act act, int64_t due_ms) {
  step.account = step_.account;
  step.act = act;
  step.due_ms = due_ms;
  next_->push_back(step);
}

int64_t Life::AtWork(Day day) {
  constexpr Day kSaturday = 5;
  if (WeekdayOf(day) >= kSaturday) day += 7 - WeekdayOf(day);
  const int64_t at = day * kDayMs + 7 * kHourMs + random_.Below(10 * kHourMs);
  return at > step_.due_ms ? at : step_.due_ms + 1 + random_.Below(kHourMs);
}

void Life::ThenOn(Act act, Day day) { Add(step_, act, AtWork(day)); }

void Life::Then(Act act, int64_t days) {
  const auto today = static_cast<Day>(step_.due_ms / kDayMs);
  ThenOn(act, today + static_cast<Day>(random_.Between(days * 3 / 4, (days * 5 + 3) / 4)));
}

void Life::ThenInHours(Act act, int64_t hours) {
  Add(step_, act, step_.due_ms + kHourMs / 4 + random_.Skewed(hours * kHourMs));
}

void Life::StartOn(Act act, Day day) { Add(Step{}, act, AtWork(day)); }

void Life::Start(Act act, int64_t days) {
  const auto today = static_cast<Day>(step_.due_ms / kDayMs);
  StartOn(act, today + static_cast<Day>(random_.Between(days * 3 / 4, (days * 5 + 3) / 4)));
}

Day Life::Today() const { return static_cast<Day>(now_ms_ / kDayMs); }

int64_t Life::AnnualPaceToday() const { return AnnualPace(*member_, Today(), to_); }

void Life::SetMoney(v1::Money& money, int64_t minor) const {
  money.set_currency_code(member_->currency);
  money.set_minor(minor);
}

}  // namespace keyfold
