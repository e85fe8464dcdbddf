// What happens between the company and its accounts, step by step. Internal to company/.
#ifndef KEYFOLD_COMPANY_LIFE_H_
#define KEYFOLD_COMPANY_LIFE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/calendar.h"
#include "company/cast.h"
#include "keyfold/v1/account_event.pb.h"
#include "sample/random_numbers.h"

namespace keyfold {

// One event each.
enum class Act : uint8_t {
  kSetRate,
  kBringIn,  // a month of what was invoiced before the history begins
  kOpenAccount,
  kAssignManager,
  kDesignate,
  kChurn,
  kClosePlan,
  kReactivate,
  // What only happens with those that are customers: it begins a process, and mostly comes again.
  kAssessPotential,
  kApprovePlan,
  kIdentifyStakeholder,
  kChangeRole,
  kPlaceOrder,
  kBookServiceCost,
  kBookAcquisitionCost,
  kSubmitForecast,
  kScheduleMeeting,
  kScheduleReview,
  kAskForNps,
  kAskForCsat,
  kSignContract,
  kRenewContract,
  kIssueQuote,
  kFindOpportunity,
  kOpenEscalation,
  kStartInitiative,
  kFlagRisk,
  kLastOfCustomers = kFlagRisk,
  // What follows.
  kPostponeOrder,
  kCancelOrder,
  kDeliverOrder,
  kIssueInvoice,
  kCorrectInvoice,
  kIssueCreditNote,
  kHoldMeeting,
  kCancelMeeting,
  kTerminateContract,
  kAcceptQuote,
  kRejectQuote,
  kMoveOpportunity,
  kCloseOpportunity,
  kAcknowledgeEscalation,
  kResolveEscalation,
  kResolveAgain,
  kReopenEscalation,
  kReachMilestone,
  kCompleteInitiative,
  kClearRisk,
};

// Something that will happen to an entity of an account.
struct Step {
  int64_t due_ms = 0;     // since the epoch
  uint64_t sequence = 0;  // orders what is due at the same time
  uint32_t account = 0;   // its place in the cast
  uint32_t number = 0;    // names the entity; 0: it does not exist yet
  int64_t amount = 0;     // minor units
  Day day = 0;            // the date that the process goes by: promised, expected, last in force
  uint8_t stage = 0;      // how far the process has come
  Act act = Act::kSetRate;
};

// The stage of an escalation or a risk that belongs to a story: it is severe, and nobody puts an end to it.
inline constexpr uint8_t kAsTold = 1;

// Whether what happens takes its time, or is hurried through by a demo that lives on.
enum class Pace : uint8_t { kNatural, kHurried };

// Not thread-safe.
class Life {
 public:
  // `cast` and `random` outlive this.
  Life(const std::vector<Member>& cast, Day from, Day to, std::string reporting_currency, SampleRandom& random);

  // What everything else follows from.
  void Begin(std::vector<Step>& next);

  // Sets payload, account_id and source of the empty `event`, which occurs at `now_ms`, and appends what follows to
  // `next` (without `sequence`). False: nothing came of it.
  bool Perform(const Step& step, int64_t now_ms, Pace pace, v1::AccountEvent& event, std::vector<Step>& next);

 private:
  struct Account {
    bool customer = false;
    int64_t ordered_until_ms = 0;  // what it has needed up to then, it has ordered
    uint32_t contract = 0;         // that is in force; 0: none
    uint32_t plan = 0;             // likewise
    std::vector<std::string> stakeholders;
  };

  bool SetRate(v1::AccountEvent& event);
  void SetRates(std::vector<Step>& next);

