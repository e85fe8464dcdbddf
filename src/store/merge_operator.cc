#include "store/merge_operator.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace keyfold {
namespace {

std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Combines the operands from `begin` to `end`, of which there is at least one, in their order. By halves, so that many
// small operands are not each added to a sum that has grown long.
template <typename Operands>
std::optional<std::string> Combine(MergeFunction merge, std::string_view key, const Operands& operands, size_t begin,
                                   size_t end) {
  if (end - begin == 1) return std::string(View(operands[begin]));
  if (end - begin == 2) return merge(key, View(operands[begin]), View(operands[begin + 1]));
  const size_t middle = begin + (end - begin) / 2;
  const std::optional<std::string> left = Combine(merge, key, operands, begin, middle);
  if (!left.has_value()) return std::nullopt;
  const std::optional<std::string> right = Combine(merge, key, operands, middle, end);
  if (!right.has_value()) return std::nullopt;
  return merge(key, *left, *right);
}

bool Take(std::optional<std::string> value, std::string* out) {
  if (!value.has_value()) return false;
  *out = *std::move(value);
  return true;
}

}  // namespace

bool MergeFunctionOperator::FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const {
  const std::vector<rocksdb::Slice>& operands = input.operand_list;
  if (operands.empty()) return false;
  std::optional<std::string> sum = Combine(merge_, View(input.key), operands, 0, operands.size());
  if (sum.has_value() && input.existing_value != nullptr) {
    sum = merge_(View(input.key), View(*input.existing_value), *sum);
  }
  return Take(std::move(sum), &output->new_value);
}

bool MergeFunctionOperator::PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
                                              std::string* merged, rocksdb::Logger* /*logger*/) const {
  if (operands.empty()) return false;
  return Take(Combine(merge_, View(key), operands, 0, operands.size()), merged);
}

}  // namespace keyfold
