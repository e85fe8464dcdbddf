#include "engine/entity_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EntityIndexTest : public ::testing::Test {
 protected:
  EntityIndex::Place At(uint32_t hash, const std::string& account_id = "A1") {
    auto accounts = index_->Open({account_id});
    EXPECT_TRUE(accounts.ok()) << accounts.status();
    return {accounts->front(), hash};
  }
  EntityIndex::Numbers Find(uint32_t hash, const std::string& account_id = "A1") {
    return *index_->Find(At(hash, account_id));
  }
  uint32_t Add(uint32_t hash, const std::string& account_id = "A1") { return *index_->Add(At(hash, account_id)); }

  void Finish() {
    StoreBatch writes;
    index_->Finish(writes);
    EXPECT_TRUE(store_.Write(writes).ok());
  }

  // Nothing is in memory any more.
  void Reopen() { index_.emplace(store_, budget_); }

  MemoryStore store_{MergeStored};
  MemoryBudget budget_{0};  // nothing stays in memory for long
  std::optional<EntityIndex> index_{std::in_place, store_, budget_};
};

TEST_F(EntityIndexTest, NumbersEntitiesOfEachAccountInTheirOrder) {
  EXPECT_THAT(Find(7), IsEmpty());
  EXPECT_EQ(Add(7), 0u);
  EXPECT_EQ(Add(9), 1u);
  EXPECT_EQ(Add(7, "A2"), 0u);
  EXPECT_THAT(Find(9), ElementsAre(1));
  Finish();
  Reopen();
  EXPECT_THAT(Find(7), ElementsAre(0));
  EXPECT_THAT(Find(9), ElementsAre(1));
  EXPECT_THAT(Find(8), IsEmpty());
  EXPECT_EQ(Add(8), 2u);
}

TEST_F(EntityIndexTest, TwoEntitiesOfOneHashAreBothFound) {
  Add(7);
  Add(8);
  Add(7);
  Finish();
  EXPECT_THAT(Find(7), ElementsAre(0, 2));
}

// Through all sizes: hashes that are read with the index, one bucket, many.
TEST_F(EntityIndexTest, GrowsAndForgetsNothing) {
  std::mt19937 random(1);
  std::vector<uint32_t> hashes;
  while (hashes.size() < 3'000) {
    for (int i = 0; i < 37; ++i) {
      hashes.push_back(static_cast<uint32_t>(random()));
      ASSERT_EQ(Add(hashes.back()), hashes.size() - 1);
    }
    Finish();
    if (hashes.size() % 5 == 0) Reopen();
    const size_t known = random() % hashes.size();
    ASSERT_THAT(Find(hashes[known]), testing::Contains(known));
    ASSERT_THAT(Find(static_cast<uint32_t>(random())), IsEmpty());
  }
  Reopen();
  std::vector<EntityIndex::Place> places;
  for (uint32_t hash : hashes) places.push_back(At(hash));
  ASSERT_TRUE(index_->Prefetch(places).ok());
  for (size_t number = 0; number < hashes.size(); ++number) {
    ASSERT_THAT(Find(hashes[number]), testing::Contains(number));
  }
}

TEST_F(EntityIndexTest, WhatIsStoredDoesNotDependOnTheBatches) {
  const auto stored_after = [](size_t batch) {
    MemoryStore store(MergeStored);
    MemoryBudget budget(1 << 20);
    EntityIndex index(store, budget);
    std::mt19937 random(2);
    for (size_t i = 1; i <= 1'200; ++i) {
      EXPECT_TRUE(index.Add({index.Open({"A1"})->front(), static_cast<uint32_t>(random())}).ok());
      if (i % batch != 0 && i != 1'200) continue;
      StoreBatch writes;
      index.Finish(writes);
      EXPECT_TRUE(store.Write(writes).ok());
    }
    return store.contents();
  };
  const auto expected = stored_after(1'200);
  EXPECT_EQ(stored_after(1), expected);
  EXPECT_EQ(stored_after(77), expected);
}

TEST_F(EntityIndexTest, AnErasedAccountBeginsAnew) {
  for (uint32_t hash = 0; hash < 300; ++hash) Add(hash);
  Finish();
  index_->Erase(*At(0).account);
  EXPECT_THAT(Find(7), IsEmpty());
  EXPECT_EQ(Add(9), 0u);
  EXPECT_THAT(Find(9), ElementsAre(0));
}

TEST_F(EntityIndexTest, DamageIsToldAndNotMended) {
  for (uint32_t hash = 0; hash < 100; ++hash) Add(hash);
  Finish();
  StoreBatch damage;
  damage.Put(EntityBucketKey("A1", 0), "short");
  damage.Put(EntityIndexKey("A2"), "abc");
  ASSERT_TRUE(store_.Write(damage).ok());
  Reopen();
  EXPECT_TRUE(absl::IsDataLoss(index_->Find(At(7)).status()));
  EXPECT_TRUE(absl::IsDataLoss(index_->Open({"A2"}).status()));
}

}  // namespace
}  // namespace keyfold
