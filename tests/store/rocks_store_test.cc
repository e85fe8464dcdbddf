#include "store/rocks_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "contract/shard_store_contract.h"
#include "store/rocks_world.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(Rocks, ShardStoreContract, ::testing::Values([]() -> std::unique_ptr<ShardStoreWorld> {
                           return std::make_unique<RocksWorld>();
                         }));

absl::Status PutOne(ShardStore& store, const std::string& key, const std::string& value) {
  StoreBatch batch;
  batch.Put(key, value);
  return store.Write(batch);
}

TEST(RocksStoreTest, CreatesDirectoriesAndKeepsStoresApart) {
  TemporaryDirectory root;
  RocksEnvironment environment{RocksMemory{}};
  {
    const auto first = OpenLetters(environment, root.path() + "/live/0");
    const auto second = OpenLetters(environment, root.path() + "/live/1");
    ASSERT_TRUE(PutOne(*first, "key", "first").ok());
    ASSERT_TRUE(PutOne(*second, "key", "second").ok());
  }
  EXPECT_EQ(**OpenLetters(environment, root.path() + "/live/0")->Get("key"), "first");
  EXPECT_EQ(**OpenLetters(environment, root.path() + "/live/1")->Get("key"), "second");
}

TEST(RocksStoreTest, OutlivesTheEnvironment) {
  TemporaryDirectory root;
  auto environment = std::make_unique<RocksEnvironment>(RocksMemory{});
  const auto store = OpenLetters(*environment, root.path());
  environment.reset();
  ASSERT_TRUE(PutOne(*store, "key", "value").ok());
  EXPECT_EQ(**store->Get("key"), "value");
}

// ---- Errors

TEST(RocksStoreTest, OpenInThisProcessIsUnavailable) {
  TemporaryDirectory root;
  RocksEnvironment environment{RocksMemory{}};
  const auto first = OpenLetters(environment, root.path());
  const absl::Status second = OpenRocksStore(environment, root.path(), &MergeLetters).status();
  EXPECT_TRUE(absl::IsUnavailable(second)) << second;
  EXPECT_THAT(second.ToString(), HasSubstr(root.path()));
  ASSERT_TRUE(PutOne(*first, "key", "value").ok()) << "the first still holds its lock";
  EXPECT_TRUE(absl::IsUnavailable(OpenRocksStore(environment, root.path(), &MergeLetters).status()));
}

TEST(RocksStoreTest, OpenInAnotherProcessIsUnavailableUntilItDies) {
  TemporaryDirectory root;
  RocksEnvironment environment{RocksMemory{}};
  ASSERT_TRUE(PutOne(*OpenLetters(environment, root.path()), "key", "value").ok());
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const std::string lock_file = root.path() + "/LOCK";
  const pid_t holder = fork();
  if (holder == 0) {
    // What RocksDB does to lock it, by system calls alone: this process has none of the threads.
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const int file = open(lock_file.c_str(), O_RDWR);
    if (fcntl(file, F_SETLK, &lock) != 0 || write(ready[1], "!", 1) != 1) _exit(1);
    while (true) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const absl::Status locked = OpenRocksStore(environment, root.path(), &MergeLetters).status();
  EXPECT_TRUE(absl::IsUnavailable(locked)) << locked;
  EXPECT_THAT(locked.ToString(), HasSubstr(root.path()));
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  EXPECT_EQ(**OpenLetters(environment, root.path())->Get("key"), "value");
}

TEST(RocksStoreTest, AFileInTheWayIsInternal) {
  TemporaryDirectory root;
  RocksEnvironment environment{RocksMemory{}};
  std::ofstream(root.path() + "/file") << "not a directory";
  const absl::Status status = OpenRocksStore(environment, root.path() + "/file/shard", &MergeLetters).status();
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(root.path() + "/file/shard"));
}

TEST(RocksStoreTest, ADamagedTableFileIsDataLoss) {
  TemporaryDirectory root;
  {
    RocksEnvironment environment{RocksMemory{}};
    const auto store = OpenLetters(environment, root.path());
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(PutOne(*store, std::to_string(i), std::string(100, 'v')).ok());
  }
  // Opening replays the log into a table file.
  {
    RocksEnvironment environment{RocksMemory{}};
    OpenLetters(environment, root.path());
  }
  const auto tables = FilesIn(root.path(), ".sst");
  ASSERT_EQ(tables.size(), 1u);
  std::fstream(tables[0], std::ios::in | std::ios::out | std::ios::binary).seekp(50).write("damage", 6);

  RocksEnvironment environment{RocksMemory{}};
  const auto store = OpenLetters(environment, root.path());
  const absl::Status scanned = store->Scan("", "", [](std::string_view, std::string_view) { return true; });
  EXPECT_TRUE(absl::IsDataLoss(scanned)) << scanned;
  EXPECT_THAT(scanned.ToString(), HasSubstr(root.path()));
}

