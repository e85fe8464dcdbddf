#include "sample/history.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/milliseconds.h"

namespace keyfold {
namespace {

constexpr int64_t kWorkBeginsMs = 7 * kHourMs;
constexpr int64_t kWorkMs = 12 * kHourMs;
constexpr size_t kHeldMax = 256;
constexpr int64_t kAccountsMax = 50'000'000;
constexpr int64_t kEventsMax = 1'000'000'000'000;
constexpr Day kDayMax = 80'000;  // 2189: the dates that events name stay before 2200

// By index of kSampleCurrencies: what a thousand units are worth in euros.
constexpr int64_t kEurosPerThousand[] = {1000, 920, 1170, 6};

size_t CurrencyIndex(std::string_view code) {
  const auto found = std::find(kSampleCurrencies.begin(), kSampleCurrencies.end(), code);
  return static_cast<size_t>(found - kSampleCurrencies.begin());
}

void SetInstant(v1::AccountEvent& event, int64_t ms) {
  event.mutable_occurred_at()->set_seconds(ms / 1000);
  event.mutable_occurred_at()->set_nanos(static_cast<int32_t>(ms % 1000 * 1'000'000));
}

// 1970-01-05 was a Monday.
Day MondayOf(Day day) { return day - (day + 3) % 7; }

int64_t WorkdaysBefore(Day day, Day first_monday, int per_week) {
  const Day days = day - first_monday;
  return int64_t{days / 7} * per_week + std::min(days % 7, per_week);
}

absl::Status CheckRange(const char* name, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", value, " is not within ", min, " ... ", max));
}

// Corrects what an event of this sort is usually wrong in.
void Correct(v1::AccountEvent& event, SampleRandom& random) {
  const auto corrected = [&random](v1::Money* money) {
    money->set_minor(money->minor() * random.Between(80, 99) / 100);
  };
  if (event.has_order_placed()) return corrected(event.mutable_order_placed()->mutable_lines(0)->mutable_net());
  if (event.has_invoice_issued()) return corrected(event.mutable_invoice_issued()->mutable_lines(0)->mutable_net());
  if (event.has_cost_booked()) return corrected(event.mutable_cost_booked()->mutable_amount());
  if (event.has_escalation_opened()) return event.mutable_escalation_opened()->set_severity(v1::HIGH);
  event.mutable_occurred_at()->set_seconds(event.occurred_at().seconds() - random.Between(60, 3600));
}

const char* SourceOf(const v1::AccountEvent& event) {
  switch (event.payload_case()) {
    case v1::AccountEvent::kOrderPlaced:
    case v1::AccountEvent::kOrderChanged:
    case v1::AccountEvent::kOrderCancelled:
    case v1::AccountEvent::kOrderDelivered:
    case v1::AccountEvent::kInvoiceIssued:
    case v1::AccountEvent::kInvoiceCancelled:
    case v1::AccountEvent::kCreditNoteIssued:
    case v1::AccountEvent::kCostBooked:
      return "erp";
    case v1::AccountEvent::kEscalationOpened:
    case v1::AccountEvent::kEscalationAcknowledged:
    case v1::AccountEvent::kEscalationResolved:
    case v1::AccountEvent::kEscalationReopened:
      return "tickets";
    case v1::AccountEvent::kSurveyAnswered:
      return "surveys";
    case v1::AccountEvent::kFxRateSet:
      return "treasury";
    case v1::AccountEvent::kClockAdvanced:
      return "clock";
    default:
      return "crm";
  }
}

}  // namespace

Day SampleEndByDefault() { return static_cast<Day>(absl::ToUnixSeconds(absl::Now()) / (kDayMs / 1000)); }

absl::StatusOr<std::unique_ptr<SampleHistory>> SampleHistory::Create(const SampleOptions& options) {
  absl::Status status = CheckRange("accounts", options.accounts, 1, kAccountsMax);
  status.Update(CheckRange("events", options.events, 0, kEventsMax));
  status.Update(CheckRange("erasures", options.erasures, 0, options.accounts / 2));
  status.Update(CheckRange("to", options.to, 0, kDayMax));
  if (!status.ok()) return status;
  if (options.from < 0 || options.from > options.to) {
    return absl::InvalidArgumentError("from: it does not lie before the end");
  }
  if (!(options.zipf_exponent >= 0 && options.zipf_exponent <= 10)) {
    return absl::InvalidArgumentError("zipf: the exponent is not within 0 ... 10");
  }
  if (CurrencyIndex(options.reporting_currency) == kSampleCurrencies.size()) {
    return absl::InvalidArgumentError("reporting_currency: a sample has EUR, USD, GBP and JPY");
  }
  return std::unique_ptr<SampleHistory>(new SampleHistory(options));
}

SampleHistory::SampleHistory(const SampleOptions& options)
    : options_(options),
      random_(options.seed),
      script_(random_),
      frequencies_(static_cast<size_t>(options.accounts), options.zipf_exponent),
      first_monday_(MondayOf(options.from)),
      clock_month_(MonthOf(options.from)),
      last_ms_(options.from * kDayMs) {
  const auto count_workdays = [this] {
    first_workday_ = WorkdaysBefore(options_.from, first_monday_, workdays_per_week_);
    workdays_ = WorkdaysBefore(options_.to + 1, first_monday_, workdays_per_week_) - first_workday_;
  };
  count_workdays();
  if (workdays_ > 0) return;
  workdays_per_week_ = 7;  // nothing but a weekend was asked for: then they work on it
  count_workdays();
}

SampleStep SampleHistory::Next(v1::AccountEvent& event) {
  if (emitted_ >= options_.events) return SampleStep::kEnd;
  event.Clear();
  while (true) {
    if (NextRate(event) || NextHeld(event) || NextClock(event)) break;
    if (NextErasure(event)) {
      ++emitted_;
      return SampleStep::kErasure;
    }
    const uint32_t account = NextEvent(event);
    if (Disturb(event, account)) break;
    event.Clear();
  }
  ++emitted_;
  return SampleStep::kEvent;
}

bool SampleHistory::NextRate(v1::AccountEvent& event) {
  const Month first_month = MonthOf(options_.from);
  const int64_t months = MonthOf(options_.to) - first_month + 1;
  const int64_t foreign = kSampleCurrencies.size() - 1;
  if (rates_emitted_ == months * foreign) return false;
  const size_t reporting = CurrencyIndex(options_.reporting_currency);
  auto currency = static_cast<size_t>(rates_emitted_ % foreign);
  if (currency >= reporting) ++currency;
  const auto month = static_cast<Month>(first_month + rates_emitted_ / foreign);
  ++rates_emitted_;
  v1::FxRateSet& rate = *event.mutable_fx_rate_set();
  rate.set_currency_code(kSampleCurrencies[currency]);
  rate.set_month(FormatDay(FirstDayOf(month)).substr(0, 7));
  const double middle =
      static_cast<double>(kEurosPerThousand[currency]) / static_cast<double>(kEurosPerThousand[reporting]);
  rate.set_rate(middle * static_cast<double>(random_.Between(960, 1040)) / 1000);
  event.set_event_id(absl::StrCat("fx-", rate.currency_code(), "-", rate.month()));
  event.set_source(SourceOf(event));
  SetInstant(event, options_.from * kDayMs);
  return true;
}

bool SampleHistory::NextHeld(v1::AccountEvent& event) {
  while (!held_.empty()) {
    const bool last_chance = options_.events - emitted_ <= static_cast<int64_t>(held_.size());
    if (!last_chance && held_.top().release > emitted_) return false;
    const Held held = held_.top();
    held_.pop();
    if (accounts_[held.account].erased) continue;  // it was forgotten in the meantime
    event = held.event;
    return true;
  }
  return false;
}

bool SampleHistory::NextErasure(v1::AccountEvent& event) {
  if (erasures_emitted_ == options_.erasures) return false;
  const int64_t half = options_.events / 2;
  if (emitted_ < half + half * erasures_emitted_ / options_.erasures) return false;
  const int64_t left = std::count_if(accounts_.begin(), accounts_.end(), [](const auto& one) { return !one.erased; });
  if (left < 2) return false;
  const uint32_t account = PickAccount();
  ++erasures_emitted_;
  accounts_[account].erased = true;
  event.set_account_id(SampleAccountId(account));
  return true;
}

bool SampleHistory::NextClock(v1::AccountEvent& event) {
  const auto day = static_cast<Day>(ScheduledMs() / kDayMs);
  if (MonthOf(day) == clock_month_) return false;
  clock_month_ = MonthOf(day);
  event.mutable_clock_advanced();
  event.set_event_id(absl::StrCat("clock-", FormatDay(FirstDayOf(clock_month_))));
  event.set_source(SourceOf(event));
  SetInstant(event, std::max(last_ms_, FirstDayOf(clock_month_) * kDayMs));
  return true;
}

uint32_t SampleHistory::NextEvent(v1::AccountEvent& event) {
  const SampleTask task = NextTask();
  last_ms_ = std::max(last_ms_ + 1, std::min(task.due_ms, ScheduledMs()));
  if (task.account == accounts_.size()) accounts_.emplace_back();
  SampleAccount& account = accounts_[task.account];
  follow_ups_.clear();
  script_.Perform(task, last_ms_, account, event, follow_ups_);
  for (SampleTask& next : follow_ups_) {
    next.due_ms = std::max(next.due_ms, last_ms_ + 1);
    next.sequence = ++last_sequence_;
    tasks_.push(next);
  }
  account.tasks_pending += static_cast<uint32_t>(follow_ups_.size());
  event.set_source(SourceOf(event));
  event.set_event_id(absl::StrFormat("%s-%09d", event.source(), ++last_sequence_));
  event.set_account_id(SampleAccountId(task.account));
  SetInstant(event, last_ms_);
  return task.account;
}

SampleTask SampleHistory::NextTask() {
  const int64_t scheduled_ms = ScheduledMs();
  SampleTask task;
  task.due_ms = scheduled_ms;
  if (AccountIsDue()) {
    task.account = static_cast<uint32_t>(accounts_.size());
    return task;
  }
  while (!tasks_.empty() && tasks_.top().due_ms <= scheduled_ms) {
    task = tasks_.top();
    tasks_.pop();
    --accounts_[task.account].tasks_pending;
    if (!accounts_[task.account].erased) return task;
  }
  task = SampleTask{.due_ms = scheduled_ms, .account = PickAccount()};
  task.activity = script_.ChooseStart(accounts_[task.account]);
  return task;
}

// Accounts come quickly at first and ever more slowly until most of the history has passed.
bool SampleHistory::AccountIsDue() const {
  constexpr double kLastOpens = 0.7;
  if (accounts_.size() == static_cast<size_t>(options_.accounts)) return false;
  const double share = static_cast<double>(accounts_.size()) / static_cast<double>(options_.accounts);
  return kLastOpens * share * share * share <= static_cast<double>(emitted_) / static_cast<double>(options_.events);
}

uint32_t SampleHistory::PickAccount() {
  constexpr int kAttemptsMax = 32;
  size_t account = 0;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    account = frequencies_.Pick(random_, accounts_.size());
    if (!accounts_[account].erased) break;
  }
  while (accounts_[account].erased) account = (account + 1) % accounts_.size();
  return static_cast<uint32_t>(account);
}

