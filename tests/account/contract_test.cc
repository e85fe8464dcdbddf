#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Contract(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kContract, events);
}

// A negative value stands for an absent one, an empty date for an absent date.
std::string Fields(std::string_view start, std::string_view effective, std::string_view end, int64_t value) {
  std::string fields = "contract_id: 'C' ";
  if (!start.empty()) absl::StrAppend(&fields, "start_date: '", std::string(start), "' ");
  if (!effective.empty()) absl::StrAppend(&fields, "effective_date: '", std::string(effective), "' ");
  if (!end.empty()) absl::StrAppend(&fields, "end_date: '", std::string(end), "' ");
  if (value >= 0) absl::StrAppend(&fields, Money("annual_value", value));
  return fields;
}

v1::AccountEvent Signed(std::string_view when, std::string_view start, std::string_view end, int64_t value) {
  return At(when, absl::StrCat("contract_signed { ", Fields(start, "", end, value), "}"));
}
v1::AccountEvent Amended(std::string_view when, std::string_view effective, int64_t value, std::string_view end = "") {
  return At(when, absl::StrCat("contract_amended { ", Fields("", effective, end, value), "}"));
}
v1::AccountEvent Renewed(std::string_view when, std::string_view end, int64_t value = -1, std::string_view start = "") {
  return At(when, absl::StrCat("contract_renewed { ", Fields(start, "", end, value), "}"));
}
v1::AccountEvent Terminated(std::string_view when, std::string_view effective) {
  return At(when, absl::StrCat("contract_terminated { ", Fields("", effective, "", -1), "}"));
}

TEST(ContractTest, InForceFromStartToEndThenDueAndLapsed) {
  EXPECT_THAT(Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100)}),
              ElementsAre("contracts_active +1 @ 2025-01-01", "contracts_active -1 @ 2026-01-01",
                          "contract_value EUR +100 @ 2025-01-01", "contract_value EUR -100 @ 2026-01-01",
                          "contracts_due +1 @ 2025-12-31", "contract_value_due EUR +100 @ 2025-12-31",
                          "lapses +1 @ 2026-01-01"));
}

TEST(ContractTest, OpenEndedIsNeverDueAndNotRenewable) {
  EXPECT_THAT(Contract({Signed("2024-11-05", "2025-01-01", "", 100), Renewed("2025-06-01", "2026-12-31", 500)}),
              ElementsAre("contracts_active +1 @ 2025-01-01", "contract_value EUR +100 @ 2025-01-01"));
}

TEST(ContractTest, AmendmentMayEndAnOpenEndedOne) {
  EXPECT_THAT(Contract({Signed("2024-11-05", "2025-01-01", "", 100),
                        Amended("2025-02-01", "2025-02-01", -1, "2025-03-31"), Renewed("2025-03-01", "2025-06-30")}),
              ElementsAre("contracts_active +1 @ 2025-01-01", "contracts_active -1 @ 2025-07-01",
                          "contract_value EUR +100 @ 2025-01-01", "contract_value EUR -100 @ 2025-07-01",
                          "contracts_due +1 @ 2025-06-30", "contract_value_due EUR +100 @ 2025-06-30",
                          "renewals +1 @ 2025-03-31", "lapses +1 @ 2025-07-01"));
}

TEST(ContractTest, ValueIsAStepFunction) {
  EXPECT_THAT(
      Of("contract_value",
         Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100), Amended("2025-02-01", "2025-09-01", 130),
                   Amended("2025-02-02", "2025-05-01", 120)})),
      ElementsAre("EUR +100 @ 2025-01-01", "EUR +20 @ 2025-05-01", "EUR +10 @ 2025-09-01", "EUR -130 @ 2026-01-01"));
}

TEST(ContractTest, AmendmentBeforeTheStartTakesEffectAtTheStart) {
  EXPECT_THAT(Of("contract_value",
                 Contract({Signed("2024-11-05", "2025-01-01", "", 100), Amended("2024-12-02", "2024-12-30", 130),
                           Amended("2024-12-03", "2024-12-20", 120)})),
              ElementsAre("EUR +120 @ 2025-01-01"));
}

