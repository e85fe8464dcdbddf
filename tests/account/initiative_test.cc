#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Initiative(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kInitiative, events);
}

v1::AccountEvent Started(std::string_view when) {
  return At(when, "initiative_started { initiative_id: 'N' kind: STRATEGIC }");
}
v1::AccountEvent Milestone(std::string_view when) {
  return At(when, "initiative_milestone_reached { initiative_id: 'N' }");
}
v1::AccountEvent Completed(std::string_view when) { return At(when, "initiative_completed { initiative_id: 'N' }"); }
v1::AccountEvent InitiativeCancelled(std::string_view when) {
  return At(when, "initiative_cancelled { initiative_id: 'N' }");
}

TEST(InitiativeTest, ActiveUntilCompleted) {
  EXPECT_THAT(Initiative({Started("2025-01-10"), Completed("2025-02-10"), InitiativeCancelled("2025-02-11")}),
              ElementsAre("initiatives_active +1 @ 2025-01-10", "initiatives_active -1 @ 2025-02-10",
                          "initiatives_started +1 @ 2025-01-10", "initiatives_completed +1 @ 2025-02-10"));
}

TEST(InitiativeTest, ActiveUntilCancelled) {
  EXPECT_THAT(Initiative({Started("2025-01-10"), InitiativeCancelled("2025-02-10")}),
              ElementsAre("initiatives_active +1 @ 2025-01-10", "initiatives_active -1 @ 2025-02-10",
                          "initiatives_started +1 @ 2025-01-10", "initiatives_cancelled +1 @ 2025-02-10"));
}

TEST(InitiativeTest, MilestonesBetweenStartAndEndCount) {
  EXPECT_THAT(Of("milestones", Initiative({Milestone("2025-01-09"), Started("2025-01-10"), Milestone("2025-01-11"),
                                           Milestone("2025-01-11T15:00:00Z"), Milestone("2025-02-10"),
                                           Completed("2025-02-10"), Milestone("2025-02-11")})),
              ElementsAre("+2 @ 2025-01-11", "+1 @ 2025-02-10"));
}

TEST(InitiativeTest, StartingAgainChangesNothing) {
  EXPECT_THAT(Initiative({Started("2025-01-10"), Started("2025-01-20")}),
              ElementsAre("initiatives_active +1 @ 2025-01-10", "initiatives_started +1 @ 2025-01-10"));
}

TEST(InitiativeTest, NothingWithoutAStart) {
  EXPECT_THAT(Initiative({Milestone("2025-01-09"), Completed("2025-01-10")}), IsEmpty());
}

}  // namespace
}  // namespace keyfold
