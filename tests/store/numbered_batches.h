// Batches from which a store shows which of them it has: all from the first to some number, each of them whole.
#ifndef KEYFOLD_TESTS_STORE_NUMBERED_BATCHES_H_
#define KEYFOLD_TESTS_STORE_NUMBERED_BATCHES_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "contract/shard_store_world.h"
#include "keyfold/shard_store.h"
#include "store/rocks_world.h"

namespace keyfold {

inline std::string Numbered(int i) { return absl::StrCat("n", 1'000'000 + i); }

// REQUIRES: i is at least 1.
inline StoreBatch Batch(int i, size_t bytes = 200) {
  StoreBatch batch;
  batch.Put("first", std::to_string(i));
  batch.Put(Numbered(i), std::string(bytes, 'v'));
  batch.Merge("merged", "m");
  batch.Put("last", std::to_string(i));
  return batch;
}

// Every so many batches are large enough for a table file, and in order.
inline constexpr int kLargeEvery = 100;

inline StoreBatch SmallOrLargeBatch(int i) { return i % kLargeEvery == 0 ? Large(Batch(i)) : Batch(i); }

// Expects the batches from 1 to some number, each of them whole, and returns that number.
inline int ExpectBatchesWithoutGap(const ShardStore& store) {
  const int last = std::stoi((*store.Get("last")).value_or("0"));
  EXPECT_EQ((*store.Get("first")).value_or("0"), std::to_string(last));
  EXPECT_EQ((*store.Get("merged")).value_or("").size(), static_cast<size_t>(last));
  const StoredPairs numbered = Scanned(store, "n", "n");
  EXPECT_EQ(numbered.size(), static_cast<size_t>(last));
  if (last > 0 && !numbered.empty()) {
    EXPECT_EQ(numbered.front().first, Numbered(1));
    EXPECT_EQ(numbered.back().first, Numbered(last));
  }
  return last;
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_STORE_NUMBERED_BATCHES_H_
