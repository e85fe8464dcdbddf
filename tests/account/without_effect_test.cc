#include "account/without_effect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"
#include "support/entity_generator.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "<day> <payload>: <reason>".
std::vector<std::string> Ignored(EntityKind kind, const std::vector<v1::AccountEvent>& events) {
  const auto sorted = InSortOrder(events);
  std::vector<std::string> texts;
  for (const WithoutEffect& found : EventsWithoutEffect(kind, {sorted, {}}, CalendarOf("Europe/Berlin"))) {
    texts.push_back(absl::StrCat(found.event->event_id(), ": ", std::string(NoEffectName(found.reason))));
  }
  return texts;
}

std::string MoneyOf(const std::string& field) { return Money(field, 100); }

TEST(WithoutEffectTest, BeforeTheFoundingAndAfterTheTerminalEvent) {
  EXPECT_THAT(
      Ignored(EntityKind::kOrder, {At("2025-01-01", "order_delivered {}"), At("2025-01-02", "order_placed {}"),
                                   At("2025-01-03", "order_cancelled {}"), At("2025-01-04", "order_delivered {}"),
                                   At("2025-01-05", "order_cancelled {}")}),
      ElementsAre("2025-01-01 order_delivered {}: before_founding", "2025-01-04 order_delivered {}: after_terminal",
                  "2025-01-05 order_cancelled {}: after_terminal"));
  EXPECT_THAT(Ignored(EntityKind::kEscalation, {At("2025-01-01", "escalation_resolved {}")}),
              ElementsAre("2025-01-01 escalation_resolved {}: never_founded"));
}

TEST(WithoutEffectTest, MeetingCountsForStakeholdersWhateverBecameOfIt) {
  EXPECT_THAT(Ignored(EntityKind::kMeeting,
                      {At("2025-01-01", "meeting_cancelled {}"), At("2025-01-02", "meeting_held { kind: OPERATIONAL }"),
                       At("2025-01-03", "meeting_held { kind: OPERATIONAL stakeholder_ids: 'S' }")}),
              ElementsAre("2025-01-02 meeting_held { kind: OPERATIONAL }: after_terminal"));
}

TEST(WithoutEffectTest, Account) {
  EXPECT_THAT(
      Ignored(EntityKind::kAccount,
              {At("2025-01-01", "account_churned {}"), At("2025-01-02", "account_opened {}"),
               At("2025-01-03", "account_opened {}"), At("2025-01-04", "account_reactivated {}"),
               At("2025-01-05", "key_account_released {}"), At("2025-01-06", "account_churned {}"),
               At("2025-01-07", "account_churned {}"), At("2025-01-08", "account_opened {}"),
               At("2025-01-09", "account_opened { parent_id: 'P' }"), At("2025-01-10", "account_classified {}"),
               At("2025-01-11", "account_classified { name: 'N' }"), At("2025-01-12", "account_reactivated {}")}),
      ElementsAre("2025-01-01 account_churned {}: no_customer", "2025-01-03 account_opened {}: already_customer",
                  "2025-01-04 account_reactivated {}: already_customer",
                  "2025-01-05 key_account_released {}: no_key_account", "2025-01-07 account_churned {}: no_customer",
                  "2025-01-08 account_opened {}: already_customer", "2025-01-10 account_classified {}: names_nothing"));
}

TEST(WithoutEffectTest, Plans) {
  const std::string approved =
      absl::StrCat("plan_approved { plan_id: 'A' start_date: '2025-01-01' end_date: '2025-12-31' ",
                   MoneyOf("baseline_revenue"), "}");
  EXPECT_THAT(Ignored(EntityKind::kPlans, {At("2025-01-01", approved), At("2025-01-02", "plan_closed { plan_id: 'B' }"),
                                           At("2025-01-03", "plan_closed { plan_id: 'A' }"),
                                           At("2025-01-04", "plan_closed { plan_id: 'A' }"), At("2025-01-05", approved),
                                           At("2025-01-06", "plan_closed { plan_id: 'A' }")}),
              ElementsAre("2025-01-02 plan_closed { plan_id: 'B' }: unknown_plan",
                          "2025-01-04 plan_closed { plan_id: 'A' }: already_closed"));
}

