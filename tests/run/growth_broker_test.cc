// Topics that get partitions: a projection refuses them, at start and while it runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "run/broker_projection.h"
#include "run/projection.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class GrowthBrokerTest : public BrokerProjectionTest {
 protected:
  void Grow(const std::string& topic, int32_t partitions) {
    const absl::Status status = GrowTopic(connection_, topic, partitions);
    ASSERT_TRUE(status.ok()) << status;
  }

  // Folds three accounts on two partitions.
  void FoldThree() {
    ASSERT_EQ(CreateTopicsOf(config_, 2).exit_status, kExitOk);
    Produce({"A1", "A2", "A3"});
    const absl::Status status = RunToEnd();
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(Published(config_.kpis_topic).size(), 3u);
  }

  absl::Status RunToEnd() {
    std::atomic<bool> stop = false;
    return RunProjection(config_, {.until_end = true}, stop);
  }

  // That it is refused because `topic` had two partitions.
  static void ExpectRefused(const absl::Status& status, const std::string& topic) {
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(absl::StrCat("the topic ", topic, " had 2 partitions")),
                                                     HasSubstr("has 6 now"), HasSubstr("--projection NEW_NAME")));
  }
};

TEST_F(GrowthBrokerTest, AStartIsRefusedWithShardsAndWithout) {
  FoldThree();
  Grow(config_.events_topic, 6);
  Produce({"B1", "B2", "B3", "B4", "B5"});
  ExpectRefused(RunToEnd(), config_.events_topic);
  std::filesystem::remove_all(config_.state_directory);
  ExpectRefused(RunToEnd(), config_.events_topic);
  EXPECT_EQ(Published(config_.kpis_topic).size(), 3u);
}

// The group gives a member that comes back within its session what it had before: nobody would have the added ones.
TEST_F(GrowthBrokerTest, PartitionsAddedBeforeTheFirstRecordAreFolded) {
  ASSERT_EQ(CreateTopicsOf(config_, 2).exit_status, kExitOk);
  ASSERT_TRUE(RunToEnd().ok());
  Grow(config_.events_topic, 6);
  Produce({"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8"});
  const absl::Status status = RunToEnd();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Published(config_.kpis_topic).size(), 8u);
}

TEST_F(GrowthBrokerTest, AStartIsRefusedWhereThePartialsGrew) {
  FoldThree();
  Grow(config_.partials_topic, 6);
  ExpectRefused(RunToEnd(), config_.partials_topic);
}

TEST_F(GrowthBrokerTest, WhatRunsEnds) {
  FoldThree();
  std::atomic<bool> stop = false;
  absl::Status status;
  std::thread run([&] { status = RunProjection(config_, {}, stop); });
  Produce({"A4"});
  while (Published(config_.kpis_topic).size() < 4 && !stop) {
  }
  Grow(config_.events_topic, 6);
  run.join();
  ExpectRefused(status, config_.events_topic);
}

}  // namespace
}  // namespace keyfold
