#include "store/merge_operator.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/combine.h"

namespace keyfold {
namespace {

bool Take(std::optional<std::string> value, std::string* out) {
  if (!value.has_value()) return false;
  *out = *std::move(value);
  return true;
}

}  // namespace

bool MergeFunctionOperator::FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const {
  const std::vector<rocksdb::Slice>& operands = input.operand_list;
  if (operands.empty()) return false;
  std::optional<std::string_view> before;
  if (input.existing_value != nullptr) before = input.existing_value->ToStringView();
  return Take(CombineOnto(merge_, input.key.ToStringView(), before, operands), &output->new_value);
}

bool MergeFunctionOperator::PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
                                              std::string* merged, rocksdb::Logger* /*logger*/) const {
  if (operands.empty()) return false;
  return Take(Combine(merge_, key.ToStringView(), operands, 0, operands.size()), merged);
}

}  // namespace keyfold