TEST(ContractTest, OfTwoStepsOnADayTheLaterInSortOrderHolds) {
  EXPECT_THAT(Of("contract_value",
                 Contract({Signed("2024-11-05", "2025-01-01", "", 100), Amended("2025-03-02", "2025-05-01", 130),
                           Amended("2025-03-01", "2025-05-01", 120)})),
              ElementsAre("EUR +100 @ 2025-01-01", "EUR +30 @ 2025-05-01"));
}

TEST(ContractTest, OfManyStepsOnADayTheLastInSortOrderHolds) {
  std::vector<v1::AccountEvent> events = {Signed("2024-11-05", "2025-01-01", "", 100)};
  for (int day = 10; day < 29; ++day) {
    const std::string when = absl::StrCat("2025-03-", day);
    events.push_back(Amended(when, day % 2 == 0 ? "2025-06-01" : "2025-05-01", 1000 + day));
  }
  EXPECT_THAT(Of("contract_value", Contract(events)),
              ElementsAre("EUR +100 @ 2025-01-01", "EUR +927 @ 2025-05-01", "EUR +1 @ 2025-06-01"));
}

TEST(ContractTest, ValueInAnotherCurrencyReplacesTheOld) {
  const v1::AccountEvent in_dollars =
      At("2025-02-01", absl::StrCat("contract_amended { contract_id: 'C' effective_date: '2025-02-01' ",
                                    Money("annual_value", 110, "USD"), "}"));
  EXPECT_THAT(Of("contract_value", Contract({Signed("2024-11-05", "2025-01-01", "", 100), in_dollars})),
              ElementsAre("EUR +100 @ 2025-01-01", "EUR -100 @ 2025-02-01", "USD +110 @ 2025-02-01"));
}

TEST(ContractTest, RenewalAddsATermAndItsValueFollowsTheOldEnd) {
  EXPECT_THAT(
      Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100), Renewed("2025-11-01", "2026-12-31", 150)}),
      ElementsAre("contracts_active +1 @ 2025-01-01", "contracts_active -1 @ 2027-01-01",
                  "contract_value EUR +100 @ 2025-01-01", "contract_value EUR +50 @ 2026-01-01",
                  "contract_value EUR -150 @ 2027-01-01", "contracts_due +1 @ 2026-12-31",
                  "contract_value_due EUR +150 @ 2026-12-31", "renewals +1 @ 2025-12-31", "lapses +1 @ 2027-01-01"));
}

TEST(ContractTest, LateRenewalLeavesNoGap) {
  EXPECT_THAT(Of("contracts_active", Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100),
                                               Renewed("2026-05-01", "2026-12-31")})),
              ElementsAre("+1 @ 2025-01-01", "-1 @ 2027-01-01"));
}

TEST(ContractTest, RenewalThatEndsNoLaterIsIgnored) {
  EXPECT_THAT(
      Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100), Renewed("2025-11-01", "2025-12-31", 900)}),
      ElementsAre("contracts_active +1 @ 2025-01-01", "contracts_active -1 @ 2026-01-01",
                  "contract_value EUR +100 @ 2025-01-01", "contract_value EUR -100 @ 2026-01-01",
                  "contracts_due +1 @ 2025-12-31", "contract_value_due EUR +100 @ 2025-12-31",
                  "lapses +1 @ 2026-01-01"));
}

TEST(ContractTest, AmendmentForALaterDayOutlivesTheRenewal) {
  EXPECT_THAT(
      Of("contract_value",
         Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100), Amended("2025-02-01", "2026-03-01", 300),
                   Renewed("2025-11-01", "2026-12-31", 150)})),
      ElementsAre("EUR +100 @ 2025-01-01", "EUR +50 @ 2026-01-01", "EUR +150 @ 2026-03-01", "EUR -300 @ 2027-01-01"));
}

TEST(ContractTest, AmendmentMovesTheEndOfTheLastTerm) {
  const auto contributed =
      Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100), Renewed("2025-11-01", "2026-12-31"),
                Amended("2025-12-01", "2026-06-01", 170, "2026-03-31")});
  EXPECT_THAT(Of("contract_value", contributed), ElementsAre("EUR +100 @ 2025-01-01", "EUR -100 @ 2026-04-01"));
  EXPECT_THAT(Of("contract_value_due", contributed), ElementsAre("EUR +100 @ 2026-03-31"));
  EXPECT_THAT(Of("renewals", contributed), ElementsAre("+1 @ 2025-12-31"));
}

