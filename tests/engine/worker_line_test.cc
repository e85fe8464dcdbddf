// What a worker does where the brokers refuse what it publishes, or take it slowly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/transient.h"
#include "engine/worker_world.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WorkerLineTest : public WorkerTest {
 protected:
  void AppendWrong(size_t bytes) {
    cluster_.Append(0, {"A1", std::string(bytes, 'x'), {}, Milliseconds("2026-01-05")});
  }

  const std::vector<MemoryRecord>& letters() { return cluster_.outputs(OutputTopic::kDeadLetters); }

  static std::optional<std::string> LastHeader(const MemoryRecord& record, const std::string& name) {
    std::optional<std::string> value;
    for (const RecordHeader& header : record.headers) {
      if (header.name == name) value = header.value;
    }
    return value;
  }

  // Turns until a transaction fails for good.
  absl::Status StepUntilRefused() {
    absl::Status status;
    for (int turn = 0; turn < 50 && (status.ok() || IsTransient(status)); ++turn) {
      status = process_.worker->Step();
    }
    return status;
  }

  bool AtEnd() const {
    const std::map<int32_t, const Shard*> shards = process_.worker->shards();
    return std::all_of(shards.begin(), shards.end(),
                       [this](const auto& shard) { return shard.second->next_offset() == cluster_.End(shard.first); });
  }

  // Turns until there is nothing to do; returns how many transactions failed on the way.
  int CountFailures() {
    int failures = 0;
    for (int turn = 0, quiet = 0; quiet < 3; ++turn) {
      const absl::Status status = process_.worker->Step();
      EXPECT_TRUE(status.ok() || IsTransient(status)) << status;
      failures += status.ok() ? 0 : 1;
      quiet = status.ok() && process_.worker->idle() && AtEnd() ? quiet + 1 : 0;
      if (turn == 10'000) ADD_FAILURE() << "it does not come to an end";
      if (turn == 10'000) break;
    }
    return failures;
  }
};

TEST_F(WorkerLineTest, ADeadLetterThatIsRefusedIsCutAndStopsNobody) {
  cluster_.letter_bytes_max = 5'000;
  AppendWrong(8'000);
  AppendWrong(4'000);
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100), 0);
  Append("2026-01-05", Invoice("B1", "2026-01-05", 100), 1);
  Begin(process_);
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), ::testing::UnorderedElementsAre("A1 @ 2026-01-05 by 2", "B1 @ 2026-01-05 by 0"));
  ASSERT_THAT(letters(), SizeIs(2));
  EXPECT_EQ(LastHeader(letters()[0], "error.original_size"), "8000");
  EXPECT_EQ(LastHeader(letters()[0], "error.cut"), "value");
  EXPECT_EQ(LastHeader(letters()[0], "error.offset"), "0");
  EXPECT_THAT(process_.observer.told, ::testing::Contains("recovery").Times(1));
}

