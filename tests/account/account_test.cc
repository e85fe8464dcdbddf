#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Account(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kAccount, events);
}

v1::AccountEvent Opened(std::string_view when) { return At(when, "account_opened {}"); }
v1::AccountEvent Designated(std::string_view when) { return At(when, "key_account_designated { tier: KEY }"); }
v1::AccountEvent Released(std::string_view when) { return At(when, "key_account_released {}"); }
v1::AccountEvent Churned(std::string_view when) { return At(when, "account_churned {}"); }
v1::AccountEvent Reactivated(std::string_view when) { return At(when, "account_reactivated {}"); }

TEST(AccountTest, OpeningMakesACustomer) {
  EXPECT_THAT(Account({Opened("2025-01-10")}), ElementsAre("customer +1 @ 2025-01-10"));
}

TEST(AccountTest, DesignationMakesACustomerAndAKeyAccount) {
  EXPECT_THAT(Account({Designated("2025-01-10"), Opened("2025-02-01")}),
              ElementsAre("customer +1 @ 2025-01-10", "key_account +1 @ 2025-01-10"));
}

TEST(AccountTest, ReactivationMakesACustomerEvenWithoutAnOpening) {
  EXPECT_THAT(Account({Reactivated("2025-01-10")}), ElementsAre("customer +1 @ 2025-01-10"));
}

TEST(AccountTest, ClassificationAloneContributesNothing) {
  EXPECT_THAT(Account({At("2025-01-10", "account_classified { segment: 'S' }"),
                       At("2025-01-11", "manager_assigned { manager_id: 'M' }")}),
              IsEmpty());
}

TEST(AccountTest, ChurnEndsBothSpellsAndCountsAKeyAccountLost) {
  EXPECT_THAT(Account({Opened("2025-01-10"), Designated("2025-02-01"), Churned("2025-03-01")}),
              ElementsAre("customer +1 @ 2025-01-10", "customer -1 @ 2025-03-01", "key_account +1 @ 2025-02-01",
                          "key_account -1 @ 2025-03-01", "churned_key +1 @ 2025-03-01"));
}

TEST(AccountTest, ChurnAfterReleaseLosesNoKeyAccount) {
  EXPECT_THAT(Account({Designated("2025-01-10"), Released("2025-02-01"), Churned("2025-03-01")}),
              ElementsAre("customer +1 @ 2025-01-10", "customer -1 @ 2025-03-01", "key_account +1 @ 2025-01-10",
                          "key_account -1 @ 2025-02-01"));
}

TEST(AccountTest, SecondDesignationAndReleaseOfNoKeyAccountChangeNothing) {
  EXPECT_THAT(Account({Released("2025-01-05"), Designated("2025-01-10"), Designated("2025-01-20"),
                       Released("2025-02-01"), Released("2025-02-10")}),
              ElementsAre("customer +1 @ 2025-01-10", "key_account +1 @ 2025-01-10", "key_account -1 @ 2025-02-01"));
}

TEST(AccountTest, ReactivationBringsTheCustomerBackButNotTheKeyAccount) {
  EXPECT_THAT(Account({Designated("2025-01-10"), Churned("2025-02-01"), Reactivated("2025-03-01")}),
              ElementsAre("customer +1 @ 2025-01-10", "customer -1 @ 2025-02-01", "customer +1 @ 2025-03-01",
                          "key_account +1 @ 2025-01-10", "key_account -1 @ 2025-02-01", "churned_key +1 @ 2025-02-01"));
}

TEST(AccountTest, DesignationAfterChurnBringsBoth) {
  EXPECT_THAT(Account({Opened("2025-01-10"), Churned("2025-02-01"), Designated("2025-03-01")}),
              ElementsAre("customer +1 @ 2025-01-10", "customer -1 @ 2025-02-01", "customer +1 @ 2025-03-01",
                          "key_account +1 @ 2025-03-01"));
}

