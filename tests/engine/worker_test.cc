// One worker or two over a Kafka in memory: what they refuse, and how they go on after what can go wrong. Every
// scenario is named here; worker_simulation_test.cc mixes them at random.
#include "engine/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/transient.h"
#include "engine/worker_world.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// --- refusals --------------------------------------------------------------------------------------------------------

TEST_F(WorkerTest, RefusesAShardThatIsAheadOfTheGroup) {
  FoldThree(process_);
  cluster_.committed()[0].offset = 2;
  EXPECT_THAT(Refusal(process_), AllOf(HasSubstr("partition 0 of events"), HasSubstr("stands at offset 3"),
                                       HasSubstr("committed 2"), HasSubstr("--reset-offsets --to-offset 3")));
}

TEST_F(WorkerTest, RefusesAShardWhoseGroupHasCommittedNothing) {
  FoldThree(process_);
  cluster_.committed().clear();
  EXPECT_THAT(Refusal(process_), AllOf(HasSubstr("committed nothing"), HasSubstr("expired"), HasSubstr("--execute")));
}

TEST_F(WorkerTest, RefusesALogThatIsShorterThanTheShard) {
  FoldThree(process_);
  const std::map<int32_t, CommittedOffset> committed = cluster_.committed();
  cluster_ = MemoryCluster(2);
  read_ = 0;
  cluster_.committed() = committed;
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  EXPECT_THAT(Refusal(process_), AllOf(HasSubstr("stands at offset 3"), HasSubstr("ends at 1"),
                                       HasSubstr("created again"), HasSubstr("--projection NEW_NAME")));
}

TEST_F(WorkerTest, RefusesATopicThatWasCreatedAgain) {
  FoldThree(process_);
  const std::map<int32_t, CommittedOffset> committed = cluster_.committed();
  cluster_ = MemoryCluster(2);
  read_ = 0;
  cluster_.committed() = committed;
  for (int i = 0; i < 5; ++i) Append("2026-01-06", Opened("B" + std::to_string(i)));
  EXPECT_THAT(Refusal(process_), AllOf(HasSubstr("record at offset 2"), HasSubstr("not the one"),
                                       HasSubstr("created again"), HasSubstr("--projection NEW_NAME")));
}

TEST_F(WorkerTest, RefusesALogThatStartsAfterTheShard) {
  FoldThree(process_);
  for (int i = 0; i < 3; ++i) Append("2026-01-06", Opened("B" + std::to_string(i)));
  cluster_.DeleteBefore(0, 4);
  process_.options.accept_log_start = true;  // is for new shards only
  EXPECT_THAT(Refusal(process_), AllOf(HasSubstr("to fold is 3"), HasSubstr("starts at 4"), HasSubstr("retention"),
                                       HasSubstr("--accept-log-start")));
}

TEST_F(WorkerTest, ANewShardAcceptsALateLogStartOnlyWhenTold) {
  for (const char* id : {"A1", "A2", "A3"}) Append("2026-01-05", Invoice(id, "2026-01-05", 100));
  cluster_.DeleteBefore(0, 1);
  EXPECT_THAT(Refusal(process_), AllOf(HasSubstr("to fold is 0"), HasSubstr("starts at 1"),
                                       HasSubstr("--projection NEW_NAME --accept-log-start")));
  End(process_);
  process_.options.accept_log_start = true;
  Begin(process_);
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), ElementsAre("A2 @ 2026-01-05 by 1", "A3 @ 2026-01-05 by 2"));
}

TEST_F(WorkerTest, ALateLogStartThatWasAcceptedSurvivesALostAnswer) {
  for (const char* id : {"A1", "A2", "A3"}) Append("2026-01-05", Invoice(id, "2026-01-05", 100));
  cluster_.DeleteBefore(0, 1);
  process_.options.accept_log_start = true;
  cluster_.next_commit_fault = [faults = 1]() mutable {
    return faults-- > 0 ? CommitFault::kLostCommitted : CommitFault::kNone;
  };
  Begin(process_);
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), ElementsAre("A2 @ 2026-01-05 by 1", "A3 @ 2026-01-05 by 2"));
}

TEST_F(WorkerTest, AShardUpToDateWithALogThatLostItsOldRecordsGoesOn) {
  FoldThree(process_);
  cluster_.DeleteBefore(0, 3);
  Append("2026-01-05", Invoice("A1", "2026-01-05", 200));
  Begin(process_);
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), ElementsAre("A1 @ 2026-01-05 by 3"));
}

// --- a topic that gets partitions ------------------------------------------------------------------------------------

constexpr int32_t kAdded = 2;

TEST_F(WorkerTest, RefusesATopicThatHasGotPartitions) {
  FoldThree(process_);
  cluster_.AddPartitions(kAdded);
  EXPECT_THAT(StartRefusal(process_), AllOf(HasSubstr("events had 2 partitions"), HasSubstr("has 4 now"),
                                            HasSubstr("--topics.events NEW_TOPIC"), HasSubstr("--projection")));
}

