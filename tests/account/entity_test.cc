#include "account/entity.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>

#include "support/contributed.h"
#include "support/entity_generator.h"

namespace keyfold {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Names = std::set<std::string>;

// The payloads that edit an entity of an account.
std::vector<const google::protobuf::FieldDescriptor*> AccountPayloads() {
  std::vector<const google::protobuf::FieldDescriptor*> payloads;
  const auto* oneof = v1::AccountEvent::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < oneof->field_count(); ++i) {
    const Names control = {"clock_advanced", "fx_rate_set"};
    if (control.count(std::string(oneof->field(i)->name())) == 0) payloads.push_back(oneof->field(i));
  }
  return payloads;
}

// The payload types for which `holds` is true.
template <typename Predicate>
Names PayloadsWhere(Predicate holds) {
  Names names;
  for (const auto* payload : AccountPayloads()) {
    if (holds(static_cast<v1::AccountEvent::PayloadCase>(payload->number())))
      names.insert(std::string(payload->name()));
  }
  return names;
}

TEST(PrimaryEntityTest, IsNamedByTheFirstFieldOfThePayload) {
  const Names of_the_account = {
      "account_opened",  "account_classified",  "manager_assigned",   "key_account_designated", "key_account_released",
      "account_churned", "account_reactivated", "potential_assessed", "plan_approved",          "plan_closed"};
  for (const auto* payload : AccountPayloads()) {
    v1::AccountEvent event;
    auto* message = event.GetReflection()->MutableMessage(&event, payload);
    const bool has_id = of_the_account.count(std::string(payload->name())) == 0;
    if (has_id) message->GetReflection()->SetString(message, message->GetDescriptor()->FindFieldByNumber(1), "X-1");
    EXPECT_EQ(PrimaryEntity(event).id, has_id ? "X-1" : "") << payload->name();
    EXPECT_THAT(kAllKinds, Contains(PrimaryEntity(event).kind)) << payload->name() << ": no property draws its entity";
  }
}

TEST(PrimaryEntityTest, IsOfAKindOfItsOwn) {
  const auto kind = [](std::string_view payload) { return PrimaryEntity(At("2025-01-01", payload)).kind; };
  EXPECT_EQ(kind("account_churned {}"), EntityKind::kAccount);
  EXPECT_EQ(kind("potential_assessed {}"), EntityKind::kAccount);
  EXPECT_EQ(kind("plan_approved { plan_id: 'P' }"), EntityKind::kPlans);
  EXPECT_EQ(kind("plan_closed { plan_id: 'P' }"), EntityKind::kPlans);
  EXPECT_EQ(kind("order_delivered {}"), EntityKind::kOrder);
  EXPECT_EQ(kind("invoice_issued {}"), EntityKind::kInvoice);
  EXPECT_EQ(kind("credit_note_issued { invoice_id: 'I' }"), EntityKind::kCreditNote);
  EXPECT_EQ(kind("cost_booked {}"), EntityKind::kCost);
  EXPECT_EQ(kind("meeting_held { stakeholder_ids: 'S' }"), EntityKind::kMeeting);
  EXPECT_EQ(kind("stakeholder_left {}"), EntityKind::kStakeholder);
  EXPECT_EQ(kind("escalation_reopened {}"), EntityKind::kEscalation);
  EXPECT_EQ(kind("contract_renewed {}"), EntityKind::kContract);
  EXPECT_EQ(kind("quote_revised {}"), EntityKind::kQuote);
  EXPECT_EQ(kind("opportunity_lost {}"), EntityKind::kOpportunity);
  EXPECT_EQ(kind("opportunity_reopened {}"), EntityKind::kOpportunity);
  EXPECT_EQ(kind("forecast_submitted { period: '2025-01' }"), EntityKind::kForecast);
  EXPECT_EQ(kind("survey_answered { stakeholder_id: 'S' }"), EntityKind::kSurvey);
  EXPECT_EQ(kind("initiative_completed {}"), EntityKind::kInitiative);
  EXPECT_EQ(kind("risk_cleared {}"), EntityKind::kRisk);
}

TEST(PrimaryEntityTest, RateIsNamedByCurrencyAndMonth) {
  const v1::AccountEvent rate = At("2025-01-01", "fx_rate_set { currency_code: 'USD' month: '2025-01' rate: 0.9 }");
  EXPECT_EQ(PrimaryEntity(rate), (EntityRef{EntityKind::kFxRate, "USD 2025-01"}));
  const v1::AccountEvent* events[] = {&rate};
  EXPECT_THAT(Contribute(EntityKind::kFxRate, {events, {}}, CalendarOf("UTC")), IsEmpty());
}

