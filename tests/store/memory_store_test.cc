#include "store/memory_store.h"

#include <memory>

#include "contract/shard_store_contract.h"

namespace keyfold {
namespace {

class MemoryWorld final : public ShardStoreWorld {
 public:
  ShardStore& store() override { return store_; }
  void Reopen() override {}

 private:
  MemoryStore store_{&MergeLetters};
};

INSTANTIATE_TEST_SUITE_P(Memory, ShardStoreContract, ::testing::Values([]() -> std::unique_ptr<ShardStoreWorld> {
                           return std::make_unique<MemoryWorld>();
                         }));

TEST(MemoryStoreTest, ABatchThatFailsLeavesEveryKeyAsItWas) {
  MemoryStore store(&MergeLetters);
  StoreBatch before;
  for (const char* key : {"a", "b", "p/1", "p/2"}) before.Put(key, key);
  ASSERT_TRUE(store.Write(before).ok());
  const auto contents = store.contents();

  StoreBatch batch;
  batch.Put("a", "1");
  batch.Put("a", "2");
  batch.Merge("a", "3");
  batch.Delete("b");
  batch.Put("b", "again");
  batch.DeletePrefix("p/");
  batch.Put("p/1", "again");
  batch.Put("new", "n");
  batch.Merge("a", kDamagedLetters);
  EXPECT_TRUE(absl::IsDataLoss(store.Write(batch)));
  EXPECT_EQ(store.contents(), contents);
}

}  // namespace
}  // namespace keyfold
