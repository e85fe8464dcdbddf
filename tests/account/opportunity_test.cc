#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Opportunity(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kOpportunity, events);
}

std::string Amount(int64_t minor) { return Money("amount", minor); }
std::string Close(std::string_view date) { return absl::StrCat(" expected_close: '", std::string(date), "' "); }

v1::AccountEvent Created(std::string_view when, const std::string& fields) {
  return At(when, absl::StrCat("opportunity_created { opportunity_id: 'P' sale_type: BASE ", fields, "}"));
}
v1::AccountEvent Updated(std::string_view when, const std::string& fields) {
  return At(when, absl::StrCat("opportunity_updated { opportunity_id: 'P' ", fields, "}"));
}
v1::AccountEvent Won(std::string_view when, const std::string& fields = "") {
  return At(when, absl::StrCat("opportunity_won { opportunity_id: 'P' ", fields, "}"));
}
v1::AccountEvent Lost(std::string_view when) { return At(when, "opportunity_lost { opportunity_id: 'P' }"); }
v1::AccountEvent Reopened(std::string_view when) { return At(when, "opportunity_reopened { opportunity_id: 'P' }"); }

TEST(OpportunityTest, OpenFromCreationOn) {
  EXPECT_THAT(Opportunity({Created("2025-01-10", Amount(200) + "probability: 25")}),
              ElementsAre("opportunities_open +1 @ 2025-01-10", "pipeline EUR +200 @ 2025-01-10",
                          "pipeline_weighted EUR +50 @ 2025-01-10"));
}

TEST(OpportunityTest, WeightsRoundHalfAwayFromZero) {
  const auto weighted = [](int64_t amount, int probability) {
    return Of("pipeline_weighted",
              Opportunity({Created("2025-01-10", Amount(amount) + absl::StrCat("probability: ", probability))}));
  };
  EXPECT_THAT(weighted(5, 50), ElementsAre("EUR +3 @ 2025-01-10"));
  EXPECT_THAT(weighted(-5, 50), ElementsAre("EUR -3 @ 2025-01-10"));
  EXPECT_THAT(weighted(149, 1), ElementsAre("EUR +1 @ 2025-01-10"));
  EXPECT_THAT(weighted(49, 1), IsEmpty());
  EXPECT_THAT(weighted(1000000000000000, 100), ElementsAre("EUR +1000000000000000 @ 2025-01-10"));
  EXPECT_THAT(weighted(999999999999999, 99), ElementsAre("EUR +989999999999999 @ 2025-01-10"));
}

TEST(OpportunityTest, EachChangeHoldsFromItsDayOn) {
  EXPECT_THAT(Opportunity({Created("2025-01-10", Amount(200) + "probability: 50"), Updated("2025-02-10", Amount(300)),
                           Updated("2025-03-10", "probability: 0 stage: 'stalled'")}),
              ElementsAre("opportunities_open +1 @ 2025-01-10", "pipeline EUR +200 @ 2025-01-10",
                          "pipeline EUR +100 @ 2025-02-10", "pipeline_weighted EUR +100 @ 2025-01-10",
                          "pipeline_weighted EUR +50 @ 2025-02-10", "pipeline_weighted EUR -150 @ 2025-03-10"));
}

TEST(OpportunityTest, OfSeveralChangesOnADayTheLastHolds) {
  EXPECT_THAT(Of("pipeline", Opportunity({Created("2025-01-10T08:00:00Z", Amount(200) + "probability: 50"),
                                          Updated("2025-01-10T10:00:00Z", Amount(170)),
                                          Updated("2025-01-10T09:00:00Z", Amount(300))})),
              ElementsAre("EUR +170 @ 2025-01-10"));
}

