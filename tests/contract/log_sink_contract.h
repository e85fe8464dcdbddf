// What every (EventLog, UpdateSink) pair must do, whether it is Kafka or the memory twin: the engine relies on these
// sentences and on nothing else. Include it in one test and instantiate LogSinkContract with a world; what concerns
// several workers comes with it.
#ifndef KEYFOLD_TESTS_CONTRACT_LOG_SINK_CONTRACT_H_
#define KEYFOLD_TESTS_CONTRACT_LOG_SINK_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "contract/log_sink_sharing_contract.h"
#include "contract/log_sink_world.h"
#include "keyfold/event_log.h"
#include "keyfold/record.h"
#include "keyfold/update_sink.h"

namespace keyfold {

// ---- The log

TEST_P(LogSinkContract, TellsHowManyPartitionsItHasByNow) {
  CreateTopics(2);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 2);
  EXPECT_EQ(*worker.log().Partitions(), 2);
  const absl::Status grown = world_->GrowInput(5);
  ASSERT_TRUE(grown.ok()) << grown;
  EXPECT_EQ(*worker.log().Partitions(), 5);
}

// ---- Transactions

TEST_P(LogSinkContract, CommittedRecordsAndOffsetsAppearTogether) {
  CreateTopics(1);
  AppendCounted(0, 3);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 1);
  EXPECT_EQ(Committed(worker, 0), CommittedOffset{});

  BeginAndPublish(worker, {"a", "b"});
  const std::vector<OutputTopic> others = {OutputTopic::kDeadLetters, OutputTopic::kPartials, OutputTopic::kGroupKpis,
                                           OutputTopic::kAlerts};
  for (const OutputTopic topic : others) {
    OutputRecord other = Output("account", absl::StrCat("other ", static_cast<int>(topic)));
    other.topic = topic;
    ASSERT_TRUE(worker.sink().Publish(std::move(other)).ok());
  }
  EXPECT_THAT(OutputValues(), ::testing::IsEmpty()) << "visible before the commit";
  Commit(worker, {{.partition = 0, .next_offset = 2, .metadata = "sweep=7"}});

  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("a", "b"));
  for (const OutputTopic topic : others) {
    const std::vector<PlainRecord> outputs = Outputs(topic);
    ASSERT_EQ(outputs.size(), 1u);
    EXPECT_EQ(outputs[0].value, absl::StrCat("other ", static_cast<int>(topic)));
  }
  EXPECT_EQ(Committed(worker, 0), (CommittedOffset{.offset = 2, .metadata = "sweep=7"}));
}

TEST_P(LogSinkContract, LaterCommitReplacesOffsetAndMetadata) {
  CreateTopics(2);
  AppendCounted(0, 5);
  AppendCounted(1, 5);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 2);

  BeginAndPublish(worker, {"a"});
  Commit(worker, {{0, 1, "first"}, {1, 4, std::string("bytes \x01 in it")}});
  BeginAndPublish(worker, {});
  Commit(worker, {{0, 3, ""}});

  EXPECT_EQ(Committed(worker, 0), (CommittedOffset{.offset = 3, .metadata = ""}));
  EXPECT_EQ(Committed(worker, 1), (CommittedOffset{.offset = 4, .metadata = "bytes \x01 in it"}));
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("a"));
}

TEST_P(LogSinkContract, AbortedTransactionLeavesNothing) {
  CreateTopics(1);
  AppendCounted(0, 3);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 1);

  BeginAndPublish(worker, {"dropped"});
  const absl::Status aborted = worker.sink().Abort();
  ASSERT_TRUE(aborted.ok()) << aborted;
  BeginAndPublish(worker, {"kept"});
  Commit(worker, {{0, 1, ""}});

  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("kept"));
  EXPECT_EQ(Committed(worker, 0).offset, 1);
}