TEST(ContractTest, TerminationCutsAndIsNeitherDueNorLapsed) {
  EXPECT_THAT(Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100), Terminated("2025-02-01", "2025-06-30"),
                        Renewed("2025-03-01", "2026-12-31")}),
              ElementsAre("contracts_active +1 @ 2025-01-01", "contracts_active -1 @ 2025-07-01",
                          "contract_value EUR +100 @ 2025-01-01", "contract_value EUR -100 @ 2025-07-01",
                          "terminations +1 @ 2025-06-30"));
}

TEST(ContractTest, TerminationAfterTheEndDoesNotProlong) {
  EXPECT_THAT(Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100), Terminated("2025-02-01", "2026-06-30")}),
              ElementsAre("contracts_active +1 @ 2025-01-01", "contracts_active -1 @ 2026-01-01",
                          "contract_value EUR +100 @ 2025-01-01", "contract_value EUR -100 @ 2026-01-01",
                          "terminations +1 @ 2026-06-30"));
}

TEST(ContractTest, TerminationEndsAnOpenEndedOne) {
  EXPECT_THAT(Of("contracts_active",
                 Contract({Signed("2024-11-05", "2025-01-01", "", 100), Terminated("2025-02-01", "2025-06-30")})),
              ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-07-01"));
}

TEST(ContractTest, RenewalsThatTerminationForestalledDoNotCount) {
  const std::vector<v1::AccountEvent> renewed = {Signed("2023-11-05", "2024-01-01", "2024-12-31", 100),
                                                 Renewed("2024-11-01", "2025-12-31"),
                                                 Renewed("2025-01-15", "2026-12-31")};
  auto terminated = renewed;
  terminated.push_back(Terminated("2025-02-01", "2025-12-31"));
  EXPECT_THAT(Of("renewals", Contract(renewed)), ElementsAre("+1 @ 2024-12-31", "+1 @ 2025-12-31"));
  EXPECT_THAT(Of("renewals", Contract(terminated)), ElementsAre("+1 @ 2024-12-31"));
}

TEST(ContractTest, SecondSigningStartsAnewButKeepsRenewals) {
  EXPECT_THAT(
      Contract({Signed("2023-11-05", "2024-01-01", "2024-12-31", 100), Amended("2023-11-06", "2024-02-01", 999),
                Renewed("2024-11-01", "2025-12-31", 500), Signed("2025-01-05", "2025-02-01", "2025-02-28", 70)}),
      ElementsAre("contracts_active +1 @ 2025-02-01", "contracts_active -1 @ 2025-03-01",
                  "contract_value EUR +70 @ 2025-02-01", "contract_value EUR -70 @ 2025-03-01",
                  "contracts_due +1 @ 2025-02-28", "contract_value_due EUR +70 @ 2025-02-28",
                  "renewals +1 @ 2024-12-31", "lapses +1 @ 2025-03-01"));
}

// Lapsed at the end of March, renewed from June on.
std::vector<v1::AccountEvent> WithGap(int64_t renewed_value = -1) {
  return {Signed("2024-11-05", "2025-01-01", "2025-03-31", 100),
          Renewed("2025-05-20", "2025-12-31", renewed_value, "2025-06-01")};
}

std::vector<v1::AccountEvent> And(std::vector<v1::AccountEvent> events, v1::AccountEvent event) {
  events.push_back(std::move(event));
  return events;
}

TEST(ContractTest, RenewalAfterAGapLapsesAndBeginsAnew) {
  EXPECT_THAT(Contract(WithGap(150)),
              ElementsAre("contracts_active +1 @ 2025-01-01", "contracts_active -1 @ 2025-04-01",
                          "contracts_active +1 @ 2025-06-01", "contracts_active -1 @ 2026-01-01",
                          "contract_value EUR +100 @ 2025-01-01", "contract_value EUR -100 @ 2025-04-01",
                          "contract_value EUR +150 @ 2025-06-01", "contract_value EUR -150 @ 2026-01-01",
                          "contracts_due +1 @ 2025-03-31", "contracts_due +1 @ 2025-12-31",
                          "contract_value_due EUR +100 @ 2025-03-31", "contract_value_due EUR +150 @ 2025-12-31",
                          "lapses +1 @ 2025-04-01", "lapses +1 @ 2026-01-01"));
}

TEST(ContractTest, AStartUpToTheDayAfterTheOldEndChangesNothing) {
  const v1::AccountEvent signing = Signed("2024-11-05", "2025-01-01", "2025-03-31", 100);
  for (const char* start : {"1970-01-01", "2025-03-31", "2025-04-01"}) {
    EXPECT_EQ(Contract({signing, Renewed("2025-02-01", "2025-12-31", 150, start)}),
              Contract({signing, Renewed("2025-02-01", "2025-12-31", 150)}));
  }
  EXPECT_THAT(Of("renewals", Contract({signing, Renewed("2025-02-01", "2025-12-31", 150, "2025-04-02")})), IsEmpty());
}

TEST(ContractTest, TheValueGoesOnAfterAGapUnlessSomethingChangesIt) {
  EXPECT_THAT(Of("contract_value", Contract(WithGap())), ElementsAre("EUR +100 @ 2025-01-01", "EUR -100 @ 2025-04-01",
                                                                     "EUR +100 @ 2025-06-01", "EUR -100 @ 2026-01-01"));
  EXPECT_THAT(
      Of("contract_value", Contract(And(WithGap(), Amended("2025-05-21", "2025-05-01", 130)))),
      ElementsAre("EUR +100 @ 2025-01-01", "EUR -100 @ 2025-04-01", "EUR +130 @ 2025-06-01", "EUR -130 @ 2026-01-01"));
  // What was due then is told with the value as it is known now.
  EXPECT_THAT(Of("contract_value_due", Contract(And(WithGap(), Amended("2025-05-21", "2025-02-01", 130)))),
              ElementsAre("EUR +130 @ 2025-03-31", "EUR +130 @ 2025-12-31"));
}

TEST(ContractTest, RenewalsInTimeCountInEverySpell) {
  const auto contributed = Contract(
      {Signed("2024-11-05", "2025-01-01", "2025-01-31", 100), Renewed("2025-01-15", "2025-03-31"),
       Renewed("2025-05-20", "2025-08-31", -1, "2025-06-01"), Renewed("2025-08-20", "2025-12-31", -1, "2025-09-01")});
  EXPECT_THAT(Of("renewals", contributed), ElementsAre("+1 @ 2025-01-31", "+1 @ 2025-08-31"));
  EXPECT_THAT(Of("lapses", contributed), ElementsAre("+1 @ 2025-04-01", "+1 @ 2026-01-01"));
}

TEST(ContractTest, TerminationCutsEverySpell) {
  const auto in_the_first = Contract(And(WithGap(), Terminated("2025-07-01", "2025-03-31")));
  EXPECT_THAT(in_the_first, ElementsAre("contracts_active +1 @ 2025-01-01", "contracts_active -1 @ 2025-04-01",
                                        "contract_value EUR +100 @ 2025-01-01", "contract_value EUR -100 @ 2025-04-01",
                                        "terminations +1 @ 2025-03-31"));
  const auto in_the_gap = Contract(And(WithGap(), Terminated("2025-07-01", "2025-04-01")));
  EXPECT_THAT(Of("contracts_active", in_the_gap), ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-04-01"));
  EXPECT_THAT(Of("lapses", in_the_gap), ElementsAre("+1 @ 2025-04-01"));
  EXPECT_THAT(Of("contracts_due", in_the_gap), ElementsAre("+1 @ 2025-03-31"));
  EXPECT_THAT(Of("terminations", in_the_gap), ElementsAre("+1 @ 2025-04-01"));
  const auto in_the_second = Contract(And(WithGap(), Terminated("2025-07-01", "2025-08-31")));
  EXPECT_THAT(Of("contracts_active", in_the_second),
              ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-04-01", "+1 @ 2025-06-01", "-1 @ 2025-09-01"));
  EXPECT_THAT(Of("contract_value_due", in_the_second), ElementsAre("EUR +100 @ 2025-03-31"));
  EXPECT_THAT(Of("lapses", in_the_second), ElementsAre("+1 @ 2025-04-01"));
}

TEST(ContractTest, SecondSigningDropsEarlierSpells) {
  const v1::AccountEvent signing = Signed("2025-07-01", "2025-08-01", "2025-08-31", 70);
  EXPECT_EQ(Contract(And(WithGap(150), signing)), Contract({signing}));
}

TEST(ContractTest, SpellThatNeverWasADayInForceContributesNothing) {
  const auto shortened = Contract(And(WithGap(), Amended("2025-05-21", "2025-06-01", -1, "2025-05-31")));
  EXPECT_THAT(Of("contracts_active", shortened), ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-04-01"));
  EXPECT_THAT(Of("contracts_due", shortened), ElementsAre("+1 @ 2025-03-31"));
  EXPECT_THAT(Of("lapses", shortened), ElementsAre("+1 @ 2025-04-01"));
}

TEST(ContractTest, SpellBeforeTheStartAsSignedHasTheValueThatARenewalNames) {
  const std::vector<v1::AccountEvent> moved = {Signed("2024-11-05", "2025-06-01", "2025-12-31", 100),
                                               Amended("2024-11-06", "2025-06-01", -1, "2025-03-01")};
  const auto without = Contract(And(moved, Renewed("2024-11-07", "2025-05-31", -1, "2025-04-01")));
  EXPECT_THAT(without, ElementsAre("contracts_active +1 @ 2025-04-01", "contracts_active -1 @ 2025-06-01",
                                   "contracts_due +1 @ 2025-05-31", "lapses +1 @ 2025-06-01"));
  const auto with = Contract(And(moved, Renewed("2024-11-07", "2025-06-30", 80, "2025-04-01")));
  EXPECT_THAT(Of("contract_value", with),
              ElementsAre("EUR +80 @ 2025-04-01", "EUR +20 @ 2025-06-01", "EUR -100 @ 2025-07-01"));
}

TEST(ContractTest, OpenEndedIsNotRenewableAfterAGapEither) {
  const v1::AccountEvent signing = Signed("2024-11-05", "2025-01-01", "", 100);
  EXPECT_EQ(Contract({signing, Renewed("2025-06-01", "2026-12-31", 500, "2026-01-01")}), Contract({signing}));
}

TEST(ContractTest, RenewalStepBeforeTheStartDoesNotHoldAfterIt) {
  // The end moved before the start, so the day after it lies there too: at the start, the signing holds.
  EXPECT_THAT(Of("contract_value", Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100),
                                             Amended("2024-11-06", "2025-01-01", -1, "2024-11-30"),
                                             Renewed("2024-11-07", "2025-12-31", 800)})),
              ElementsAre("EUR +100 @ 2025-01-01", "EUR -100 @ 2026-01-01"));
}

TEST(ContractTest, NeverADayInForceContributesNothing) {
  EXPECT_THAT(Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100), Renewed("2024-11-06", "2026-12-31"),
                        Terminated("2024-12-01", "2024-12-31")}),
              IsEmpty());
  EXPECT_THAT(Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100),
                        Amended("2024-12-01", "2024-12-01", -1, "2024-12-31")}),
              IsEmpty());
}

TEST(ContractTest, OneDayInForceIsEnough) {
  EXPECT_THAT(Of("contracts_active", Contract({Signed("2024-11-05", "2025-01-01", "2025-12-31", 100),
                                               Terminated("2024-12-01", "2025-01-01")})),
              ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-01-02"));
}

TEST(ContractTest, NothingWithoutASigning) {
  EXPECT_THAT(Contract({Amended("2025-01-01", "2025-01-01", 100, "2025-12-31"), Renewed("2025-02-01", "2026-12-31"),
                        Terminated("2025-03-01", "2025-06-30")}),
              IsEmpty());
}

}  // namespace
}  // namespace keyfold
