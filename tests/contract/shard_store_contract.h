// What every ShardStore must do: the engine relies on these sentences and on nothing else. Include it in one test and
// instantiate ShardStoreContract with a function that makes a world.
#ifndef KEYFOLD_TESTS_CONTRACT_SHARD_STORE_CONTRACT_H_
#define KEYFOLD_TESTS_CONTRACT_SHARD_STORE_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "contract/shard_store_world.h"
#include "keyfold/shard_store.h"

namespace keyfold {

class ShardStoreContract : public ::testing::TestWithParam<std::function<std::unique_ptr<ShardStoreWorld>()>> {
 protected:
  ShardStoreContract() : world_(GetParam()()) {}

  ShardStore& store() { return world_->store(); }
  void Reopen() { world_->Reopen(); }

  void Write(const StoreBatch& batch) {
    const absl::Status status = store().Write(batch);
    ASSERT_TRUE(status.ok()) << status;
  }

  void Put(const std::string& key, const std::string& value) {
    StoreBatch batch;
    batch.Put(key, value);
    Write(batch);
  }

  void Merge(const std::string& key, const std::string& operand) {
    StoreBatch batch;
    batch.Merge(key, operand);
    Write(batch);
  }

  std::optional<std::string> Get(const std::string& key) {
    absl::StatusOr<std::optional<std::string>> value = store().Get(key);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.ok() ? *value : std::nullopt;
  }

  std::vector<std::string> Keys(std::string_view prefix, std::string_view from) {
    std::vector<std::string> keys;
    for (auto& [key, value] : Scanned(store(), prefix, from)) keys.push_back(std::move(key));
    return keys;
  }

