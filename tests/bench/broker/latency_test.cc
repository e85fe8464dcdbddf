#include "bench/broker/latency.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyfold {
namespace {

using testing::ElementsAre;

SentEvent Sent(int32_t account, int64_t offset, int64_t scheduled_ns) {
  return {.account = account, .partition = 0, .offset = offset, .scheduled_ns = scheduled_ns};
}

TEST(LatencyTest, AnEventIsVisibleWithTheFirstUpdateThatReachesIt) {
  const std::vector<SentEvent> events = {Sent(1, 10, 100), Sent(1, 11, 200), Sent(1, 20, 300)};
  const std::vector<SeenUpdate> updates = {{1, 0, 9, 110}, {1, 0, 15, 500}, {1, 0, 20, 900}, {1, 0, 20, 950}};
  EXPECT_THAT(VisibleAfter(events, updates), ElementsAre(400, 300, 600));
}

TEST(LatencyTest, UpdatesOfOtherAccountsAndPartitionsDoNotCount) {
  const std::vector<SentEvent> events = {Sent(1, 10, 100)};
  const std::vector<SeenUpdate> updates = {{2, 0, 50, 200}, {1, 1, 50, 200}};
  EXPECT_THAT(VisibleAfter(events, updates), ElementsAre(kNeverVisible));
}

TEST(LatencyTest, WhatWasNotDeliveredIsNeverVisible) {
  const std::vector<SeenUpdate> updates = {{1, 0, 50, 200}};
  EXPECT_THAT(VisibleAfter(std::vector<SentEvent>{Sent(1, -1, 100)}, updates), ElementsAre(kNeverVisible));
}

TEST(LatencyTest, AnUpdateThatIsRepeatedDoesNotTakeBackWhatWasSeen) {
  const std::vector<SentEvent> events = {Sent(1, 12, 100)};
  const std::vector<SeenUpdate> updates = {{1, 0, 12, 150}, {1, 0, 8, 160}, {1, 0, 12, 170}};
  EXPECT_THAT(VisibleAfter(events, updates), ElementsAre(50));
}

TEST(LatencyTest, QuantilesAreNearestRanks) {
  const std::vector<int64_t> sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_EQ(Quantile(sorted, 0), 1);
  EXPECT_EQ(Quantile(sorted, 0.5), 5);
  EXPECT_EQ(Quantile(sorted, 0.9), 9);
  EXPECT_EQ(Quantile(sorted, 0.91), 10);
  EXPECT_EQ(Quantile(sorted, 1), 10);
  EXPECT_EQ(Quantile(std::vector<int64_t>{7}, 0.999), 7);
}

}  // namespace
}  // namespace keyfold
