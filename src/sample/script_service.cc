// Escalations, surveys, costs, initiatives and risks.
#include <iterator>

#include "absl/strings/str_cat.h"
#include "sample/script.h"

namespace keyfold {

void SampleScript::PerformEscalation(v1::AccountEvent& event) {
  const std::string escalation_id = EntityId("escalation");
  switch (task_.activity) {
    case Activity::kAcknowledgeEscalation:
      event.mutable_escalation_acknowledged()->set_escalation_id(escalation_id);
      return Then(Activity::kResolveEscalation, 4);
    case Activity::kResolveEscalation:
      event.mutable_escalation_resolved()->set_escalation_id(escalation_id);
      if (random_.Chance(120)) Then(Activity::kReopenEscalation, 3);
      if (random_.Chance(300)) ThenStart(Activity::kAnswerSurvey, 1);
      return;
    case Activity::kReopenEscalation:
      event.mutable_escalation_reopened()->set_escalation_id(escalation_id);
      return Then(Activity::kResolveEscalation, 5);
    default: {
      v1::EscalationOpened& opened = *event.mutable_escalation_opened();
      opened.set_escalation_id(escalation_id);
      opened.set_severity(AnySeverity());
      opened.set_department(static_cast<v1::EscalationOpened::Department>(random_.Between(1, 5)));
      if (random_.Chance(30)) ThenStart(Activity::kFlagRisk, 2);
      if (random_.Chance(20)) return;  // nobody takes it up
      return random_.Chance(850) ? Then(Activity::kAcknowledgeEscalation, 0) : Then(Activity::kResolveEscalation, 2);
    }
  }
}

void SampleScript::PerformSurvey(v1::AccountEvent& event) {
  constexpr int32_t kNpsScores[] = {2, 4, 6, 7, 7, 8, 8, 9, 9, 10, 10};
  constexpr int32_t kCsatScores[] = {1, 2, 3, 4, 4, 4, 5, 5};
  v1::SurveyAnswered& answer = *event.mutable_survey_answered();
  answer.set_response_id(EntityId("response"));
  if (random_.Chance(500)) {
    answer.set_kind(v1::SurveyAnswered::NPS);
    answer.set_score(kNpsScores[random_.Below(std::size(kNpsScores))]);
  } else {
    answer.set_kind(v1::SurveyAnswered::CSAT);
    answer.set_score(kCsatScores[random_.Below(std::size(kCsatScores))]);
  }
  const SampleStakeholder& stakeholder = account_->stakeholders[random_.Below(std::size(account_->stakeholders))];
  if (stakeholder.number != 0) answer.set_stakeholder_id(absl::StrCat("stakeholder-", stakeholder.number));
}

void SampleScript::PerformCost(v1::AccountEvent& event) {
  v1::CostBooked& cost = *event.mutable_cost_booked();
  cost.set_cost_id(EntityId("cost"));
  constexpr uint32_t kEntitiesWhileNew = 8;
  const bool winning = task_.number <= kEntitiesWhileNew || random_.Chance(60);
  cost.set_kind(winning ? v1::CostBooked::ACQUISITION : static_cast<v1::CostBooked::Kind>(random_.Between(2, 6)));
  SetMoney(*cost.mutable_amount(), 500 + random_.Skewed(account_->order_minor / 20));
}

void SampleScript::PerformInitiative(v1::AccountEvent& event) {
  constexpr const char* kTitles[] = {"joint roadmap", "new plant", "second source", "shared logistics", "retrofit"};
  constexpr const char* kMilestones[] = {"kick-off done", "pilot running", "roll-out begun", "accepted"};
  const std::string initiative_id = EntityId("initiative");
  switch (task_.activity) {
    case Activity::kReachMilestone: {
      v1::InitiativeMilestoneReached& reached = *event.mutable_initiative_milestone_reached();
      reached.set_initiative_id(initiative_id);
      reached.set_title(kMilestones[task_.step]);
      ++task_.step;
      break;
    }
    case Activity::kCompleteInitiative:
      event.mutable_initiative_completed()->set_initiative_id(initiative_id);
      return;
    case Activity::kCancelInitiative:
      event.mutable_initiative_cancelled()->set_initiative_id(initiative_id);
      return;
    default: {
      v1::InitiativeStarted& started = *event.mutable_initiative_started();
      started.set_initiative_id(initiative_id);
      started.set_kind(static_cast<v1::InitiativeStarted::Kind>(random_.Between(1, 3)));
      started.set_title(kTitles[random_.Below(std::size(kTitles))]);
    }
  }
  if (random_.Chance(80)) return Then(Activity::kCancelInitiative, 40);
  const bool more = task_.step < std::size(kMilestones) && random_.Chance(750);
  Then(more ? Activity::kReachMilestone : Activity::kCompleteInitiative, 35);
}

void SampleScript::PerformRisk(v1::AccountEvent& event) {
  constexpr const char* kKinds[] = {"payment", "supply", "competitor", "sponsor lost", "quality"};
  const std::string risk_id = EntityId("risk");
  if (task_.activity == Activity::kClearRisk) {
    event.mutable_risk_cleared()->set_risk_id(risk_id);
    return;
  }
  v1::RiskFlagged& flagged = *event.mutable_risk_flagged();
  flagged.set_risk_id(risk_id);
  flagged.set_severity(AnySeverity());
  flagged.set_kind(kKinds[random_.Below(std::size(kKinds))]);
  if (random_.Chance(800)) Then(Activity::kClearRisk, 45);
}

}  // namespace keyfold