TEST(OpportunityTest, WonEndsThePipelineAndCountsTheCycle) {
  EXPECT_THAT(Opportunity({Created("2025-01-10", Amount(200) + "probability: 50"), Won("2025-02-09"),
                           Updated("2025-02-10", Amount(5)), Lost("2025-02-11")}),
              ElementsAre("opportunities_open +1 @ 2025-01-10", "opportunities_open -1 @ 2025-02-09",
                          "pipeline EUR +200 @ 2025-01-10", "pipeline EUR -200 @ 2025-02-09",
                          "pipeline_weighted EUR +100 @ 2025-01-10", "pipeline_weighted EUR -100 @ 2025-02-09",
                          "opportunities_won +1 @ 2025-02-09", "won_amount EUR +200 @ 2025-02-09",
                          "won_cycle_days +30 @ 2025-02-09"));
}

TEST(OpportunityTest, WonForAnotherAmount) {
  const auto contributed = Opportunity(
      {Created("2025-01-10", Amount(200) + "probability: 50"), Won("2025-02-09", Money("amount", 7, "USD"))});
  EXPECT_THAT(Of("won_amount", contributed), ElementsAre("USD +7 @ 2025-02-09"));
  EXPECT_THAT(Of("pipeline", contributed), ElementsAre("EUR +200 @ 2025-01-10", "EUR -200 @ 2025-02-09"));
}

TEST(OpportunityTest, LostTakesTheLastAmountAndNoCycle) {
  EXPECT_THAT(Opportunity({Created("2025-01-10T08:00:00Z", Amount(200) + "probability: 50"),
                           Updated("2025-01-10T09:00:00Z", Amount(90)), Lost("2025-01-10T10:00:00Z")}),
              ElementsAre("opportunities_lost +1 @ 2025-01-10", "lost_amount EUR +90 @ 2025-01-10"));
}

TEST(OpportunityTest, SlipsWhenAKnownCloseMovesLater) {
  EXPECT_THAT(
      Of("opportunities_slipped", Opportunity({Created("2025-01-10", Amount(200) + "probability: 50"),
                                               Updated("2025-01-11", Close("2025-06-01")),            // known only now
                                               Updated("2025-01-12", Close("2025-06-01")),            // the same
                                               Updated("2025-01-13", Close("2025-05-01")),            // earlier
                                               Updated("2025-01-14", Close("2025-05-02")),            // slips
                                               Updated("2025-01-15", Amount(1)),                      // unchanged
                                               Updated("2025-01-16T08:00:00Z", Close("2025-07-01")),  // slips
                                               Updated("2025-01-16T09:00:00Z", Close("2025-08-01")),  // slips once more
                                               Lost("2025-01-20"), Updated("2025-01-21", Close("2025-09-01"))})),
      ElementsAre("+1 @ 2025-01-14", "+2 @ 2025-01-16"));
}

TEST(OpportunityTest, OverdueOnceTheExpectedCloseHasPassed) {
  EXPECT_THAT(Of("pipeline_overdue",
                 Opportunity({Created("2025-01-10", Amount(200) + "probability: 50" + Close("2025-02-01"))})),
              ElementsAre("EUR +200 @ 2025-02-02"));
  EXPECT_THAT(Of("pipeline_overdue",
                 Opportunity({Created("2025-01-10", Amount(200) + "probability: 50" + Close("2024-02-01"))})),
              ElementsAre("EUR +200 @ 2025-01-10"));
  EXPECT_THAT(
      Of("pipeline_overdue", Opportunity({Created("2025-01-10", Amount(200) + "probability: 50" + Close("2025-02-01")),
                                          Won("2025-02-02")})),
      IsEmpty());
}

TEST(OpportunityTest, OverdueEndsWhenTheCloseMovesAndFollowsTheAmount) {
  EXPECT_THAT(
      Of("pipeline_overdue", Opportunity({Created("2025-01-10", Amount(200) + "probability: 50" + Close("2025-02-01")),
                                          Updated("2025-02-10", Amount(300)),
                                          Updated("2025-02-20", Close("2025-03-01")), Lost("2025-03-31")})),
      ElementsAre("EUR +200 @ 2025-02-02", "EUR +100 @ 2025-02-10", "EUR -300 @ 2025-02-20", "EUR +300 @ 2025-03-02",
                  "EUR -300 @ 2025-03-31"));
}

