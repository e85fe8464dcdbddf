// Reading a store beside the process that writes it: every reader sees what some number of batches had made, whatever
// the writer does meanwhile to its log and its table files.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "store/numbered_batches.h"
#include "store/power_cut_files.h"
#include "store/rocks_environment.h"
#include "store/rocks_world.h"

namespace keyfold {
namespace {

constexpr RocksMemory kReaderMemory{.block_cache_bytes = 4 << 20, .write_buffer_bytes = 1 << 20};

absl::StatusOr<StoreAtMoment> OpenReader(RocksEnvironment& environment, const std::string& directory) {
  return OpenRocksStoreForReading(environment, directory, &MergeLetters);
}

// A writer that makes a new table file every few batches, by its buffer or as a whole batch, and so compacts all the
// time.
class BusyWriter {
 public:
  explicit BusyWriter(const std::string& directory) {
    files_.PutBelow(environment_, /*shard_buffer_bytes=*/16 << 10);
    store_ = OpenLetters(environment_, directory);
    thread_ = std::thread([this] {
      while (!stop_) {
        const int next = written_ + 1;
        StoreBatch batch = Batch(next, next % 7 == 0 ? 6'000 : 300);
        batch.Sort();
        const absl::Status status = store_->Write(std::move(batch));
        EXPECT_TRUE(status.ok()) << status;
        if (!status.ok()) break;
        written_ = next;
      }
      ended_ = true;
    });
  }
  ~BusyWriter() {
    stop_ = true;
    thread_.join();
  }

  int written() const { return written_; }

  // Returns when it has written more than so many, or gave up.
  void AwaitMoreThan(int batches) const {
    while (written_ <= batches && !ended_) std::this_thread::yield();
  }

 private:
  PowerCutFiles files_{1};
  RocksEnvironment environment_{kReaderMemory};
  std::unique_ptr<ShardStore> store_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> ended_ = false;
  std::atomic<int> written_ = 0;
  std::thread thread_;
};

TEST(RocksReaderTest, SeesAPrefixOfWhatABusyWriterWrites) {
  TemporaryDirectory root;
  BusyWriter writer(root.path());
  RocksEnvironment environment(kReaderMemory);
  int before = 0;
  for (int question = 0; question < 100 && !testing::Test::HasFailure(); ++question) {
    SCOPED_TRACE(testing::Message() << "question " << question);
    writer.AwaitMoreThan(before);
    const int written = writer.written();
    const absl::StatusOr<StoreAtMoment> reader = OpenReader(environment, root.path());
    ASSERT_TRUE(reader.ok()) << reader.status();
    const int found = ExpectBatchesWithoutGap(*reader->store);
    EXPECT_GE(found, written) << "what had been written is there";
    // Meanwhile the writer deletes files that the reader has open, and appends to its log.
    EXPECT_EQ(ExpectBatchesWithoutGap(*reader->store), found) << "a reader stays at its moment";
    before = found;
  }
}

// Calls `meanwhile` when somebody lists a directory, as a reader does between the manifest and the logs.
class BetweenTwoReads final : public rocksdb::FileSystemWrapper {
 public:
  explicit BetweenTwoReads(std::function<void()> meanwhile)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), meanwhile_(std::move(meanwhile)) {}
  const char* Name() const override { return "BetweenTwoReads"; }
  rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names, rocksdb::IODebugContext* debug) override {
    meanwhile_();
    return target()->GetChildren(path, options, names, debug);
  }