TEST_P(LogSinkContract, ADeadLetterThatItsTopicRefusesIsOutOfRange) {
  CreateTopics(1);
  TestWorker worker = Open("w");
  const CommitResult refused = CommitOne(worker, OutputTopic::kDeadLetters, Noise(2 * kLetterTopicBytes));
  EXPECT_EQ(refused.outcome, CommitOutcome::kAborted);
  EXPECT_TRUE(absl::IsOutOfRange(refused.status)) << refused.status;
  EXPECT_THAT(Outputs(OutputTopic::kDeadLetters), ::testing::IsEmpty());

  ASSERT_TRUE(worker.sink().Reset().ok());
  const CommitResult taken = CommitOne(worker, OutputTopic::kDeadLetters, Noise(kLetterTopicBytes - 200));
  EXPECT_EQ(taken.outcome, CommitOutcome::kCommitted) << taken.status;
  EXPECT_THAT(Outputs(OutputTopic::kDeadLetters), ::testing::SizeIs(1));
}

TEST_P(LogSinkContract, AnyOtherRecordThatIsRefusedIsForTheOperator) {
  CreateTopics(1);
  TestWorker worker = Open("w");
  const CommitResult refused = CommitOne(worker, OutputTopic::kAccountKpis, Noise(3'000'000));
  EXPECT_EQ(refused.outcome, CommitOutcome::kAborted);
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status)) << refused.status;
}

TEST_P(LogSinkContract, ResetIsNeededBeforeTheFirstTransaction) {
  CreateTopics(1);
  TestWorker worker = Adopt(world_->Open("w"));
  EXPECT_FALSE(worker.sink().Begin().ok());
  ASSERT_TRUE(worker.sink().Reset().ok());
  EXPECT_TRUE(worker.sink().Begin().ok());
  EXPECT_FALSE(worker.sink().Begin().ok()) << "one is open";
}

TEST_P(LogSinkContract, NothingIsPublishedOutsideATransaction) {
  CreateTopics(1);
  TestWorker worker = Open("w");
  EXPECT_FALSE(worker.sink().Publish(Output("account", "stray")).ok());
  EXPECT_EQ(worker.sink().Commit({}).outcome, CommitOutcome::kAborted);
  BeginAndPublish(worker, {"a"});
  Commit(worker, {});
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("a"));
}

TEST_P(LogSinkContract, AfterALostAnswerTheCommittedOffsetTells) {
  CreateTopics(1);
  AppendCounted(0, 20);
  TestWorker worker = Adopt(world_->OpenWithLossyCommits("w"));
  ASSERT_TRUE(worker.sink().Reset().ok());
  AwaitAssignment(worker, 1);

  int lost = 0;
  std::vector<std::string> expected;
  int64_t committed = 0;
  for (int i = 1; i <= 12; ++i) {
    BeginAndPublish(worker, {std::to_string(i)});
    const CommitResult result = worker.sink().Commit({{0, i, ""}});
    bool happened = result.outcome == CommitOutcome::kCommitted;
    if (result.outcome == CommitOutcome::kUnknown) {
      ++lost;
      EXPECT_FALSE(result.status.ok());
      const absl::Status reset = worker.sink().Reset();
      ASSERT_TRUE(reset.ok()) << reset;
      happened = Committed(worker, 0).offset == i;
    }
    if (!happened) continue;
    expected.push_back(std::to_string(i));
    committed = i;
  }
  EXPECT_GT(lost, 0);
  EXPECT_EQ(OutputValues(), expected);
  EXPECT_EQ(Committed(worker, 0).offset.value_or(0), committed);
}

TEST_P(LogSinkContract, SecondSinkWithTheSameIdentityFencesTheFirst) {
  CreateTopics(1);
  AppendCounted(0, 3);
  TestWorker first = Open("w");
  AwaitAssignment(first, 1);
  BeginAndPublish(first, {"of the first"});

  TestWorker second = Open("w");
  const CommitResult result = first.sink().Commit({{0, 2, "of the first"}});
  EXPECT_NE(result.outcome, CommitOutcome::kCommitted);
  EXPECT_FALSE(result.status.ok());
  EXPECT_FALSE(first.sink().Begin().ok()) << "a fenced sink must be reset";

  BeginAndPublish(second, {"of the second"});
  Commit(second, {});
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("of the second"));
  EXPECT_EQ(Committed(first, 0), CommittedOffset{});
}