 private:
  std::unique_ptr<ShardStoreWorld> world_;
};

// ---- Single keys

TEST_P(ShardStoreContract, HasWhatWasPutUntilItIsDeleted) {
  EXPECT_EQ(Get("a"), std::nullopt);
  Put("a", "1");
  EXPECT_EQ(Get("a"), "1");
  Put("a", "2");
  EXPECT_EQ(Get("a"), "2");
  Put("a", "");
  EXPECT_EQ(Get("a"), "") << "an empty value is a value";
  StoreBatch batch;
  batch.Delete("a");
  batch.Delete("never there");
  Write(batch);
  EXPECT_EQ(Get("a"), std::nullopt);
}

TEST_P(ShardStoreContract, AnEmptyBatchChangesNothing) {
  Put("a", "1");
  Write(StoreBatch());
  EXPECT_EQ(Scanned(store(), "", ""), (StoredPairs{{"a", "1"}}));
}

TEST_P(ShardStoreContract, TheLastOperationOnAKeyWins) {
  StoreBatch batch;
  batch.Put("a", "1");
  batch.Delete("a");
  batch.Put("a", "2");
  batch.Put("b", "1");
  batch.Delete("b");
  Write(batch);
  EXPECT_EQ(Scanned(store(), "", ""), (StoredPairs{{"a", "2"}}));
}

TEST_P(ShardStoreContract, KeepsLargeValues) {
  std::string large(8 << 20, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761u >> 24);
  Put("large", large);
  Put("small", "s");
  Reopen();
  EXPECT_TRUE(Get("large") == large);
  EXPECT_EQ(Get("small"), "s");
}

// ---- Merges

TEST_P(ShardStoreContract, MergesOntoNothingAValueAndOtherOperands) {
  Merge("nothing", "b");
  EXPECT_EQ(Get("nothing"), "b");
  Merge("nothing", "a");
  EXPECT_EQ(Get("nothing"), "ab");

  StoreBatch batch;
  batch.Put("value", "m");
  batch.Merge("value", "z");
  batch.Merge("value", "a");
  Write(batch);
  EXPECT_EQ(Get("value"), "amz");
  Merge("value", "n");
  EXPECT_EQ(Get("value"), "amnz");
  Put("value", "new");
  EXPECT_EQ(Get("value"), "new");
}

TEST_P(ShardStoreContract, MergesAcrossReopening) {
  for (const char* operand : {"a", "b", "c", "d", "e", "f"}) {
    Merge("key", operand);
    Merge("key", operand);
    Reopen();
  }
  EXPECT_EQ(Get("key"), "aabbccddeeff");
}

TEST_P(ShardStoreContract, MergesManyOperands) {
  for (int i = 0; i < 3000; ++i) Merge("key", std::string(1, static_cast<char>('a' + i % 3)));
  const std::string expected = std::string(1000, 'a') + std::string(1000, 'b') + std::string(1000, 'c');
  EXPECT_TRUE(Get("key") == expected);
  Reopen();
  EXPECT_TRUE(Get("key") == expected);
}

TEST_P(ShardStoreContract, AMergeAfterADeletionStartsAnew) {
  Put("key", "old");
  Put("prefix/key", "old");
  StoreBatch batch;
  batch.Delete("key");
  batch.Merge("key", "n");
  batch.DeletePrefix("prefix/");
  batch.Merge("prefix/key", "n");
  Write(batch);
  EXPECT_EQ(Get("key"), "n");
  EXPECT_EQ(Get("prefix/key"), "n");
  Reopen();
  Merge("prefix/key", "m");
  EXPECT_EQ(Get("prefix/key"), "mn");
}

TEST_P(ShardStoreContract, ADamagedOperandIsAnErrorNoLaterThanItsKeyIsRead) {
  Put("key", "a");
  StoreBatch batch;
  batch.Put("beside", "b");
  batch.Merge("key", kDamagedLetters);
  const absl::Status written = store().Write(batch);
  if (!written.ok()) {
    EXPECT_TRUE(absl::IsDataLoss(written)) << written;
    EXPECT_EQ(Get("key"), "a");
    EXPECT_EQ(Get("beside"), std::nullopt) << "a part of a batch was applied";
    return;
  }
  EXPECT_EQ(Get("beside"), "b");
  EXPECT_TRUE(absl::IsDataLoss(store().Get("key").status())) << store().Get("key").status();
  const std::vector<std::string> keys = {"beside", "key"};
  EXPECT_TRUE(absl::IsDataLoss(store().MultiGet(keys).status()));
  EXPECT_TRUE(absl::IsDataLoss(store().Scan("", "", [](std::string_view, std::string_view) { return true; })));
}

// ---- Prefixes

TEST_P(ShardStoreContract, DeletePrefixDeletesExactlyTheKeysThatStartWithIt) {
  for (const char* key : {"e", "e\x01", "e\x01\x01", "e\x01\xff", "e\x02", "f"}) Put(key, "v");
  Put(std::string("e\x01\0", 3), "v");
  StoreBatch batch;
  batch.DeletePrefix("e\x01");
  Write(batch);
  EXPECT_THAT(Keys("", ""), ::testing::ElementsAre("e", "e\x02", "f"));
  Reopen();
  EXPECT_THAT(Keys("", ""), ::testing::ElementsAre("e", "e\x02", "f"));
  EXPECT_EQ(Get("e\x01\x01"), std::nullopt);
}

TEST_P(ShardStoreContract, DeletePrefixSparesWhatIsPutAfterItInTheSameBatch) {
  Put("p1", "old");
  Put("p2", "old");
  StoreBatch batch;
  batch.Put("p3", "of this batch");
  batch.DeletePrefix("p");
  batch.Put("p1", "new");
  batch.Put("p4", "new");
  Write(batch);
  EXPECT_EQ(Scanned(store(), "", ""), (StoredPairs{{"p1", "new"}, {"p4", "new"}}));
}

TEST_P(ShardStoreContract, DeletePrefixReachesTheEndOfAllKeys) {
  for (const char* key : {"\xfe", "\xfe\xff\xff", "\xff", "\xff\xfe", "\xff\xff", "\xff\xff\xff"}) Put(key, "v");
  StoreBatch batch;
  batch.DeletePrefix("\xfe\xff");
  batch.Put("\xff\xff\x01", "before");
  batch.Merge("\xff\xff\x02", "b");
  batch.DeletePrefix("\xff\xff");
  batch.Merge("\xff\xff\x03", "a");
  Write(batch);
  EXPECT_THAT(Keys("", ""), ::testing::ElementsAre("\xfe", "\xff", "\xff\xfe", "\xff\xff\x03"));
  EXPECT_EQ(Get("\xff\xff\x03"), "a");
}

TEST_P(ShardStoreContract, RefusesToDeleteTheEmptyPrefix) {
  Put("a", "1");
  StoreBatch batch;
  batch.Put("b", "1");
  batch.DeletePrefix("");
  EXPECT_TRUE(absl::IsInvalidArgument(store().Write(batch)));
  EXPECT_EQ(Scanned(store(), "", ""), (StoredPairs{{"a", "1"}}));
}

// ---- Reading several

TEST_P(ShardStoreContract, MultiGetAnswersKeyByKey) {
  const std::vector<std::string> keys = {std::string("\0", 1), "a", "b", "c", "\xff", "\xff\xff"};
  Put(keys[0], "zero");
  Merge("b", "b");
  Merge("b", "a");
  Put("c", "");
  Put("\xff\xff", "last");
  absl::StatusOr<std::vector<std::optional<std::string>>> values = store().MultiGet(keys);
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(*values, ::testing::ElementsAre("zero", std::nullopt, "ab", "", std::nullopt, "last"));
  values = store().MultiGet({});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(*values, ::testing::IsEmpty());
}

TEST_P(ShardStoreContract, MultiGetTakesThousandsOfKeys) {
  StoreBatch batch;
  std::vector<std::string> keys;
  for (int i = 0; i < 5000; ++i) {
    keys.push_back(std::to_string(100'000 + i));
    if (i % 3 != 0) batch.Put(keys.back(), std::to_string(i));
  }
  Write(batch);
  for (const bool reopened : {false, true}) {
    if (reopened) Reopen();
    const absl::StatusOr<std::vector<std::optional<std::string>>> values = store().MultiGet(keys);
    ASSERT_TRUE(values.ok()) << values.status();
    ASSERT_EQ(values->size(), keys.size());
    for (int i = 0; i < 5000; ++i) {
      ASSERT_EQ((*values)[i], i % 3 == 0 ? std::nullopt : std::optional(std::to_string(i)));
    }
  }
}

TEST_P(ShardStoreContract, ScanVisitsAPrefixInBytewiseOrder) {
  EXPECT_THAT(Keys("", ""), ::testing::IsEmpty());
  const std::string zero("a\0", 2);
  for (const std::string& key : {std::string("b"), std::string("a\xff"), std::string("a"), zero, std::string("a\x7f"),
                                 std::string("a\x80"), std::string("B")}) {
    Put(key, "v");
  }
  for (const bool reopened : {false, true}) {
    if (reopened) Reopen();
    EXPECT_THAT(Keys("a", "a"), ::testing::ElementsAre("a", zero, "a\x7f", "a\x80", "a\xff"));
    EXPECT_THAT(Keys("a", "a\x7f"), ::testing::ElementsAre("a\x7f", "a\x80", "a\xff")) << "from a key";
    EXPECT_THAT(Keys("a", "a\x7f\x01"), ::testing::ElementsAre("a\x80", "a\xff")) << "from between keys";
    EXPECT_THAT(Keys("a", ""), ::testing::SizeIs(5)) << "from before the prefix";
    EXPECT_THAT(Keys("a", "b"), ::testing::IsEmpty()) << "from behind the prefix";
    EXPECT_THAT(Keys("aa", "aa"), ::testing::IsEmpty());
    EXPECT_THAT(Keys("", ""), ::testing::ElementsAre("B", "a", zero, "a\x7f", "a\x80", "a\xff", "b"));
  }
}

TEST_P(ShardStoreContract, ScanOfThePrefixOfTheLastKeys) {
  for (const char* key : {"\xfe\xff", "\xff", "\xff\xff", "\xff\xff\x01"}) Put(key, "v");
  EXPECT_THAT(Keys("\xff\xff", "\xff\xff"), ::testing::ElementsAre("\xff\xff", "\xff\xff\x01"));
  EXPECT_THAT(Keys("\xff", "\xff"), ::testing::SizeIs(3));
  EXPECT_THAT(Keys("\xfe", "\xfe"), ::testing::ElementsAre("\xfe\xff"));
}

TEST_P(ShardStoreContract, ScanStopsWhenToldAndShowsMergedValues) {
  Merge("a1", "y");
  Merge("a1", "x");
  Put("a2", "2");
  Put("a3", "3");
  EXPECT_EQ(Scanned(store(), "a", "a", 2), (StoredPairs{{"a1", "xy"}, {"a2", "2"}}));
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_CONTRACT_SHARD_STORE_CONTRACT_H_
