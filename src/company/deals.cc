// Contracts, quotes and opportunities.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "company/life.h"

namespace keyfold {
namespace {

constexpr Day kYear = 365;

}  // namespace

bool Life::PerformDeal(v1::AccountEvent& event) {
  event.set_source("crm");
  switch (step_.act) {
    case Act::kSignContract:
      return SignContract(event), true;
    case Act::kRenewContract:
      if (step_.number != account_->contract) return false;  // it was terminated
      return RenewContract(event), true;
    case Act::kTerminateContract:
      event.mutable_contract_terminated()->set_contract_id(EntityId("CT"));
      event.mutable_contract_terminated()->set_effective_date(FormatDay(Today() + 1));
      event.mutable_contract_terminated()->set_reason("the customer left");
      account_->contract = 0;
      return true;
    case Act::kIssueQuote:
      return IssueQuote(event), true;
    case Act::kAcceptQuote:
      event.mutable_quote_accepted()->set_quote_id(EntityId("Q"));
      return true;
    case Act::kRejectQuote:
      event.mutable_quote_rejected()->set_quote_id(EntityId("Q"));
      event.mutable_quote_rejected()->set_reason(random_.Chance(600) ? "price" : "delivery time");
      return true;
    case Act::kFindOpportunity:
      return FindOpportunity(event), true;
    case Act::kMoveOpportunity:
      return MoveOpportunity(event), true;
    case Act::kCloseOpportunity:
      return CloseOpportunity(event), true;
    default:
      return false;
  }
}

// A frame contract that has been running for a while, or from now on.
void Life::SignContract(v1::AccountEvent& event) {
  v1::ContractSigned& contract = *event.mutable_contract_signed();
  Day start = Today();
  if (start == from_) start -= static_cast<Day>(random_.Between(20, 330));
  step_.day = start + kYear - 1;
  if (member_->story == Story::kLapsing) {
    step_.day = to_ + kLapsesInDays;
  }
  contract.set_contract_id(EntityId("CT"));
  account_->contract = step_.number;
  step_.amount = AnnualPaceToday() / 10'000'000 * 100'000 * random_.Between(50, 80);
  contract.set_start_date(FormatDay(start));
  contract.set_end_date(FormatDay(step_.day));
  SetMoney(*contract.mutable_annual_value(), std::max<int64_t>(step_.amount, 1'000'000));
  AwaitEndOfContract();
}

// It is mostly renewed in time; a few are let lapse, and signed anew later.
void Life::AwaitEndOfContract() {
  if (member_->story == Story::kLapsing) return;
  if (random_.Chance(930)) return ThenOn(Act::kRenewContract, step_.day - static_cast<Day>(random_.Between(20, 100)));
  StartOn(Act::kSignContract, step_.day + static_cast<Day>(random_.Between(20, 60)));
}

void Life::RenewContract(v1::AccountEvent& event) {
  v1::ContractRenewed& renewed = *event.mutable_contract_renewed();
  renewed.set_contract_id(EntityId("CT"));
  renewed.set_end_date(FormatDay(step_.day += kYear));
  if (random_.Chance(600)) {
    step_.amount = step_.amount / 1000 * random_.Between(980, 1080);
    SetMoney(*renewed.mutable_annual_value(), step_.amount);
  }
  AwaitEndOfContract();
}

void Life::IssueQuote(v1::AccountEvent& event) {
  constexpr Day kValidDays = 45;
  v1::QuoteIssued& quote = *event.mutable_quote_issued();
  quote.set_quote_id(EntityId("Q"));
  SetMoney(*quote.mutable_amount(), AnnualPaceToday() / 100'000 * random_.Between(1'000, 6'000));
  quote.set_valid_until(FormatDay(Today() + kValidDays));
  const int64_t outcome = random_.Below(100);
  if (outcome < 50) {
    Then(Act::kAcceptQuote, 18);
  } else if (outcome < 80) {
    Then(Act::kRejectQuote, 22);
  }
  Start(Act::kIssueQuote, 55);
}

constexpr const char* kStages[] = {"Identified", "Qualified", "Solution", "Proposal", "Negotiation"};
constexpr int32_t kProbabilities[] = {10, 25, 45, 65, 85};

void Life::FindOpportunity(v1::AccountEvent& event) {
  constexpr v1::SaleType kTypes[] = {v1::BASE, v1::CROSS_SELL, v1::CROSS_SELL, v1::UP_SELL, v1::BUNDLE};
  v1::OpportunityCreated& created = *event.mutable_opportunity_created();
  created.set_opportunity_id(EntityId("OP"));
  created.set_sale_type(kTypes[random_.Below(std::size(kTypes))]);
  created.set_stage(kStages[0]);
  created.set_probability(kProbabilities[0]);
  step_.amount = AnnualPaceToday() / 100'000'000 * 100'000 * random_.Between(80, 340) + 500'000;
  step_.day = Today() + static_cast<Day>(random_.Between(60, 110));
  SetMoney(*created.mutable_amount(), step_.amount);
  created.set_expected_close(FormatDay(step_.day));
  FollowOpportunity();
  Start(Act::kFindOpportunity, member_->key_account() ? 65 : 120);
}

void Life::FollowOpportunity() {
  constexpr uint8_t kLastStage = std::size(kStages) - 1;
  const bool goes_on = account_->customer && step_.stage < kLastStage && random_.Chance(900);
  Then(goes_on ? Act::kMoveOpportunity : Act::kCloseOpportunity, 15);
}

void Life::MoveOpportunity(v1::AccountEvent& event) {
  constexpr Day kSlip = 28;
  v1::OpportunityUpdated& updated = *event.mutable_opportunity_updated();
  updated.set_opportunity_id(EntityId("OP"));
  ++step_.stage;
  updated.set_stage(kStages[step_.stage]);
  updated.set_probability(kProbabilities[step_.stage]);
  // Whoever sees that it will not be in time says so, most of the time.
  const bool too_soon = step_.day < Today() + 10;
  if (random_.Chance(too_soon ? 800 : 80)) updated.set_expected_close(FormatDay(step_.day = Today() + kSlip));
  if (random_.Chance(150)) {
    step_.amount = step_.amount / 100 * random_.Between(85, 120);
    SetMoney(*updated.mutable_amount(), step_.amount);
  }
  FollowOpportunity();
}

// Who is far is likely to win; of what was given up early, all is lost.
void Life::CloseOpportunity(v1::AccountEvent& event) {
  constexpr int kWinsOfLastStage = 620;  // per mille
  constexpr int kWinsOfStage = 90;
  const int wins = step_.stage + 1 == std::size(kStages) ? kWinsOfLastStage : kWinsOfStage * step_.stage;
  if (account_->customer && member_->story != Story::kInTrouble && random_.Chance(wins)) {
    event.mutable_opportunity_won()->set_opportunity_id(EntityId("OP"));
    return;
  }
  event.mutable_opportunity_lost()->set_opportunity_id(EntityId("OP"));
  event.mutable_opportunity_lost()->set_reason(random_.Chance(500) ? "price" : "no decision");
}

}  // namespace keyfold
