// A shard that is brought to where its group has swept, in slices, and ends in the middle of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What an account sold on the day itself.
constexpr char kSoldToday[] = "kpis:\n  - {id: sold, formula: 'sum(revenue, day)', unit: money, rollup: none}\n";

class ShardReplayTest : public ShardTest {
 protected:
  ShardReplayTest() {
    OpenFresh();
    for (const char* id : {"A1", "A2", "A3"}) Append("2026-01-05", Invoice(id, "2026-01-06", 100));
    FoldAll();
    EXPECT_EQ(Published().size(), 3u);
  }

  void OpenFresh() { shard_ = *TryOpen(identity_, today_); }

  // Time moves by a record; the sweep comes to its end in the same transaction.
  OffsetCommit AdvanceTo(std::string_view day) {
    Append(day, ClockAdvanced(day));
    FoldBatch();
    while (shard_->sweeping()) SweepSlice(1'000);
    return commit_;
  }

  void BeginReplay(const OffsetCommit& commit) {
    OpenFresh();
    shard_->BeginReplay({commit.next_offset, commit.metadata});
    while (shard_->next_offset() < commit.next_offset) {
      const Record record = RecordAt(shard_->next_offset());
      ASSERT_TRUE(shard_->Fold(std::span(&record, 1)).ok());
      ASSERT_TRUE(shard_->PrepareCommit().ok());
      ASSERT_TRUE(shard_->PostCommit().ok());
    }
  }

  bool FinishSlice() {
    return *shard_->FinishReplay(1, [] { return true; });
  }

  const Catalog today_ = *Catalog::Parse(kSoldToday, "sold.yaml", {});
};

TEST_F(ShardReplayTest, IsFinishedInSlices) {
  const MemoryStore before = disk_;
  const OffsetCommit commit = AdvanceTo("2026-01-06");
  const auto contents = disk_.contents();
  disk_ = before;
  BeginReplay(commit);
  int slices = 1;
  while (!FinishSlice()) ++slices;
  EXPECT_EQ(slices, 3);
  EXPECT_FALSE(shard_->sweeping());
  EXPECT_EQ(disk_.contents(), contents);
}

TEST_F(ShardReplayTest, GoesOnWhereItEnded) {
  const MemoryStore before = disk_;
  const OffsetCommit commit = AdvanceTo("2026-01-06");
  const auto contents = disk_.contents();
  for (int slices : {0, 1, 2}) {
    disk_ = before;
    BeginReplay(commit);
    for (int i = 0; i < slices; ++i) ASSERT_FALSE(FinishSlice());
    BeginReplay(commit);
    while (!FinishSlice()) {
    }
    EXPECT_EQ(disk_.contents(), contents) << slices;
  }
}

// What it holds of the accounts that it did not come to is older than what was published. When the one transaction that
// followed elsewhere has begun another epoch, the sweep of that must not compare with it.
TEST_F(ShardReplayTest, WhatEndedHalfWayIsNotTakenForWhatWasPublished) {
  const MemoryStore before = disk_;
  const OffsetCommit second = AdvanceTo("2026-01-06");
  EXPECT_EQ(Published().size(), 3u);
  Append("2026-01-07", ClockAdvanced("2026-01-07"));
  FoldBatch();
  const OffsetCommit third = commit_;
  EXPECT_THAT(Published(), IsEmpty()) << "the sweep is still to come";

  disk_ = before;
  BeginReplay(second);
  EXPECT_FALSE(FinishSlice());
  BeginReplay(third);
  while (!FinishSlice()) {
  }
  while (shard_->sweeping()) SweepSlice(1'000);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-07 by 4", "A2 @ 2026-01-07 by 4", "A3 @ 2026-01-07 by 4"));
}

}  // namespace
}  // namespace keyfold
