#include "sample/script.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/milliseconds.h"

namespace keyfold {
namespace {

// A process has at most five tasks at a time, and there are about ten yearly ones: so the tasks of an account are few,
// however busy it is. Where there are many, it only does what little follows from.
constexpr uint32_t kTasksAtStartMax = 24;
constexpr uint32_t kTasksAtInvoiceMax = 48;

struct WeightedActivity {
  Activity activity;
  int weight;
};

constexpr WeightedActivity kStarts[] = {
    {Activity::kPlaceOrder, 300},        {Activity::kIssueInvoice, 120},     {Activity::kBookCost, 90},
    {Activity::kScheduleMeeting, 150},   {Activity::kCreateOpportunity, 80}, {Activity::kIssueQuote, 70},
    {Activity::kOpenEscalation, 60},     {Activity::kAnswerSurvey, 70},      {Activity::kSubmitForecast, 20},
    {Activity::kFlagRisk, 20},           {Activity::kStartInitiative, 12},   {Activity::kSignContract, 4},
    {Activity::kIdentifyStakeholder, 4},
};

constexpr int WeightOfStarts() {
  int sum = 0;
  for (const WeightedActivity& start : kStarts) sum += start.weight;
  return sum;
}

constexpr Activity kBusyStarts[] = {Activity::kIssueInvoice, Activity::kIssueInvoice, Activity::kIssueInvoice,
                                    Activity::kBookCost, Activity::kAnswerSurvey};
constexpr Activity kSingleStarts[] = {Activity::kBookCost, Activity::kAnswerSurvey, Activity::kAnswerSurvey};

constexpr const char* kCategories[] = {"drives",  "sensors",  "controllers", "spare parts",
                                       "service", "licences", "cabinets",    "training"};

}  // namespace

std::string SampleAccountId(uint32_t account) { return absl::StrFormat("ACC-%06d", account + 1); }

Activity SampleScript::ChooseStart(const SampleAccount& account) {
  if (!account.customer || account.tasks_pending >= kTasksAtInvoiceMax) {
    return kSingleStarts[random_.Below(std::size(kSingleStarts))];
  }
  if (account.tasks_pending >= kTasksAtStartMax) return kBusyStarts[random_.Below(std::size(kBusyStarts))];
  int64_t drawn = random_.Below(WeightOfStarts());
  for (const WeightedActivity& start : kStarts) {
    drawn -= start.weight;
    if (drawn < 0) return start.activity;
  }
  return Activity::kBookCost;  // not reached: the weights have been used up
}

void SampleScript::Perform(const SampleTask& task, int64_t now_ms, SampleAccount& account, v1::AccountEvent& event,
                           std::vector<SampleTask>& follow_ups) {
  task_ = task;
  now_ms_ = now_ms;
  account_ = &account;
  follow_ups_ = &follow_ups;
  const auto up_to = [&task](Activity last) { return task.activity <= last; };
  if (up_to(Activity::kAssessPotential)) return PerformAccount(event);
  if (up_to(Activity::kClosePlan)) return PerformPlan(event);
  if (up_to(Activity::kDeliverOrder)) return PerformOrder(event);
  if (up_to(Activity::kIssueCreditNote)) return PerformInvoice(event);
  if (up_to(Activity::kBookCost)) return PerformCost(event);
  if (up_to(Activity::kCancelMeeting)) return PerformMeeting(event);
  if (up_to(Activity::kStakeholderLeaves)) return PerformStakeholder(event);
  if (up_to(Activity::kReopenEscalation)) return PerformEscalation(event);
  if (up_to(Activity::kTerminateContract)) return PerformContract(event);
  if (up_to(Activity::kRejectQuote)) return PerformQuote(event);
  if (up_to(Activity::kReopenOpportunity)) return PerformOpportunity(event);
  if (up_to(Activity::kSubmitForecast)) return PerformForecast(event);
  if (up_to(Activity::kAnswerSurvey)) return PerformSurvey(event);
  if (up_to(Activity::kCancelInitiative)) return PerformInitiative(event);
  PerformRisk(event);
}

std::string SampleScript::EntityId(std::string_view kind) {
  if (task_.number == 0) task_.number = ++account_->last_number;
  return absl::StrCat(std::string(kind), "-", task_.number);
}

void SampleScript::Then(Activity activity, int64_t days, const SampleTask& state) {
  SampleTask next = state;
  next.account = task_.account;
  next.activity = activity;
  next.due_ms = now_ms_ + kHourMs + random_.Skewed(days * kDayMs);
  follow_ups_->push_back(next);
}

Day SampleScript::Today() const { return static_cast<Day>(now_ms_ / kDayMs); }

void SampleScript::SetMoney(v1::Money& money, int64_t minor) const {
  money.set_currency_code(kSampleCurrencies[account_->currency]);
  money.set_minor(minor);
}

v1::StakeholderRole SampleScript::Role() {
  constexpr v1::StakeholderRole kRoles[] = {v1::DECISION_MAKER, v1::DECISION_MAKER, v1::INFLUENCER,
                                            v1::USER,           v1::CHAMPION,       v1::BLOCKER};
  return kRoles[random_.Below(std::size(kRoles))];
}

v1::Severity SampleScript::AnySeverity() {
  constexpr v1::Severity kSeverities[] = {v1::LOW,    v1::LOW,  v1::LOW,  v1::MEDIUM,  v1::MEDIUM,
                                          v1::MEDIUM, v1::HIGH, v1::HIGH, v1::CRITICAL};
  return kSeverities[random_.Below(std::size(kSeverities))];
}

v1::SaleType SampleScript::AnySaleType() {
  constexpr v1::SaleType kTypes[] = {v1::BASE,       v1::BASE,       v1::BASE,    v1::BASE,   v1::BASE,
                                     v1::CROSS_SELL, v1::CROSS_SELL, v1::UP_SELL, v1::BUNDLE, v1::RENEWAL};
  return kTypes[random_.Below(std::size(kTypes))];
}

void SampleScript::SetLines(uint32_t order_number, uint8_t version,
                            google::protobuf::RepeatedPtrField<v1::Line>& lines) const {
  constexpr int kProducts = 240;
  constexpr v1::SaleType kTypes[] = {v1::BASE, v1::BASE, v1::BASE, v1::CROSS_SELL, v1::UP_SELL, v1::BUNDLE};
  // Seeded by what the lines belong to: the invoice repeats the order without anybody remembering it.
  SampleRandom random((uint64_t{task_.account} << 40) ^ (uint64_t{order_number} << 8) ^ version);
  const int64_t count = random.Between(1, 4);
  for (int64_t i = 1; i <= count; ++i) {
    v1::Line& line = *lines.Add();
    const int64_t product = random.Below(kProducts);
    line.set_line_id(absl::StrCat(i));
    line.set_product_id(absl::StrFormat("P-%03d", product));
    line.set_category(kCategories[product % static_cast<int64_t>(std::size(kCategories))]);
    line.set_sale_type(kTypes[random.Below(std::size(kTypes))]);
    line.set_quantity(1000 * random.Between(1, 40));
    int64_t net = std::max<int64_t>(100, random.Skewed(account_->order_minor) / count);
    if (i == 4 && random.Chance(150)) net = -net / 10;  // a discount given as a line
    SetMoney(*line.mutable_net(), net);
    if (net > 0) SetMoney(*line.mutable_cost(), net * random.Between(45, 85) / 100);
  }
}

}  // namespace keyfold
