#include "store/write_behind_store.h"

#include <memory>
#include <optional>

#include "contract/shard_store_contract.h"
#include "store/memory_store.h"
#include "support/random_batches.h"
#include "support/shared_store.h"

namespace keyfold {
namespace {

// Over a disk in memory.
class WriteBehindWorld final : public ShardStoreWorld {
 public:
  explicit WriteBehindWorld(int64_t bytes_max = 1 << 30) : budget_(std::make_shared<MemoryBudget>(bytes_max)) {
    Open();
  }

  WriteBehindStore& store() override { return *store_; }

  void Reopen() override {
    EXPECT_TRUE(store_->Flush().ok());
    Open();
  }

  // What it holds in memory is lost.
  void Open() {
    store_ = nullptr;
    store_ = std::make_unique<WriteBehindStore>(
        std::make_unique<SharedStore>(disk_, [this](const StoreBatch& batch) { return Take(batch); }), &MergeLetters,
        budget_);
  }

  const MemoryStore& disk() const { return disk_; }
  int writes() const { return writes_; }
  const MemoryBudget& budget() const { return *budget_; }
  const std::vector<std::string>& last_keys() const { return last_keys_; }  // of the last write
  void Fail(absl::Status status) { disk_status_ = std::move(status); }

 private:
  absl::Status Take(const StoreBatch& batch) {
    ++writes_;
    last_keys_.clear();
    for (const StoreBatch::Operation& operation : batch.operations()) last_keys_.push_back(operation.key);
    return disk_status_;
  }

  std::shared_ptr<MemoryBudget> budget_;
  MemoryStore disk_{&MergeLetters};
  absl::Status disk_status_;
  int writes_ = 0;
  std::vector<std::string> last_keys_;
  std::unique_ptr<WriteBehindStore> store_;
};

INSTANTIATE_TEST_SUITE_P(WriteBehind, ShardStoreContract,
                         ::testing::Values([] { return std::make_unique<WriteBehindWorld>(); }));

StoreBatch Putting(const std::string& key, const std::string& value) {
  StoreBatch batch;
  batch.Put(key, value);
  return batch;
}

TEST(WriteBehindStoreTest, LeavesTheSameAsTheMemoryStore) {
  EXPECT_TRUE(rc::check("flushed now and then", [] {
    WriteBehindWorld world(0);
    MemoryStore memory(&MergeLetters);
    for (const StoreBatch& batch : *SomeBatches()) {
      RC_ASSERT(world.store().Write(batch).ok());
      RC_ASSERT(memory.Write(batch).ok());
      if (*rc::gen::inRange(0, 5) == 0) RC_ASSERT(world.store().Flush().ok());
      ExpectSame(world.store(), memory);
    }
    world.Reopen();
    ExpectSame(world.store(), memory);
    RC_ASSERT(!world.budget().exceeded());
  }));
}

TEST(WriteBehindStoreTest, WhatWasWrittenManyTimesReachesTheDiskOnce) {
  WriteBehindWorld world;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(world.store().Write(Putting("key", std::to_string(i))).ok());
  EXPECT_EQ(world.writes(), 0);
  ASSERT_TRUE(world.store().Flush().ok());
  EXPECT_EQ(world.writes(), 1);
  EXPECT_EQ(*world.disk().Get("key"), "99");
  ASSERT_TRUE(world.store().Flush().ok());
  EXPECT_EQ(world.writes(), 1) << "there was nothing to write";
}

TEST(WriteBehindStoreTest, WhatComesLastIsPartOfTheOneBatch) {
  WriteBehindWorld world;
  ASSERT_TRUE(world.store().Write(Putting("a", "1")).ok());
  ASSERT_TRUE(world.store().Write(Putting("b", "1")).ok());
  StoreBatch last;
  last.Put("b", "2");
  last.Put("c", "2");
  ASSERT_TRUE(world.store().FlushWith(std::move(last)).ok());
  EXPECT_EQ(world.writes(), 1);
  EXPECT_EQ(Scanned(world.disk(), "", ""), (StoredPairs{{"a", "1"}, {"b", "2"}, {"c", "2"}}));
}

TEST(WriteBehindStoreTest, FlushesInTheOrderOfTheKeys) {
  WriteBehindWorld world;
  StoreBatch deleting;
  deleting.DeletePrefix("z");
  ASSERT_TRUE(world.store().Write(std::move(deleting)).ok());
  for (const std::string key : {"d", "b"}) ASSERT_TRUE(world.store().Write(Putting(key, "1")).ok());
  StoreBatch last = Putting("a", "2");
  last.Put("c", "2");
  ASSERT_TRUE(world.store().FlushWith(std::move(last)).ok());
  EXPECT_EQ(world.last_keys(), (std::vector<std::string>{"z", "a", "b", "c", "d"}));
}

TEST(WriteBehindStoreTest, CountsWhatItKeeps) {
  WriteBehindWorld world(1'000);
  ASSERT_TRUE(world.store().Write(Putting("small", "s")).ok());
  EXPECT_GT(world.store().bytes(), 0);
  EXPECT_FALSE(world.budget().exceeded());
  ASSERT_TRUE(world.store().Write(Putting("large", std::string(1'000, 'l'))).ok());
  EXPECT_GT(world.store().bytes(), 1'000);
  EXPECT_TRUE(world.budget().exceeded());
  ASSERT_TRUE(world.store().Flush().ok());
  EXPECT_EQ(world.store().bytes(), 0);
  EXPECT_FALSE(world.budget().exceeded());
}

TEST(WriteBehindStoreTest, ManyDeletedPrefixesAreToBeFlushedEarly) {
  WriteBehindWorld world;
  StoreBatch batch;
  for (int i = 0; i < 1'000; ++i) batch.DeletePrefix("p" + std::to_string(i));
  ASSERT_TRUE(world.store().Write(batch).ok());
  EXPECT_TRUE(world.store().full());
}

TEST(WriteBehindStoreTest, ACrashLosesTheLastWritesTogether) {
  WriteBehindWorld world;
  ASSERT_TRUE(world.store().Write(Putting("a", "1")).ok());
  ASSERT_TRUE(world.store().Flush().ok());
  ASSERT_TRUE(world.store().Write(Putting("a", "2")).ok());
  ASSERT_TRUE(world.store().Write(Putting("b", "2")).ok());
  world.Open();
  EXPECT_EQ(*world.store().Get("a"), "1");
  EXPECT_EQ(*world.store().Get("b"), std::nullopt);
}

TEST(WriteBehindStoreTest, AfterAFlushThatFailedEverythingFails) {
  WriteBehindWorld world;
  ASSERT_TRUE(world.store().Write(Putting("a", "1")).ok());
  world.Fail(absl::ResourceExhaustedError("disk full"));
  EXPECT_TRUE(absl::IsResourceExhausted(world.store().Flush()));
  world.Fail(absl::OkStatus());
  EXPECT_TRUE(absl::IsResourceExhausted(world.store().Flush()));
  EXPECT_TRUE(absl::IsResourceExhausted(world.store().Write(Putting("b", "1"))));
  EXPECT_TRUE(world.disk().contents().empty());
  world.Open();
  EXPECT_TRUE(world.store().Write(Putting("b", "1")).ok());
}

}  // namespace
}  // namespace keyfold