TEST(WithoutEffectTest, Order) {
  EXPECT_THAT(
      Ignored(EntityKind::kOrder, {At("2025-01-01", "order_placed {}"), At("2025-01-02", "order_delivered {}"),
                                   At("2025-01-03", "order_delivered {}"), At("2025-01-04", "order_changed {}"),
                                   At("2025-01-05", "order_changed { promised_date: '2025-02-01' }")}),
      ElementsAre("2025-01-03 order_delivered {}: already_delivered", "2025-01-04 order_changed {}: names_nothing"));
}

TEST(WithoutEffectTest, Stakeholder) {
  EXPECT_THAT(
      Ignored(EntityKind::kStakeholder,
              {At("2025-01-01", "stakeholder_identified { role: USER }"), At("2025-01-02", "stakeholder_left {}"),
               At("2025-01-03", "stakeholder_updated { role: USER }"), At("2025-01-04", "stakeholder_left {}"),
               At("2025-01-05", "stakeholder_identified { role: USER }"), At("2025-01-06", "stakeholder_left {}")}),
      ElementsAre("2025-01-03 stakeholder_updated { role: USER }: has_left",
                  "2025-01-04 stakeholder_left {}: has_left"));
}

TEST(WithoutEffectTest, Escalation) {
  EXPECT_THAT(Ignored(EntityKind::kEscalation,
                      {At("2025-01-02T09:55:00Z", "escalation_resolved {}"),  // another system's clock
                       At("2025-01-02T10:00:00Z", "escalation_opened { severity: LOW }"),
                       At("2025-01-03", "escalation_reopened {}"), At("2025-01-04", "escalation_acknowledged {}"),
                       At("2025-01-05", "escalation_acknowledged {}"), At("2025-01-06", "escalation_resolved {}"),
                       At("2025-01-07", "escalation_resolved {}"), At("2025-01-08", "escalation_reopened {}")}),
              ElementsAre("2025-01-02T09:55:00Z escalation_resolved {}: before_founding",
                          "2025-01-03 escalation_reopened {}: already_open",
                          "2025-01-05 escalation_acknowledged {}: already_answered",
                          "2025-01-07 escalation_resolved {}: already_resolved"));
}

TEST(WithoutEffectTest, Contract) {
  const auto signed_until = [](const std::string& end) {
    return At("2025-01-01",
              absl::StrCat("contract_signed { start_date: '2025-01-01' ", end, MoneyOf("annual_value"), "}"));
  };
  const v1::AccountEvent renewed = At("2025-01-03", "contract_renewed { end_date: '2025-12-31' }");
  EXPECT_THAT(Ignored(EntityKind::kContract, {signed_until(""), renewed}),
              ElementsAre("2025-01-03 contract_renewed { end_date: '2025-12-31' }: open_ended"));
  EXPECT_THAT(Ignored(EntityKind::kContract, {signed_until("end_date: '2025-12-31'"), renewed}),
              ElementsAre("2025-01-03 contract_renewed { end_date: '2025-12-31' }: ends_no_later"));
  EXPECT_THAT(
      Ignored(EntityKind::kContract, {signed_until("end_date: '2025-06-30'"),
                                      At("2025-01-02", "contract_amended { effective_date: '2025-03-01' }"), renewed}),
      ElementsAre("2025-01-02 contract_amended { effective_date: '2025-03-01' }: names_nothing"));
}

TEST(WithoutEffectTest, Quote) {
  EXPECT_THAT(
      Ignored(EntityKind::kQuote,
              {At("2025-01-01", absl::StrCat("quote_issued { valid_until: '2025-01-31' ", MoneyOf("amount"), "}")),
               At("2025-01-02", "quote_revised {}"), At("2025-02-01", "quote_rejected {}"),
               At("2025-02-02", "quote_accepted {}"), At("2025-02-03", "quote_rejected {}")}),
      ElementsAre("2025-01-02 quote_revised {}: names_nothing", "2025-02-01 quote_rejected {}: after_expiry",
                  "2025-02-03 quote_rejected {}: after_terminal"));
}

