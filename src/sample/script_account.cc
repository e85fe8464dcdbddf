// The account itself, its plans, its people and the meetings with them.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sample/script.h"

namespace keyfold {
namespace {

constexpr const char* kNames[] = {"Alder", "Birken",  "Castell", "Dorn", "Elbtal",  "Fjord",  "Garonne",  "Helvet",
                                  "Isar",  "Juniper", "Kestrel", "Lune", "Mistral", "Norden", "Oderland", "Pinnacle"};
constexpr const char* kTrades[] = {"Machinery", "Logistics", "Foods",   "Chemicals", "Energy",
                                   "Rail",      "Packaging", "Medical", "Paper",     "Optics"};
constexpr const char* kSegments[] = {"enterprise", "enterprise", "mid-market", "mid-market", "mid-market", "small"};
constexpr const char* kRegions[] = {"DACH", "Nordics", "UK and Ireland", "North America", "Japan", "Benelux"};
constexpr const char* kIndustries[] = {"manufacturing", "transport", "food", "chemicals", "energy", "healthcare"};
constexpr int kManagers = 40;

template <size_t kSize>
const char* OneOf(const char* const (&choices)[kSize], SampleRandom& random) {
  return choices[random.Below(kSize)];
}

std::string ManagerId(SampleRandom& random) { return absl::StrFormat("M-%02d", random.Between(1, kManagers)); }

}  // namespace

void SampleScript::OpenAccount(v1::AccountOpened& opened) {
  constexpr int64_t kOrderMinorMean = 600'000;
  constexpr uint8_t kCurrencyOdds[] = {0, 0, 0, 0, 0, 1, 1, 2, 2, 3};
  account_->customer = true;
  account_->order_minor = 20'000 + random_.Skewed(kOrderMinorMean);
  account_->currency = kCurrencyOdds[random_.Below(std::size(kCurrencyOdds))];
  opened.set_name(absl::StrCat(OneOf(kNames, random_), " ", OneOf(kTrades, random_), " ", task_.account + 1));
  opened.set_segment(OneOf(kSegments, random_));
  opened.set_region(OneOf(kRegions, random_));
  opened.set_industry(OneOf(kIndustries, random_));
  // Of every ten accounts, the second and the third belong to the first.
  if (task_.account % 10 < 3) opened.set_parent_id(SampleAccountId(task_.account - task_.account % 10));
  ThenStart(Activity::kAssignManager, 2);
  ThenStart(Activity::kIdentifyStakeholder, 5);
  ThenStart(Activity::kIdentifyStakeholder, 15);
  if (random_.Chance(500)) ThenStart(Activity::kIdentifyStakeholder, 40);
  ThenStart(Activity::kAssessPotential, 25);
  ThenStart(Activity::kBookCost, 3);
  if (random_.Chance(600)) ThenStart(Activity::kSignContract, 20);
  if (random_.Chance(250)) ThenStart(Activity::kDesignate, 30);
  if (random_.Chance(200)) ThenStart(Activity::kClassify, 150);
  if (random_.Chance(80)) ThenStart(Activity::kChurn, 400);
}

void SampleScript::PerformAccount(v1::AccountEvent& event) {
  switch (task_.activity) {
    case Activity::kOpenAccount:
      return OpenAccount(*event.mutable_account_opened());
    case Activity::kClassify: {
      v1::AccountClassified& classified = *event.mutable_account_classified();
      classified.set_segment(OneOf(kSegments, random_));
      if (random_.Chance(300)) classified.set_industry(OneOf(kIndustries, random_));
      if (random_.Chance(100)) classified.set_region(OneOf(kRegions, random_));
      if (random_.Chance(20)) classified.set_parent_id(SampleAccountId(task_.account));  // it leaves its group
      return ThenStart(Activity::kClassify, 400);
    }
    case Activity::kAssignManager:
      event.mutable_manager_assigned();
      if (!random_.Chance(20)) event.mutable_manager_assigned()->set_manager_id(ManagerId(random_));
      return ThenStart(Activity::kAssignManager, 500);
    case Activity::kDesignate: {
      account_->key_account = true;
      const auto tier = static_cast<v1::KeyAccountDesignated::Tier>(random_.Between(1, 3));
      event.mutable_key_account_designated()->set_tier(tier);
      ThenStart(Activity::kApprovePlan, 5);
      ThenStart(Activity::kScheduleReview, 20);
      if (random_.Chance(150)) ThenStart(Activity::kRelease, 450);
      return;
    }
    case Activity::kRelease:
      account_->key_account = false;
      event.mutable_key_account_released()->set_reason("below the threshold for two years");
      return;
    case Activity::kChurn:
      account_->key_account = false;
      account_->customer = false;
      event.mutable_account_churned()->set_reason(random_.Chance(500) ? "price" : "went to a competitor");
      if (random_.Chance(400)) ThenStart(Activity::kReactivate, 90);
      return;
    case Activity::kReactivate:
      account_->customer = true;
      event.mutable_account_reactivated();
      return;
    default: {
      v1::PotentialAssessed& assessed = *event.mutable_potential_assessed();
      SetMoney(*assessed.mutable_annual_potential(), account_->order_minor * random_.Between(20, 120));
      assessed.set_strategic_importance(static_cast<int32_t>(random_.Between(10, 100)));
      return ThenStart(Activity::kAssessPotential, 365);
    }
  }
}

void SampleScript::PerformPlan(v1::AccountEvent& event) {
  constexpr Day kYear = 365;
  const std::string plan_id = EntityId("plan");
  if (task_.activity == Activity::kClosePlan) {
    event.mutable_plan_closed()->set_plan_id(plan_id);
    return;
  }
  v1::PlanApproved& plan = *event.mutable_plan_approved();
  plan.set_plan_id(plan_id);
  plan.set_start_date(FormatDay(Today() + 1));
  plan.set_end_date(FormatDay(Today() + kYear));
  SetMoney(*plan.mutable_baseline_revenue(), account_->order_minor * random_.Between(10, 60));
  plan.set_target_growth(static_cast<double>(random_.Between(0, 40)) / 100);
  plan.set_min_margin(static_cast<double>(random_.Between(10, 40)) / 100);
  if (random_.Chance(150)) Then(Activity::kClosePlan, 200);
  if (account_->key_account) ThenStart(Activity::kApprovePlan, kYear);
}

void SampleScript::ScheduleMeeting(v1::AccountEvent& event) {
  constexpr int64_t kSecondsAhead = 86'400;
  const bool review = task_.activity == Activity::kScheduleReview;
  if (review && account_->key_account) ThenStart(Activity::kScheduleReview, 85);
  v1::MeetingScheduled& meeting = *event.mutable_meeting_scheduled();
  meeting.set_meeting_id(EntityId("meeting"));
  constexpr v1::MeetingKind kKinds[] = {v1::OPERATIONAL, v1::OPERATIONAL, v1::NEEDS_ANALYSIS, v1::NEGOTIATION,
                                        v1::COORDINATION};
  task_.step = static_cast<uint8_t>(review ? v1::EXECUTIVE_REVIEW : kKinds[random_.Below(std::size(kKinds))]);
  meeting.set_kind(static_cast<v1::MeetingKind>(task_.step));
  const int64_t seconds = now_ms_ / 1000 + random_.Between(2, 20) * kSecondsAhead;
  meeting.mutable_scheduled_for()->set_seconds(seconds - seconds % 1800);
  Then(random_.Chance(100) ? Activity::kCancelMeeting : Activity::kHoldMeeting, 1);
  follow_ups_->back().due_ms = 1000 * (seconds - seconds % 1800);
  if (follow_ups_->back().activity == Activity::kCancelMeeting) follow_ups_->back().due_ms -= 1000 * kSecondsAhead / 2;
}

void SampleScript::HoldMeeting(v1::MeetingHeld& held) {
  constexpr uint32_t kMeetingsOfOneMax = 2'000;  // an entity takes 10,000 events, corrections and copies among them
  held.set_meeting_id(EntityId("meeting"));
  held.set_kind(static_cast<v1::MeetingKind>(task_.step));
  held.set_duration_minutes(static_cast<int32_t>(15 * random_.Between(2, 12)));
  for (SampleStakeholder& stakeholder : account_->stakeholders) {
    if (stakeholder.number == 0 || stakeholder.meetings >= kMeetingsOfOneMax || !random_.Chance(450)) continue;
    ++stakeholder.meetings;
    held.add_stakeholder_ids(absl::StrCat("stakeholder-", stakeholder.number));
  }
  if (random_.Chance(150)) ThenStart(Activity::kAnswerSurvey, 2);
  if (task_.step == v1::NEEDS_ANALYSIS && random_.Chance(400)) ThenStart(Activity::kCreateOpportunity, 5);
}

void SampleScript::PerformMeeting(v1::AccountEvent& event) {
  switch (task_.activity) {
    case Activity::kHoldMeeting:
      return HoldMeeting(*event.mutable_meeting_held());
    case Activity::kCancelMeeting:
      event.mutable_meeting_cancelled()->set_meeting_id(EntityId("meeting"));
      return;
    default:
      return ScheduleMeeting(event);
  }
}

void SampleScript::PerformStakeholder(v1::AccountEvent& event) {
  const std::string stakeholder_id = EntityId("stakeholder");
  auto& known = account_->stakeholders;
  if (task_.activity == Activity::kUpdateStakeholder) {
    v1::StakeholderUpdated& updated = *event.mutable_stakeholder_updated();
    updated.set_stakeholder_id(stakeholder_id);
    updated.set_role(Role());
  } else if (task_.activity == Activity::kStakeholderLeaves) {
    event.mutable_stakeholder_left()->set_stakeholder_id(stakeholder_id);
    for (SampleStakeholder& one : known) {
      if (one.number == task_.number) one = {};
    }
    ThenStart(Activity::kIdentifyStakeholder, 30);
  } else {
    v1::StakeholderIdentified& identified = *event.mutable_stakeholder_identified();
    identified.set_stakeholder_id(stakeholder_id);
    identified.set_role(Role());
    const auto vacant = std::find_if(known.begin(), known.end(), [](const auto& one) { return one.number == 0; });
    if (vacant == known.end()) return;  // the account's circle is full: nobody meets this one
    vacant->number = task_.number;
    if (random_.Chance(300)) Then(Activity::kUpdateStakeholder, 150);
    if (random_.Chance(250)) Then(Activity::kStakeholderLeaves, 350);
  }
}

}  // namespace keyfold
