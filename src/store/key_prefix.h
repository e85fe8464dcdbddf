// Ranges of keys that have a prefix in common.
#ifndef KEYFOLD_STORE_KEY_PREFIX_H_
#define KEYFOLD_STORE_KEY_PREFIX_H_

#include <optional>
#include <string>
#include <string_view>

namespace keyfold {

// The least key greater than all that start with `prefix`. nullopt: there is none, because every key from `prefix` on
// starts with it (it is empty, or all of its bytes are 0xff).
inline std::optional<std::string> PrefixSuccessor(std::string_view prefix) {
  const size_t last = prefix.find_last_not_of('\xff');
  if (last == std::string_view::npos) return std::nullopt;
  std::string successor(prefix.substr(0, last + 1));
  successor.back() = static_cast<char>(static_cast<unsigned char>(successor.back()) + 1);
  return successor;
}

}  // namespace keyfold

#endif  // KEYFOLD_STORE_KEY_PREFIX_H_
