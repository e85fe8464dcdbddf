// Which partitions are claimed, and when.
#include "run/member_announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 1, 5, 12, 0, 0), absl::UTCTimeZone());

class ClaimsDueTest : public ::testing::Test {
 protected:
  // What is due so many seconds after noon, as "partition@since"; it is made, unless that fails.
  std::vector<std::string> DueAt(int second, const std::set<int32_t>& running, bool made = true) {
    const absl::Time now = kNoon + absl::Seconds(second);
    std::vector<std::string> due;
    for (const PartitionClaim& claim : claims_.At(now, running)) {
      EXPECT_EQ(claim.instance, "b");
      EXPECT_EQ(claim.url, "https://b");
      due.push_back(std::to_string(claim.partition) + claim.since.substr(10));
    }
    if (made) claims_.Made(now);
    return due;
  }

  ClaimsDue claims_{{0, "b", "https://b", ""}};
};

TEST_F(ClaimsDueTest, WhatBeginsToRunIsClaimedOnce) {
  EXPECT_THAT(DueAt(0, {}), IsEmpty());
  EXPECT_THAT(DueAt(1, {3, 5}), ElementsAre("3T12:00:01Z", "5T12:00:01Z"));
  EXPECT_THAT(DueAt(2, {3, 5}), IsEmpty());
  EXPECT_THAT(DueAt(3, {3, 4, 5}), ElementsAre("4T12:00:03Z"));
}

TEST_F(ClaimsDueTest, WhatIsRunIsClaimedAgainEveryMinute) {
  DueAt(0, {3});
  DueAt(30, {3, 4});
  EXPECT_THAT(DueAt(59, {3, 4}), IsEmpty());
  EXPECT_THAT(DueAt(60, {3, 4}), ElementsAre("3T12:00:00Z", "4T12:00:30Z"));
  EXPECT_THAT(DueAt(119, {3, 4}), IsEmpty());
  EXPECT_THAT(DueAt(120, {3, 4}), ElementsAre("3T12:00:00Z", "4T12:00:30Z"));
}

TEST_F(ClaimsDueTest, WhatIsLostIsClaimedNoMoreAndAnewWhenItComesBack) {
  DueAt(0, {3, 4});
  EXPECT_THAT(DueAt(10, {4}), IsEmpty());
  EXPECT_THAT(DueAt(60, {4}), ElementsAre("4T12:00:00Z"));
  EXPECT_THAT(DueAt(70, {3, 4}), ElementsAre("3T12:01:10Z"));
}

TEST_F(ClaimsDueTest, WhatCouldNotBeToldIsDueAgain) {
  EXPECT_THAT(DueAt(0, {3}, /*made=*/false), ElementsAre("3T12:00:00Z"));
  EXPECT_THAT(DueAt(1, {3}, /*made=*/false), ElementsAre("3T12:00:00Z"));
  EXPECT_THAT(DueAt(2, {3}), ElementsAre("3T12:00:00Z"));
  EXPECT_THAT(DueAt(3, {3}), IsEmpty());
}

}  // namespace
}  // namespace keyfold