TEST(OpportunityTest, SecondCreationTakesEffectOnItsDayAndKeepsTheStart) {
  const auto contributed = Opportunity({Created("2025-01-10", Amount(200) + "probability: 50" + Close("2025-02-01")),
                                        Created("2025-01-20", Amount(80) + "probability: 100"),
                                        Updated("2025-01-21", Close("2025-03-01")), Won("2025-01-30")});
  EXPECT_THAT(Of("opportunities_open", contributed), ElementsAre("+1 @ 2025-01-10", "-1 @ 2025-01-30"));
  EXPECT_THAT(Of("pipeline", contributed),
              ElementsAre("EUR +200 @ 2025-01-10", "EUR -120 @ 2025-01-20", "EUR -80 @ 2025-01-30"));
  EXPECT_THAT(Of("won_cycle_days", contributed), ElementsAre("+20 @ 2025-01-30"));
  EXPECT_THAT(Of("opportunities_slipped", contributed), IsEmpty());  // the second creation knew no close
}

TEST(OpportunityTest, ReopeningTakesBackTheClosingAsIfNeverSent) {
  const v1::AccountEvent created = Created("2025-01-10", Amount(200) + "probability: 50" + Close("2025-02-01"));
  for (const v1::AccountEvent& closing : {Won("2025-02-09", Amount(900)), Lost("2025-02-09")}) {
    EXPECT_EQ(Opportunity({created, closing, Reopened("2025-03-01")}), Opportunity({created}));
    EXPECT_EQ(Opportunity({created, closing, Reopened("2025-03-01"), Updated("2025-03-05", Close("2025-04-01")),
                           Won("2025-03-09")}),
              Opportunity({created, Updated("2025-03-05", Close("2025-04-01")), Won("2025-03-09")}));
  }
}

TEST(OpportunityTest, WhatComesBetweenClosingAndReopeningHasNoEffect) {
  const v1::AccountEvent created = Created("2025-01-10", Amount(200) + "probability: 50" + Close("2025-06-01"));
  EXPECT_EQ(Opportunity({created, Lost("2025-02-09"), Updated("2025-02-10", Amount(5) + Close("2025-07-01")),
                         Created("2025-02-11", Amount(6) + "probability: 1"), Won("2025-02-12"), Lost("2025-02-13"),
                         Reopened("2025-03-01"), Won("2025-03-09")}),
            Opportunity({created, Won("2025-03-09")}));
}

TEST(OpportunityTest, ReopeningAnOpenOneIsIgnored) {
  const v1::AccountEvent created = Created("2025-01-10", Amount(200) + "probability: 50");
  EXPECT_EQ(Opportunity({created, Reopened("2025-01-11"), Lost("2025-02-09")}),
            Opportunity({created, Lost("2025-02-09")}));
  EXPECT_EQ(Opportunity({created, Lost("2025-02-09"), Reopened("2025-03-01"), Reopened("2025-03-02")}),
            Opportunity({created}));
  EXPECT_EQ(Opportunity({Reopened("2025-01-01"), created}), Opportunity({created}));
  // At one instant the closing comes last, so it stands.
  EXPECT_EQ(Opportunity({created, Lost("2025-02-09"), Reopened("2025-02-09")}),
            Opportunity({created, Lost("2025-02-09")}));
}

TEST(OpportunityTest, MayBeReopenedOverAndOver) {
  const v1::AccountEvent created = Created("2025-01-10", Amount(200) + "probability: 50");
  EXPECT_EQ(Opportunity({created, Lost("2025-02-01"), Reopened("2025-02-02"), Won("2025-02-03"), Reopened("2025-02-04"),
                         Lost("2025-02-05")}),
            Opportunity({created, Lost("2025-02-05")}));
}

TEST(OpportunityTest, NothingWithoutACreation) {
  EXPECT_THAT(Opportunity({Updated("2025-01-10", Amount(200)), Won("2025-01-20", Amount(100)), Reopened("2025-01-21")}),
              IsEmpty());
}

}  // namespace
}  // namespace keyfold
