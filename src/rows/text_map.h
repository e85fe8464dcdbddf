// Hash tables of texts that are found by std::string_view, which Abseil's own do only where its string_view is that
// one.
#ifndef KEYFOLD_ROWS_TEXT_MAP_H_
#define KEYFOLD_ROWS_TEXT_MAP_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace keyfold {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return absl::Hash<std::string_view>()(text); }
};

template <typename T>
using TextMap = absl::flat_hash_map<std::string, T, TextHash, std::equal_to<>>;
using TextSet = absl::flat_hash_set<std::string, TextHash, std::equal_to<>>;

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_TEXT_MAP_H_
