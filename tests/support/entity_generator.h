// Random histories of one entity for property tests: few days and few ids, so that events meet, tie and cross.
#ifndef KEYFOLD_TESTS_SUPPORT_ENTITY_GENERATOR_H_
#define KEYFOLD_TESTS_SUPPORT_ENTITY_GENERATOR_H_

#include <rapidcheck.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "account/entity.h"
#include "support/event_builder.h"

namespace keyfold {

inline constexpr EntityKind kAllKinds[] = {
    EntityKind::kAccount,    EntityKind::kPlans,    EntityKind::kOrder,      EntityKind::kInvoice,
    EntityKind::kCreditNote, EntityKind::kCost,     EntityKind::kMeeting,    EntityKind::kStakeholder,
    EntityKind::kEscalation, EntityKind::kContract, EntityKind::kQuote,      EntityKind::kOpportunity,
    EntityKind::kForecast,   EntityKind::kSurvey,   EntityKind::kInitiative, EntityKind::kRisk};

inline constexpr Day kGeneratedFrom = 20148;  // 2025-03-01
inline constexpr int kGeneratedDays = 12;     // dates and event days lie within so many

// Payloads in text format. $D, $E: dates; $F: a date after all of those; $N: a small
// number; $M: money; $L: lines; $I: an id; $R: a role; $S: a severity.
inline std::vector<std::string> AccountPayloadPatterns() {
  return {"account_opened {}",
          "key_account_designated { tier: KEY }",
          "key_account_released {}",
          "account_churned {}",
          "account_reactivated {}",
          "account_classified { region: 'R' }",
          "account_classified { parent_id: 'P' }",
          "manager_assigned { manager_id: 'M' }",
          "potential_assessed { annual_potential $M strategic_importance: $N }"};
}

inline std::vector<std::string> PayloadPatterns(EntityKind kind) {
  switch (kind) {
    case EntityKind::kAccount:
      return AccountPayloadPatterns();
    case EntityKind::kPlans:
      return {"plan_approved { plan_id: '$I' start_date: '$D' end_date: '$F' baseline_revenue $M target_growth: 0.$N }",
              "plan_approved { plan_id: '$I' start_date: '$D' end_date: '$F' baseline_revenue $M min_margin: -0.$N }",
              "plan_closed { plan_id: '$I' }"};
    case EntityKind::kOrder:
      return {"order_placed { $L promised_date: '$D' }", "order_placed { $L }", "order_changed { $L }",
              "order_changed { promised_date: '$D' }",   "order_delivered {}",  "order_cancelled {}"};
    case EntityKind::kInvoice:
      return {"invoice_issued { $L }", "invoice_issued { $L $L }", "invoice_cancelled {}"};
    case EntityKind::kCreditNote:
      return {"credit_note_issued { $L }"};
    case EntityKind::kCost:
      return {"cost_booked { kind: SALES amount $M }", "cost_booked { kind: ACQUISITION amount $M }"};
    case EntityKind::kMeeting:
      return {"meeting_scheduled { kind: NEGOTIATION scheduled_for { seconds: 174$N00000 } }",
              "meeting_held { kind: EXECUTIVE_REVIEW }", "meeting_cancelled {}"};
    case EntityKind::kStakeholder:
      return {"stakeholder_identified { role: $R }", "stakeholder_updated { role: $R }", "stakeholder_left {}"};
    case EntityKind::kEscalation:
      return {"escalation_opened { severity: $S }", "escalation_acknowledged {}", "escalation_resolved {}",
              "escalation_reopened {}"};
    case EntityKind::kContract:
      return {"contract_signed { start_date: '$D' end_date: '$F' annual_value $M }",
              "contract_signed { start_date: '$D' annual_value $M }",
              "contract_amended { effective_date: '$D' annual_value $M }",
              "contract_amended { effective_date: '$D' end_date: '$E' }",
              "contract_renewed { end_date: '$E' annual_value $M }",
              "contract_renewed { end_date: '$F' }",
              "contract_renewed { start_date: '$D' end_date: '$F' }",
              "contract_renewed { start_date: '$D' end_date: '$F' annual_value $M }",
              "contract_terminated { effective_date: '$D' }"};
    case EntityKind::kQuote:
      return {"quote_issued { amount $M valid_until: '$D' }", "quote_revised { amount $M }",
              "quote_revised { valid_until: '$D' }", "quote_accepted {}", "quote_rejected {}"};
    case EntityKind::kOpportunity:
      return {"opportunity_created { amount $M probability: $N expected_close: '$D' }",
              "opportunity_created { amount $M probability: 1$N }",
              "opportunity_updated { amount $M }",
              "opportunity_updated { probability: $N }",
              "opportunity_updated { expected_close: '$D' }",
              "opportunity_updated { amount $M expected_close: '$E' }",
              "opportunity_won {}",
              "opportunity_won { amount $M }",
              "opportunity_lost {}",
              "opportunity_reopened {}"};
    case EntityKind::kForecast:
      return {"forecast_submitted { period: '2025-03' revenue $M }"};
    case EntityKind::kSurvey:
      return {"survey_answered { kind: NPS score: $N }", "survey_answered { kind: CSAT score: 4 }"};
    case EntityKind::kInitiative:
      return {"initiative_started { kind: STRATEGIC }", "initiative_milestone_reached {}", "initiative_completed {}",
              "initiative_cancelled {}"};
    case EntityKind::kRisk:
      return {"risk_flagged { severity: $S }", "risk_cleared {}"};
    case EntityKind::kFxRate:
      break;
  }
  return {};
}

inline int Pick(int from, int to) { return *rc::gen::inRange(from, to); }

inline std::string PickDate() { return FormatDay(kGeneratedFrom + Pick(0, kGeneratedDays)); }

inline std::string PickMoney() {
  return absl::StrCat("{ currency_code: '", Pick(0, 4) == 0 ? "USD" : "EUR", "' minor: ", Pick(-3, 30), " }");
}

inline std::string PickLine() {
  static constexpr const char* kSaleTypes[] = {"BASE", "CROSS_SELL", "UP_SELL", "BUNDLE", "RENEWAL"};
  return absl::StrCat("lines { sale_type: ", kSaleTypes[Pick(0, 5)], " net ", PickMoney(), " cost ", PickMoney(), " }");
}

// An event of this kind of entity; `number` makes its id unique.
inline v1::AccountEvent PickEvent(EntityKind kind, int number) {
  static constexpr const char* kRoles[] = {"DECISION_MAKER", "USER", "DECISION_MAKER", "BLOCKER"};
  static constexpr const char* kSeverities[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL"};
  static constexpr const char* kPlanIds[] = {"A", "B", "C"};
  const std::vector<std::string> patterns = PayloadPatterns(kind);
  const std::string payload =
      absl::StrReplaceAll(patterns[static_cast<size_t>(Pick(0, static_cast<int>(patterns.size())))],
                          {{"$D", PickDate()},
                           {"$E", PickDate()},
                           {"$F", FormatDay(kGeneratedFrom + kGeneratedDays + Pick(0, 7))},
                           {"$N", absl::StrCat(Pick(0, 10))},
                           {"$M", PickMoney()},
                           {"$L", PickLine()},
                           {"$I", kPlanIds[Pick(0, 3)]},
                           {"$R", kRoles[Pick(0, 4)]},
                           {"$S", kSeverities[Pick(0, 4)]}});
  const std::string when = absl::StrCat(PickDate(), Pick(0, 2) == 0 ? "T09:00:00Z" : "T15:30:00.25Z");
  return At(when, payload, {.event_id = absl::StrCat(Pick(0, 10), "-", number)});
}

inline std::vector<v1::AccountEvent> PickEvents(EntityKind kind) {
  std::vector<v1::AccountEvent> events;
  const int count = Pick(0, 12);
  for (int number = 0; number < count; ++number) events.push_back(PickEvent(kind, number));
  return events;
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_ENTITY_GENERATOR_H_
