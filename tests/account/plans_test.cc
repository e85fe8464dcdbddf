#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Plans(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kPlans, events);
}

v1::AccountEvent Approved(std::string_view when, std::string_view id, std::string_view start, std::string_view end,
                          int64_t baseline = 0) {
  return At(when, absl::StrCat("plan_approved { plan_id: '", std::string(id), "' start_date: '", std::string(start),
                               "' end_date: '", std::string(end), "'", Money("baseline_revenue", baseline), "}"));
}

v1::AccountEvent Closed(std::string_view when, std::string_view id) {
  return At(when, absl::StrCat("plan_closed { plan_id: '", std::string(id), "' }"));
}

TEST(PlansTest, EveryFieldIsARunningTotalWhileInForce) {
  EXPECT_THAT(Plans({At("2030-05-05",
                        "plan_approved { plan_id: 'P' start_date: '1970-01-11' end_date: '1970-12-31' "
                        "baseline_revenue { currency_code: 'USD' minor: 500 } "
                        "target_growth: 0.25 min_margin: -0.3000005 }")}),
              ElementsAre("plans_active +1 @ 1970-01-11", "plans_active -1 @ 1971-01-01",  //
                          "plan_baseline USD +500 @ 1970-01-11", "plan_baseline USD -500 @ 1971-01-01",
                          "plan_target_growth +250000 @ 1970-01-11", "plan_target_growth -250000 @ 1971-01-01",
                          "plan_min_margin -300001 @ 1970-01-11", "plan_min_margin +300001 @ 1971-01-01",
                          "plan_start +10 @ 1970-01-11", "plan_start -10 @ 1971-01-01",  //
                          "plan_end +364 @ 1970-01-11", "plan_end -364 @ 1971-01-01"));
}

TEST(PlansTest, OfThoseThatCoverADayTheOneApprovedLastIsInForce) {
  EXPECT_THAT(
      Of("plan_baseline", Plans({Approved("2025-01-01", "low", "2025-01-01", "2025-12-31", 10),
                                 Approved("2025-01-02", "high", "2025-03-01", "2025-03-31", 25)})),
      ElementsAre("EUR +10 @ 2025-01-01", "EUR +15 @ 2025-03-01", "EUR -15 @ 2025-04-01", "EUR -10 @ 2026-01-01"));
}

TEST(PlansTest, ApprovedEarlierButStartingLaterDoesNotTakeOver) {
  EXPECT_THAT(Of("plan_baseline", Plans({Approved("2025-01-01", "first", "2025-03-01", "2025-12-31", 10),
                                         Approved("2025-01-02", "second", "2025-01-01", "2025-06-30", 25)})),
              ElementsAre("EUR +25 @ 2025-01-01", "EUR -15 @ 2025-07-01", "EUR -10 @ 2026-01-01"));
}

TEST(PlansTest, UnderAClosedPlanTheOneBelowComesBack) {
  EXPECT_THAT(
      Of("plan_baseline",
         Plans({Approved("2025-01-01", "low", "2025-01-01", "2025-12-31", 10),
                Approved("2025-01-02", "high", "2025-03-01", "2025-10-31", 25), Closed("2025-05-01", "high")})),
      ElementsAre("EUR +10 @ 2025-01-01", "EUR +15 @ 2025-03-01", "EUR -15 @ 2025-05-01", "EUR -10 @ 2026-01-01"));
}

TEST(PlansTest, FirstCloseCounts) {
  EXPECT_THAT(Of("plans_active", Plans({Approved("2025-01-01", "P", "2025-01-01", "2025-12-31"),
                                        Closed("2025-05-01", "P"), Closed("2025-03-01", "P")})),
              ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-03-01"));
  // The first close comes after the end, so it cuts nothing; the approval after it starts over.
  EXPECT_THAT(
      Of("plans_active", Plans({Approved("2025-01-01", "P", "2025-01-01", "2025-02-01"), Closed("2025-05-01", "P")})),
      ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-02-02"));
}

TEST(PlansTest, ClosedOnOrBeforeItsStartNeverCovers) {
  EXPECT_THAT(Plans({Approved("2025-01-01", "P", "2025-05-01", "2025-12-31"), Closed("2025-05-01", "P")}), IsEmpty());
  EXPECT_THAT(Plans({Approved("2025-01-01", "P", "2025-05-01", "2025-12-31"), Closed("2025-02-01", "P")}), IsEmpty());
}

TEST(PlansTest, ApprovingAgainRemovesTheEarlierVersionAndUndoesItsClose) {
  EXPECT_THAT(
      Of("plan_baseline", Plans({Approved("2025-01-01", "P", "2025-01-01", "2025-12-31", 10), Closed("2025-02-01", "P"),
                                 Approved("2025-03-01", "P", "2025-04-01", "2025-04-30", 30)})),
      ElementsAre("EUR +30 @ 2025-04-01", "EUR -30 @ 2025-05-01"));
}

TEST(PlansTest, ApprovingAgainMovesToTheTop) {
  EXPECT_THAT(Of("plan_baseline", Plans({Approved("2025-01-01", "P", "2025-01-01", "2025-01-31", 10),
                                         Approved("2025-01-02", "Q", "2025-01-01", "2025-01-31", 20),
                                         Approved("2025-01-03", "P", "2025-01-01", "2025-01-31", 30)})),
              ElementsAre("EUR +30 @ 2025-01-01", "EUR -30 @ 2025-02-01"));
}

TEST(PlansTest, CloseOfAnUnknownPlanAndCloseBeforeTheApprovalAreIgnored) {
  EXPECT_THAT(
      Of("plans_active", Plans({Closed("2025-01-01", "P"), Approved("2025-01-02", "Q", "2025-01-01", "2025-01-31"),
                                Closed("2025-01-03", "P"), Closed("2025-01-04", "R")})),
      ElementsAre("+1 @ 2025-01-01", "-1 @ 2025-02-01"));
}

TEST(PlansTest, ClosesAloneContributeNothing) { EXPECT_THAT(Plans({Closed("2025-01-01", "P")}), IsEmpty()); }

}  // namespace
}  // namespace keyfold