TEST_P(LogSinkContract, ResetEndsWhatAPredecessorLeftOpen) {
  CreateTopics(1);
  AppendCounted(0, 3);
  {
    TestWorker first = Open("w");
    AwaitAssignment(first, 1);
    BeginAndPublish(first, {"left open"});
  }
  TestWorker second = Open("w");
  AwaitAssignment(second, 1);
  EXPECT_EQ(Committed(second, 0), CommittedOffset{});
  BeginAndPublish(second, {"new"});
  Commit(second, {{0, 1, ""}});
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("new"));
}

TEST_P(LogSinkContract, OutputsKeepKeysTombstonesHeadersAndTimes) {
  CreateTopics(1);
  TestWorker worker = Open("w");
  ASSERT_TRUE(worker.sink().Begin().ok());
  const std::vector<RecordHeader> headers = {{"ce_type", "kpi"}, {"empty", ""}, {"null", std::nullopt}};
  ASSERT_TRUE(worker.sink().Publish(Output("a", "1", headers, 12'345)).ok());
  ASSERT_TRUE(worker.sink().Publish(Output("a", std::nullopt, {}, 12'346)).ok());
  ASSERT_TRUE(worker.sink().Publish(Output(std::nullopt, "", {}, 12'347)).ok());
  Commit(worker, {});
  EXPECT_THAT(Outputs(), ::testing::ElementsAre(PlainRecord{0, "a", "1", headers, 12'345},
                                                PlainRecord{0, "a", std::nullopt, {}, 12'346},
                                                PlainRecord{0, std::nullopt, "", {}, 12'347}));
}

// ---- Reading

TEST_P(LogSinkContract, RecordsComeAsTheyWereAppended) {
  CreateTopics(1);
  const std::vector<PlainRecord> records = {
      {0, "key", "value", {{"content-type", "application/json"}, {"null", std::nullopt}, {"empty", ""}}, 1},
      {0, std::nullopt, "without a key", {}, 2},
      {0, "", "with an empty key", {}, 3},
      {0, "tombstone", std::nullopt, {{"why", "erased"}}, 4},
      {0, "empty value", "", {}, 5},
      {0, "zeros", std::string("a\0b", 3), {}, 4'000'000'000'000},
  };
  Append(records);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 1);
  Fetch(worker, 0, 0);
  AwaitRecords(worker, records.size());
  EXPECT_EQ(worker.records, records);
  EXPECT_THAT(worker.offsets, ::testing::ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST_P(LogSinkContract, NothingIsFetchedBeforeFetch) {
  CreateTopics(2);
  AppendCounted(0, 3);
  AppendCounted(1, 3);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 2);
  PollQuietly(worker);
  AppendCounted(0, 1);
  AppendCounted(1, 1);
  PollQuietly(worker);
  EXPECT_THAT(worker.records, ::testing::IsEmpty());

  Fetch(worker, 1, 2);
  AwaitRecords(worker, 2);
  PollQuietly(worker);
  EXPECT_THAT(worker.offsets, ::testing::ElementsAre(2, 3));
  EXPECT_EQ(worker.records[0].partition, 1);
}

TEST_P(LogSinkContract, FetchMovesThePositionInBothDirections) {
  CreateTopics(1);
  AppendCounted(0, 1000);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 1);
  Fetch(worker, 0, 0);
  // Much more has been fetched by now than these.
  PollUntil({}, [&] {
    Poll(worker, {.records_max = 10});
    return worker.records.size() >= 10;
  });
  for (const int64_t offset : {500, 20, 999, 0, 3}) {
    worker.offsets.clear();
    worker.records.clear();
    Fetch(worker, 0, offset);
    const PollLimits limits{.records_max = 3};
    PollUntil({}, [&] {
      Poll(worker, limits);
      return !worker.records.empty();
    });
    EXPECT_EQ(worker.offsets[0], offset);
    EXPECT_EQ(worker.records[0].value, std::to_string(offset));
  }
  worker.records.clear();
  worker.offsets.clear();
  Fetch(worker, 0, 1000);
  PollQuietly(worker);
  EXPECT_THAT(worker.offsets, ::testing::IsEmpty());
  AppendCounted(0, 1);
  AwaitRecords(worker, 1);
  EXPECT_THAT(worker.offsets, ::testing::ElementsAre(1000));
}

TEST_P(LogSinkContract, EveryRecordComesOnceAndInOrder) {
  CreateTopics(2);
  AppendCounted(0, 5000);
  AppendCounted(1, 5000);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 2);
  Fetch(worker, 0, 0);
  Fetch(worker, 1, 1000);
  const absl::Time deadline = absl::Now() + kPatience;
  while (worker.records.size() < 9000 && absl::Now() < deadline) {
    const size_t before = worker.records.size();
    ASSERT_NO_FATAL_FAILURE(Poll(worker, {.records_max = 700}));
    EXPECT_LE(worker.records.size() - before, 700u);
  }
  PollQuietly(worker);
  int64_t next[] = {0, 1000};
  for (size_t i = 0; i < worker.records.size(); ++i) {
    ASSERT_EQ(worker.offsets[i], next[worker.records[i].partition]++);
  }
  EXPECT_EQ(next[0], 5000);
  EXPECT_EQ(next[1], 5000);
}

TEST_P(LogSinkContract, PollHeedsTheLimitOfBytesButReturnsAtLeastOneRecord) {
  CreateTopics(1);
  std::vector<PlainRecord> records;
  for (int i = 0; i < 20; ++i) records.push_back({0, "k", std::string(1000, 'x')});
  Append(records);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 1);
  Fetch(worker, 0, 0);
  for (const size_t bytes_max : {10u, 3500u}) {
    const size_t before = worker.records.size();
    PollUntil({}, [&] {
      Poll(worker, {.bytes_max = bytes_max});
      return worker.records.size() > before;
    });
    EXPECT_LE(worker.records.size() - before, std::max<size_t>(1, bytes_max / 1000));
  }
}

TEST_P(LogSinkContract, PollNeverWaitsWhenSomethingIsThere) {
  CreateTopics(1);
  AppendCounted(0, 100);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 1);
  Fetch(worker, 0, 0);
  const absl::Time start = absl::Now();
  Poll(worker, {.wait_max = kPatience});
  EXPECT_FALSE(worker.records.empty());
  EXPECT_LT(absl::Now() - start, kPatience / 2);
}

TEST_P(LogSinkContract, RangeFollowsTheLogAndFetchRefusesWhatIsNotThere) {
  CreateTopics(1);
  TestWorker worker = Open("w");
  AwaitAssignment(worker, 1);
  absl::StatusOr<LogRange> range = worker.log().Range(0);
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_EQ(range->first, 0);
  EXPECT_EQ(range->end, 0);

  AppendCounted(0, 10);
  const absl::Status deleted = world_->DeleteBefore(0, 4);
  ASSERT_TRUE(deleted.ok()) << deleted;
  range = worker.log().Range(0);
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_EQ(range->first, 4);
  EXPECT_EQ(range->end, 10);

  for (const int64_t offset : {0, 3, 11}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(worker.log().Fetch(0, offset))) << offset;
  }
  PollQuietly(worker);
  EXPECT_THAT(worker.offsets, ::testing::IsEmpty());
  Fetch(worker, 0, 4);
  AwaitRecords(worker, 6);
  EXPECT_THAT(worker.offsets, ::testing::ElementsAre(4, 5, 6, 7, 8, 9));
}

TEST_P(LogSinkContract, ClusterIdIsTheSameForEveryWorker) {
  CreateTopics(1);
  TestWorker first = Open("a");
  TestWorker second = Open("b");
  const absl::StatusOr<std::string> id = first.log().ClusterId();
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_FALSE(id->empty());
  const absl::StatusOr<std::string> other = second.log().ClusterId();
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(*other, *id);
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_CONTRACT_LOG_SINK_CONTRACT_H_