TEST(WithoutEffectTest, Opportunity) {
  EXPECT_THAT(
      Ignored(EntityKind::kOpportunity,
              {At("2025-01-01", absl::StrCat("opportunity_created { probability: 5 ", MoneyOf("amount"), "}")),
               At("2025-01-02", "opportunity_reopened {}"), At("2025-01-03", "opportunity_updated {}"),
               At("2025-01-04", "opportunity_updated { stage: 'offer' }"), At("2025-01-05", "opportunity_lost {}"),
               At("2025-01-06", "opportunity_updated { probability: 9 }"), At("2025-01-07", "opportunity_reopened {}"),
               At("2025-01-08", "opportunity_won {}"), At("2025-01-09", "opportunity_lost {}")}),
      ElementsAre("2025-01-02 opportunity_reopened {}: already_open",
                  "2025-01-03 opportunity_updated {}: names_nothing",
                  "2025-01-06 opportunity_updated { probability: 9 }: after_terminal",
                  "2025-01-09 opportunity_lost {}: after_terminal"));
}

TEST(WithoutEffectTest, Forecast) {
  const std::string submitted = absl::StrCat("forecast_submitted { period: '2025-02' ", MoneyOf("revenue"), "}");
  EXPECT_THAT(Ignored(EntityKind::kForecast,
                      {At("2025-01-01", submitted), At("2025-01-31", submitted), At("2025-02-01", submitted)}),
              ElementsAre(absl::StrCat("2025-02-01 ", submitted, ": after_month_began")));
}

TEST(WithoutEffectTest, Risk) {
  EXPECT_THAT(Ignored(EntityKind::kRisk, {At("2025-01-01", "risk_flagged { severity: LOW }"),
                                          At("2025-01-02", "risk_cleared {}"), At("2025-01-03", "risk_cleared {}")}),
              ElementsAre("2025-01-03 risk_cleared {}: already_cleared"));
}

TEST(WithoutEffectTest, WhatIsOverwrittenHadItsEffect) {
  EXPECT_THAT(Ignored(EntityKind::kCost,
                      {At("2025-01-01", absl::StrCat("cost_booked { kind: SALES ", MoneyOf("amount"), "}")),
                       At("2025-01-02", absl::StrCat("cost_booked { kind: SUPPORT ", MoneyOf("amount"), "}"))}),
              IsEmpty());
}

// Alone or with all others of its kind.
RC_GTEST_PROP(WithoutEffectProperty, WithoutThemAllIsTheSame, ()) {
  const EntityKind kind = kAllKinds[Pick(0, static_cast<int>(std::size(kAllKinds)))];
  const auto events = PickEvents(kind);
  const Calendar calendar = CalendarOf("Europe/Berlin");
  const auto sorted = InSortOrder(events);
  const auto contributions = Contribute(kind, {sorted, {}}, calendar);
  const auto attributes = AttributesOverTime({sorted, {}}, calendar);
  const auto expect_same = [&](const std::vector<const v1::AccountEvent*>& rest) {
    RC_ASSERT(Contribute(kind, {rest, {}}, calendar) == contributions);
    if (kind == EntityKind::kAccount) RC_ASSERT(AttributesOverTime({rest, {}}, calendar) == attributes);
  };
  auto with_effect = sorted;
  for (const WithoutEffect& found : EventsWithoutEffect(kind, {sorted, {}}, calendar)) {
    auto others = sorted;
    RC_ASSERT(std::erase(others, found.event) == 1u);
    expect_same(others);
    std::erase(with_effect, found.event);
  }
  expect_same(with_effect);
}

}  // namespace
}  // namespace keyfold