bool SampleHistory::Disturb(const v1::AccountEvent& event, uint32_t account) {
  constexpr int64_t kAMoment = 6;  // records
  constexpr int64_t kAWhile = 2'000;
  const bool changes_account = event.has_account_opened() || event.has_key_account_designated();
  if (changes_account || held_.size() >= kHeldMax) return true;
  const int64_t fate = random_.Below(1000);
  if (fate < 30) {
    Hold(event, account, kAMoment);
    return false;
  }
  if (fate < 35) {
    Hold(event, account, kAWhile);
    return false;
  }
  if (fate < 38) Hold(event, account, kAWhile);
  if (fate >= 38 && fate < 42) {
    v1::AccountEvent next = event;
    next.set_revision(1);
    if (fate == 41) {
      next.set_retracted(true);
    } else {
      Correct(next, random_);
    }
    Hold(next, account, kAWhile);
  }
  return true;
}

void SampleHistory::Hold(const v1::AccountEvent& event, uint32_t account, int64_t records_later_max) {
  held_.push({emitted_ + random_.Between(1, records_later_max), ++last_sequence_, event, account});
}

int64_t SampleHistory::ScheduledMs() const {
  const auto worked_ms = static_cast<int64_t>(static_cast<__int128>(workdays_ * kWorkMs) * emitted_ /
                                              std::max<int64_t>(1, options_.events));
  const int64_t workday = first_workday_ + worked_ms / kWorkMs;
  const int64_t day = first_monday_ + workday / workdays_per_week_ * 7 + workday % workdays_per_week_;
  return day * kDayMs + kWorkBeginsMs + worked_ms % kWorkMs;
}

}  // namespace keyfold