TEST_F(WorkerTest, RefusesThemAlsoWithoutAShardThatKnows) {
  FoldThree(process_);
  cluster_.AddPartitions(kAdded);
  process_.disks.clear();  // another machine
  EXPECT_THAT(StartRefusal(process_), HasSubstr("events had 2 partitions"));
}

// Somebody who has not noticed yet may commit after another has begun with more.
TEST_F(WorkerTest, RefusesAPartitionThatWasCommittedWithAnotherNumber) {
  FoldThree(process_);
  const CommittedOffset committed = cluster_.committed()[0];
  cluster_.committed().clear();
  process_.disks.clear();
  cluster_.AddPartitions(kAdded);
  Begin(process_);
  cluster_.committed()[0] = committed;
  const absl::Status status = process_.worker->Step();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("events had 2 partitions"));
}

TEST_F(WorkerTest, EndsWhenThePartitionsThatWereAddedAreItsOwn) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Begin(process_);
  RunToEnd(process_);
  TakePublished();
  cluster_.AddPartitions(kAdded);
  Append("2026-01-05", Invoice("A1", "2026-01-05", 200), 2);
  const absl::Status status = process_.worker->Step();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("events had 2 partitions"));
  EXPECT_FALSE(cluster_.committed().contains(2));
  EXPECT_THAT(TakePublished(), IsEmpty());
}

// The group gives a member that comes back what it had, and does not look at the topic.
TEST_F(WorkerTest, EndsWhenThePartitionsThatWereAddedAreNobodys) {
  process_.options.clock = [this] { return now_; };
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Begin(process_);
  RunToEnd(process_);
  cluster_.assigns_added = false;
  cluster_.AddPartitions(kAdded);
  EXPECT_TRUE(process_.worker->Step().ok());
  now_ += process_.options.partitions_check_every;
  process_.errors.emplace("Partitions", absl::UnavailableError("Partitions"));
  EXPECT_TRUE(process_.worker->Step().ok());  // who cannot be asked now is asked later
  now_ += process_.options.partitions_check_every;
  for (int turn = 0; turn < 2; ++turn) {
    const absl::Status status = process_.worker->Step();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("has 4 now"));
  }
}

// --- transactions that fail ------------------------------------------------------------------------------------------

class WorkerCommitTest : public WorkerTest, public ::testing::WithParamInterface<CommitFault> {};

TEST_P(WorkerCommitTest, WhateverBecameOfACommitResultsArePublishedOnce) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100), 0);
  Append("2026-01-05", Invoice("B1", "2026-01-05", 100), 1);
  cluster_.Append(1, {"B2", "no event", {}, Milliseconds("2026-01-05")});
  cluster_.next_commit_fault = [faults = 1]() mutable { return faults-- > 0 ? GetParam() : CommitFault::kNone; };
  BeginAssigned(process_);
  const absl::Status failed = process_.worker->Step();
  EXPECT_TRUE(IsTransient(failed)) << failed;
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), UnorderedElementsAre("A1 @ 2026-01-05 by 0", "B1 @ 2026-01-05 by 0"));
  EXPECT_EQ(cluster_.outputs(OutputTopic::kDeadLetters).size(), 1u);
  EXPECT_EQ(cluster_.committed()[1].offset, 2);
  EXPECT_EQ(process_.worker->shards().at(1)->next_offset(), 2);
}

INSTANTIATE_TEST_SUITE_P(Faults, WorkerCommitTest,
                         ::testing::Values(CommitFault::kAborted, CommitFault::kLostCommitted,
                                           CommitFault::kLostAborted, CommitFault::kLostUndecided));

TEST_F(WorkerTest, TheGapAfterALostAnswerIsFoldedAgainInSilence) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  cluster_.next_commit_fault = [faults = 1]() mutable {
    return faults-- > 0 ? CommitFault::kLostCommitted : CommitFault::kNone;
  };
  BeginAssigned(process_);
  EXPECT_TRUE(absl::IsDeadlineExceeded(process_.worker->Step()));
  process_.observer.told.clear();
  RunToEnd(process_);
  EXPECT_THAT(process_.observer.told,
              ElementsAre("recovery", "assigned 0 at 0 of 1", "assigned 1 at 0 of 0", "running 0", "running 1",
                          "committed 0 to 1"));  // the sweep's partial
  EXPECT_THAT(TakePublished(), ElementsAre("A1 @ 2026-01-05 by 0"));
  // What comes next changes from what was published, though this process never saw that it was.
  Append("2026-01-05", Invoice("A1", "2026-01-05", 200));
  RunToEnd(process_);
  const v1::KpiUpdate update = ParseUpdate(*cluster_.outputs(OutputTopic::kAccountKpis).back().value);
  ASSERT_GT(update.changed_size(), 0);
  EXPECT_EQ(update.changed(0).from(), 1.0);
}