  // relations.cc
  void OpenAccount(v1::AccountEvent& event);
  void StartRoutines();
  void Churn(v1::AccountEvent& event);
  void Reactivate(v1::AccountEvent& event);
  void AssessPotential(v1::AccountEvent& event);
  void ApprovePlan(v1::AccountEvent& event);
  bool IdentifyStakeholder(v1::AccountEvent& event);
  bool ChangeRole(v1::AccountEvent& event);
  bool ScheduleMeeting(v1::AccountEvent& event);
  void HoldMeeting(v1::AccountEvent& event);
  void AskForNps(v1::AccountEvent& event);
  void AskForCsat(v1::AccountEvent& event);
  void StartInitiative(v1::AccountEvent& event);
  void ReachMilestone(v1::AccountEvent& event);
  void FollowInitiative();

  // sales.cc
  void PlaceOrder(v1::AccountEvent& event);
  void PostponeOrder(v1::AccountEvent& event);
  void CancelOrder(v1::AccountEvent& event);
  void DeliverOrder(v1::AccountEvent& event);
  void BringIn(v1::AccountEvent& event);
  void IssueInvoice(v1::AccountEvent& event);
  void CorrectInvoice(v1::AccountEvent& event);
  void IssueCreditNote(v1::AccountEvent& event);
  void BookCost(v1::AccountEvent& event);
  void SubmitForecast(v1::AccountEvent& event);
  void SetLines(int64_t amount, google::protobuf::RepeatedPtrField<v1::Line>& lines);
  v1::SaleType SaleTypeOf(int64_t product);

  // deals.cc
  void SignContract(v1::AccountEvent& event);
  void RenewContract(v1::AccountEvent& event);
  void AwaitEndOfContract();
  void IssueQuote(v1::AccountEvent& event);
  void FindOpportunity(v1::AccountEvent& event);
  void MoveOpportunity(v1::AccountEvent& event);
  void CloseOpportunity(v1::AccountEvent& event);
  void FollowOpportunity();

  // service.cc
  void OpenEscalation(v1::AccountEvent& event);
  void AcknowledgeEscalation(v1::AccountEvent& event);
  void ResolveEscalation(v1::AccountEvent& event);
  void FlagRisk(v1::AccountEvent& event);

  bool PerformRelation(v1::AccountEvent& event);
  bool PerformSale(v1::AccountEvent& event);
  bool PerformDeal(v1::AccountEvent& event);
  bool PerformService(v1::AccountEvent& event);

  // "INV-1017": the step's entity, or a new one.
  std::string EntityId(std::string_view kind);

  // Another act on the same entity after about `days` or `hours`, or on a day; within working time but for hours.
  void Then(Act act, int64_t days);
  void ThenInHours(Act act, int64_t hours);
  void ThenOn(Act act, Day day);

  // An act that begins a process of its own.
  void Start(Act act, int64_t days);
  void StartOn(Act act, Day day);
  void Add(Step step, Act act, int64_t due_ms);

  // A moment of working time on that day or, at weekends, the Monday after.
  int64_t AtWork(Day day);

  Day Today() const;                // on which the event occurs
  int64_t AnnualPaceToday() const;  // of the account, in minor units
  bool hurried() const { return pace_ == Pace::kHurried; }
  void SetMoney(v1::Money& money, int64_t minor) const;

  const std::vector<Member>& cast_;
  const Day from_;
  const Day to_;
  const std::string reporting_currency_;
  SampleRandom& random_;
  std::vector<Account> accounts_;  // as in the cast
  uint32_t last_number_ = 1000;    // of all entities
  uint64_t last_event_ = 0;
  absl::flat_hash_map<uint32_t, google::protobuf::RepeatedPtrField<v1::Line>> ordered_;  // by number: not invoiced yet
  absl::flat_hash_map<uint32_t, v1::AccountEvent> to_correct_;                           // invoices that are wrong

  // Of the call of Perform() under way.
  Step step_;
  int64_t now_ms_ = 0;
  Pace pace_ = Pace::kNatural;
  const Member* member_ = nullptr;
  Account* account_ = nullptr;
  std::vector<Step>* next_ = nullptr;
};

}  // namespace keyfold

#endif  // KEYFOLD_COMPANY_LIFE_H_
