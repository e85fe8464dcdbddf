// Where a shard keeps its state: an ordered map of bytes with atomic batches.
#ifndef KEYFOLD_SHARD_STORE_H_
#define KEYFOLD_SHARD_STORE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyfold {

// Combines two operands of Merge() under a key into one, `left` being the earlier; nullopt: they are damaged. Must be
// associative.
using MergeFunction = std::optional<std::string> (*)(std::string_view key, std::string_view left,
                                                     std::string_view right);

// Changes that become visible together. They apply in the order in which they were added.
class StoreBatch {
 public:
  enum class Kind { kPut, kMerge, kDelete, kDeletePrefix };
  struct Operation {
    Kind kind;
    std::string key;
    std::string value;
  };

  void Put(std::string key, std::string value) { Add(Kind::kPut, std::move(key), std::move(value)); }

  // Combines `operand` with what is stored under the key by the store's MergeFunction, without reading it now.
  void Merge(std::string key, std::string operand) { Add(Kind::kMerge, std::move(key), std::move(operand)); }

  void Delete(std::string key) { Add(Kind::kDelete, std::move(key), {}); }

  // Deletes every key that starts with `prefix`, which must not be empty.
  void DeletePrefix(std::string prefix) { Add(Kind::kDeletePrefix, std::move(prefix), {}); }

  // Adds the operations of another batch.
  void Append(StoreBatch other) {
    if (operations_.empty()) {
      operations_ = std::move(other.operations_);
      return;
    }
    operations_.insert(operations_.end(), std::make_move_iterator(other.operations_.begin()),
                       std::make_move_iterator(other.operations_.end()));
  }

  // Append() of a batch that is in the order of its keys, as this one is: so are all of them then.
  void AppendInOrder(StoreBatch other) {
    const auto size = static_cast<std::ptrdiff_t>(operations_.size());
    Append(std::move(other));
    std::inplace_merge(operations_.begin(), operations_.begin() + size, operations_.end(), KeyLess);
  }

  // Puts the operations in the order of their keys, which stores take faster; those of one key stay as they are.
  // REQUIRES: no DeletePrefix().
  void Sort() { std::stable_sort(operations_.begin(), operations_.end(), KeyLess); }

  const std::vector<Operation>& operations() const { return operations_; }
  std::vector<Operation> TakeOperations() && { return std::move(operations_); }

 private:
  static bool KeyLess(const Operation& a, const Operation& b) { return a.key < b.key; }

  void Add(Kind kind, std::string key, std::string value) {
    operations_.push_back({kind, std::move(key), std::move(value)});
  }

  std::vector<Operation> operations_;
};

// One writer at a time; reads may run beside it. Errors are operating errors (disk full, corruption).
class ShardStore {
 public:
  virtual ~ShardStore() = default;

  // nullopt: there is no such key.
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const = 0;

  // Get() of several keys at once, which must be sorted; cheaper than one by one.
  virtual absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string> keys) const = 0;

  // Visits the keys that start with `prefix`, from `from` on (itself a key or a prefix that is >= `prefix`), in
  // bytewise order, until the visitor returns false. The views live until it returns. It must not use the store.
  virtual absl::Status Scan(std::string_view prefix, std::string_view from,
                            const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;

  // Applies the batch. After a crash either all of it is there or nothing, and nothing of a later batch without it.
  virtual absl::Status Write(StoreBatch batch) = 0;

  // What was written so far outlives this process from now on, even if it is killed.
  virtual absl::Status Flush() = 0;
};

// One that keeps what is written in memory, in front of another one: a key that is written again and again is written
// once. Flush() writes it, as one batch; what was not flushed is lost with this.
class GatheringStore : public ShardStore {
 public:
  // Flush(), with more that was written at last, in the order of its keys: all of it is one batch of the store behind,
  // in the order of its keys but for deleted prefixes, which come first.
  virtual absl::Status FlushWith(StoreBatch last) = 0;

  // Whether it is time to flush: reading gets slow.
  virtual bool full() const = 0;

  // What it takes in memory, about.
  virtual int64_t bytes() const = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_SHARD_STORE_H_
