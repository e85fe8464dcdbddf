// When a worker flushes its shards, and how much of a sweep is part of a transaction.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/worker_world.h"

namespace keyfold {
namespace {

class WorkerBatchTest : public WorkerTest {
 protected:
  static constexpr int64_t kMemory = int64_t{1} << 40;

  WorkerBatchTest() {
    process_.memory = std::make_shared<MemoryBudget>(kMemory);
    process_.options.clock = [this] { return now_; };
    process_.before_write = [this](const StoreBatch& /*batch*/) {
      ++writes_;
      return absl::OkStatus();
    };
  }

  void Step() {
    const absl::Status status = process_.worker->Step();
    ASSERT_TRUE(status.ok()) << status;
  }

  // One more transaction, of partition 0.
  void StepWithARecord() {
    Append("2026-01-05", Invoice("A1", "2026-01-05", ++amount_));
    Step();
  }

  // Runs until the sweep that the first record begins has ended and all is flushed.
  void Settle() {
    BeginAssigned(process_);
    StepWithARecord();
    RunToEnd(process_);
    process_.observer.batches.clear();
    writes_ = 0;
  }

  absl::Time now_ = absl::FromUnixSeconds(0);
  int writes_ = 0;
  int amount_ = 100;
};

TEST_F(WorkerBatchTest, AtTheHeadATransactionIsFlushedAtItsEnd) {
  Settle();
  StepWithARecord();
  EXPECT_EQ(writes_, 1);
  StepWithARecord();
  EXPECT_EQ(writes_, 2);
  Step();
  EXPECT_EQ(writes_, 2) << "there is nothing to flush";
}

TEST_F(WorkerBatchTest, WhatIsFlushedIsCommitted) {
  Settle();
  process_.before_write = [this](const StoreBatch& /*batch*/) {
    ++writes_;
    EXPECT_EQ(cluster_.committed()[0].offset, 2);
    return absl::OkStatus();
  };
  StepWithARecord();
  EXPECT_EQ(writes_, 1);
}

TEST_F(WorkerBatchTest, WhatIsNotCommittedIsNotFlushed) {
  process_.options.poll.records_max = 2;  // half of it is behind
  Settle();
  StepWithARecord();
  process_.errors.emplace("Begin", absl::AbortedError("fenced"));
  Append("2026-01-05", Invoice("A1", "2026-01-05", 300));
  EXPECT_TRUE(absl::IsAborted(process_.worker->Step()));
  EXPECT_EQ(writes_, 0) << "the account holds what was aborted";
  RunToEnd(process_);
  EXPECT_EQ(process_.worker->shards().at(0)->next_offset(), 3);
}

TEST_F(WorkerBatchTest, AWorkerThatIsBehindGathers) {
  process_.options.poll.records_max = 2;  // half of it is behind
  Settle();
  StepWithARecord();
  StepWithARecord();
  EXPECT_EQ(writes_, 0);
  now_ += process_.options.flush_every_behind;
  StepWithARecord();
  EXPECT_EQ(writes_, 1);
  StepWithARecord();
  EXPECT_EQ(writes_, 1);
}

TEST_F(WorkerBatchTest, ATransactionTakesAsManyRecordsAsItsOutputsAllow) {
  process_.options.outputs_max = 10;
  Settle();
  const auto fold = [this](auto event_of) {
    for (int i = 0; i < 40; ++i) Append("2026-01-05", event_of(i));
    for (int i = 0; i < 6; ++i) Step();
    std::vector<int64_t> records;
    for (const CommittedBatch& batch : std::exchange(process_.observer.batches, {})) records.push_back(batch.records);
    return records;
  };
  // With each transaction a partial of all accounts is published, too.
  EXPECT_THAT(fold([](int i) { return Invoice(absl::StrCat("B", i), "2026-01-05", 100); }),
              ::testing::ElementsAre(10, 9, 9, 9, 3));
  // Each record of the last one had more than an output.
  EXPECT_THAT(fold([](int i) { return Invoice("A1", "2026-01-05", 200 + i); }), ::testing::ElementsAre(7, 33));
}

TEST_F(WorkerBatchTest, AFlushThatFailsAfterACommitIsMadeUpFor) {
  Settle();
  TakePublished();
  process_.before_write = [fail = true](const StoreBatch& /*batch*/) mutable {
    return std::exchange(fail, false) ? absl::ResourceExhaustedError("disk full") : absl::OkStatus();
  };
  Append("2026-01-05", Invoice("A1", "2026-01-05", 300));
  EXPECT_TRUE(absl::IsResourceExhausted(process_.worker->Step()));
  EXPECT_EQ(TakePublished().size(), 1u);  // the transaction was committed
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), ::testing::IsEmpty());
  EXPECT_EQ(process_.worker->shards().at(0)->next_offset(), 2);
}

