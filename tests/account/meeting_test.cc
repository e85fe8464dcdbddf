#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Meeting(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kMeeting, events);
}

v1::AccountEvent Scheduled(std::string_view when, std::string_view scheduled_for) {
  v1::AccountEvent event = At(when, "meeting_scheduled { meeting_id: 'M' kind: EXECUTIVE_REVIEW }");
  *event.mutable_meeting_scheduled()->mutable_scheduled_for() = Instant(scheduled_for);
  return event;
}
v1::AccountEvent Held(std::string_view when, std::string_view kind) {
  return At(when, absl::StrCat("meeting_held { meeting_id: 'M' kind: ", std::string(kind), " stakeholder_ids: 'S' }"));
}
v1::AccountEvent MeetingCancelled(std::string_view when) { return At(when, "meeting_cancelled { meeting_id: 'M' }"); }

TEST(MeetingTest, PlannedOnTheDayItIsScheduledFor) {
  EXPECT_THAT(Meeting({Scheduled("2025-03-01", "2025-05-04T22:30:00Z")}),
              ElementsAre("meetings_planned +1 @ 2025-05-05"));
}

TEST(MeetingTest, ScheduledAgainIsMoved) {
  EXPECT_THAT(Meeting({Scheduled("2025-03-02", "2025-04-01"), Scheduled("2025-03-01", "2025-05-05")}),
              ElementsAre("meetings_planned +1 @ 2025-04-01"));
}

TEST(MeetingTest, HeldCountsByItsOwnKindAndIsNoLongerPlanned) {
  EXPECT_THAT(Meeting({Scheduled("2025-03-01", "2025-05-05"), Held("2025-05-06", "NEGOTIATION")}),
              ElementsAre("meetings +1 @ 2025-05-06", "negotiations +1 @ 2025-05-06"));
}

TEST(MeetingTest, HeldNeedsNoSchedule) {
  EXPECT_THAT(Meeting({Held("2025-05-06", "EXECUTIVE_REVIEW")}),
              ElementsAre("meetings +1 @ 2025-05-06", "executive_reviews +1 @ 2025-05-06"));
  EXPECT_THAT(Meeting({Held("2025-05-06", "NEEDS_ANALYSIS")}),
              ElementsAre("meetings +1 @ 2025-05-06", "needs_analyses +1 @ 2025-05-06"));
  EXPECT_THAT(Meeting({Held("2025-05-06", "OPERATIONAL")}), ElementsAre("meetings +1 @ 2025-05-06"));
  EXPECT_THAT(Meeting({Held("2025-05-06", "COORDINATION")}), ElementsAre("meetings +1 @ 2025-05-06"));
}

TEST(MeetingTest, FirstHeldDecides) {
  EXPECT_THAT(
      Meeting({Held("2025-05-06", "OPERATIONAL"), Held("2025-05-07", "NEGOTIATION"), MeetingCancelled("2025-05-08")}),
      ElementsAre("meetings +1 @ 2025-05-06"));
}

TEST(MeetingTest, CancelledFirstIsNeitherPlannedNorHeld) {
  EXPECT_THAT(Meeting({Scheduled("2025-03-01", "2025-05-05"), MeetingCancelled("2025-04-01"),
                       Held("2025-05-05", "OPERATIONAL"), Scheduled("2025-05-06", "2025-06-01")}),
              IsEmpty());
}

}  // namespace
}  // namespace keyfold
