#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Risk(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kRisk, events);
}

v1::AccountEvent Flagged(std::string_view when, std::string_view severity) {
  return At(when, absl::StrCat("risk_flagged { risk_id: 'R' severity: ", std::string(severity), " }"));
}
v1::AccountEvent Cleared(std::string_view when) { return At(when, "risk_cleared { risk_id: 'R' }"); }

TEST(RiskTest, OpenUntilCleared) {
  EXPECT_THAT(Risk({Flagged("2025-01-10", "MEDIUM"), Cleared("2025-02-10"), Cleared("2025-02-11")}),
              ElementsAre("risks_open +1 @ 2025-01-10", "risks_open -1 @ 2025-02-10"));
}

TEST(RiskTest, HighAndCriticalAreSevere) {
  EXPECT_THAT(Risk({Flagged("2025-01-10", "HIGH")}),
              ElementsAre("risks_open +1 @ 2025-01-10", "risks_severe +1 @ 2025-01-10"));
  EXPECT_THAT(Of("risks_severe", Risk({Flagged("2025-01-10", "CRITICAL")})), ElementsAre("+1 @ 2025-01-10"));
}

TEST(RiskTest, LastFlagOfASpellHoldsForAllOfIt) {
  EXPECT_THAT(Risk({Flagged("2025-01-10", "LOW"), Flagged("2025-01-20", "HIGH"), Cleared("2025-02-10")}),
              ElementsAre("risks_open +1 @ 2025-01-10", "risks_open -1 @ 2025-02-10", "risks_severe +1 @ 2025-01-10",
                          "risks_severe -1 @ 2025-02-10"));
}

TEST(RiskTest, EachSpellHasItsOwnSeverity) {
  EXPECT_THAT(Risk({Flagged("2025-01-10", "HIGH"), Cleared("2025-02-10"), Flagged("2025-03-10", "LOW")}),
              ElementsAre("risks_open +1 @ 2025-01-10", "risks_open -1 @ 2025-02-10", "risks_open +1 @ 2025-03-10",
                          "risks_severe +1 @ 2025-01-10", "risks_severe -1 @ 2025-02-10"));
}

TEST(RiskTest, NothingWithoutAFlagAndNothingBeforeIt) {
  EXPECT_THAT(Risk({Cleared("2025-01-10")}), IsEmpty());
  EXPECT_THAT(Risk({Cleared("2025-01-10"), Flagged("2025-01-11", "LOW")}), ElementsAre("risks_open +1 @ 2025-01-11"));
}

}  // namespace
}  // namespace keyfold
