// A payload has one row in kPayloadRules, which names the field that holds its entity's id, and an overload of
// CheckFields if it has fields with rules beside that one. A payload without a row is refused (and a test fails).
#include "event/validation.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "event/limits.h"
#include "event/rules.h"

namespace keyfold {
namespace {

using v1::AccountEvent;

// --- the account itself ---

void CheckFields(const v1::AccountOpened& opened, Rules& rules) {
  rules.Attribute("segment", opened.segment());
  rules.Attribute("region", opened.region());
  rules.Attribute("industry", opened.industry());
  rules.Attribute("parent_id", opened.parent_id());
}

void CheckFields(const v1::AccountClassified& classified, Rules& rules) {
  rules.Attribute("segment", classified.segment());
  rules.Attribute("region", classified.region());
  rules.Attribute("industry", classified.industry());
  rules.Attribute("parent_id", classified.parent_id());
}

void CheckFields(const v1::ManagerAssigned& assigned, Rules& rules) {
  rules.OptionalId("manager_id", assigned.manager_id());
}

void CheckFields(const v1::KeyAccountDesignated& designated, Rules& rules) {
  rules.Enum("tier", designated.tier(), v1::KeyAccountDesignated::Tier_IsValid);
}

void CheckFields(const v1::PotentialAssessed& assessed, Rules& rules) {
  rules.Amount("annual_potential", assessed.has_annual_potential(), assessed.annual_potential());
  rules.Percent("strategic_importance", assessed.strategic_importance());
}

// --- plans: all of an account are one entity, so a plan_id is no entity key ---

void CheckFields(const v1::PlanApproved& plan, Rules& rules) {
  rules.OptionalId("plan_id", plan.plan_id());
  const std::optional<Day> start = rules.Date("start_date", plan.start_date());
  const std::optional<Day> end = rules.Date("end_date", plan.end_date());
  if (start.has_value() && end.has_value() && *end <= *start) rules.Fail("end_date", "not after start_date");
  rules.Amount("baseline_revenue", plan.has_baseline_revenue(), plan.baseline_revenue());
  rules.Ratio("target_growth", plan.target_growth());
  rules.Ratio("min_margin", plan.min_margin());
}

void CheckFields(const v1::PlanClosed& closed, Rules& rules) { rules.OptionalId("plan_id", closed.plan_id()); }

// --- orders, invoices, costs ---

void CheckFields(const v1::OrderPlaced& placed, Rules& rules) {
  rules.Lines(placed.lines(), Rules::Sign::kAny);
  rules.OptionalDate("promised_date", placed.promised_date());
}

void CheckFields(const v1::OrderChanged& changed, Rules& rules) {
  rules.Lines(changed.lines(), Rules::Sign::kAny);
  rules.OptionalDate("promised_date", changed.promised_date());
}

void CheckFields(const v1::InvoiceIssued& issued, Rules& rules) {
  rules.OptionalId("order_id", issued.order_id());
  rules.Lines(issued.lines(), Rules::Sign::kAny);
}

void CheckFields(const v1::CreditNoteIssued& issued, Rules& rules) {
  rules.OptionalId("invoice_id", issued.invoice_id());
  rules.Lines(issued.lines(), Rules::Sign::kNotNegative);
}

void CheckFields(const v1::CostBooked& booked, Rules& rules) {
  rules.Enum("kind", booked.kind(), v1::CostBooked::Kind_IsValid);
  rules.Amount("amount", booked.has_amount(), booked.amount());
}

// --- meetings and stakeholders ---

void CheckFields(const v1::MeetingScheduled& scheduled, Rules& rules) {
  rules.Enum("kind", scheduled.kind(), v1::MeetingKind_IsValid);
  rules.Instant("scheduled_for", scheduled.has_scheduled_for(), scheduled.scheduled_for());
}

void CheckFields(const v1::MeetingHeld& held, Rules& rules) {
  rules.Enum("kind", held.kind(), v1::MeetingKind_IsValid);
  rules.Ids("stakeholder_ids", held.stakeholder_ids());
}

void CheckFields(const v1::StakeholderIdentified& identified, Rules& rules) {
  rules.Enum("role", identified.role(), v1::StakeholderRole_IsValid);
}

void CheckFields(const v1::StakeholderUpdated& updated, Rules& rules) {
  rules.Enum("role", updated.role(), v1::StakeholderRole_IsValid);
}

// --- escalations ---

void CheckFields(const v1::EscalationOpened& opened, Rules& rules) {
  rules.Enum("severity", opened.severity(), v1::Severity_IsValid);
  rules.Enum("department", opened.department(), v1::EscalationOpened::Department_IsValid);
}

// --- contracts ---

void CheckFields(const v1::ContractSigned& contract, Rules& rules) {
  const std::optional<Day> start = rules.Date("start_date", contract.start_date());
  const std::optional<Day> end = rules.OptionalDate("end_date", contract.end_date());
  if (start.has_value() && end.has_value() && *end < *start) rules.Fail("end_date", "before start_date");
  rules.Amount("annual_value", contract.has_annual_value(), contract.annual_value());
}

void CheckFields(const v1::ContractAmended& amended, Rules& rules) {
  rules.Date("effective_date", amended.effective_date());
  rules.OptionalAmount("annual_value", amended.has_annual_value(), amended.annual_value());
  rules.OptionalDate("end_date", amended.end_date());
}

void CheckFields(const v1::ContractRenewed& renewed, Rules& rules) {
  const std::optional<Day> start = rules.OptionalDate("start_date", renewed.start_date());
  const std::optional<Day> end = rules.Date("end_date", renewed.end_date());
  if (start.has_value() && end.has_value() && *end < *start) rules.Fail("end_date", "before start_date");
  rules.OptionalAmount("annual_value", renewed.has_annual_value(), renewed.annual_value());
}

void CheckFields(const v1::ContractTerminated& terminated, Rules& rules) {
  rules.Date("effective_date", terminated.effective_date());
}

// --- quotes, opportunities, forecasts ---

void CheckFields(const v1::QuoteIssued& issued, Rules& rules) {
  rules.Amount("amount", issued.has_amount(), issued.amount());
  rules.Date("valid_until", issued.valid_until());
}

void CheckFields(const v1::QuoteRevised& revised, Rules& rules) {
  rules.OptionalAmount("amount", revised.has_amount(), revised.amount());
  rules.OptionalDate("valid_until", revised.valid_until());
}

void CheckFields(const v1::OpportunityCreated& created, Rules& rules) {
  rules.Enum("sale_type", created.sale_type(), v1::SaleType_IsValid);
  rules.Amount("amount", created.has_amount(), created.amount());
  if (!created.has_probability()) rules.Fail("probability", "missing");
  rules.Percent("probability", created.probability());
  rules.OptionalDate("expected_close", created.expected_close());
}

void CheckFields(const v1::OpportunityUpdated& updated, Rules& rules) {
  rules.OptionalAmount("amount", updated.has_amount(), updated.amount());
  rules.Percent("probability", updated.probability());
  rules.OptionalDate("expected_close", updated.expected_close());
}

void CheckFields(const v1::OpportunityWon& won, Rules& rules) {
  rules.OptionalAmount("amount", won.has_amount(), won.amount());
}

void CheckFields(const v1::ForecastSubmitted& forecast, Rules& rules) {
  rules.Amount("revenue", forecast.has_revenue(), forecast.revenue());
}

// --- surveys, initiatives, risks ---

void CheckFields(const v1::SurveyAnswered& answered, Rules& rules) {
  rules.Enum("kind", answered.kind(), v1::SurveyAnswered::Kind_IsValid);
  if (!answered.has_score()) rules.Fail("score", "missing");
  if (answered.kind() == v1::SurveyAnswered::NPS) rules.Within("score", answered.score(), kNpsScoreMin, kNpsScoreMax);
  if (answered.kind() == v1::SurveyAnswered::CSAT) {
    rules.Within("score", answered.score(), kCsatScoreMin, kCsatScoreMax);
  }
  rules.OptionalId("stakeholder_id", answered.stakeholder_id());
}

void CheckFields(const v1::InitiativeStarted& started, Rules& rules) {
  rules.Enum("kind", started.kind(), v1::InitiativeStarted::Kind_IsValid);
}

void CheckFields(const v1::RiskFlagged& flagged, Rules& rules) {
  rules.Enum("severity", flagged.severity(), v1::Severity_IsValid);
}

// --- control ---

void CheckFields(const v1::FxRateSet& set, Rules& rules) { rules.Rate("rate", set.rate()); }

// --- entity keys that are not ids ---

void CheckKey(const v1::ForecastSubmitted& forecast, Rules& rules) { rules.MonthOfYear("period", forecast.period()); }

void CheckKey(const v1::FxRateSet& set, Rules& rules) {
  rules.ForeignCurrency("currency_code", set.currency_code());
  rules.MonthOfYear("month", set.month());
}

// --- the table ---

struct PayloadRule {
  AccountEvent::PayloadCase payload;
  void (*check)(const AccountEvent& event, std::string_view key_field, Rules& rules);
  std::string_view key_field = {};  // where the entity's id is; empty: the account itself, its plans, or not an id
};

// Checks the payload that `payload_of` gets; `key_of` gets its entity's id, and is nullptr where there is none.
template <auto payload_of, auto key_of = nullptr>
void Check(const AccountEvent& event, std::string_view key_field, Rules& rules) {
  const auto& payload = (event.*payload_of)();
  rules.Visit(payload);
  if constexpr (!std::is_null_pointer_v<decltype(key_of)>) rules.Id(key_field, (payload.*key_of)());
  if constexpr (requires { CheckKey(payload, rules); }) CheckKey(payload, rules);
  if constexpr (requires { CheckFields(payload, rules); }) {
    if (!event.retracted()) CheckFields(payload, rules);
  }
}

// clang-format off
constexpr PayloadRule kPayloadRules[] = {
    {AccountEvent::kAccountOpened, Check<&AccountEvent::account_opened>},
    {AccountEvent::kAccountClassified, Check<&AccountEvent::account_classified>},
    {AccountEvent::kManagerAssigned, Check<&AccountEvent::manager_assigned>},
    {AccountEvent::kKeyAccountDesignated, Check<&AccountEvent::key_account_designated>},
    {AccountEvent::kKeyAccountReleased, Check<&AccountEvent::key_account_released>},
    {AccountEvent::kAccountChurned, Check<&AccountEvent::account_churned>},
    {AccountEvent::kAccountReactivated, Check<&AccountEvent::account_reactivated>},
    {AccountEvent::kPotentialAssessed, Check<&AccountEvent::potential_assessed>},
    {AccountEvent::kPlanApproved, Check<&AccountEvent::plan_approved>},
    {AccountEvent::kPlanClosed, Check<&AccountEvent::plan_closed>},
    {AccountEvent::kOrderPlaced, Check<&AccountEvent::order_placed, &v1::OrderPlaced::order_id>, "order_id"},
    {AccountEvent::kOrderChanged, Check<&AccountEvent::order_changed, &v1::OrderChanged::order_id>, "order_id"},
    {AccountEvent::kOrderCancelled, Check<&AccountEvent::order_cancelled, &v1::OrderCancelled::order_id>, "order_id"},
    {AccountEvent::kOrderDelivered, Check<&AccountEvent::order_delivered, &v1::OrderDelivered::order_id>, "order_id"},
    {AccountEvent::kInvoiceIssued, Check<&AccountEvent::invoice_issued, &v1::InvoiceIssued::invoice_id>, "invoice_id"},
    {AccountEvent::kInvoiceCancelled, Check<&AccountEvent::invoice_cancelled, &v1::InvoiceCancelled::invoice_id>, "invoice_id"},
    {AccountEvent::kCreditNoteIssued, Check<&AccountEvent::credit_note_issued, &v1::CreditNoteIssued::credit_note_id>, "credit_note_id"},
    {AccountEvent::kCostBooked, Check<&AccountEvent::cost_booked, &v1::CostBooked::cost_id>, "cost_id"},
    {AccountEvent::kMeetingScheduled, Check<&AccountEvent::meeting_scheduled, &v1::MeetingScheduled::meeting_id>, "meeting_id"},
    {AccountEvent::kMeetingHeld, Check<&AccountEvent::meeting_held, &v1::MeetingHeld::meeting_id>, "meeting_id"},
    {AccountEvent::kMeetingCancelled, Check<&AccountEvent::meeting_cancelled, &v1::MeetingCancelled::meeting_id>, "meeting_id"},
    {AccountEvent::kStakeholderIdentified, Check<&AccountEvent::stakeholder_identified, &v1::StakeholderIdentified::stakeholder_id>, "stakeholder_id"},
    {AccountEvent::kStakeholderUpdated, Check<&AccountEvent::stakeholder_updated, &v1::StakeholderUpdated::stakeholder_id>, "stakeholder_id"},
    {AccountEvent::kStakeholderLeft, Check<&AccountEvent::stakeholder_left, &v1::StakeholderLeft::stakeholder_id>, "stakeholder_id"},
    {AccountEvent::kEscalationOpened, Check<&AccountEvent::escalation_opened, &v1::EscalationOpened::escalation_id>, "escalation_id"},
    {AccountEvent::kEscalationAcknowledged, Check<&AccountEvent::escalation_acknowledged, &v1::EscalationAcknowledged::escalation_id>, "escalation_id"},
    {AccountEvent::kEscalationResolved, Check<&AccountEvent::escalation_resolved, &v1::EscalationResolved::escalation_id>, "escalation_id"},
    {AccountEvent::kEscalationReopened, Check<&AccountEvent::escalation_reopened, &v1::EscalationReopened::escalation_id>, "escalation_id"},
    {AccountEvent::kContractSigned, Check<&AccountEvent::contract_signed, &v1::ContractSigned::contract_id>, "contract_id"},
    {AccountEvent::kContractAmended, Check<&AccountEvent::contract_amended, &v1::ContractAmended::contract_id>, "contract_id"},
    {AccountEvent::kContractRenewed, Check<&AccountEvent::contract_renewed, &v1::ContractRenewed::contract_id>, "contract_id"},
    {AccountEvent::kContractTerminated, Check<&AccountEvent::contract_terminated, &v1::ContractTerminated::contract_id>, "contract_id"},
    {AccountEvent::kQuoteIssued, Check<&AccountEvent::quote_issued, &v1::QuoteIssued::quote_id>, "quote_id"},
    {AccountEvent::kQuoteRevised, Check<&AccountEvent::quote_revised, &v1::QuoteRevised::quote_id>, "quote_id"},
    {AccountEvent::kQuoteAccepted, Check<&AccountEvent::quote_accepted, &v1::QuoteAccepted::quote_id>, "quote_id"},
    {AccountEvent::kQuoteRejected, Check<&AccountEvent::quote_rejected, &v1::QuoteRejected::quote_id>, "quote_id"},
    {AccountEvent::kOpportunityCreated, Check<&AccountEvent::opportunity_created, &v1::OpportunityCreated::opportunity_id>, "opportunity_id"},
    {AccountEvent::kOpportunityUpdated, Check<&AccountEvent::opportunity_updated, &v1::OpportunityUpdated::opportunity_id>, "opportunity_id"},
    {AccountEvent::kOpportunityWon, Check<&AccountEvent::opportunity_won, &v1::OpportunityWon::opportunity_id>, "opportunity_id"},
    {AccountEvent::kOpportunityLost, Check<&AccountEvent::opportunity_lost, &v1::OpportunityLost::opportunity_id>, "opportunity_id"},
    {AccountEvent::kOpportunityReopened, Check<&AccountEvent::opportunity_reopened, &v1::OpportunityReopened::opportunity_id>, "opportunity_id"},
    {AccountEvent::kForecastSubmitted, Check<&AccountEvent::forecast_submitted>},
    {AccountEvent::kSurveyAnswered, Check<&AccountEvent::survey_answered, &v1::SurveyAnswered::response_id>, "response_id"},
    {AccountEvent::kInitiativeStarted, Check<&AccountEvent::initiative_started, &v1::InitiativeStarted::initiative_id>, "initiative_id"},
    {AccountEvent::kInitiativeMilestoneReached, Check<&AccountEvent::initiative_milestone_reached, &v1::InitiativeMilestoneReached::initiative_id>, "initiative_id"},
    {AccountEvent::kInitiativeCompleted, Check<&AccountEvent::initiative_completed, &v1::InitiativeCompleted::initiative_id>, "initiative_id"},
    {AccountEvent::kInitiativeCancelled, Check<&AccountEvent::initiative_cancelled, &v1::InitiativeCancelled::initiative_id>, "initiative_id"},
    {AccountEvent::kRiskFlagged, Check<&AccountEvent::risk_flagged, &v1::RiskFlagged::risk_id>, "risk_id"},
    {AccountEvent::kRiskCleared, Check<&AccountEvent::risk_cleared, &v1::RiskCleared::risk_id>, "risk_id"},
    {AccountEvent::kClockAdvanced, Check<&AccountEvent::clock_advanced>},
    {AccountEvent::kFxRateSet, Check<&AccountEvent::fx_rate_set>},
};
// clang-format on

constexpr size_t kPayloadNumberMax = 127;

// kPayloadRules by field number; a gap has no check.
constexpr auto kRuleOfNumber = [] {
  std::array<PayloadRule, kPayloadNumberMax + 1> rules{};
  for (const PayloadRule& rule : kPayloadRules) rules[rule.payload] = rule;
  return rules;
}();

bool IsControl(AccountEvent::PayloadCase payload) {
  return payload == AccountEvent::kClockAdvanced || payload == AccountEvent::kFxRateSet;
}

// A payload type that this version does not know is an unknown field.
std::string NoPayload(const AccountEvent& event) {
  const google::protobuf::UnknownFieldSet& unknown = event.GetReflection()->GetUnknownFields(event);
  if (unknown.empty()) return "none";
  return absl::StrCat("none (field ", unknown.field(0).number(), " is not known here)");
}

void CheckEnvelope(const AccountEvent& event, Rules& rules) {
  rules.Visit(event);
  rules.Id("event_id", event.event_id());
  rules.Instant("occurred_at", event.has_occurred_at(), event.occurred_at());
  rules.OptionalId("correlation_id", event.correlation_id());
  if (!IsControl(event.payload_case())) {
    rules.Id("account_id", event.account_id());
  } else if (!event.account_id().empty()) {
    rules.Fail("account_id", "not empty in a control payload");
  }
}

}  // namespace

bool IsPayloadNumber(uint32_t field_number) {
  return field_number <= kPayloadNumberMax && kRuleOfNumber[field_number].check != nullptr;
}

std::string ValidateId(std::string_view field, std::string_view id) {
  Rules rules{Currency()};
  rules.Id(field, id);
  return rules.problem();
}

Validation Validate(const AccountEvent& event, Currency reporting_currency) {
  Rules rules(reporting_currency);
  if (IsPayloadNumber(event.payload_case())) {
    const PayloadRule& rule = kRuleOfNumber[event.payload_case()];
    CheckEnvelope(event, rules);
    rule.check(event, rule.key_field, rules);
  } else {
    rules.Fail("payload", NoPayload(event));
  }
  // Of a retracted event not every message was visited.
  return {rules.problem(), rules.has_unknown_fields() || event.retracted()};
}

}  // namespace keyfold
