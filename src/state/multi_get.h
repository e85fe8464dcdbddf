// Reading the values of several keys, each with what it is read for.
#ifndef KEYFOLD_STATE_MULTI_GET_H_
#define KEYFOLD_STATE_MULTI_GET_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// The values of the entries' keys, which must be sorted; nullopt: there is no such key.
template <typename Entry>
absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
    const ShardStore& store, const std::vector<std::pair<std::string, Entry>>& entries) {
  std::vector<std::string> keys;
  keys.reserve(entries.size());
  for (const auto& [key, entry] : entries) keys.push_back(key);
  return store.MultiGet(keys);
}

}  // namespace keyfold

#endif  // KEYFOLD_STATE_MULTI_GET_H_
