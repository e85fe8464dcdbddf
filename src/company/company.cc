#include "company/company.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

constexpr int kMonths = 30;
constexpr Day kYearsThatPlansNeed = 730;
constexpr Day kDayMax = 80'000;  // 2189: the dates that events name stay before 2200

}  // namespace

Day CompanyBegin(Day to) { return MinusMonths(to, kMonths); }

absl::StatusOr<std::unique_ptr<Company>> Company::Create(const CompanyOptions& options) {
  if (options.accounts < kMembersMin || options.accounts > kMembersMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("accounts: a company has ", kMembersMin, " to ", kMembersMax, " of them"));
  }
  if (options.from < kYearsThatPlansNeed || options.to > kDayMax || options.to - options.from < kYearsThatPlansNeed) {
    return absl::InvalidArgumentError("from: the stories need two years from 1972 on, and end before 2189");
  }
  const std::string& currency = options.reporting_currency;
  if (currency != "EUR" && currency != "USD" && currency != "GBP") {
    return absl::InvalidArgumentError("reporting_currency: the company has EUR, USD and GBP");
  }
  return std::unique_ptr<Company>(new Company(options));
}

Company::Company(const CompanyOptions& options)
    : random_(options.seed),
      cast_(MakeCast(options.accounts, options.from, options.to, random_)),
      life_(cast_, options.from, options.to, options.reporting_currency, random_) {
  life_.Begin(next_);
  for (Step& step : next_) {
    step.sequence = ++last_sequence_;
    steps_.push(step);
  }
}

bool Company::NextBefore(int64_t until_ms, v1::AccountEvent& event) {
  while (!steps_.empty() && steps_.top().due_ms < until_ms) {
    if (Take(steps_.top().due_ms, Pace::kNatural, event)) return true;
  }
  return false;
}

void Company::NextNow(int64_t now_ms, v1::AccountEvent& event) {
  while (!Take(now_ms, Pace::kHurried, event)) {
  }
}

bool Company::Take(int64_t now_ms, Pace pace, v1::AccountEvent& event) {
  const Step step = steps_.top();
  steps_.pop();
  now_ms = std::max(now_ms, last_ms_ + 1);
  event.Clear();
  next_.clear();
  const bool happened = life_.Perform(step, now_ms, pace, event, next_);
  for (Step& next : next_) {
    next.sequence = ++last_sequence_;
    steps_.push(next);
  }
  if (!happened) return false;
  last_ms_ = now_ms;
  event.mutable_occurred_at()->set_seconds(now_ms / 1000);
  event.mutable_occurred_at()->set_nanos(static_cast<int32_t>(now_ms % 1000 * 1'000'000));
  return true;
}

std::string_view Company::NameOf(std::string_view account_id) const {
  const auto found = std::find_if(cast_.begin(), cast_.end(),
                                  [account_id](const Member& member) { return member.account_id == account_id; });
  return found == cast_.end() ? std::string_view() : found->name;
}

}  // namespace keyfold