TEST_F(WorkerLineTest, WhereTheLimitIsKnownAsMuchIsKeptAsFits) {
  cluster_.letter_bytes_max = 5'000;
  process_.options.letter_bytes_max = 5'000;
  AppendWrong(8'000);
  Begin(process_);
  RunToEnd(process_);
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_GT(letters()[0].value->size(), 4'500u);
}

TEST_F(WorkerLineTest, ALimitThatIsSmallerThanItWasSaidToBeIsFound) {
  cluster_.letter_bytes_max = kDeadLetterBytesMin;
  process_.options.letter_bytes_max = 100'000;
  AppendWrong(200'000);
  Begin(process_);
  RunToEnd(process_);
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_EQ(LastHeader(letters()[0], "error.original_size"), "200000");
}

TEST_F(WorkerLineTest, ATopicThatTakesNoLetterAtAllIsForTheOperator) {
  cluster_.letter_bytes_max = 500;
  AppendWrong(8'000);
  Begin(process_);
  const absl::Status refused = StepUntilRefused();
  EXPECT_TRUE(absl::IsOutOfRange(refused)) << refused;
  EXPECT_THAT(letters(), IsEmpty());
}

TEST_F(WorkerLineTest, WhatAnOperatorHasToMendIsNotTriedForEver) {
  cluster_.permanent_error = absl::PermissionDeniedError("writing to account-kpis");
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Begin(process_);
  const absl::Status refused = StepUntilRefused();
  EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("writing to account-kpis"));
  End(process_);

  cluster_.permanent_error = absl::OkStatus();
  Begin(process_);
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), SizeIs(1));
}

TEST_F(WorkerLineTest, ASlowLineGetsTransactionsThatItTakes) {
  for (int i = 0; i < 200; ++i) Append("2026-01-05", Invoice(absl::StrCat("A", i), "2026-01-05", 100), i % 2);
  Begin(process_);
  cluster_.transaction_bytes_max = 30'000;  // of some ten accounts
  EXPECT_GT(CountFailures(), 3);
  EXPECT_THAT(TakePublished(), SizeIs(200));

  // The line is as before: so are the transactions.
  cluster_.transaction_bytes_max = 30'000'000;
  for (int i = 0; i < 600; ++i) Append("2026-01-05", Invoice("A1", "2026-01-05", i));
  EXPECT_EQ(CountFailures(), 0);
  const auto most = std::max_element(
      process_.observer.batches.begin(), process_.observer.batches.end(),
      [](const CommittedBatch& left, const CommittedBatch& right) { return left.records < right.records; });
  EXPECT_GT(most->records, 50);
}

TEST_F(WorkerLineTest, ASlowLineIsSharedByThePartitions) {
  for (int i = 0; i < 400; ++i) Append("2026-01-05", Invoice(absl::StrCat("A", i), "2026-01-05", 100), i % 2);
  Begin(process_);
  cluster_.transaction_bytes_max = 30'000;
  const auto folded = [this](int32_t partition) {
    const std::map<int32_t, const Shard*> shards = process_.worker->shards();
    const auto shard = shards.find(partition);
    return shard == shards.end() || shard->second == nullptr ? 0 : shard->second->next_offset();
  };
  while (folded(0) < 100) {
    const absl::Status status = process_.worker->Step();
    ASSERT_TRUE(status.ok() || IsTransient(status)) << status;
  }
  EXPECT_GT(folded(1), 50);
}

TEST_F(WorkerLineTest, ASlowLineGetsSmallerSlicesOfASweep) {
  for (int i = 0; i < 200; ++i) Append("2026-01-05", Invoice(absl::StrCat("A", i), "2026-01-05", 100));
  Begin(process_);
  RunToEnd(process_);
  TakePublished();
  cluster_.transaction_bytes_max = 30'000;
  Append("2026-02-05", Invoice("A0", "2026-02-05", 100));
  EXPECT_GT(CountFailures(), 1);
  EXPECT_THAT(TakePublished(), SizeIs(200));
}

TEST_F(WorkerLineTest, TransactionsThatAreSlowDoNotGrow) {
  absl::Time now = absl::UnixEpoch();
  process_.options.clock = [&now] { return now; };
  cluster_.on_step = [&now](std::string_view step) {
    if (step == "Commit.before") now += absl::Seconds(5);
  };
  process_.options.poll.records_max = 64;
  for (int i = 0; i < 300; ++i) Append("2026-01-05", Invoice("A1", "2026-01-05", i));
  cluster_.next_commit_fault = [faults = 3]() mutable {
    return faults-- > 0 ? CommitFault::kAborted : CommitFault::kNone;
  };
  Begin(process_);
  EXPECT_EQ(CountFailures(), 3);
  for (const CommittedBatch& batch : process_.observer.batches) EXPECT_LE(batch.records, 8);
}

}  // namespace
}  // namespace keyfold
