// Quotes, opportunities, contracts and forecasts; orders and what is invoiced for them.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/milliseconds.h"
#include "sample/script.h"

namespace keyfold {

void SampleScript::PerformOrder(v1::AccountEvent& event) {
  constexpr int64_t kDaysToDeliver = 12;
  const std::string order_id = EntityId("order");
  event.set_correlation_id(absl::StrCat(SampleAccountId(task_.account), "/", order_id));
  switch (task_.activity) {
    case Activity::kChangeOrder: {
      v1::OrderChanged& changed = *event.mutable_order_changed();
      changed.set_order_id(order_id);
      changed.set_promised_date(FormatDay(task_.day + 7));
      if (random_.Chance(500)) SetLines(task_.number, ++task_.step, *changed.mutable_lines());
      return Then(Activity::kDeliverOrder, kDaysToDeliver);
    }
    case Activity::kCancelOrder:
      event.mutable_order_cancelled()->set_order_id(order_id);
      event.mutable_order_cancelled()->set_reason("not needed any more");
      return;
    case Activity::kDeliverOrder:
      event.mutable_order_delivered()->set_order_id(order_id);
      Then(Activity::kIssueInvoice, 2);
      if (random_.Chance(40)) ThenStart(Activity::kOpenEscalation, 3);
      return;
    default: {
      v1::OrderPlaced& placed = *event.mutable_order_placed();
      placed.set_order_id(order_id);
      SetLines(task_.number, task_.step = 0, *placed.mutable_lines());
      task_.day = Today() + static_cast<Day>(random_.Between(10, 25));
      placed.set_promised_date(FormatDay(task_.day));
      if (random_.Chance(40)) return Then(Activity::kCancelOrder, 4);
      return random_.Chance(90) ? Then(Activity::kChangeOrder, 3) : Then(Activity::kDeliverOrder, kDaysToDeliver);
    }
  }
}

void SampleScript::PerformInvoice(v1::AccountEvent& event) {
  const bool ordered = task_.number != 0;
  const std::string invoice_id = EntityId("invoice");
  if (task_.activity == Activity::kCancelInvoice) {
    event.mutable_invoice_cancelled()->set_invoice_id(invoice_id);
    return;
  }
  if (task_.activity == Activity::kIssueCreditNote) {
    v1::CreditNoteIssued& note = *event.mutable_credit_note_issued();
    note.set_credit_note_id(EntityId("credit-note"));
    note.set_invoice_id(invoice_id);
    v1::Line& line = *note.add_lines();
    line.set_line_id("1");
    line.set_sale_type(v1::BASE);
    const int64_t net = std::max<int64_t>(100, account_->order_minor * random_.Between(1, 15) / 100);
    SetMoney(*line.mutable_net(), net);
    SetMoney(*line.mutable_cost(), net * random_.Between(0, 60) / 100);
    return;
  }
  v1::InvoiceIssued& invoice = *event.mutable_invoice_issued();
  invoice.set_invoice_id(invoice_id);
  if (ordered) {
    invoice.set_order_id(absl::StrCat("order-", task_.number));
    event.set_correlation_id(absl::StrCat(SampleAccountId(task_.account), "/", invoice.order_id()));
  }
  SetLines(task_.number, task_.step, *invoice.mutable_lines());
  if (random_.Chance(12)) Then(Activity::kCancelInvoice, 5);
  if (random_.Chance(50)) Then(Activity::kIssueCreditNote, 20);
  if (random_.Chance(250)) ThenStart(Activity::kBookCost, 2);
}

void SampleScript::PerformQuote(v1::AccountEvent& event) {
  const std::string quote_id = EntityId("quote");
  switch (task_.activity) {
    case Activity::kAcceptQuote:
      event.mutable_quote_accepted()->set_quote_id(quote_id);
      return ThenStart(Activity::kPlaceOrder, 2);
    case Activity::kRejectQuote:
      event.mutable_quote_rejected()->set_quote_id(quote_id);
      event.mutable_quote_rejected()->set_reason(random_.Chance(600) ? "price" : "delivery time");
      return;
    case Activity::kReviseQuote: {
      v1::QuoteRevised& revised = *event.mutable_quote_revised();
      revised.set_quote_id(quote_id);
      task_.amount = task_.amount * random_.Between(85, 99) / 100;
      SetMoney(*revised.mutable_amount(), task_.amount);
      if (random_.Chance(500)) revised.set_valid_until(FormatDay(Today() + 30));
      break;
    }
    default: {
      v1::QuoteIssued& issued = *event.mutable_quote_issued();
      issued.set_quote_id(quote_id);
      task_.amount = 10'000 + random_.Skewed(2 * account_->order_minor);
      SetMoney(*issued.mutable_amount(), task_.amount);
      issued.set_valid_until(FormatDay(Today() + static_cast<Day>(random_.Between(20, 60))));
      if (random_.Chance(300)) return Then(Activity::kReviseQuote, 8);
    }
  }
  const int64_t outcome = random_.Below(100);
  if (outcome < 45) return Then(Activity::kAcceptQuote, 15);
  if (outcome < 80) return Then(Activity::kRejectQuote, 20);
}

void SampleScript::ContinueOpportunity(const SampleTask& state) {
  const int64_t outcome = random_.Below(100);
  if (state.step < 4 && outcome < 60) return Then(Activity::kUpdateOpportunity, 14, state);
  if (outcome < 78) return Then(Activity::kWinOpportunity, 10, state);
  if (outcome < 95) return Then(Activity::kLoseOpportunity, 12, state);
}

void SampleScript::PerformOpportunity(v1::AccountEvent& event) {
  constexpr const char* kStages[] = {"identified", "qualified", "solution", "proposal", "negotiation"};
  constexpr int32_t kProbabilities[] = {10, 25, 40, 60, 80};
  const std::string opportunity_id = EntityId("opportunity");
  switch (task_.activity) {
    case Activity::kWinOpportunity:
      event.mutable_opportunity_won()->set_opportunity_id(opportunity_id);
      if (random_.Chance(400)) SetMoney(*event.mutable_opportunity_won()->mutable_amount(), task_.amount * 95 / 100);
      return ThenStart(Activity::kPlaceOrder, 4);
    case Activity::kLoseOpportunity:
      event.mutable_opportunity_lost()->set_opportunity_id(opportunity_id);
      event.mutable_opportunity_lost()->set_reason(random_.Chance(500) ? "price" : "no decision");
      if (random_.Chance(100)) Then(Activity::kReopenOpportunity, 30);
      return;
    case Activity::kReopenOpportunity:
      event.mutable_opportunity_reopened()->set_opportunity_id(opportunity_id);
      event.mutable_opportunity_reopened()->set_reason("the budget is back");
      return ContinueOpportunity(task_);
    case Activity::kUpdateOpportunity: {
      v1::OpportunityUpdated& updated = *event.mutable_opportunity_updated();
      updated.set_opportunity_id(opportunity_id);
      ++task_.step;
      updated.set_stage(kStages[task_.step]);
      updated.set_probability(kProbabilities[task_.step]);
      if (random_.Chance(300)) updated.set_expected_close(FormatDay(task_.day += 30));  // it slips
      if (random_.Chance(200)) SetMoney(*updated.mutable_amount(), task_.amount = task_.amount * 11 / 10);
      if (task_.step == 3 && random_.Chance(500)) ThenStart(Activity::kIssueQuote, 2);
      return ContinueOpportunity(task_);
    }
    default: {
      v1::OpportunityCreated& created = *event.mutable_opportunity_created();
      created.set_opportunity_id(opportunity_id);
      created.set_sale_type(AnySaleType());
      created.set_stage(kStages[0]);
      created.set_probability(kProbabilities[0]);
      task_.amount = 50'000 + random_.Skewed(6 * account_->order_minor);
      task_.day = Today() + static_cast<Day>(random_.Between(20, 90));
      SetMoney(*created.mutable_amount(), task_.amount);
      created.set_expected_close(FormatDay(task_.day));
      return ContinueOpportunity(task_);
    }
  }
}

// A contract ends, is renewed in time or too late, or is terminated before.
void SampleScript::ContinueContract(Day last_day, int64_t annual_minor) {
  task_.day = last_day;
  task_.amount = annual_minor;
  if (random_.Chance(200)) Then(Activity::kAmendContract, 120);
  const int64_t outcome = random_.Below(100);
  if (outcome >= 90) return;  // it lapses
  Then(outcome < 75 || outcome >= 85 ? Activity::kRenewContract : Activity::kTerminateContract, 1);
  const Day from_end = static_cast<Day>(random_.Between(5, 60));
  follow_ups_->back().due_ms = int64_t{outcome < 85 ? last_day - from_end : last_day + from_end} * kDayMs;
}

void SampleScript::PerformContract(v1::AccountEvent& event) {
  constexpr Day kYear = 365;
  const std::string contract_id = EntityId("contract");
  switch (task_.activity) {
    case Activity::kAmendContract: {
      v1::ContractAmended& amended = *event.mutable_contract_amended();
      amended.set_contract_id(contract_id);
      amended.set_effective_date(FormatDay(Today() + 1));
      SetMoney(*amended.mutable_annual_value(), task_.amount * random_.Between(90, 125) / 100);
      return;
    }
    case Activity::kRenewContract: {
      v1::ContractRenewed& renewed = *event.mutable_contract_renewed();
      renewed.set_contract_id(contract_id);
      Day last_day = task_.day + kYear;
      if (Today() > task_.day) {  // too late: there is a gap
        renewed.set_start_date(FormatDay(Today() + 1));
        last_day = Today() + kYear;
      }
      renewed.set_end_date(FormatDay(last_day));
      const bool dearer = random_.Chance(600);
      const int64_t annual_minor = dearer ? task_.amount * 104 / 100 : task_.amount;
      if (dearer) SetMoney(*renewed.mutable_annual_value(), annual_minor);
      return ContinueContract(last_day, annual_minor);
    }
    case Activity::kTerminateContract:
      event.mutable_contract_terminated()->set_contract_id(contract_id);
      event.mutable_contract_terminated()->set_effective_date(FormatDay(std::max(Today(), task_.day - 30)));
      event.mutable_contract_terminated()->set_reason("insourced");
      return;
    default: {
      v1::ContractSigned& contract = *event.mutable_contract_signed();
      const Day start = Today() + static_cast<Day>(random_.Between(0, 20));
      const Day last_day = start + kYear * static_cast<Day>(random_.Between(1, 2)) - 1;
      const int64_t annual_minor = 50'000 + random_.Skewed(10 * account_->order_minor);
      contract.set_contract_id(contract_id);
      contract.set_start_date(FormatDay(start));
      SetMoney(*contract.mutable_annual_value(), annual_minor);
      if (random_.Chance(50)) return;  // open-ended
      contract.set_end_date(FormatDay(last_day));
      return ContinueContract(last_day, annual_minor);
    }
  }
}

void SampleScript::PerformForecast(v1::AccountEvent& event) {
  constexpr uint8_t kSubmissionsInMonthMax = 20;
  const Month month = MonthOf(Today());
  if (account_->forecast_month != month) account_->forecasts = 0;
  if (account_->forecasts >= kSubmissionsInMonthMax) return PerformCost(event);  // enough of it
  account_->forecast_month = month;
  ++account_->forecasts;
  v1::ForecastSubmitted& forecast = *event.mutable_forecast_submitted();
  forecast.set_period(FormatDay(FirstDayOf(month + static_cast<Month>(random_.Between(1, 3)))).substr(0, 7));
  SetMoney(*forecast.mutable_revenue(), random_.Skewed(4 * account_->order_minor));
}

}  // namespace keyfold
