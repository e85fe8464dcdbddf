// A MergeFunction in RocksDB's terms.
#ifndef KEYFOLD_STORE_MERGE_OPERATOR_H_
#define KEYFOLD_STORE_MERGE_OPERATOR_H_

#include <deque>
#include <string>

#include "keyfold/shard_store.h"
#include "rocksdb/merge_operator.h"

namespace keyfold {

// Thread-safe, as `merge` is. RocksDB makes a Corruption of an operand that `merge` refuses.
class MergeFunctionOperator final : public rocksdb::MergeOperator {
 public:
  explicit MergeFunctionOperator(MergeFunction merge) : merge_(merge) {}

  bool FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const override;

  // Lets flushes and compactions make one operand of many before the value below them is known.
  bool PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands, std::string* merged,
                         rocksdb::Logger* logger) const override;

  // Part of the format on disk: a store is opened only by the operator that wrote it.
  const char* Name() const override { return "keyfold.MergeFunction"; }

 private:
  MergeFunction merge_;
};

}  // namespace keyfold

#endif  // KEYFOLD_STORE_MERGE_OPERATOR_H_
