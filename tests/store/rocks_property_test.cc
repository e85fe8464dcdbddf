// Property: any sequence of batches leaves the same in RocksDB, opened anew now and then, as in memory.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "contract/shard_store_world.h"
#include "store/memory_store.h"
#include "store/rocks_world.h"

namespace keyfold {
namespace {

// Few and short, so that keys meet each other and their prefixes; with the least and the greatest byte.
rc::Gen<std::string> AKey() {
  return rc::gen::mapcat(rc::gen::inRange<size_t>(1, 4), [](size_t size) {
    return rc::gen::container<std::string>(size, rc::gen::element('\x00', 'a', '\xfe', '\xff'));
  });
}

rc::Gen<std::string> SomeLetters() {
  return rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange('a', 'z')), [](std::string letters) {
    std::sort(letters.begin(), letters.end());
    return letters;
  });
}

using Kind = StoreBatch::Kind;

rc::Gen<StoreBatch::Operation> AnOperation() {
  return rc::gen::construct<StoreBatch::Operation>(
      rc::gen::weightedElement<Kind>(
          {{4, Kind::kPut}, {8, Kind::kMerge}, {2, Kind::kDelete}, {1, Kind::kDeletePrefix}}),
      AKey(), SomeLetters());
}

void Add(const StoreBatch::Operation& operation, StoreBatch& batch) {
  switch (operation.kind) {
    case Kind::kPut:
      return batch.Put(operation.key, operation.value);
    case Kind::kMerge:
      return batch.Merge(operation.key, operation.value);
    case Kind::kDelete:
      return batch.Delete(operation.key);
    case Kind::kDeletePrefix:
      return batch.DeletePrefix(operation.key);
  }
}

void ExpectSame(const ShardStore& rocks, const MemoryStore& memory) {
  RC_ASSERT(Scanned(rocks, "", "") == StoredPairs(memory.contents().begin(), memory.contents().end()));
  const std::string prefix = *AKey();
  const std::string from = *AKey();
  RC_ASSERT(Scanned(rocks, prefix, from) == Scanned(memory, prefix, from));

  std::vector<std::string> keys = *rc::gen::container<std::vector<std::string>>(AKey());
  std::sort(keys.begin(), keys.end());
  const auto in_rocks = rocks.MultiGet(keys);
  const auto in_memory = memory.MultiGet(keys);
  RC_ASSERT(in_rocks.ok());
  RC_ASSERT(*in_rocks == *in_memory);
}

TEST(RocksPropertyTest, LeavesTheSameAsTheMemoryStore) {
  EXPECT_TRUE(rc::check("RocksDB and memory agree", [] {
    RocksWorld world;
    MemoryStore memory(&MergeLetters);
    const auto batches = *rc::gen::container<std::vector<std::vector<StoreBatch::Operation>>>(
        rc::gen::container<std::vector<StoreBatch::Operation>>(AnOperation()));
    for (const std::vector<StoreBatch::Operation>& operations : batches) {
      StoreBatch batch;
      for (const StoreBatch::Operation& operation : operations) Add(operation, batch);
      RC_ASSERT(world.store().Write(batch).ok());
      RC_ASSERT(memory.Write(batch).ok());
      if (*rc::gen::inRange(0, 20) == 0) {
        world.Reopen();
        ExpectSame(world.store(), memory);
      }
    }
    ExpectSame(world.store(), memory);
    world.Reopen();
    ExpectSame(world.store(), memory);
  }));
}

}  // namespace
}  // namespace keyfold