TEST(AccountTest, OpeningAfterAChurnDoesNotReactivate) {
  EXPECT_THAT(Account({Opened("2025-01-10"), Churned("2025-02-01"), Opened("2025-03-01")}),
              ElementsAre("customer +1 @ 2025-01-10", "customer -1 @ 2025-02-01"));
}

TEST(AccountTest, ChurnOfNoCustomerIsIgnored) {
  EXPECT_THAT(Account({Churned("2025-01-01"), Opened("2025-01-10")}), ElementsAre("customer +1 @ 2025-01-10"));
}

TEST(AccountTest, ReactivationOfACustomerIsIgnored) {
  EXPECT_THAT(Account({Opened("2025-01-10"), Reactivated("2025-01-20"), Churned("2025-02-01")}),
              ElementsAre("customer +1 @ 2025-01-10", "customer -1 @ 2025-02-01"));
}

TEST(AccountTest, SpellWithinADayIsNone) {
  EXPECT_THAT(Account({At("2025-01-10T08:00:00Z", "key_account_designated { tier: KEY }"),
                       At("2025-01-10T09:00:00Z", "account_churned {}")}),
              ElementsAre("churned_key +1 @ 2025-01-10"));
}

TEST(AccountTest, DaysAreThoseOfTheZone) {
  EXPECT_THAT(Account({Opened("2025-01-10T23:30:00Z")}), ElementsAre("customer +1 @ 2025-01-11"));
  EXPECT_THAT(Contributed(EntityKind::kAccount, {Opened("2025-01-10T03:30:00Z")}, {}, "America/New_York"),
              ElementsAre("customer +1 @ 2025-01-09"));
}

v1::AccountEvent Assessed(std::string_view when, int64_t potential, int importance, std::string_view currency = "EUR") {
  return At(when, absl::StrCat("potential_assessed {", Money("annual_potential", potential, currency),
                               "strategic_importance: ", importance, "}"));
}

TEST(AccountTest, EachAssessmentReplacesTheOneBefore) {
  EXPECT_THAT(
      Account({Assessed("2025-01-10", 100, 40), Assessed("2025-02-10", 70, 40)}),
      ElementsAre("potential EUR +100 @ 2025-01-10", "potential EUR -30 @ 2025-02-10", "importance +40 @ 2025-01-10"));
}

TEST(AccountTest, AssessmentMayChangeItsCurrency) {
  EXPECT_THAT(Of("potential", Account({Assessed("2025-01-10", 100, 0), Assessed("2025-02-10", 80, 0, "USD")})),
              ElementsAre("EUR +100 @ 2025-01-10", "EUR -100 @ 2025-02-10", "USD +80 @ 2025-02-10"));
}

TEST(AccountTest, OfTwoAssessmentsOnADayTheLaterHolds) {
  EXPECT_THAT(Account({Assessed("2025-01-10T08:00:00Z", 100, 10), Assessed("2025-01-10T09:00:00Z", 70, 20)}),
              ElementsAre("potential EUR +70 @ 2025-01-10", "importance +20 @ 2025-01-10"));
}

TEST(AccountTest, ChurnDoesNotEndThePotential) {
  EXPECT_THAT(Of("potential", Account({Opened("2025-01-01"), Assessed("2025-01-10", 100, 0), Churned("2025-02-01")})),
              ElementsAre("EUR +100 @ 2025-01-10"));
}

AccountAttributes Attributes(const std::vector<v1::AccountEvent>& events, std::string_view day) {
  const auto sorted = InSortOrder(events);
  return AttributesAt(AttributesOverTime({sorted, {}}, CalendarOf("Europe/Berlin")), ParseDay(day).value());
}

TEST(AttributesTest, LatestUpToTheDayDecidesAndEmptyIsUnchanged) {
  const std::vector<v1::AccountEvent> events = {
      At("2025-01-01", "account_opened { name: 'N' segment: 'S1' region: 'R1' industry: 'I1' }"),
      At("2025-02-01", "account_classified { segment: 'S2' }"), At("2025-03-01", "account_opened { region: 'R2' }")};
  EXPECT_EQ(Attributes(events, "2024-12-31"), AccountAttributes());
  EXPECT_EQ(Attributes(events, "2025-01-01"), (AccountAttributes{"N", "S1", "R1", "I1", "", "", ""}));
  EXPECT_EQ(Attributes(events, "2025-02-01"), (AccountAttributes{"N", "S2", "R1", "I1", "", "", ""}));
  EXPECT_EQ(Attributes(events, "2025-03-01"), (AccountAttributes{"N", "S2", "R2", "I1", "", "", ""}));
}

