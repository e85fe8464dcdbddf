// A shard's store in memory: the twin of the one in rocks_store.h for tests and for one-off folds.
#ifndef KEYFOLD_STORE_MEMORY_STORE_H_
#define KEYFOLD_STORE_MEMORY_STORE_H_

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// DataLoss: a merge operand does not fit; that batch is not applied. Otherwise nothing fails.
//
// Not thread-safe.
class MemoryStore final : public ShardStore {
 public:
  explicit MemoryStore(MergeFunction merge) : merge_(merge) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string> keys) const override;
  absl::Status Scan(std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit) const override;
  absl::Status Write(StoreBatch batch) override;
  absl::Status Flush() override { return absl::OkStatus(); }

  // Everything stored, for comparisons.
  const std::map<std::string, std::string, std::less<>>& contents() const { return contents_; }

 private:
  // What stood under keys before a batch changed them, in the order of the changes; nullopt: nothing.
  using Undo = std::vector<std::pair<std::string, std::optional<std::string>>>;

  absl::Status Apply(const StoreBatch::Operation& operation, Undo& undo);
  void Put(const std::string& key, std::string value, Undo& undo);
  void DeletePrefix(const std::string& prefix, Undo& undo);

  MergeFunction merge_;
  std::map<std::string, std::string, std::less<>> contents_;
};

}  // namespace keyfold

#endif  // KEYFOLD_STORE_MEMORY_STORE_H_
