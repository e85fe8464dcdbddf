// What a store keeps when the power goes and takes along whatever was not synced.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "store/numbered_batches.h"
#include "store/power_cut_files.h"
#include "store/rocks_world.h"

namespace keyfold {
namespace {

using Loss = PowerCutFiles::Loss;

constexpr RocksMemory kPowerCutMemory{.block_cache_bytes = 4 << 20, .write_buffer_bytes = 1 << 20};
constexpr size_t kShardBufferBytes = 64 << 10;
constexpr size_t kForFileBytes = 20 << 10;  // a batch so large becomes a table file

class RocksPowerCutTest : public ::testing::TestWithParam<Loss> {
 protected:
  // Opens the store, writes `count` more batches, one in `large_every` of them large, and cuts the power. Returns what
  // was there at first.
  int WriteUntilPowerIsCut(int count, int large_every) {
    RocksEnvironment environment(kPowerCutMemory);
    files_.PutBelow(environment, kShardBufferBytes);
    const auto store = OpenLetters(environment, root_.path());
    const int found = ExpectBatchesWithoutGap(*store);
    written_ = found;
    while (written_ < found + count) {
      const int next = written_ + 1;
      StoreBatch batch = Batch(next, next % large_every == 0 ? kForFileBytes : 500);
      batch.Sort();
      const absl::Status status = store->Write(std::move(batch));
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
      written_ = next;
    }
    files_.Cut(root_.path());
    return found;
  }

  TemporaryDirectory root_;
  PowerCutFiles files_{1};
  int written_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Losses, RocksPowerCutTest, ::testing::Values(Loss::kAll, Loss::kAny));

TEST_P(RocksPowerCutTest, TheLastWritesAreLostAndNoneBeforeThem) {
  std::mt19937_64 random(7);
  int lost = 0;
  for (int round = 1; round <= 40; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const int count = static_cast<int>(random() % 150);
    const int before = written_;
    const int found = WriteUntilPowerIsCut(count, /*large_every=*/3 + round);
    ASSERT_LE(found, before);
    ASSERT_FALSE(HasFailure());
    lost += before - found;
    files_.Restore(root_.path(), GetParam());
  }
  EXPECT_GT(lost, 100) << "power cuts that take nothing show nothing";
}

// A table file is on the disk at once: so must be what was written before it. Where keys overlap RocksDB itself writes
// its buffer out first.
TEST_P(RocksPowerCutTest, ATableFileIsNotThereWithoutWhatWasWrittenBeforeIt) {
  for (const char* table_key : {"b", "z"}) {
    {
      RocksEnvironment environment(kPowerCutMemory);
      files_.PutBelow(environment, kShardBufferBytes);
      const auto store = OpenLetters(environment, root_.path());
      for (const char* key : {"a", "c"}) {
        StoreBatch before;
        before.Put(key, "before");
        ASSERT_TRUE(store->Write(std::move(before)).ok());
      }
      StoreBatch table;
      table.Put(table_key, std::string(kForFileBytes, 't'));
      ASSERT_TRUE(store->Write(std::move(table)).ok());
      files_.Cut(root_.path());
    }
    files_.Restore(root_.path(), GetParam());
    RocksEnvironment environment(kPowerCutMemory);
    const auto store = OpenLetters(environment, root_.path());
    EXPECT_TRUE((*store->Get(table_key)).has_value()) << table_key;
    EXPECT_EQ(*store->Get("a"), "before") << "but not what was written before " << table_key;
    EXPECT_EQ(*store->Get("c"), "before") << "but not what was written before " << table_key;
    StoreBatch all;
    for (const char* key : {"a", "b", "c", "z"}) all.Delete(key);
    ASSERT_TRUE(store->Write(std::move(all)).ok());
  }
}

TEST_P(RocksPowerCutTest, AnEmptyStoreOpensAgain) {
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(WriteUntilPowerIsCut(0, 1), 0);
    files_.Restore(root_.path(), GetParam());
  }
}

}  // namespace
}  // namespace keyfold
