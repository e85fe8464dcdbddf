#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::AccountEvent Identified(std::string_view when, std::string_view role) {
  return At(when, absl::StrCat("stakeholder_identified { stakeholder_id: 'S' role: ", std::string(role), " }"));
}
v1::AccountEvent Updated(std::string_view when, std::string_view role) {
  return At(when, absl::StrCat("stakeholder_updated { stakeholder_id: 'S' role: ", std::string(role), " }"));
}
v1::AccountEvent Left(std::string_view when) { return At(when, "stakeholder_left { stakeholder_id: 'S' }"); }

// `events`, and meetings held with the stakeholder on `days`.
std::vector<std::string> Stakeholder(const std::vector<v1::AccountEvent>& events,
                                     const std::vector<std::string>& days = {}) {
  std::vector<Mention> mentions;
  for (const std::string& day : days) mentions.push_back({"M", day, Instant(day).seconds()});
  return Contributed(EntityKind::kStakeholder, events, mentions);
}

TEST(StakeholderTest, IdentifiedUntilLeft) {
  EXPECT_THAT(Stakeholder({Identified("2025-01-10", "USER"), Left("2025-02-10")}),
              ElementsAre("stakeholders +1 @ 2025-01-10", "stakeholders -1 @ 2025-02-10"));
}

TEST(StakeholderTest, RoleChangesTakeEffectOnTheirDay) {
  EXPECT_THAT(Stakeholder({Identified("2025-01-10", "USER"), Updated("2025-02-01", "DECISION_MAKER"),
                           Updated("2025-02-10", "DECISION_MAKER"), Updated("2025-03-01", "BLOCKER")}),
              ElementsAre("stakeholders +1 @ 2025-01-10", "decision_makers +1 @ 2025-02-01",
                          "decision_makers -1 @ 2025-03-01"));
}

TEST(StakeholderTest, OfTwoRolesOnADayTheLaterHolds) {
  EXPECT_THAT(
      Stakeholder({Identified("2025-01-10T08:00:00Z", "DECISION_MAKER"), Updated("2025-01-10T09:00:00Z", "USER")}),
      ElementsAre("stakeholders +1 @ 2025-01-10"));
}

TEST(StakeholderTest, IdentifiedAgainTakesTheRoleFromThatDay) {
  EXPECT_THAT(Stakeholder({Identified("2025-01-10", "DECISION_MAKER"), Identified("2025-02-10", "USER")}),
              ElementsAre("stakeholders +1 @ 2025-01-10", "decision_makers +1 @ 2025-01-10",
                          "decision_makers -1 @ 2025-02-10"));
}

TEST(StakeholderTest, LeavingEndsTheRoleAndUpdatesAfterItAreIgnored) {
  EXPECT_THAT(Stakeholder({Identified("2025-01-10", "DECISION_MAKER"), Left("2025-02-10"),
                           Updated("2025-03-01", "DECISION_MAKER"), Left("2025-03-02")}),
              ElementsAre("stakeholders +1 @ 2025-01-10", "stakeholders -1 @ 2025-02-10",
                          "decision_makers +1 @ 2025-01-10", "decision_makers -1 @ 2025-02-10"));
}

TEST(StakeholderTest, IdentifiedAfterLeavingComesBack) {
  EXPECT_THAT(
      Stakeholder({Identified("2025-01-10", "USER"), Left("2025-02-10"), Updated("2025-02-20", "DECISION_MAKER"),
                   Identified("2025-03-01", "CHAMPION"), Updated("2025-03-05", "DECISION_MAKER")}),
      ElementsAre("stakeholders +1 @ 2025-01-10", "stakeholders -1 @ 2025-02-10", "stakeholders +1 @ 2025-03-01",
                  "decision_makers +1 @ 2025-03-05"));
}

TEST(StakeholderTest, MetFor90Days) {
  EXPECT_THAT(Of("decision_makers_met", Stakeholder({Identified("2025-01-01", "DECISION_MAKER")}, {"2025-01-11"})),
              ElementsAre("+1 @ 2025-01-11", "-1 @ 2025-04-11"));
}

TEST(StakeholderTest, WindowsOfSeveralMeetingsUnite) {
  const std::vector<v1::AccountEvent> events = {Identified("2025-01-01", "DECISION_MAKER")};
  // 2025-01-11 + 90 days is 2025-04-11.
  EXPECT_THAT(Of("decision_makers_met", Stakeholder(events, {"2025-02-01", "2025-01-11", "2025-01-11"})),
              ElementsAre("+1 @ 2025-01-11", "-1 @ 2025-05-02"));
  EXPECT_THAT(Of("decision_makers_met", Stakeholder(events, {"2025-01-11", "2025-04-11"})),
              ElementsAre("+1 @ 2025-01-11", "-1 @ 2025-07-10"));
  EXPECT_THAT(Of("decision_makers_met", Stakeholder(events, {"2025-04-12", "2025-01-11"})),
              ElementsAre("+1 @ 2025-01-11", "-1 @ 2025-04-11", "+1 @ 2025-04-12", "-1 @ 2025-07-11"));
}

TEST(StakeholderTest, MeetingBeforeTheIdentificationCounts) {
  EXPECT_THAT(Of("decision_makers_met", Stakeholder({Identified("2025-01-10", "DECISION_MAKER")}, {"2025-01-01"})),
              ElementsAre("+1 @ 2025-01-10", "-1 @ 2025-04-01"));
  EXPECT_THAT(Of("decision_makers_met", Stakeholder({Identified("2025-04-01", "DECISION_MAKER")}, {"2025-01-01"})),
              IsEmpty());
}

TEST(StakeholderTest, MetOnlyWhileADecisionMaker) {
  EXPECT_THAT(
      Of("decision_makers_met", Stakeholder({Identified("2025-01-01", "USER"), Updated("2025-01-20", "DECISION_MAKER"),
                                             Updated("2025-01-25", "USER"), Updated("2025-02-01", "DECISION_MAKER"),
                                             Left("2025-02-05"), Identified("2025-02-10", "DECISION_MAKER")},
                                            {"2025-01-11"})),
      ElementsAre("+1 @ 2025-01-20", "-1 @ 2025-01-25", "+1 @ 2025-02-01", "-1 @ 2025-02-05", "+1 @ 2025-02-10",
                  "-1 @ 2025-04-11"));
}

TEST(StakeholderTest, MeetingsAloneContributeNothing) {
  EXPECT_THAT(Stakeholder({}, {"2025-01-11"}), IsEmpty());
  EXPECT_THAT(Stakeholder({Updated("2025-01-10", "DECISION_MAKER")}, {"2025-01-11"}), IsEmpty());
}

}  // namespace
}  // namespace keyfold
