// A shard's store in memory: the twin of RocksShardStore for tests and for one-off folds.
#ifndef KEYFOLD_STORE_MEMORY_STORE_H_
#define KEYFOLD_STORE_MEMORY_STORE_H_

#include <map>
#include <string>

#include "keyfold/shard_store.h"

namespace keyfold {

// Not thread-safe.
class MemoryStore final : public ShardStore {
 public:
  explicit MemoryStore(MergeFunction merge) : merge_(merge) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string> keys) const override;
  absl::Status Scan(std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit) const override;
  absl::Status Write(const StoreBatch& batch) override;

  // Everything stored, for comparisons.
  const std::map<std::string, std::string, std::less<>>& contents() const { return contents_; }

 private:
  absl::Status Merge(const std::string& key, const std::string& operand);

  MergeFunction merge_;
  std::map<std::string, std::string, std::less<>> contents_;
};

}  // namespace keyfold

#endif  // KEYFOLD_STORE_MEMORY_STORE_H_
