// What the contract of stores needs of a kind of store, and the merge with which it is tried.
#ifndef KEYFOLD_TESTS_CONTRACT_SHARD_STORE_WORLD_H_
#define KEYFOLD_TESTS_CONTRACT_SHARD_STORE_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// The MergeFunction of these tests: a value is a bag of letters, in order. It shows an operand that was lost or taken
// twice, and bytes that are out of order are damaged.
inline std::optional<std::string> MergeLetters(std::string_view /*key*/, std::string_view left,
                                               std::string_view right) {
  if (!std::is_sorted(left.begin(), left.end()) || !std::is_sorted(right.begin(), right.end())) return std::nullopt;
  std::string merged;
  std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(merged));
  return merged;
}

inline constexpr char kDamagedLetters[] = "zyx";

// A store of the kind under test, merging with MergeLetters.
class ShardStoreWorld {
 public:
  virtual ~ShardStoreWorld() = default;
  virtual ShardStore& store() = 0;

  // Closes and opens it, if there is such a thing.
  virtual void Reopen() = 0;
};

using StoredPairs = std::vector<std::pair<std::string, std::string>>;

// What Scan() visits, at most `visits_max` keys.
inline StoredPairs Scanned(const ShardStore& store, std::string_view prefix, std::string_view from,
                           size_t visits_max = SIZE_MAX) {
  StoredPairs visited;
  const absl::Status status = store.Scan(prefix, from, [&](std::string_view key, std::string_view value) {
    visited.emplace_back(key, value);
    return visited.size() < visits_max;
  });
  EXPECT_TRUE(status.ok()) << status;
  return visited;
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_CONTRACT_SHARD_STORE_WORLD_H_
