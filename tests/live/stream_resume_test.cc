// Readers that are cut off where only one order of things is right, and what they know after they have come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "live/latest_world.h"
#include "live/stream_reader.h"

namespace keyfold {
namespace {

using ::testing::Contains;
using ::testing::Not;

const Visibility kSeesAll{.sees_all = true, .groups = {}};

std::map<std::string, int64_t> Present(const LatestWorld& world) {
  std::map<std::string, int64_t> present;
  for (const auto& [key, update] : world.latest()) present[key.second] = update.source_offset();
  return present;
}

void ComesBack(LatestWorld& world, StreamReader& reader) {
  reader.Connect(world.values());
  reader.ReceiveAll();
}

TEST(StreamResumeTest, AReaderWhomWhatWasForgottenConcernsBeginsAnew) {
  for (const bool all : {true, false}) {
    LatestWorld world(1, {.ended_max = 2});
    for (const char* id : {"A1", "A2", "A3", "A4", "A5"}) world.Publish(AnUpdate(id, "M1"));
    world.ReadAll();
    StreamReader reader(kSeesAll, all ? Interest{.all_accounts = true} : Interest{.members_of = {"manager:M1"}});
    ComesBack(world, reader);
    reader.Disconnect();
    reader.TakeEvents();
    for (const char* id : {"A1", "A2"}) world.Tombstone(id);
    world.ReadAll();
    ComesBack(world, reader);
    EXPECT_THAT(reader.TakeEvents(), Not(Contains("reset"))) << "both are still remembered";
    EXPECT_EQ(reader.known, Present(world));

    reader.Disconnect();
    for (const char* id : {"A3", "A4", "A5"}) world.Tombstone(id);
    world.Publish(AnUpdate("A6", "M1"));
    world.ReadAll();
    ComesBack(world, reader);
    EXPECT_THAT(reader.TakeEvents(), Contains("reset"));
    EXPECT_EQ(reader.known, Present(world));
  }
}

// More than a stream takes at once waits for a reader of few rows, of a partition after the other one.
TEST(StreamResumeTest, AnIdNamesNothingThatStillWaits) {
  constexpr int kOfEach = 80;
  for (int told = 0; told < 2 * kOfEach; told += 7) {
    LatestWorld world(2);
    const auto publish_all = [&world](double revenue) {
      for (const char* partition : {"0", "1"}) {
        for (int i = 0; i < kOfEach; ++i) world.Publish(AnUpdate(absl::StrCat("A", i, partition), "M1", revenue));
      }
      while (world.unread() > 0) world.Read(5);
    };
    StreamReader reader(kSeesAll, {.members_of = {"manager:M1"}});
    publish_all(1);
    ComesBack(world, reader);
    publish_all(2);
    for (int i = 0; i < told; ++i) reader.Receive(/*sent_max=*/1);
    ComesBack(world, reader);
    EXPECT_EQ(reader.known, Present(world)) << "after " << told;
  }
}

// A process that has lost its store is behind the ids that it has given: its readers begin anew. One that is cut off
// just then, and comes back when the process has read all again, must not go on from the id of before.
TEST(StreamResumeTest, AResetHasAnIdOfItsOwn) {
  for (size_t received = 0; received < 1'500; received += 13) {
    LatestWorld world(1);
    for (const char* id : {"A1", "A2", "A3"}) world.Publish(AnUpdate(id, "M1"));
    world.ReadAll();
    StreamReader reader(kSeesAll, {.all_accounts = true});
    ComesBack(world, reader);
    reader.Disconnect();

    world.disk() = MemoryStore(nullptr);
    world.Restart();
    world.Read(1);
    reader.Connect(world.values());
    reader.Receive(/*sent_max=*/1 << 20, received);
    reader.Disconnect();
    world.ReadAll();
    ComesBack(world, reader);
    EXPECT_EQ(reader.known, Present(world)) << "after " << received << " bytes";
  }
}

}  // namespace
}  // namespace keyfold
