// Records that are folded again are decided as they were, whatever the clocks say then.
#include "fold/time_bound.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace keyfold {
namespace {

constexpr int64_t kAhead = 100;

struct Stamped {
  int64_t timestamp_ms;
  int64_t clock_ms;  // when it was first folded
};

class Folder {
 public:
  Folder() {
    meta_.set_stream_time_ms(kNoTime);
    meta_.set_ahead_ms_max(kAhead);
  }

  // Whether the record is taken.
  bool Fold(int64_t offset, const Stamped& stamped) {
    now_ms_ = stamped.clock_ms;
    bound_.BeginBatch();
    Record record;
    record.offset = offset;
    record.timestamp_ms = stamped.timestamp_ms;
    if (bound_.Check(record).has_value()) return false;
    meta_.set_stream_time_ms(std::max(meta_.stream_time_ms(), stamped.timestamp_ms));
    return true;
  }

  void Repeat(const Folder& other) { bound_.BeginRepeating(other.meta_.time_decisions()); }
  v1::ShardMeta& meta() { return meta_; }

 private:
  v1::ShardMeta meta_;
  int64_t now_ms_ = 0;
  TimeBound bound_{meta_, [this] { return absl::FromUnixMillis(now_ms_); }};
};

// Time goes on by bounds and more, clocks are anywhere near it, now and then far off.
std::vector<Stamped> RandomRecords(int count) {
  std::vector<Stamped> records;
  int64_t now_ms = 0;
  for (int i = 0; i < count; ++i) {
    now_ms += *rc::gen::inRange<int64_t>(0, kAhead);
    records.push_back({std::max<int64_t>(now_ms + *rc::gen::inRange<int64_t>(-kAhead, 3 * kAhead), -1),
                       std::max<int64_t>(now_ms + *rc::gen::inRange<int64_t>(-2 * kAhead, 2 * kAhead), 0)});
  }
  return records;
}

TEST(TimeBoundTest, WhatIsFoldedAgainIsDecidedAsItWas) {
  const bool held = rc::check([] {
    const std::vector<Stamped> records = RandomRecords(*rc::gen::inRange(1, 12));
    Folder first;
    std::vector<bool> taken;
    for (size_t i = 0; i < records.size(); ++i) taken.push_back(first.Fold(static_cast<int64_t>(i), records[i]));
    for (int64_t clock_ms : {int64_t{0}, int64_t{1} << 40}) {
      Folder again;
      again.Repeat(first);
      for (size_t i = 0; i < records.size(); ++i) {
        RC_ASSERT(again.Fold(static_cast<int64_t>(i), {records[i].timestamp_ms, clock_ms}) == taken[i]);
      }
      RC_ASSERT(again.meta().SerializeAsString() == first.meta().SerializeAsString());
    }
  });
  EXPECT_TRUE(held);
}

TEST(TimeBoundTest, ATopicThatIsNeverSilentForLongNeedsNoMoreThanOne) {
  Folder folder;
  for (int64_t i = 0; i < 1000; ++i) {
    EXPECT_TRUE(folder.Fold(2 * i, {i * kAhead / 2, i * kAhead / 2}));
    EXPECT_FALSE(folder.Fold(2 * i + 1, {i * kAhead / 2 + kAhead + 1, i * kAhead / 2}));
  }
  EXPECT_EQ(folder.meta().time_decisions_size(), 1);
}

TEST(TimeBoundTest, HowManyAreRememberedIsBounded) {
  Folder folder;
  for (int64_t i = 0; i < 1000; ++i) {
    EXPECT_TRUE(folder.Fold(2 * i, {i * 10 * kAhead, i * 10 * kAhead}));
    EXPECT_FALSE(folder.Fold(2 * i + 1, {i * 10 * kAhead + 2 * kAhead, i * 10 * kAhead}));
  }
  EXPECT_EQ(folder.meta().time_decisions_size(), 16);
}

TEST(TimeBoundTest, ACommitWithoutDecisionsLeavesThemToTheClock) {
  Folder folder;
  folder.Repeat(Folder());
  EXPECT_FALSE(folder.Fold(0, {kAhead + 1, 0}));
  EXPECT_TRUE(folder.Fold(1, {kAhead, 0}));
}

}  // namespace
}  // namespace keyfold