TEST_F(WorkerTest, AStoreThatCannotBeWrittenOnceIsMadeUpFor) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100), 0);
  Append("2026-01-05", Invoice("B1", "2026-01-05", 100), 1);
  int writes = 0;
  process_.before_write = [&writes](const StoreBatch& /*batch*/) {  // the first transaction's second shard
    return ++writes == 2 ? absl::ResourceExhaustedError("disk full") : absl::OkStatus();
  };
  BeginAssigned(process_);
  const absl::Status failed = process_.worker->Step();
  ASSERT_EQ(writes, 2) << "the shards' writes have changed: which of them follows the commit?";
  EXPECT_TRUE(absl::IsResourceExhausted(failed)) << failed;
  EXPECT_EQ(TakePublished().size(), 2u);  // the transaction was committed
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), IsEmpty());
  EXPECT_EQ(process_.worker->shards().at(0)->next_offset(), 1);
  EXPECT_EQ(process_.worker->shards().at(1)->next_offset(), 1);
}

TEST_F(WorkerTest, ErrorsThatPassArePassedOver) {
  for (const char* const call : {"Poll", "Fetch", "Committed", "Range", "Begin", "Publish", "Reset"}) {
    process_.errors.emplace(call, absl::UnavailableError(call));
  }
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  PortErrors of_start;
  for (const char* const call : {"Committed", "Reset"}) of_start.insert(process_.errors.extract(call));
  Begin(process_);
  process_.errors.merge(of_start);
  RunToEnd(process_);
  EXPECT_THAT(process_.errors, IsEmpty());
  EXPECT_THAT(TakePublished(), ElementsAre("A1 @ 2026-01-05 by 0"));
}

// --- commits of others, and other members ----------------------------------------------------------------------------

TEST_F(WorkerTest, AfterAnOperatorsResetEveryAccountIsPublishedAgain) {
  FoldThree(process_);
  cluster_.committed()[0] = {3, "reset by hand"};
  process_.options.sweep_visits_max = 2;
  Begin(process_);
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), ElementsAre("A1 @ 2026-01-05 by 2", "A2 @ 2026-01-05 by 2", "A3 @ 2026-01-05 by 2"));
  EXPECT_THAT(cluster_.committed()[0].metadata, HasSubstr("fromOffset"));
  End(process_);  // once: the group's commit is ours again
  Begin(process_);
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), IsEmpty());
}

TEST_F(WorkerTest, WhatAnOperatorsResetHasSkippedIsPublishedByTheSweep) {
  FoldThree(process_);
  Append("2026-01-05", Invoice("A2", "2026-01-05", 200));
  Append("2026-01-05", Invoice("A4", "2026-01-05", 100));
  cluster_.committed()[0] = {5, ""};
  Append("2026-01-05", Invoice("A3", "2026-01-05", 300));
  Begin(process_);
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), UnorderedElementsAre("A1 @ 2026-01-05 by 5", "A2 @ 2026-01-05 by 5",
                                                    "A3 @ 2026-01-05 by 5", "A4 @ 2026-01-05 by 5"));
}

TEST_F(WorkerTest, RecordsOfARevokedPartitionAreDropped) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100));
  Append("2026-01-06", Invoice("A1", "2026-01-06", 200));  // begins another batch: it waits in the first worker
  BeginAssigned(process_, "first");
  ASSERT_TRUE(process_.worker->Step().ok());
  EXPECT_FALSE(process_.worker->idle());
  EXPECT_THAT(TakePublished(), ElementsAre("A1 @ 2026-01-05 by 0", "A2 @ 2026-01-05 by 1"));

  Process second;
  Begin(second, "second");
  cluster_.Rebalance();  // partition 0 is to be the second member's
  RunToEnd(process_);
  EXPECT_THAT(process_.observer.told, ::testing::Contains("revoked 0"));
  EXPECT_THAT(process_.worker->shards(), ElementsAre(::testing::Key(1)));
  EXPECT_THAT(TakePublished(), IsEmpty());
  RunToEnd(second);  // on a disk of its own: folds the gap in silence, then goes on
  EXPECT_THAT(second.observer.told, ::testing::Contains("assigned 0 at 0 of 2"));
  EXPECT_THAT(TakePublished(), ElementsAre("A1 @ 2026-01-06 by 2"));
  End(second);
}

TEST_F(WorkerTest, AWorkerThatIsFencedPublishesNothingAndGoesOn) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  BeginAssigned(process_, "first");
  bool moved = false;
  cluster_.on_step = [&](std::string_view step) {
    if (step != "Commit.before" || std::exchange(moved, true)) return;
    // Another process has begun meanwhile under the same identity.
    ASSERT_TRUE(cluster_.OpenSink(process_.memory_log.get(), "first")->Reset().ok());
  };
  EXPECT_TRUE(absl::IsAborted(process_.worker->Step()));
  EXPECT_THAT(TakePublished(), IsEmpty());
  EXPECT_TRUE(process_.disks.at(0).contents().empty());
  RunToEnd(process_);
  EXPECT_THAT(TakePublished(), ElementsAre("A1 @ 2026-01-05 by 0"));
}

}  // namespace
}  // namespace keyfold
