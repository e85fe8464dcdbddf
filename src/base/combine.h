// Operands of a merge into one. `merge` is a function as MergeFunction (keyfold/shard_store.h).
#ifndef KEYFOLD_BASE_COMBINE_H_
#define KEYFOLD_BASE_COMBINE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace keyfold {

// The MergeFunction of a store in which nothing is merged.
inline std::optional<std::string> NoMerge(std::string_view /*key*/, std::string_view /*left*/,
                                          std::string_view /*right*/) {
  return std::nullopt;
}

// Combines the operands from `begin` to `end`, of which there is at least one, in their order. By halves, so that many
// small operands are not each added to a sum that has grown long. nullopt: one is damaged.
template <typename Merge, typename Operands>
std::optional<std::string> Combine(Merge merge, std::string_view key, const Operands& operands, size_t begin,
                                   size_t end) {
  const auto operand = [&operands](size_t index) {
    return std::string_view(operands[index].data(), operands[index].size());
  };
  if (end - begin == 1) return std::string(operand(begin));
  if (end - begin == 2) return merge(key, operand(begin), operand(begin + 1));
  const size_t middle = begin + (end - begin) / 2;
  const std::optional<std::string> left = Combine(merge, key, operands, begin, middle);
  if (!left.has_value()) return std::nullopt;
  const std::optional<std::string> right = Combine(merge, key, operands, middle, end);
  if (!right.has_value()) return std::nullopt;
  return merge(key, *left, *right);
}

// All operands, of which there is at least one, merged onto what is there before them, if anything is.
template <typename Merge, typename Operands>
std::optional<std::string> CombineOnto(Merge merge, std::string_view key, std::optional<std::string_view> before,
                                       const Operands& operands) {
  std::optional<std::string> sum = Combine(merge, key, operands, 0, operands.size());
  if (!sum.has_value() || !before.has_value()) return sum;
  return merge(key, *before, *sum);
}

}  // namespace keyfold

#endif  // KEYFOLD_BASE_COMBINE_H_
