#include "state/entity_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "state/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The numbers of one account, with a store for its buckets.
class EntityNumbersTest : public ::testing::Test {
 protected:
  EntityNumbers::Numbers Find(uint32_t hash) {
    Load(numbers_.BucketOf(hash));
    return numbers_.Find(hash);
  }

  uint32_t Add(uint32_t hash) {
    for (uint32_t bucket : numbers_.BucketsToAdd(hash)) Load(bucket);
    return numbers_.Add(hash);
  }

  void Write() {
    StoreBatch writes;
    numbers_.WriteBuckets("A1", writes);
    EXPECT_TRUE(store_.Write(writes).ok());
  }

  // Nothing but what is stored is left.
  void Reopen() {
    Write();
    EXPECT_TRUE(numbers_.Parse(std::string(numbers_.Serialize())));
  }

  EntityNumbers numbers_;
  MemoryStore store_{MergeStored};

 private:
  void Load(uint32_t bucket) {
    if (numbers_.IsLoaded(bucket)) return;
    EXPECT_TRUE(numbers_.Load(bucket, store_.Get(EntityBucketKey("A1", bucket))->value_or("")));
  }
};

TEST_F(EntityNumbersTest, NumbersEntitiesInTheirOrder) {
  EXPECT_TRUE(numbers_.empty());
  EXPECT_EQ(numbers_.Serialize(), "");
  EXPECT_THAT(Find(7), IsEmpty());
  EXPECT_EQ(Add(7), 0u);
  EXPECT_EQ(Add(9), 1u);
  EXPECT_THAT(Find(9), ElementsAre(1));
  Reopen();
  EXPECT_FALSE(numbers_.empty());
  EXPECT_THAT(Find(7), ElementsAre(0));
  EXPECT_THAT(Find(9), ElementsAre(1));
  EXPECT_THAT(Find(8), IsEmpty());
  EXPECT_EQ(Add(8), 2u);
  EXPECT_THAT(store_.contents(), IsEmpty()) << "so few lie inside";
}

TEST_F(EntityNumbersTest, TwoEntitiesOfOneHashAreBothFound) {
  Add(7);
  Add(8);
  Add(7);
  Reopen();
  EXPECT_THAT(Find(7), ElementsAre(0, 2));
}

// Through all sizes: hashes that are read with the account, one bucket, many.
TEST_F(EntityNumbersTest, GrowsAndForgetsNothing) {
  std::mt19937 random(1);
  std::vector<uint32_t> hashes;
  while (hashes.size() < 3'000) {
    for (int i = 0; i < 37; ++i) {
      hashes.push_back(static_cast<uint32_t>(random()));
      ASSERT_EQ(Add(hashes.back()), hashes.size() - 1);
    }
    Write();
    if (hashes.size() % 5 == 0) Reopen();
    const size_t known = random() % hashes.size();
    ASSERT_THAT(Find(hashes[known]), testing::Contains(known));
    ASSERT_THAT(Find(static_cast<uint32_t>(random())), IsEmpty());
  }
  Reopen();
  for (size_t number = 0; number < hashes.size(); ++number) {
    ASSERT_THAT(Find(hashes[number]), testing::Contains(number));
  }
}

TEST_F(EntityNumbersTest, WhatIsStoredDoesNotDependOnTheBatches) {
  const auto stored_after = [](size_t batch) {
    MemoryStore store(MergeStored);
    EntityNumbers numbers;
    std::mt19937 random(2);
    for (size_t i = 1; i <= 1'200; ++i) {
      numbers.Add(static_cast<uint32_t>(random()));
      if (i % batch != 0 && i != 1'200) continue;
      StoreBatch writes;
      numbers.WriteBuckets("A1", writes);
      EXPECT_TRUE(store.Write(writes).ok());
    }
    return std::pair(numbers.Serialize(), store.contents());
  };
  const auto expected = stored_after(1'200);
  EXPECT_EQ(expected.second.size(), 8u);
  EXPECT_EQ(stored_after(1), expected);
  EXPECT_EQ(stored_after(77), expected);
}

TEST_F(EntityNumbersTest, DamageIsTold) {
  EXPECT_FALSE(numbers_.Parse("abc"));
  EXPECT_FALSE(numbers_.Parse(std::string("\2\0\0\0hash", 8)));
  EXPECT_FALSE(numbers_.Parse(std::string("\1\0\0\4", 4))) << "2^26 + 1";
  EXPECT_FALSE(numbers_.Parse("\xff\xff\xff\xff"));
  for (uint32_t hash = 0; hash < 100; ++hash) Add(hash);
  const std::string bytes = numbers_.Serialize();
  EXPECT_FALSE(numbers_.Parse(bytes + "more"));
  ASSERT_TRUE(numbers_.Parse(bytes));
  EXPECT_FALSE(numbers_.Load(0, "short"));
}

}  // namespace
}  // namespace keyfold
