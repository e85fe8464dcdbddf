// The account itself, its plans, its people, and what is done with them.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/milliseconds.h"
#include "company/life.h"

namespace keyfold {
namespace {

constexpr char kInitials[] = "ABCDEFGHIJKLMNPRSTUVW";
constexpr const char* kSurnames[] = {"Brandt",   "Okonkwo",  "Lindholm", "Marchetti", "Sorensen", "Dubois",  "Hartmann",
                                     "Novak",    "Petersen", "Vermeer",  "Costa",     "Ferrari",  "Iversen", "Jansen",
                                     "Kowalski", "Leroy",    "Moreau",   "Nyberg",    "Osei",     "Peeters", "Quinn",
                                     "Rossi",    "Schubert", "Tanaka",   "Urban",     "Vogel",    "Walsh",   "Ziegler"};

// The first ones are those that every account has.
constexpr v1::StakeholderRole kRoles[] = {v1::DECISION_MAKER, v1::CHAMPION,   v1::DECISION_MAKER,
                                          v1::USER,           v1::INFLUENCER, v1::BLOCKER};

}  // namespace

bool Life::PerformRelation(v1::AccountEvent& event) {
  event.set_source("crm");
  switch (step_.act) {
    case Act::kOpenAccount:
      return OpenAccount(event), true;
    case Act::kAssignManager:
      event.mutable_manager_assigned()->set_manager_id(member_->manager_id);
      return true;
    case Act::kDesignate:
      event.mutable_key_account_designated()->set_tier(member_->tier);
      return true;
    case Act::kChurn:
      return Churn(event), true;
    case Act::kClosePlan:
      event.mutable_plan_closed()->set_plan_id(EntityId("PL"));
      return true;
    case Act::kReactivate:
      return Reactivate(event), true;
    case Act::kAssessPotential:
      return AssessPotential(event), true;
    case Act::kApprovePlan:
      return ApprovePlan(event), true;
    case Act::kIdentifyStakeholder:
      return IdentifyStakeholder(event);
    case Act::kChangeRole:
      return ChangeRole(event);
    case Act::kScheduleMeeting:
    case Act::kScheduleReview:
      return ScheduleMeeting(event);
    case Act::kHoldMeeting:
      return HoldMeeting(event), true;
    case Act::kCancelMeeting:
      event.mutable_meeting_cancelled()->set_meeting_id(EntityId("MT"));
      return true;
    case Act::kAskForNps:
      return AskForNps(event), true;
    case Act::kAskForCsat:
      return AskForCsat(event), true;
    case Act::kStartInitiative:
      return StartInitiative(event), true;
    case Act::kReachMilestone:
      return ReachMilestone(event), true;
    case Act::kCompleteInitiative:
      event.mutable_initiative_completed()->set_initiative_id(EntityId("IN"));
      return true;
    default:
      return false;
  }
}

void Life::OpenAccount(v1::AccountEvent& event) {
  v1::AccountOpened& opened = *event.mutable_account_opened();
  opened.set_name(member_->name);
  opened.set_segment(member_->segment);
  opened.set_region(member_->region);
  opened.set_industry(member_->industry);
  opened.set_parent_id(member_->parent_id);
  account_->customer = true;
  StartOn(Act::kAssignManager, Today());
  const bool key = member_->key_account();
  if (key) {
    StartOn(Act::kDesignate, Today());
    StartOn(Act::kApprovePlan, std::max(Today() + 1, to_ - kPlanDays));
  }
  for (int i = 0; i < (key ? 4 : 2); ++i) StartOn(Act::kIdentifyStakeholder, Today());
  Start(Act::kAssessPotential, 10);
  Start(Act::kBookAcquisitionCost, 5);
  StartOn(Act::kSignContract, Today());
  StartRoutines();
  if (member_->story == Story::kInTrouble) {
    Add({.stage = kAsTold}, Act::kOpenEscalation, AtWork(to_ - 3));
    Add({.stage = kAsTold}, Act::kFlagRisk, AtWork(to_ - 20));
  }
  if (member_->story == Story::kLost) StartOn(Act::kChurn, to_ - kLostDays);
  if (member_->story == Story::kWonBack) {
    StartOn(Act::kChurn, to_ - kAwayFromDays);
    StartOn(Act::kReactivate, to_ - kAwayToDays);
    StartOn(Act::kDesignate, to_ - kAwayToDays + 7);
  }
}

void Life::StartRoutines() {
  account_->ordered_until_ms = step_.due_ms;
  const bool key = member_->key_account();
  Start(Act::kPlaceOrder, 6);
  Start(Act::kBookServiceCost, 20);
  Start(Act::kSubmitForecast, 12);
  Start(Act::kScheduleMeeting, 10);
  if (key) Start(Act::kScheduleReview, 15);
  Start(Act::kAskForNps, 30);
  Start(Act::kAskForCsat, 40);
  Start(Act::kFindOpportunity, 30);
  Start(Act::kIssueQuote, 25);
  Start(Act::kOpenEscalation, 300 / member_->escalations_a_year);
  Start(Act::kFlagRisk, 250);
  Start(Act::kChangeRole, 300);
  if (key) Start(Act::kStartInitiative, 120);
}

void Life::Churn(v1::AccountEvent& event) {
  account_->customer = false;
  event.mutable_account_churned()->set_reason(member_->story == Story::kLost ? "went to a competitor" : "price");
  step_.number = account_->contract;
  if (step_.number != 0) Then(Act::kTerminateContract, 2);
  step_.number = account_->plan;
  if (step_.number != 0) Then(Act::kClosePlan, 4);
}

void Life::Reactivate(v1::AccountEvent& event) {
  account_->customer = true;
  event.mutable_account_reactivated();
  StartRoutines();
  StartOn(Act::kSignContract, Today());
}

void Life::AssessPotential(v1::AccountEvent& event) {
  v1::PotentialAssessed& assessed = *event.mutable_potential_assessed();
  SetMoney(*assessed.mutable_annual_potential(), AnnualPaceToday() / 100 * random_.Between(115, 220));
  const int importance = member_->tier == v1::KeyAccountDesignated::STRATEGIC ? 80 : member_->key_account() ? 55 : 20;
  assessed.set_strategic_importance(static_cast<int32_t>(importance + random_.Between(-15, 15)));
  Start(Act::kAssessPotential, 350);
}

// Three years; most plans want what the account does anyhow, some want more.
void Life::ApprovePlan(v1::AccountEvent& event) {
  constexpr Day kHalfAYear = 182;
  constexpr Day kThreeYears = 1096;
  v1::PlanApproved& plan = *event.mutable_plan_approved();
  plan.set_plan_id(EntityId("PL"));
  account_->plan = step_.number;
  plan.set_start_date(FormatDay(Today() + 1));
  plan.set_end_date(FormatDay(Today() + kThreeYears));
  // Revenue of the last twelve months was made at the pace of half a year ago.
  const Day middle = std::max(member_->opened, Today() - kHalfAYear);
  SetMoney(*plan.mutable_baseline_revenue(), AnnualPace(*member_, middle, to_) / 100'000 * 100'000);
  const bool told = member_->story == Story::kOnPlan;
  const int64_t expected = 3 * int64_t{member_->growth} / 10;  // percent
  const int64_t wanted = expected + (random_.Chance(750) ? random_.Between(-8, 2) : random_.Between(12, 25));
  plan.set_target_growth(told ? 0.25 : static_cast<double>(std::max<int64_t>(2, wanted)) / 100);
  const int64_t margin = member_->margin / 10 - random_.Between(2, 6);
  plan.set_min_margin(told ? 0.30 : static_cast<double>(margin) / 100);
}

bool Life::IdentifyStakeholder(v1::AccountEvent& event) {
  auto& known = account_->stakeholders;
  const std::string who = absl::StrCat(std::string(1, kInitials[random_.Below(sizeof(kInitials) - 1)]), ". ",
                                       kSurnames[random_.Below(std::size(kSurnames))]);
  if (std::find(known.begin(), known.end(), who) != known.end()) return Start(Act::kIdentifyStakeholder, 1), false;
  v1::StakeholderIdentified& identified = *event.mutable_stakeholder_identified();
  identified.set_stakeholder_id(who);
  identified.set_role(kRoles[std::min(known.size(), std::size(kRoles) - 1)]);
  known.push_back(who);
  return true;
}

// Somebody gets another role, or leaves and is followed by another one.
bool Life::ChangeRole(v1::AccountEvent& event) {
  auto& known = account_->stakeholders;
  Start(Act::kChangeRole, 300);
  if (known.size() < 3) return false;
  const auto who = known.begin() + random_.Below(static_cast<int64_t>(known.size()));
  if (random_.Chance(500)) {
    event.mutable_stakeholder_left()->set_stakeholder_id(*who);
    known.erase(who);
    Start(Act::kIdentifyStakeholder, 20);
    return true;
  }
  event.mutable_stakeholder_updated()->set_stakeholder_id(*who);
  event.mutable_stakeholder_updated()->set_role(kRoles[random_.Below(std::size(kRoles))]);
  return true;
}

bool Life::ScheduleMeeting(v1::AccountEvent& event) {
  constexpr v1::MeetingKind kKinds[] = {v1::OPERATIONAL, v1::OPERATIONAL, v1::NEEDS_ANALYSIS, v1::NEGOTIATION,
                                        v1::COORDINATION};
  const bool review = step_.act == Act::kScheduleReview;
  if (review && member_->neglected && Today() > to_ - kUnreviewedDays) return false;
  step_.stage = static_cast<uint8_t>(review ? v1::EXECUTIVE_REVIEW : kKinds[random_.Below(std::size(kKinds))]);
  v1::MeetingScheduled& meeting = *event.mutable_meeting_scheduled();
  meeting.set_meeting_id(EntityId("MT"));
  meeting.set_kind(static_cast<v1::MeetingKind>(step_.stage));
  const Day ahead = static_cast<Day>(review ? random_.Between(14, 21) : random_.Between(4, 12));
  const int64_t at = AtWork(static_cast<Day>(step_.due_ms / kDayMs) + ahead);
  // When it is hurried, what is said to come in ten days is held in ten minutes.
  const int64_t said = (at - step_.due_ms + now_ms_) / 1000;
  meeting.mutable_scheduled_for()->set_seconds(said - said % 1800);
  Add(step_, !review && random_.Chance(70) ? Act::kCancelMeeting : Act::kHoldMeeting, at);
  if (!review) Start(Act::kScheduleMeeting, member_->key_account() ? 21 : 45);
  return true;
}

void Life::HoldMeeting(v1::AccountEvent& event) {
  v1::MeetingHeld& held = *event.mutable_meeting_held();
  held.set_meeting_id(EntityId("MT"));
  held.set_kind(static_cast<v1::MeetingKind>(step_.stage));
  const bool review = step_.stage == v1::EXECUTIVE_REVIEW;
  held.set_duration_minutes(static_cast<int32_t>(review ? 90 : 30 * random_.Between(1, 4)));
  for (const std::string& who : account_->stakeholders) {
    if (random_.Chance(review ? 850 : 550)) held.add_stakeholder_ids(who);
  }
  if (review) Start(Act::kScheduleReview, 60);
  if (step_.stage == v1::NEEDS_ANALYSIS && random_.Chance(200)) Start(Act::kFindOpportunity, 5);
}

void Life::AskForNps(v1::AccountEvent& event) {
  const bool troubled = member_->story == Story::kInTrouble && Today() > to_ - kTroubleDays;
  v1::SurveyAnswered& answer = *event.mutable_survey_answered();
  event.set_source("surveys");
  answer.set_response_id(EntityId("NPS"));
  answer.set_kind(v1::SurveyAnswered::NPS);
  // Of a hundred, three fifths of the satisfaction are promoters, half of the rest of it are detractors.
  const int64_t drawn = random_.Below(1000);
  if (troubled) {
    answer.set_score(static_cast<int32_t>(random_.Between(2, 6)));
  } else if (drawn < 6 * member_->satisfaction) {
    answer.set_score(static_cast<int32_t>(random_.Between(9, 10)));
  } else if (drawn >= 1000 - 5 * (100 - member_->satisfaction)) {
    answer.set_score(static_cast<int32_t>(random_.Between(3, 6)));
  } else {
    answer.set_score(static_cast<int32_t>(random_.Between(7, 8)));
  }
  const auto& known = account_->stakeholders;
  if (!known.empty()) answer.set_stakeholder_id(known[random_.Below(static_cast<int64_t>(known.size()))]);
  Start(Act::kAskForNps, member_->key_account() ? 45 : 100);
}

void Life::AskForCsat(v1::AccountEvent& event) {
  const bool troubled = member_->story == Story::kInTrouble && Today() > to_ - kTroubleDays;
  event.set_source("surveys");
  v1::SurveyAnswered& answer = *event.mutable_survey_answered();
  answer.set_response_id(EntityId("CSAT"));
  answer.set_kind(v1::SurveyAnswered::CSAT);
  const bool satisfied = !troubled && random_.Chance(10 * member_->satisfaction);
  answer.set_score(static_cast<int32_t>(satisfied ? random_.Between(4, 5) : random_.Between(1, 3)));
  Start(Act::kAskForCsat, 70);
}

void Life::StartInitiative(v1::AccountEvent& event) {
  constexpr const char* kTitles[] = {"Joint roadmap",    "Retrofit of the second line",
                                     "Shared logistics", "Condition monitoring",
                                     "Energy saving",    "Spare parts on site"};
  v1::InitiativeStarted& started = *event.mutable_initiative_started();
  started.set_initiative_id(EntityId("IN"));
  started.set_kind(static_cast<v1::InitiativeStarted::Kind>(random_.Between(1, 3)));
  started.set_title(kTitles[random_.Below(std::size(kTitles))]);
  FollowInitiative();
  Start(Act::kStartInitiative, 260);
}

void Life::ReachMilestone(v1::AccountEvent& event) {
  constexpr const char* kMilestones[] = {"Kick-off done", "Pilot runs", "Roll-out has begun", "Accepted"};
  v1::InitiativeMilestoneReached& reached = *event.mutable_initiative_milestone_reached();
  reached.set_initiative_id(EntityId("IN"));
  reached.set_title(kMilestones[step_.stage++]);
  FollowInitiative();
}

void Life::FollowInitiative() {
  constexpr uint8_t kMilestones = 4;
  Then(step_.stage < kMilestones ? Act::kReachMilestone : Act::kCompleteInitiative, 35);
}

}  // namespace keyfold
