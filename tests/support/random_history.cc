#include "support/random_history.h"

#include <algorithm>

#include "base/calendar.h"

namespace keyfold {
namespace {

constexpr int64_t kAccounts = 6;
constexpr int64_t kEntities = 3;
constexpr Day kFirstDay = 19'900;  // 2024-06-26
constexpr Day kLastDay = 20'700;   // 2026-09-04

}  // namespace

std::string RandomHistory::Date() { return FormatDay(static_cast<Day>(Number(kFirstDay, kLastDay))); }

void RandomHistory::SetMoney(v1::Money* money) {
  static constexpr const char* kCurrencies[] = {"EUR", "EUR", "EUR", "USD", "JPY"};
  money->set_currency_code(kCurrencies[Number(0, 4)]);
  money->set_minor(Number(1, 500'000));
}

void RandomHistory::AddLines(google::protobuf::RepeatedPtrField<v1::Line>* lines) {
  for (int64_t i = Number(1, 3); i > 0; --i) {
    v1::Line* line = lines->Add();
    line->set_line_id(std::to_string(i));
    line->set_sale_type(static_cast<v1::SaleType>(Number(1, 5)));
    line->set_quantity(1000);
    SetMoney(line->mutable_net());
    SetMoney(line->mutable_cost());
  }
}

void RandomHistory::SetAccountPayload(v1::AccountEvent& event) {
  switch (Number(0, 7)) {
    case 0:
      event.mutable_account_opened()->set_segment(Id("S", 2));
      event.mutable_account_opened()->set_parent_id(Id("A", 3));
      event.mutable_account_opened()->set_name(Id("N", 3));
      break;
    case 1:
      event.mutable_key_account_designated()->set_tier(v1::KeyAccountDesignated::KEY);
      break;
    case 2:
      event.mutable_manager_assigned()->set_manager_id(Id("M", 2));
      break;
    case 3:
      event.mutable_account_churned();
      break;
    case 4:
      event.mutable_account_reactivated();
      break;
    case 5:
      SetMoney(event.mutable_potential_assessed()->mutable_annual_potential());
      event.mutable_potential_assessed()->set_strategic_importance(static_cast<int32_t>(Number(0, 100)));
      break;
    case 6: {
      v1::PlanApproved* plan = event.mutable_plan_approved();
      plan->set_plan_id(Id("P", kEntities));
      plan->set_start_date("2025-01-01");
      plan->set_end_date("2027-12-31");
      SetMoney(plan->mutable_baseline_revenue());
      plan->set_target_growth(0.25);
      plan->set_min_margin(0.3);
      break;
    }
    default:
      event.mutable_plan_closed()->set_plan_id(Id("P", kEntities));
      break;
  }
}

void RandomHistory::SetOrderPayload(v1::AccountEvent& event) {
  switch (Number(0, 6)) {
    case 0:
      event.mutable_order_placed()->set_order_id(Id("O", kEntities));
      event.mutable_order_placed()->set_promised_date(Date());
      AddLines(event.mutable_order_placed()->mutable_lines());
      break;
    case 1:
      event.mutable_order_delivered()->set_order_id(Id("O", kEntities));
      break;
    case 2:
      event.mutable_invoice_cancelled()->set_invoice_id(Id("I", 10));
      break;
    case 3:
      event.mutable_cost_booked()->set_cost_id(Id("C", 10));
      event.mutable_cost_booked()->set_kind(v1::CostBooked::SUPPORT);
      SetMoney(event.mutable_cost_booked()->mutable_amount());
      break;
    default:
      event.mutable_invoice_issued()->set_invoice_id(Id("I", 10));
      AddLines(event.mutable_invoice_issued()->mutable_lines());
      break;
  }
}

void RandomHistory::SetPeoplePayload(v1::AccountEvent& event) {
  switch (Number(0, 6)) {
    case 0:
      event.mutable_stakeholder_identified()->set_stakeholder_id(Id("S", kEntities));
      event.mutable_stakeholder_identified()->set_role(v1::DECISION_MAKER);
      break;
    case 1:
    case 2:
      event.mutable_meeting_held()->set_meeting_id(Id("T", kEntities));
      event.mutable_meeting_held()->set_kind(static_cast<v1::MeetingKind>(Number(1, 5)));
      for (int64_t i = Number(0, 3); i > 0; --i) {
        event.mutable_meeting_held()->add_stakeholder_ids(Id("S", kEntities));
      }
      break;
    case 3:
      event.mutable_escalation_opened()->set_escalation_id(Id("E", kEntities));
      event.mutable_escalation_opened()->set_severity(static_cast<v1::Severity>(Number(1, 4)));
      event.mutable_escalation_opened()->set_department(v1::EscalationOpened::SUPPORT);
      break;
    case 4:
      event.mutable_escalation_resolved()->set_escalation_id(Id("E", kEntities));
      break;
    case 5:
      event.mutable_escalation_reopened()->set_escalation_id(Id("E", kEntities));
      break;
    default:
      event.mutable_survey_answered()->set_response_id(Id("R", 10));
      event.mutable_survey_answered()->set_kind(v1::SurveyAnswered::NPS);
      event.mutable_survey_answered()->set_score(static_cast<int32_t>(Number(0, 10)));
      break;
  }
}

void RandomHistory::SetContractPayload(v1::AccountEvent& event) {
  switch (Number(0, 3)) {
    case 0: {
      v1::ContractSigned* contract = event.mutable_contract_signed();
      contract->set_contract_id(Id("K", kEntities));
      contract->set_start_date("2025-06-01");
      contract->set_end_date(FormatDay(static_cast<Day>(Number(20'300, 20'700))));
      SetMoney(contract->mutable_annual_value());
      break;
    }
    case 1:
      event.mutable_contract_renewed()->set_contract_id(Id("K", kEntities));
      event.mutable_contract_renewed()->set_end_date(Date());
      if (Chance(50)) {
        event.mutable_contract_renewed()->set_start_date(std::min(Date(), event.contract_renewed().end_date()));
      }
      break;
    case 2:
      event.mutable_contract_terminated()->set_contract_id(Id("K", kEntities));
      event.mutable_contract_terminated()->set_effective_date(Date());
      break;
    default:
      event.mutable_forecast_submitted()->set_period(Date().substr(0, 7));
      SetMoney(event.mutable_forecast_submitted()->mutable_revenue());
      break;
  }
}

void RandomHistory::SetPipelinePayload(v1::AccountEvent& event) {
  switch (Number(0, 5)) {
    case 0: {
      v1::OpportunityCreated* opportunity = event.mutable_opportunity_created();
      opportunity->set_opportunity_id(Id("U", kEntities));
      opportunity->set_sale_type(v1::CROSS_SELL);
      opportunity->set_probability(static_cast<int32_t>(Number(0, 100)));
      opportunity->set_expected_close(Date());
      SetMoney(opportunity->mutable_amount());
      break;
    }
    case 1:
      event.mutable_opportunity_updated()->set_opportunity_id(Id("U", kEntities));
      event.mutable_opportunity_updated()->set_expected_close(Date());
      break;
    case 2:
      event.mutable_opportunity_won()->set_opportunity_id(Id("U", kEntities));
      break;
    case 3:
      event.mutable_opportunity_reopened()->set_opportunity_id(Id("U", kEntities));
      break;
    case 4:
      event.mutable_quote_issued()->set_quote_id(Id("Q", kEntities));
      event.mutable_quote_issued()->set_valid_until(Date());
      SetMoney(event.mutable_quote_issued()->mutable_amount());
      break;
    default:
      event.mutable_quote_accepted()->set_quote_id(Id("Q", kEntities));
      break;
  }
}

v1::AccountEvent RandomHistory::NewEvent() {
  v1::AccountEvent event;
  event.set_event_id("e" + std::to_string(next_id_++));
  event.set_source("test");
  event.mutable_occurred_at()->set_seconds(Number(kFirstDay, kLastDay) * 86'400 + Number(0, 86'399));
  if (Chance(4)) {
    event.mutable_fx_rate_set()->set_currency_code(Chance(50) ? "USD" : "JPY");
    event.mutable_fx_rate_set()->set_month(Date().substr(0, 7));
    event.mutable_fx_rate_set()->set_rate(static_cast<double>(Number(1, 200)) / 100);
    return event;
  }
  event.set_account_id(Id("A", kAccounts));
  if (Chance(20)) event.set_correlation_id(Id("c", 100));
  switch (Number(0, 4)) {
    case 0:
      SetAccountPayload(event);
      break;
    case 1:
      SetOrderPayload(event);
      break;
    case 2:
      SetPeoplePayload(event);
      break;
    case 3:
      SetContractPayload(event);
      break;
    default:
      SetPipelinePayload(event);
      break;
  }
  return event;
}

MemoryRecord RandomHistory::ToRecord(const v1::AccountEvent& event) const {
  MemoryRecord record;
  record.key = event.account_id();
  record.value = event.SerializeAsString();
  record.timestamp_ms = now_ms_;
  return record;
}

MemoryRecord RandomHistory::Next() {
  if (Chance(30)) now_ms_ += Number(0, 3'600'000);
  if (Chance(5)) now_ms_ += Number(0, 3) * 86'400'000;
  if (Chance(2)) {
    MemoryRecord erasure;
    erasure.key = Id("A", kAccounts);
    erasure.timestamp_ms = now_ms_ - Number(0, 1000);
    return erasure;
  }
  if (Chance(2)) {
    MemoryRecord garbage;
    garbage.key = Id("A", kAccounts);
    garbage.value = "not an event";
    garbage.timestamp_ms = now_ms_;
    return garbage;
  }
  if (Chance(2)) {
    v1::AccountEvent tick;
    tick.set_event_id("tick");
    tick.mutable_occurred_at()->set_seconds(now_ms_ / 1000);
    tick.mutable_clock_advanced();
    return ToRecord(tick);
  }
  if (!seen_.empty() && Chance(25)) {
    v1::AccountEvent event = seen_[Number(0, static_cast<int64_t>(seen_.size()) - 1)];
    if (Chance(70)) {
      event.set_revision(event.revision() + static_cast<uint32_t>(Number(1, 2)));
      event.set_retracted(Chance(40));
      event.mutable_occurred_at()->set_seconds(event.occurred_at().seconds() + Number(-86'400, 86'400));
      if (Chance(80)) seen_.push_back(event);
    }
    return ToRecord(event);
  }
  seen_.push_back(NewEvent());
  return ToRecord(seen_.back());
}

}  // namespace keyfold
