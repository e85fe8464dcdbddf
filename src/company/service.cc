// Escalations and risks.
#include <algorithm>
#include <iterator>

#include "company/life.h"

namespace keyfold {
namespace {

constexpr v1::Severity kSeverities[] = {v1::LOW,    v1::LOW,    v1::LOW,    v1::LOW,  v1::MEDIUM, v1::MEDIUM,
                                        v1::MEDIUM, v1::MEDIUM, v1::MEDIUM, v1::HIGH, v1::HIGH,   v1::CRITICAL};

}  // namespace

bool Life::PerformService(v1::AccountEvent& event) {
  event.set_source("tickets");
  switch (step_.act) {
    case Act::kOpenEscalation:
      return OpenEscalation(event), true;
    case Act::kAcknowledgeEscalation:
      return AcknowledgeEscalation(event), true;
    case Act::kResolveEscalation:
      return ResolveEscalation(event), true;
    case Act::kResolveAgain:  // by a second system: it changes nothing
      event.mutable_escalation_resolved()->set_escalation_id(EntityId("TK"));
      return true;
    case Act::kReopenEscalation:
      event.mutable_escalation_reopened()->set_escalation_id(EntityId("TK"));
      ThenInHours(Act::kResolveEscalation, 40);
      return true;
    case Act::kFlagRisk:
      return FlagRisk(event), true;
    case Act::kClearRisk:
      event.mutable_risk_cleared()->set_risk_id(EntityId("RK"));
      return true;
    default:
      return false;
  }
}

void Life::OpenEscalation(v1::AccountEvent& event) {
  v1::EscalationOpened& opened = *event.mutable_escalation_opened();
  opened.set_escalation_id(EntityId("TK"));
  opened.set_department(static_cast<v1::EscalationOpened::Department>(random_.Between(1, 5)));
  ThenInHours(Act::kAcknowledgeEscalation, 2);
  if (step_.stage == kAsTold) return opened.set_severity(v1::CRITICAL);
  opened.set_severity(kSeverities[random_.Below(std::size(kSeverities))]);
  Start(Act::kOpenEscalation, 365 / member_->escalations_a_year);
}

void Life::AcknowledgeEscalation(v1::AccountEvent& event) {
  constexpr int kStuckPerMille = 70;
  event.mutable_escalation_acknowledged()->set_escalation_id(EntityId("TK"));
  if (step_.stage == kAsTold) return;
  ThenInHours(Act::kResolveEscalation, random_.Chance(kStuckPerMille) ? 200 : 30);
}

void Life::ResolveEscalation(v1::AccountEvent& event) {
  event.mutable_escalation_resolved()->set_escalation_id(EntityId("TK"));
  const int64_t fate = random_.Below(1000);
  if (fate < 70) {
    ThenInHours(Act::kReopenEscalation, 30);
  } else if (fate < 170) {
    ThenInHours(Act::kResolveAgain, 5);
  }
}

void Life::FlagRisk(v1::AccountEvent& event) {
  constexpr const char* kKinds[] = {"payment", "supply", "competitor", "sponsor lost", "quality"};
  v1::RiskFlagged& flagged = *event.mutable_risk_flagged();
  flagged.set_risk_id(EntityId("RK"));
  flagged.set_kind(kKinds[random_.Below(std::size(kKinds))]);
  if (step_.stage == kAsTold) {
    flagged.set_kind("competitor");
    flagged.set_severity(v1::HIGH);
    return;
  }
  constexpr int kSeverePerMille = 150;
  flagged.set_severity(random_.Chance(kSeverePerMille) ? v1::HIGH : random_.Chance(400) ? v1::MEDIUM : v1::LOW);
  Then(Act::kClearRisk, 45);
  Start(Act::kFlagRisk, 330);
}

}  // namespace keyfold
