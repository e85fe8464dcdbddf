// A client library that hangs is noticed, and the process ends.
#include "run/watchdog.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "engine/worker_world.h"
#include "run/watched_ports.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

// Never comes back from a commit, until it is let go.
class HangingSink final : public UpdateSink {
 public:
  HangingSink(UpdateSink& sink, absl::Notification& let_go) : sink_(sink), let_go_(let_go) {}

  absl::Status Begin() override { return sink_.Begin(); }
  absl::Status Publish(OutputRecord record) override { return sink_.Publish(std::move(record)); }
  CommitResult Commit(const std::vector<OffsetCommit>& offsets) override {
    let_go_.WaitForNotification();
    return sink_.Commit(offsets);
  }
  absl::Status Abort() override { return sink_.Abort(); }
  absl::Status Reset() override { return sink_.Reset(); }

 private:
  UpdateSink& sink_;
  absl::Notification& let_go_;
};

class WatchdogTest : public WorkerTest {};

TEST_F(WatchdogTest, ATransactionThatHangsIsSaidWithWhatItHangsIn) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  std::string said;
  absl::Notification let_go;
  Watchdog watchdog(absl::Milliseconds(500), [&](const std::string& message) {
    said = message;
    let_go.Notify();
  });
  Begin(process_);
  HangingSink hanging(*process_.sink, let_go);
  WatchedLog log(*process_.log, watchdog, "worker 0");
  WatchedSink sink(hanging, watchdog, "worker 0");
  const ShardFactory shards = [this](const ShardIdentity& id) {
    return AccountShard::Open(Gathering(std::make_unique<MemoryStore>(MergeStored)), catalog_, format_, id);
  };
  Worker worker(log, sink, shards, process_.options, process_.observer);
  ASSERT_TRUE(worker.Start().ok());
  while (!let_go.HasBeenNotified()) ASSERT_TRUE(worker.Step().ok());
  EXPECT_THAT(said, HasSubstr("worker 0: publishing and committing a transaction: this has taken more than 500ms"));
}

TEST(Watchdog, SaysNothingOfCallsThatEnd) {
  Watchdog watchdog(absl::Hours(1), [](const std::string& message) { FAIL() << message; });
  for (int i = 0; i < 100; ++i) Watchdog::Call call(watchdog, "a call");
}

TEST(Watchdog, ZeroWatchesNothing) {
  Watchdog watchdog(absl::ZeroDuration(), [](const std::string& message) { FAIL() << message; });
  Watchdog::Call call(watchdog, "a call");
}

TEST(WatchdogDeathTest, TheProcessEndsAtOnce) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(EndHungProcess("worker 0: polling"), testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace keyfold