TEST(EntityTest, FoundingEventsAreThoseOfTheSpecification) {
  EXPECT_EQ(PayloadsWhere(IsFounding),
            (Names{"order_placed", "invoice_issued", "credit_note_issued", "cost_booked", "stakeholder_identified",
                   "escalation_opened", "contract_signed", "quote_issued", "opportunity_created", "survey_answered",
                   "initiative_started", "risk_flagged", "plan_approved", "account_opened"}));
  EXPECT_FALSE(IsFounding(v1::AccountEvent::kFxRateSet));
  EXPECT_FALSE(IsFounding(v1::AccountEvent::kClockAdvanced));
}

TEST(EntityTest, TerminalEventsAreThoseOfTheSpecification) {
  EXPECT_EQ(PayloadsWhere(IsTerminal),
            (Names{"order_cancelled", "invoice_cancelled", "meeting_held", "meeting_cancelled", "contract_terminated",
                   "quote_accepted", "quote_rejected", "opportunity_won", "opportunity_lost", "initiative_completed",
                   "initiative_cancelled"}));
}

TEST(SortsBeforeTest, TimeThenPartThenId) {
  const v1::AccountEvent sorted[] = {
      At("2025-01-01T00:00:00Z", "order_cancelled {}", {.event_id = "z"}),
      At("2025-01-01T00:00:00.000000001Z", "order_placed {}", {.event_id = "b"}),
      At("2025-01-01T00:00:00.000000001Z", "order_placed {}", {.event_id = "c"}),
      At("2025-01-01T00:00:00.000000001Z", "order_delivered {}", {.event_id = "Z"}),
      At("2025-01-01T00:00:00.000000001Z", "order_changed {}", {.event_id = "a"}),
      At("2025-01-01T00:00:00.000000001Z", "order_changed {}", {.event_id = "\xc3\xa4"}),  // bytewise: after "a"
      At("2025-01-01T00:00:00.000000001Z", "order_cancelled {}", {.event_id = "A"}),
      At("2025-01-01T00:00:00.000000002Z", "order_placed {}", {.event_id = "a"}),
  };
  for (size_t i = 0; i < std::size(sorted); ++i) {
    for (size_t j = 0; j < std::size(sorted); ++j) {
      EXPECT_EQ(SortsBefore(sorted[i], sorted[j]), i < j) << i << " and " << j;
    }
  }
}

TEST(ContributeTest, WithoutAFoundingEventThereIsNothing) {
  EXPECT_THAT(Contributed(EntityKind::kOrder, {}), IsEmpty());
  EXPECT_THAT(Contributed(EntityKind::kMeeting, {}), IsEmpty());
  EXPECT_THAT(Contributed(EntityKind::kForecast, {}), IsEmpty());
  EXPECT_THAT(Contributed(EntityKind::kAccount, {}), IsEmpty());
  EXPECT_THAT(Contributed(EntityKind::kInvoice, {At("2025-01-01", "invoice_cancelled {}")}), IsEmpty());
}

TEST(ContributeTest, ATerminalEventBeforeTheFoundingOneEndsNothing) {
  EXPECT_THAT(Contributed(EntityKind::kInitiative,
                          {At("2025-01-01", "initiative_completed {}"), At("2025-01-02", "initiative_started {}")}),
              ElementsAre("initiatives_active +1 @ 2025-01-02", "initiatives_started +1 @ 2025-01-02"));
}

TEST(ContributeTest, FoundingAndTerminalAtOneInstantAreInThatOrder) {
  EXPECT_THAT(Contributed(EntityKind::kInitiative, {At("2025-01-01", "initiative_completed {}", {.event_id = "a"}),
                                                    At("2025-01-01", "initiative_started {}", {.event_id = "b"})}),
              ElementsAre("initiatives_started +1 @ 2025-01-01", "initiatives_completed +1 @ 2025-01-01"));
}

TEST(ContributeTest, StateChangesAtOneInstantGoByEventId) {
  const auto escalation = [](const std::string& resolved_id, const std::string& reopened_id) {
    return Contributed(EntityKind::kEscalation,
                       {At("2025-01-01", "escalation_opened { severity: LOW }"),
                        At("2025-02-01", "escalation_resolved {}", {.event_id = resolved_id}),
                        At("2025-02-01", "escalation_reopened {}", {.event_id = reopened_id})});
  };
  EXPECT_THAT(Of("escalations_open", escalation("a", "b")), ElementsAre("+1 @ 2025-01-01"));
  EXPECT_THAT(Of("escalations_open", escalation("b", "a")), ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-02-01"));
}

}  // namespace
}  // namespace keyfold