TEST_F(WorkerBatchTest, TheShardThatKeepsMostMakesRoom) {
  process_.options.poll.records_max = 2;  // half of it is behind
  Settle();
  for (int i = 0; i < 40; ++i) {
    Append("2026-01-05", Invoice(absl::StrCat("B", i), "2026-01-05", 100), 1);
    Step();
  }
  EXPECT_EQ(writes_, 0);
  const int64_t kept = process_.worker->shards().at(1)->kept_bytes();
  process_.memory->Add(kMemory - kept);  // somebody else's
  const auto stored = process_.disks.at(0).contents();
  StepWithARecord();
  EXPECT_EQ(writes_, 1);
  EXPECT_LT(process_.worker->shards().at(1)->kept_bytes(), kept);
  EXPECT_EQ(process_.disks.at(0).contents(), stored);
  EXPECT_TRUE(process_.disks.at(1).Get(AccountKey("B39"))->has_value());
}

// A sweep skips accounts that are not written, for a record has touched them: of these it is not known whether anybody
// was told.
TEST_F(WorkerBatchTest, WhatAnOperatorsResetHasSkippedIsPublishedAlsoIfItIsNotWrittenYet) {
  for (const char* id : {"A1", "A2", "A3"}) Append("2026-01-05", Invoice(id, "2026-01-05", 100));
  cluster_.committed()[0] = {3, ""};
  process_.options.poll.records_max = 2;  // it is behind, and gathers
  Begin(process_);
  RunToEnd(process_);
  EXPECT_EQ(TakePublished().size(), 3u);
}

class WorkerSweepTest : public WorkerBatchTest {
 protected:
  // 60 accounts in each of two partitions, folded, and in each a record that moves time.
  void PrepareSweep() {
    for (int i = 0; i < 60; ++i) {
      Append("2026-01-05", Invoice(absl::StrCat("A", i), "2026-01-05", 100), 0);
      Append("2026-01-05", Invoice(absl::StrCat("B", i), "2026-01-05", 100), 1);
    }
    Settle();
    TakePublished();
    for (int32_t partition : {0, 1}) Append("2026-02-20", Invoice("C", "2026-01-05", 100), partition);
  }

  const std::vector<CommittedBatch>& batches() { return process_.observer.batches; }
};

TEST_F(WorkerSweepTest, ATransactionSweepsSoManyAccountsOfAllShardsTogether) {
  process_.options.sweep_visits_max = 70;
  PrepareSweep();
  Step();
  // All accounts of the first shard, as many of the second as are left, and the records' two.
  EXPECT_EQ(TakePublished().size(), 60u + 10u + 2u);
  ASSERT_EQ(batches().size(), 1u);
  EXPECT_TRUE(batches()[0].swept);
  EXPECT_TRUE(batches()[0].sweeps_on);
  RunToEnd(process_);
  EXPECT_EQ(TakePublished().size(), 50u);
  EXPECT_TRUE(batches().back().swept);
  EXPECT_FALSE(batches().back().sweeps_on);
}

TEST_F(WorkerSweepTest, ATransactionSweepsUntilItsTimeIsOver) {
  int64_t looks = 0;
  process_.options.clock = [&] { return now_ + looks++ * absl::Milliseconds(1); };
  process_.options.sweep_time_max = absl::Milliseconds(1);
  PrepareSweep();
  Step();
  const size_t first = TakePublished().size();
  EXPECT_GT(first, 2u) << "records alone are no progress";
  EXPECT_LT(first, 122u);
  EXPECT_TRUE(batches()[0].sweeps_on);
  RunToEnd(process_);
  EXPECT_EQ(first + TakePublished().size(), 122u);
}

// A lost shard is brought to where the group has swept in slices, one in a turn: meanwhile the worker hears all else,
// and no more is kept or written at once than a slice makes.
TEST_F(WorkerSweepTest, AReplayFinishesInSlices) {
  PrepareSweep();
  RunToEnd(process_);
  EXPECT_EQ(TakePublished().size(), 122u);
  const auto disks = process_.disks;
  End(process_);

  process_.disks.clear();
  process_.memory = std::make_shared<MemoryBudget>(1);
  process_.options.sweep_visits_max = 10;
  size_t operations = 0;
  Begin(process_);
  Step();  // the partitions
  Step();  // the gap, which ends with what the records have touched, and the first slice
  process_.before_write = [&](const StoreBatch& batch) {
    operations = std::max(operations, batch.operations().size());
    return absl::OkStatus();
  };
  int turns = 0;
  while (!process_.worker->idle()) {
    Step();
    ++turns;
  }
  EXPECT_GE(turns, 5);
  EXPECT_GT(operations, 0u);
  EXPECT_LE(operations, 50u);
  EXPECT_THAT(TakePublished(), testing::IsEmpty());
  for (int32_t partition : {0, 1}) {
    EXPECT_EQ(process_.disks.at(partition).contents(), disks.at(partition).contents()) << partition;
  }
}

}  // namespace
}  // namespace keyfold
