// Property: any sequence of batches leaves the same in RocksDB, opened anew now and then, as in memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "store/rocks_world.h"
#include "support/random_batches.h"

namespace keyfold {
namespace {

bool DeletesPrefix(const StoreBatch& batch) {
  return std::any_of(batch.operations().begin(), batch.operations().end(),
                     [](const auto& operation) { return operation.kind == StoreBatch::Kind::kDeletePrefix; });
}

TEST(RocksPropertyTest, LeavesTheSameAsTheMemoryStore) {
  EXPECT_TRUE(rc::check("RocksDB and memory agree", [] {
    RocksWorld world;
    MemoryStore memory(&MergeLetters);
    for (StoreBatch batch : *SomeBatches()) {
      if (!DeletesPrefix(batch) && *rc::gen::inRange(0, 4) == 0) batch = Large(std::move(batch));
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
