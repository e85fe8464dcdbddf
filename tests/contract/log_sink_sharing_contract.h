// The part of log_sink_contract.h (include that one) about workers that share partitions and take over from each other.
#ifndef KEYFOLD_TESTS_CONTRACT_LOG_SINK_SHARING_CONTRACT_H_
#define KEYFOLD_TESTS_CONTRACT_LOG_SINK_SHARING_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "contract/log_sink_world.h"
#include "keyfold/event_log.h"
#include "keyfold/update_sink.h"

namespace keyfold {

TEST_P(LogSinkContract, WorkersShareThePartitionsAndTakeOverFromOneThatLeaves) {
  CreateTopics(4);
  for (int32_t partition = 0; partition < 4; ++partition) AppendCounted(partition, 10);
  TestWorker first = Open("a");
  AwaitAssignment(first, 4);
  for (const int32_t partition : first.owned) Fetch(first, partition, 0);
  AwaitRecords(first, 40);
  BeginAndPublish(first, {"a"});
  Commit(first, {{0, 10, "0"}, {1, 10, "1"}, {2, 10, "2"}, {3, 10, "3"}});

  TestWorker second = Open("b");
  PollUntil({&first, &second}, [&] { return first.owned.size() == 2 && second.owned.size() == 2; });
  for (const int32_t partition : first.owned) Fetch(first, partition, 10);  // it may have been away for a moment
  for (const int32_t partition : second.owned) {
    EXPECT_FALSE(first.owned.contains(partition));
    EXPECT_EQ(Committed(second, partition), (CommittedOffset{10, std::to_string(partition)}));
    EXPECT_TRUE(absl::IsAborted(first.log().Fetch(partition, 0)));
    Fetch(second, partition, 10);
  }
  for (int32_t partition = 0; partition < 4; ++partition) AppendCounted(partition, 1);
  PollUntil({&first, &second}, [&] { return first.records.size() == 42 && second.records.size() == 2; });

  first.pair.sink = nullptr;
  first.pair.log = nullptr;
  TestWorker third = Open("c");
  PollUntil({&second, &third}, [&] { return second.owned.size() == 2 && third.owned.size() == 2; });
  const size_t read_before = second.records.size();
  for (const int32_t partition : second.owned) Fetch(second, partition, 10);
  for (const int32_t partition : third.owned) {
    EXPECT_FALSE(second.owned.contains(partition));
    Fetch(third, partition, 10);
  }
  PollUntil({&second, &third}, [&] { return second.records.size() == read_before + 2 && third.records.size() == 2; });
}

TEST_P(LogSinkContract, CommitForAPartitionThatWasRevokedIsRefused) {
  CreateTopics(2);
  AppendCounted(0, 5);
  AppendCounted(1, 5);
  TestWorker first = Open("a");
  AwaitAssignment(first, 2);
  BeginAndPublish(first, {"stale"});

  TestWorker second = Open("b");
  PollUntil({&first, &second}, [&] { return first.owned.size() == 1 && second.owned.size() == 1; });
  const int32_t gone = *second.owned.begin();
  const CommitResult result = first.sink().Commit({{gone, 5, "stale"}});
  EXPECT_EQ(result.outcome, CommitOutcome::kAborted) << result.status;
  EXPECT_TRUE(absl::IsAborted(result.status)) << result.status;

  EXPECT_EQ(Committed(second, gone), CommittedOffset{});
  BeginAndPublish(second, {"fresh"});
  Commit(second, {{gone, 1, "fresh"}});
  const int32_t kept = *first.owned.begin();
  BeginAndPublish(first, {"of what it kept"});
  Commit(first, {{kept, 1, "kept"}});
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("fresh", "of what it kept"));
  EXPECT_EQ(Committed(first, gone).metadata, "fresh");
  EXPECT_EQ(Committed(first, kept).metadata, "kept");
}

TEST_P(LogSinkContract, SuccessorOfALeaverGoesOnWhereItCommitted) {
  CreateTopics(1);
  AppendCounted(0, 10);
  {
    TestWorker first = Open("a");
    AwaitAssignment(first, 1);
    Fetch(first, 0, 0);
    AwaitRecords(first, 10);
    BeginAndPublish(first, {"first half"});
    Commit(first, {{0, 5, "half"}});
    BeginAndPublish(first, {"never committed"});
  }
  TestWorker second = Open("a");
  AwaitAssignment(second, 1);
  const CommittedOffset committed = Committed(second, 0);
  ASSERT_EQ(committed, (CommittedOffset{5, "half"}));
  Fetch(second, 0, *committed.offset);
  AwaitRecords(second, 5);
  EXPECT_THAT(second.offsets, ::testing::ElementsAre(5, 6, 7, 8, 9));
  EXPECT_THAT(OutputValues(), ::testing::ElementsAre("first half"));
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_CONTRACT_LOG_SINK_SHARING_CONTRACT_H_
