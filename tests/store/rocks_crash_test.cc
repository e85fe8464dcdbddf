// What a store keeps through the death of its process, the loss of the tail of its log, and a full disk. The victims
// are this program again, started for one of the tests that are disabled otherwise.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "store/numbered_batches.h"
#include "store/rocks_world.h"

namespace keyfold {
namespace {

constexpr char kDirectoryVariable[] = "KEYFOLD_TEST_DIRECTORY";
constexpr RocksMemory kCrashMemory{.block_cache_bytes = 4 << 20, .write_buffer_bytes = 2 << 20};

// Starts the disabled test DISABLED_`name` of this program with `directory`; its standard output is `output`.
pid_t StartVictim(const std::string& name, const std::string& directory, int output) {
  const std::string filter = absl::StrCat("--gtest_filter=RocksVictim.DISABLED_", name);
  setenv(kDirectoryVariable, directory.c_str(), 1);
  const pid_t victim = fork();
  if (victim != 0) return victim;
  dup2(output, STDOUT_FILENO);
  execl("/proc/self/exe", "victim", filter.c_str(), "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr);
  _exit(127);
}

std::string VictimDirectory() {
  const char* directory = std::getenv(kDirectoryVariable);
  return directory == nullptr ? "" : directory;
}

// ---- Killed

TEST(RocksVictim, DISABLED_WritesUntilKilled) {
  RocksEnvironment environment(kCrashMemory);
  const auto store = OpenLetters(environment, VictimDirectory());
  for (int i = ExpectBatchesWithoutGap(*store) + 1;; ++i) {
    ASSERT_TRUE(store->Write(SmallOrLargeBatch(i)).ok());
    ASSERT_EQ(write(STDOUT_FILENO, &i, sizeof(i)), static_cast<ssize_t>(sizeof(i)));
  }
}

TEST(RocksCrashTest, AKilledProcessLosesNothingThatWasWritten) {
  TemporaryDirectory root;
  int written = 0;
  for (int round = 1; round <= 4; ++round) {
    int acknowledged[2];
    ASSERT_EQ(pipe2(acknowledged, O_CLOEXEC), 0);
    const pid_t victim = StartVictim("WritesUntilKilled", root.path(), acknowledged[1]);
    close(acknowledged[1]);
    // Far enough for flushes to be under way in later rounds.
    const int enough = written + round * 1500;
    int i = 0;
    while (read(acknowledged[0], &i, sizeof(i)) == sizeof(i)) {
      written = i;
      if (written == enough) kill(victim, SIGKILL);
    }
    close(acknowledged[0]);
    int status = 0;
    waitpid(victim, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    ASSERT_GE(written, enough);

    RocksEnvironment environment(kCrashMemory);
    const int found = ExpectBatchesWithoutGap(*OpenLetters(environment, root.path()));
    EXPECT_GE(found, written);
    EXPECT_LE(found, written + 1) << "the one whose acknowledgement was cut off";
    written = found;
  }
}

// ---- A log without its tail

class RocksTornLogTest : public ::testing::Test {
 protected:
  RocksTornLogTest() {
    RocksEnvironment environment(kCrashMemory);
    const auto store = OpenLetters(environment, root_.path());
    for (int i = 1; i <= kBatches; ++i) EXPECT_TRUE(store->Write(Batch(i)).ok());
  }

  static constexpr int kBatches = 1000;  // few enough to be in one log file only

  std::filesystem::path Log() {
    const auto logs = FilesIn(root_.path(), ".log");
    EXPECT_EQ(logs.size(), 1u);
    return logs.back();
  }

  void Truncate(uintmax_t bytes) { std::filesystem::resize_file(Log(), std::filesystem::file_size(Log()) - bytes); }

  // Opens the store twice: what the first opening leaves out must not come back.
  int BatchesFound() {
    RocksEnvironment environment(kCrashMemory);
    const int found = ExpectBatchesWithoutGap(*OpenLetters(environment, root_.path()));
    EXPECT_EQ(ExpectBatchesWithoutGap(*OpenLetters(environment, root_.path())), found);
    return found;
  }

  TemporaryDirectory root_;
};

TEST_F(RocksTornLogTest, ATornRecordIsLeftOutWhole) {
  Truncate(7);
  EXPECT_EQ(BatchesFound(), kBatches - 1);
}

TEST_F(RocksTornLogTest, ATableFileComesAfterWhatWasWrittenBeforeIt) {
  {
    RocksEnvironment environment(kCrashMemory);
    const auto store = OpenLetters(environment, root_.path());
    ASSERT_TRUE(store->Write(Large(Batch(kBatches + 1))).ok());
    ASSERT_TRUE(store->Write(Batch(kBatches + 2)).ok());
  }
  Truncate(7);
  EXPECT_EQ(BatchesFound(), kBatches + 1);
}

TEST_F(RocksTornLogTest, NothingIsAppliedAfterADamagedRecord) {
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(Log()) / 2);
  std::fstream(Log(), std::ios::in | std::ios::out | std::ios::binary).seekp(middle).write("damage", 6);
  const int found = BatchesFound();
  EXPECT_GT(found, kBatches / 3);
  EXPECT_LT(found, kBatches * 2 / 3);
}

// ---- A full disk

constexpr int kMayNotMount = 77;

// Its directory becomes a small file system of its own, which only this process sees.
TEST(RocksVictim, DISABLED_FillsItsDisk) {
  const std::string disk = VictimDirectory();
  if (unshare(CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) != 0 ||
      mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=24m") != 0) {
    _exit(kMayNotMount);
  }
  std::ofstream(disk + "/ballast") << std::string(16 << 20, 'b');
  int written = 0;
  {
    RocksEnvironment environment(kCrashMemory);
    const auto store = OpenLetters(environment, disk + "/shard");
    for (int round = 1; round <= 3; ++round) {
      absl::Status status;
      while (status.ok() && written < 500'000) {
        StoreBatch batch = Batch(written + 1);
        for (int i = 0; i < 50; ++i) batch.Put(absl::StrCat("x", written, "/", i), std::string(100, 'x'));
        status = store->Write(written % kLargeEvery == 0 ? Large(std::move(batch)) : std::move(batch));
        if (status.ok()) ++written;
      }
      ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
      EXPECT_THAT(status.ToString(), ::testing::HasSubstr(disk + "/shard"));
      // Recovering may have freed something. Take it all.
      std::ofstream(disk + "/rest") << std::string(24 << 20, 'r');
      const absl::Status again = store->Write(Batch(written + 1));
      EXPECT_TRUE(absl::IsResourceExhausted(again)) << again;
      EXPECT_EQ(ExpectBatchesWithoutGap(*store), written);
      EXPECT_FALSE(IsTableLeft(disk + "/shard"));
      std::filesystem::remove(disk + "/rest");
      std::filesystem::resize_file(disk + "/ballast", (16 << 20) - round * (5 << 20));
      ASSERT_TRUE((status = store->Write(Batch(written + 1))).ok()) << status;
      ++written;
    }
  }
  RocksEnvironment environment(kCrashMemory);
  EXPECT_EQ(ExpectBatchesWithoutGap(*OpenLetters(environment, disk + "/shard")), written);
}

TEST(RocksCrashTest, GoesOnWhenThereIsRoomAgain) {
  TemporaryDirectory root;
  int status = 0;
  waitpid(StartVictim("FillsItsDisk", root.path(), STDERR_FILENO), &status, 0);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  if (WEXITSTATUS(status) == kMayNotMount) GTEST_SKIP() << "may not mount a file system here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace keyfold