TEST(RocksStoreTest, AMissingTableFileIsDataLossOnOpening) {
  TemporaryDirectory root;
  RocksEnvironment environment{RocksMemory{}};
  ASSERT_TRUE(PutOne(*OpenLetters(environment, root.path()), "key", "value").ok());
  OpenLetters(environment, root.path());
  const auto tables = FilesIn(root.path(), ".sst");
  ASSERT_EQ(tables.size(), 1u);
  std::filesystem::remove(tables[0]);
  const absl::Status opened = OpenRocksStore(environment, root.path(), &MergeLetters).status();
  EXPECT_TRUE(absl::IsDataLoss(opened)) << opened;
}

// ---- One writer, readers beside it

TEST(RocksStoreTest, ReadersSeeBatchesWhole) {
  RocksWorld world;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 5000; ++i) {
      StoreBatch batch;
      batch.DeletePrefix("k");
      batch.Put("k1", std::to_string(i));
      batch.Put("k2", std::to_string(i));
      EXPECT_TRUE(world.store().Write(batch).ok());
    }
    done = true;
  });
  while (!done) {
    const StoredPairs seen = Scanned(world.store(), "k", "k");
    if (seen.empty()) continue;  // before the first batch
    ASSERT_EQ(seen.size(), 2u);
    ASSERT_EQ(seen[0].second, seen[1].second);
  }
  writer.join();
  EXPECT_EQ(Scanned(world.store(), "k", "k"), (StoredPairs{{"k1", "4999"}, {"k2", "4999"}}));
}

// ---- Table files

// What a store keeps in its log, which a batch in a table file does not pass.
uintmax_t LogBytes(const std::string& directory) {
  uintmax_t bytes = 0;
  for (const std::filesystem::path& log : FilesIn(directory, ".log")) bytes += std::filesystem::file_size(log);
  return bytes;
}

constexpr uintmax_t kHardlyAnything = 10'000;

class RocksTableFileTest : public ::testing::Test {
 protected:
  RocksTableFileTest() {
    EXPECT_TRUE(PutOne(world_.store(), "c", "before").ok());
    StoreBatch batch;
    batch.Merge("d", "b");
    batch.Put("e", "gone");
    EXPECT_TRUE(world_.store().Write(batch).ok());
  }

  // What the small keys hold.
  StoredPairs Found() {
    StoredPairs found = Scanned(world_.store(), "", "");
    std::erase_if(found, [](const auto& pair) { return pair.first.size() != 1; });
    return found;
  }

  RocksWorld world_;
};

TEST_F(RocksTableFileTest, ALargeBatchInOrderTakesTheShortWay) {
  StoreBatch batch;
  batch.Put("a", "new");
  batch.Put("c", "replaced");
  batch.Merge("d", "a");
  batch.Delete("e");
  batch.Merge("f", "m");
  ASSERT_TRUE(world_.store().Write(Large(std::move(batch))).ok());
  EXPECT_LT(LogBytes(world_.directory()), kHardlyAnything);
  EXPECT_FALSE(IsTableLeft(world_.directory()));
  const StoredPairs expected{{"a", "new"}, {"c", "replaced"}, {"d", "ab"}, {"f", "m"}};
  EXPECT_EQ(Found(), expected);
  world_.Reopen();
  EXPECT_EQ(Found(), expected);
  ASSERT_TRUE(PutOne(world_.store(), "c", "again").ok()) << "later writes come after it";
  EXPECT_EQ(**world_.store().Get("c"), "again");
}

TEST_F(RocksTableFileTest, OthersTakeTheLongWay) {
  StoreBatch twice;
  twice.Merge("d", "a");
  twice.Merge("d", "c");
  ASSERT_TRUE(world_.store().Write(Large(std::move(twice))).ok());
  StoreBatch deleting;
  deleting.DeletePrefix("e");
  deleting.Append(Large({}));
  ASSERT_TRUE(world_.store().Write(std::move(deleting)).ok());
  StoreBatch unsorted;
  unsorted.Append(Large({}));
  unsorted.Put("a", "new");
  ASSERT_TRUE(world_.store().Write(std::move(unsorted)).ok());
  EXPECT_GT(LogBytes(world_.directory()), 3 * (uintmax_t{300} << 10));
  EXPECT_EQ(Found(), (StoredPairs{{"a", "new"}, {"c", "before"}, {"d", "abc"}}));
}