 private:
  const std::function<void()> meanwhile_;
};

// A table file takes what its log held out of it, and the next log begins: with the manifest of before and the logs of
// now a reader would see the last batch alone.
TEST(RocksReaderTest, AManifestAndLogsOfDifferentMomentsAreReadAgain) {
  TemporaryDirectory root;
  RocksEnvironment environment(kReaderMemory);
  const auto store = OpenLetters(environment, root.path());
  ASSERT_TRUE(store->Write(Batch(1)).ok());
  bool written = false;
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(std::make_shared<BetweenTwoReads>([&] {
    if (std::exchange(written, true)) return;
    ASSERT_TRUE(store->Write(Large(Batch(2))).ok());
    ASSERT_TRUE(store->Write(Batch(3)).ok());
    // The log before is dropped in the background.
    while (FilesIn(root.path(), ".log").size() > 1) std::this_thread::yield();
  }));
  RocksEnvironment readers(kReaderMemory);
  readers.shared()->AdjustForTest([&env](rocksdb::Options& options) { options.env = env.get(); });
  const absl::StatusOr<StoreAtMoment> reader = OpenReader(readers, root.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_TRUE(written);
  EXPECT_EQ(ExpectBatchesWithoutGap(*reader->store), 3);
}

TEST(RocksReaderTest, SeesEveryBatchThatWasWrittenBefore) {
  TemporaryDirectory root;
  RocksEnvironment environment(kReaderMemory);
  const auto store = OpenLetters(environment, root.path());
  for (int i = 1; i <= 10; ++i) {
    ASSERT_TRUE(store->Write(Batch(i)).ok());
    const absl::StatusOr<StoreAtMoment> reader = OpenReader(environment, root.path());
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ(ExpectBatchesWithoutGap(*reader->store), i);
  }
}

TEST(RocksReaderTest, WhatWasNeverWrittenIsNotFound) {
  TemporaryDirectory root;
  RocksEnvironment environment(kReaderMemory);
  const absl::Status missing = OpenReader(environment, root.path() + "/7").status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_FALSE(std::filesystem::exists(root.path() + "/7"));
  std::filesystem::create_directory(root.path() + "/8");
  const absl::Status empty = OpenReader(environment, root.path() + "/8").status();
  EXPECT_TRUE(absl::IsNotFound(empty)) << empty;
  EXPECT_TRUE(std::filesystem::is_empty(root.path() + "/8"));
}

TEST(RocksReaderTest, LeavesNoTraceAndNamesTheMoment) {
  TemporaryDirectory root;
  RocksEnvironment environment(kReaderMemory);
  const absl::Time begin = absl::Now();
  {
    const auto store = OpenLetters(environment, root.path());
    for (int i = 1; i <= 300; ++i) ASSERT_TRUE(store->Write(SmallOrLargeBatch(i)).ok());
  }
  const auto files = [&root] {
    std::map<std::string, std::filesystem::file_time_type> times;
    for (const auto& entry : std::filesystem::directory_iterator(root.path())) {
      times[entry.path().filename()] = entry.last_write_time();
    }
    return times;
  };
  const auto before = files();
  {
    const absl::StatusOr<StoreAtMoment> reader = OpenReader(environment, root.path());
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ(ExpectBatchesWithoutGap(*reader->store), 300);
    EXPECT_GT(reader->written_at, begin - absl::Seconds(2));
    EXPECT_LE(reader->written_at, absl::Now());
    EXPECT_TRUE(absl::IsFailedPrecondition(reader->store->Write(Batch(301))));
  }
  EXPECT_EQ(files(), before);
}

TEST(RocksReaderTest, DamageNamesTheDirectoryAndTheRepair) {
  TemporaryDirectory root;
  RocksEnvironment environment(kReaderMemory);
  for (int i = 1; i <= 2; ++i) {  // opening writes the log of the time before into a table file
    ASSERT_TRUE(OpenLetters(environment, root.path())->Write(Batch(i)).ok());
  }
  const auto tables = FilesIn(root.path(), ".sst");
  ASSERT_EQ(tables.size(), 1u);
  std::filesystem::remove(tables[0]);
  for (const absl::Status& status : {OpenReader(environment, root.path()).status(),
                                     OpenRocksStore(environment, root.path(), &MergeLetters).status()}) {
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_NE(status.ToString().find("damaged store: " + root.path()), std::string::npos) << status;
    EXPECT_NE(status.ToString().find("remove this directory: keyfold run makes it anew"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace keyfold
