#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Escalation(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kEscalation, events);
}

v1::AccountEvent Opened(std::string_view when, std::string_view severity) {
  return At(when, absl::StrCat("escalation_opened { escalation_id: 'E' severity: ", std::string(severity), " }"));
}
v1::AccountEvent Acknowledged(std::string_view when) {
  return At(when, "escalation_acknowledged { escalation_id: 'E' }");
}
v1::AccountEvent Resolved(std::string_view when) { return At(when, "escalation_resolved { escalation_id: 'E' }"); }
v1::AccountEvent Reopened(std::string_view when) { return At(when, "escalation_reopened { escalation_id: 'E' }"); }

TEST(EscalationTest, OpenCountsAndSumsItsStart) {
  EXPECT_THAT(Escalation({Opened("1970-01-02T00:00:10.999Z", "LOW")}),
              ElementsAre("escalations_open +1 @ 1970-01-02", "escalations_open_since +86410 @ 1970-01-02",
                          "escalations_opened +1 @ 1970-01-02"));
}

TEST(EscalationTest, HighAndCriticalAreSevere) {
  EXPECT_THAT(Of("escalations_severe_open", Escalation({Opened("2025-01-01", "MEDIUM")})), IsEmpty());
  EXPECT_THAT(Of("escalations_severe_open", Escalation({Opened("2025-01-01", "HIGH")})),
              ElementsAre("+1 @ 2025-01-01"));
  EXPECT_THAT(Of("escalations_severe_open", Escalation({Opened("2025-01-01", "CRITICAL")})),
              ElementsAre("+1 @ 2025-01-01"));
}

TEST(EscalationTest, LastSeverityHoldsForTheWholeTime) {
  EXPECT_THAT(Of("escalations_severe_open",
                 Escalation({Opened("2025-01-01", "LOW"), Opened("2025-01-05", "CRITICAL"), Resolved("2025-01-09")})),
              ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-01-09"));
}

TEST(EscalationTest, ResolutionClosesAndMeasures) {
  // 1 s floored from 1.1 s; the bin of 86,401 s is ceil(ln 86401 / ln(1.01/0.99)) = 569.
  EXPECT_THAT(Escalation({Opened("1970-01-02T00:00:00.9Z", "HIGH"), Resolved("1970-01-03T00:00:01Z")}),
              ElementsAre("escalations_open +1 @ 1970-01-02", "escalations_open -1 @ 1970-01-03",
                          "escalations_open_since +86400 @ 1970-01-02", "escalations_open_since -86400 @ 1970-01-03",
                          "escalations_opened +1 @ 1970-01-02", "escalations_severe_open +1 @ 1970-01-02",
                          "escalations_severe_open -1 @ 1970-01-03", "escalations_resolved +1 @ 1970-01-03",
                          "resolution_seconds +86401 @ 1970-01-03", "resolution_hist[569] +1 @ 1970-01-03",
                          "acknowledged +1 @ 1970-01-03", "acknowledge_seconds +86401 @ 1970-01-03"));
}

TEST(EscalationTest, ResolvedAtOnceIsNeverOpenAndInBinZero) {
  EXPECT_THAT(Escalation({Opened("2025-01-01", "HIGH"), Resolved("2025-01-01")}),
              ElementsAre("escalations_opened +1 @ 2025-01-01", "escalations_resolved +1 @ 2025-01-01",
                          "resolution_hist[0] +1 @ 2025-01-01", "acknowledged +1 @ 2025-01-01"));
}

TEST(EscalationTest, FirstAcknowledgementCountsOnItsDay) {
  const auto contributed = Escalation({Opened("2025-01-01T10:00:00Z", "LOW"), Acknowledged("2025-01-02T10:00:05.5Z"),
                                       Acknowledged("2025-01-03"), Resolved("2025-01-04")});
  EXPECT_THAT(Of("acknowledged", contributed), ElementsAre("+1 @ 2025-01-02"));
  EXPECT_THAT(Of("acknowledge_seconds", contributed), ElementsAre("+86405 @ 2025-01-02"));
}

TEST(EscalationTest, ReopeningVoidsTheResolutionButNotTheAnswer) {
  const auto contributed = Escalation({Opened("2025-01-01", "LOW"), Resolved("2025-01-02"), Reopened("2025-01-05")});
  EXPECT_THAT(Of("escalations_open", contributed), ElementsAre("+1 @ 2025-01-01"));
  EXPECT_THAT(Of("escalations_resolved", contributed), IsEmpty());
  EXPECT_THAT(Of("resolution_seconds", contributed), IsEmpty());
  EXPECT_THAT(Of("acknowledged", contributed), ElementsAre("+1 @ 2025-01-02"));
  EXPECT_THAT(Of("reopened", contributed), ElementsAre("+1 @ 2025-01-05"));
}

TEST(EscalationTest, TimeBetweenResolutionAndReopeningCounts) {
  const auto contributed =
      Escalation({Opened("2025-01-01", "LOW"), Resolved("2025-01-02"), Reopened("2025-01-05"), Resolved("2025-01-11")});
  EXPECT_THAT(Of("escalations_open", contributed), ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-01-11"));
  EXPECT_THAT(Of("escalations_resolved", contributed), ElementsAre("+1 @ 2025-01-11"));
  EXPECT_THAT(Of("resolution_seconds", contributed), ElementsAre("+864000 @ 2025-01-11"));
}

TEST(EscalationTest, ResolvedWhileResolvedAndReopenedWhileOpenAreIgnored) {
  const auto contributed =
      Escalation({Opened("2025-01-01", "LOW"), Reopened("2025-01-02"), Resolved("2025-01-03"), Resolved("2025-01-04")});
  EXPECT_THAT(Of("reopened", contributed), IsEmpty());
  EXPECT_THAT(Of("escalations_resolved", contributed), ElementsAre("+1 @ 2025-01-03"));
}

TEST(EscalationTest, OpenedAgainDoesNotReopen) {
  const auto contributed =
      Escalation({Opened("2025-01-01", "LOW"), Resolved("2025-01-03"), Opened("2025-01-04", "LOW")});
  EXPECT_THAT(Of("escalations_open", contributed), ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-01-03"));
  EXPECT_THAT(Of("escalations_opened", contributed), ElementsAre("+1 @ 2025-01-01"));
}

TEST(EscalationTest, WhatComesBeforeTheOpeningIsIgnored) {
  EXPECT_THAT(Escalation({Acknowledged("2025-01-01"), Resolved("2025-01-02")}), IsEmpty());
  EXPECT_THAT(Of("acknowledged", Escalation({Acknowledged("2025-01-01"), Opened("2025-01-03", "LOW")})), IsEmpty());
}

}  // namespace
}  // namespace keyfold