TEST(AttributesTest, ClassificationNeedsNoOpening) {
  EXPECT_EQ(Attributes({At("2025-01-01", "account_classified { segment: 'S' }")}, "2025-01-01").segment, "S");
}

TEST(AttributesTest, ParentIsChangedByNamingAnotherAndNeverEmptied) {
  const std::vector<v1::AccountEvent> events = {
      At("2025-01-01", "account_opened { parent_id: 'P1' }"), At("2025-02-01", "account_classified { segment: 'S' }"),
      At("2025-03-01", "account_classified { parent_id: 'P2' }"), Churned("2025-04-01"),
      At("2025-05-01", "account_opened { parent_id: 'A1' }")};
  EXPECT_EQ(Attributes(events, "2024-12-31").parent_id, "");
  EXPECT_EQ(Attributes(events, "2025-02-28").parent_id, "P1");
  EXPECT_EQ(Attributes(events, "2025-04-30").parent_id, "P2");
  EXPECT_EQ(Attributes(events, "2025-05-01").parent_id, "A1");
}

TEST(AttributesTest, EmptyManagerIsNobody) {
  const std::vector<v1::AccountEvent> events = {At("2025-01-01", "manager_assigned { manager_id: 'M' }"),
                                                At("2025-02-01", "manager_assigned {}")};
  EXPECT_EQ(Attributes(events, "2025-01-31").manager_id, "M");
  EXPECT_EQ(Attributes(events, "2025-02-01").manager_id, "");
}

TEST(AttributesTest, TierIsEmptyAfterReleaseAndChurn) {
  const std::vector<v1::AccountEvent> events = {
      At("2025-01-01", "key_account_designated { tier: STRATEGIC }"),
      At("2025-02-01", "key_account_designated { tier: GROWTH }"),
      Released("2025-03-01"),
      Designated("2025-04-01"),
      Churned("2025-05-01"),
      Reactivated("2025-06-01"),
  };
  EXPECT_EQ(Attributes(events, "2025-01-31").tier, "STRATEGIC");
  EXPECT_EQ(Attributes(events, "2025-02-28").tier, "GROWTH");
  EXPECT_EQ(Attributes(events, "2025-03-01").tier, "");
  EXPECT_EQ(Attributes(events, "2025-04-01").tier, "KEY");
  EXPECT_EQ(Attributes(events, "2025-05-01").tier, "");
  EXPECT_EQ(Attributes(events, "2025-06-01").tier, "");
}

TEST(AttributesTest, ASpanLastsUntilTheNextBegins) {
  const std::vector<v1::AccountEvent> events = {At("2025-01-01", "account_opened { segment: 'S1' }"),
                                                At("2025-02-01T08:00:00Z", "account_classified { segment: 'S2' }"),
                                                At("2025-02-01T09:00:00Z", "account_classified { segment: 'S3' }"),
                                                At("2025-03-01", "account_classified { segment: 'S3' }")};
  const auto sorted = InSortOrder(events);
  const std::vector<AttributeSpan> spans = AttributesOverTime({sorted, {}}, CalendarOf("Europe/Berlin"));
  const Day first = ParseDay("2025-01-01").value();
  const Day second = ParseDay("2025-02-01").value();
  EXPECT_EQ(NextChange(spans, first - 1), first);
  EXPECT_EQ(NextChange(spans, first), second);
  EXPECT_EQ(NextChange(spans, second), std::nullopt);
  EXPECT_EQ(AttributesAt(spans, second - 1).segment, "S1");
  EXPECT_EQ(AttributesAt(spans, second).segment, "S3");
}

}  // namespace
}  // namespace keyfold