TEST_F(RocksTableFileTest, WhatADeadProcessLeftOfAFileDoesNotDisturb) {
  std::ofstream(world_.directory() + "/next_table") << "half a file";
  world_.Reopen();
  StoreBatch batch;
  batch.Put("a", "new");
  ASSERT_TRUE(world_.store().Write(Large(std::move(batch))).ok());
  EXPECT_EQ(**world_.store().Get("a"), "new");
  EXPECT_FALSE(IsTableLeft(world_.directory()));
}

// ---- Memory

TEST(RocksStoreTest, AllShardsTogetherKeepTheirBudgetOfWriteBuffers) {
  TemporaryDirectory root;
  constexpr size_t kBudget = 4 << 20;
  RocksEnvironment environment{RocksMemory{.block_cache_bytes = 1 << 20, .write_buffer_bytes = kBudget}};
  std::vector<std::unique_ptr<ShardStore>> stores;
  for (int i = 0; i < 12; ++i) stores.push_back(OpenLetters(environment, root.path() + "/" + std::to_string(i)));
  size_t used_max = 0;
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(PutOne(*stores[i % stores.size()], std::to_string(i), std::string(1000, 'v')).ok());
    used_max = std::max(used_max, environment.write_buffer_used_bytes());
  }
  EXPECT_LE(used_max, kBudget * 3 / 2) << "20 MB were written";
  EXPECT_GT(used_max, kBudget / 2) << "it is used";
  EXPECT_LE(environment.block_cache_used_bytes(), size_t{2} << 20);
}

// As workers do: each has shards of its own, and opens and closes them while the others write.
TEST(RocksStoreTest, ThreadsShareAnEnvironment) {
  TemporaryDirectory root;
  RocksEnvironment environment{RocksMemory{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20}};
  const auto work = [&](int worker) {
    for (int opened = 0; opened < 5; ++opened) {
      const auto store = OpenLetters(environment, root.path() + "/" + std::to_string(worker));
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(PutOne(*store, std::to_string(i), std::string(10'000, 'v')).ok());
      }
    }
  };
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) workers.emplace_back(work, worker);
  for (std::thread& worker : workers) worker.join();
  for (int worker = 0; worker < 4; ++worker) {
    const auto store = OpenLetters(environment, root.path() + "/" + std::to_string(worker));
    EXPECT_EQ(Scanned(*store, "", "").size(), 50u);
  }
}

// What empty buffers take is not given back by flushing: a write must neither try for ever nor wait for it.
TEST(RocksStoreTest, MoreShardsThanTheirBudgetHoldsEmptyBuffersForGoOn) {
  TemporaryDirectory root;
  RocksEnvironment environment{RocksMemory{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20}};
  std::vector<std::unique_ptr<ShardStore>> stores;
  for (int i = 0; i < 150; ++i) stores.push_back(OpenLetters(environment, root.path() + "/" + std::to_string(i)));
  for (int i = 0; i < 600; ++i) {
    ASSERT_TRUE(PutOne(*stores[static_cast<size_t>(i) % stores.size()], "k", std::to_string(i)).ok());
  }
  EXPECT_EQ(Scanned(*stores[149], "k", "k"), (StoredPairs{{"k", "599"}}));
  for (int i = 0; i < 150; ++i) {
    EXPECT_LE(FilesIn(root.path() + "/" + std::to_string(i), ".sst").size(), 1u) << "hardly anything was written";
  }
}

TEST(RocksStoreTest, IdleShardsDoNotMakeABusyOneFlushForEveryBatch) {
  TemporaryDirectory root;
  RocksEnvironment environment{RocksMemory{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 4 << 20}};
  std::vector<std::unique_ptr<ShardStore>> idle;
  for (int i = 0; i < 16; ++i) {
    idle.push_back(OpenLetters(environment, root.path() + "/" + std::to_string(i)));
    ASSERT_TRUE(PutOne(*idle.back(), "key", std::string(200'000, 'v')).ok());
  }
  const auto busy = OpenLetters(environment, root.path() + "/busy");
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(PutOne(*busy, std::to_string(i), std::string(1000, 'v')).ok());
  EXPECT_LE(FilesIn(root.path() + "/busy", ".sst").size(), 4u);
}

}  // namespace
}  // namespace keyfold
