// When a stage is ready, and whose partitions have metrics.
#include "run/stage_report.h"

#include <gmock/gmock.h>

#include <string>

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

PartitionProgress Partition(int32_t number, bool running) { return {.partition = number, .running = running}; }

class StageReportTest : public ::testing::Test {
 protected:
  void Tell(int64_t worker, WorkerTurn turn) {
    report_.Tell(
        worker, turn, [](const PartitionProgress&) { return 7; }, absl::UnixEpoch());
  }
  std::string Reason() const { return std::string(report_.ready().message()); }

  Metrics metrics_;
  StageMetrics stage_{metrics_, "accounts"};
  StageReport report_{"worker", 2, stage_};
};

TEST_F(StageReportTest, IsReadyWhenAllWorkersFoldAllTheirPartitions) {
  EXPECT_EQ(Reason(), "worker 0 has not begun yet");
  Tell(0, {.joined = true, .partitions = {Partition(0, true)}});
  EXPECT_EQ(Reason(), "worker 1 has not begun yet");
  Tell(1, {.joined = false});
  EXPECT_EQ(Reason(), "worker 1: the group has not given it partitions yet");
  Tell(1, {.joined = true, .partitions = {Partition(1, true), Partition(2, false)}});
  EXPECT_EQ(Reason(), "worker 1: partition 2 is being replayed");
  Tell(1, {.joined = true, .partitions = {Partition(1, true), Partition(2, true)}});
  EXPECT_TRUE(report_.ready().ok());
}

TEST_F(StageReportTest, IsNotReadyAfterATurnThatFailedOrTheEndOfAWorker) {
  for (const int64_t worker : {0, 1}) Tell(worker, {.joined = true});
  EXPECT_TRUE(report_.ready().ok());
  Tell(1, {.status = absl::ResourceExhaustedError("the disk is full"), .joined = true});
  EXPECT_EQ(Reason(), "worker 1: the disk is full");
  EXPECT_THAT(metrics_.Scrape(),
              HasSubstr("keyfold_failures_total{code=\"RESOURCE_EXHAUSTED\",stage=\"accounts\"} 1\n"));
  Tell(1, {.joined = true});
  EXPECT_TRUE(report_.ready().ok());
  report_.TellEnd(0, absl::OkStatus());
  EXPECT_EQ(Reason(), "worker 0 has ended");
}

TEST_F(StageReportTest, APartitionThatHasMovedToAnotherWorkerKeepsItsMetrics) {
  const std::string lag = "keyfold_lag_records{partition=\"0\",stage=\"accounts\"} 7\n";
  Tell(0, {.joined = true, .partitions = {Partition(0, true), Partition(1, true)}});
  Tell(1, {.joined = true, .partitions = {Partition(0, true)}});
  Tell(0, {.joined = true});
  EXPECT_THAT(metrics_.Scrape(), AllOf(HasSubstr(lag), Not(HasSubstr("partition=\"1\""))));
  report_.TellEnd(1, absl::OkStatus());
  EXPECT_THAT(metrics_.Scrape(), Not(HasSubstr("partition=\"0\"")));
}

TEST_F(StageReportTest, TellsTenTimesASecond) {
  Tell(0, {.joined = true});
  EXPECT_FALSE(report_.Due(0, absl::UnixEpoch() + absl::Milliseconds(99)));
  EXPECT_TRUE(report_.Due(0, absl::UnixEpoch() + absl::Milliseconds(100)));
  EXPECT_TRUE(report_.Due(1, absl::UnixEpoch()));
}

}  // namespace
}  // namespace keyfold
