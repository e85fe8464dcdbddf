// What happens at the accounts of a sample, and what follows from it: an order is delivered and invoiced, an escalation
// acknowledged and resolved, a plan approved again after a year.
#ifndef KEYFOLD_SAMPLE_SCRIPT_H_
#define KEYFOLD_SAMPLE_SCRIPT_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "keyfold/v1/account_event.pb.h"
#include "sample/random_numbers.h"

namespace keyfold {

// One event each.
enum class Activity : uint8_t {
  kOpenAccount,
  kClassify,
  kAssignManager,
  kDesignate,
  kRelease,
  kChurn,
  kReactivate,
  kAssessPotential,
  kApprovePlan,
  kClosePlan,
  kPlaceOrder,
  kChangeOrder,
  kCancelOrder,
  kDeliverOrder,
  kIssueInvoice,
  kCancelInvoice,
  kIssueCreditNote,
  kBookCost,
  kScheduleMeeting,
  kScheduleReview,
  kHoldMeeting,
  kCancelMeeting,
  kIdentifyStakeholder,
  kUpdateStakeholder,
  kStakeholderLeaves,
  kOpenEscalation,
  kAcknowledgeEscalation,
  kResolveEscalation,
  kReopenEscalation,
  kSignContract,
  kAmendContract,
  kRenewContract,
  kTerminateContract,
  kIssueQuote,
  kReviseQuote,
  kAcceptQuote,
  kRejectQuote,
  kCreateOpportunity,
  kUpdateOpportunity,
  kWinOpportunity,
  kLoseOpportunity,
  kReopenOpportunity,
  kSubmitForecast,
  kAnswerSurvey,
  kStartInitiative,
  kReachMilestone,
  kCompleteInitiative,
  kCancelInitiative,
  kFlagRisk,
  kClearRisk,
};

// Something that will happen to an entity of an account.
struct SampleTask {
  int64_t due_ms = 0;     // since the epoch
  uint64_t sequence = 0;  // orders what is due at the same time
  uint32_t account = 0;
  uint32_t number = 0;  // names the entity within the account; 0: it does not exist yet
  int64_t amount = 0;   // minor units
  Day day = 0;          // the date that the process goes by: promised, valid until, expected, last in force
  uint8_t step = 0;     // how far the process has come
  Activity activity = Activity::kOpenAccount;
};

struct SampleStakeholder {
  uint32_t number = 0;  // 0: nobody
  uint32_t meetings = 0;
};

// What is remembered of an account.
struct SampleAccount {
  uint32_t last_number = 0;    // of its entities
  uint32_t tasks_pending = 0;  // of all its processes
  int64_t order_minor = 0;     // what it orders on average
  uint8_t currency = 0;        // index of kSampleCurrencies
  bool customer = false;
  bool key_account = false;
  bool erased = false;
  uint8_t forecasts = 0;     // submitted in forecast_month
  Month forecast_month = 0;  // in which it submitted last
  std::array<SampleStakeholder, 4> stakeholders{};
};

inline constexpr std::array<const char*, 4> kSampleCurrencies = {"EUR", "USD", "GBP", "JPY"};

std::string SampleAccountId(uint32_t account);

// Not thread-safe.
class SampleScript {
 public:
  // `random` outlives this.
  explicit SampleScript(SampleRandom& random) : random_(random) {}

  // What an account that has been opened does next of its own accord.
  Activity ChooseStart(const SampleAccount& account);

  // Sets payload, source and correlation_id of the empty `event`, which occurs at `now_ms`, and appends what follows to
  // `follow_ups` (without `sequence`).
  void Perform(const SampleTask& task, int64_t now_ms, SampleAccount& account, v1::AccountEvent& event,
               std::vector<SampleTask>& follow_ups);

 private:
  // Each of these takes the activities of one kind of entity.
  void PerformAccount(v1::AccountEvent& event);
  void OpenAccount(v1::AccountOpened& opened);
  void PerformPlan(v1::AccountEvent& event);
  void PerformOrder(v1::AccountEvent& event);
  void PerformInvoice(v1::AccountEvent& event);
  void PerformMeeting(v1::AccountEvent& event);
  void ScheduleMeeting(v1::AccountEvent& event);
  void HoldMeeting(v1::MeetingHeld& held);
  void PerformStakeholder(v1::AccountEvent& event);
  void PerformEscalation(v1::AccountEvent& event);
  void PerformContract(v1::AccountEvent& event);
  void ContinueContract(Day last_day, int64_t annual_minor);
  void PerformQuote(v1::AccountEvent& event);
  void PerformOpportunity(v1::AccountEvent& event);
  void ContinueOpportunity(const SampleTask& state);
  void PerformForecast(v1::AccountEvent& event);
  void PerformSurvey(v1::AccountEvent& event);
  void PerformCost(v1::AccountEvent& event);
  void PerformInitiative(v1::AccountEvent& event);
  void PerformRisk(v1::AccountEvent& event);

  // The task's entity, or a new one. "order-17": ids are told apart by kind for people, not for the engine.
  std::string EntityId(std::string_view kind);

  // Another activity on the same entity after about `days`, at least an hour; `state` says what it knows.
  void Then(Activity activity, int64_t days, const SampleTask& state);
  void Then(Activity activity, int64_t days) { Then(activity, days, task_); }

  // An activity that begins a process of its own.
  void ThenStart(Activity activity, int64_t days) { Then(activity, days, SampleTask{}); }

  Day Today() const;
  void SetMoney(v1::Money& money, int64_t minor) const;
  void SetAttributes(std::string& segment, std::string& region, std::string& industry);
  v1::StakeholderRole Role();
  v1::Severity AnySeverity();
  v1::SaleType AnySaleType();

  // The lines of an order in one of its versions; always the same ones.
  void SetLines(uint32_t order_number, uint8_t version, google::protobuf::RepeatedPtrField<v1::Line>& lines) const;

  SampleRandom& random_;

  // Of the call of Perform() under way.
  SampleTask task_;
  int64_t now_ms_ = 0;
  SampleAccount* account_ = nullptr;
  std::vector<SampleTask>* follow_ups_ = nullptr;
};

}  // namespace keyfold

#endif  // KEYFOLD_SAMPLE_SCRIPT_H_
