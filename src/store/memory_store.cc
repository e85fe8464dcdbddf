#include "store/memory_store.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "base/status_macros.h"

namespace keyfold {

absl::StatusOr<std::optional<std::string>> MemoryStore::Get(std::string_view key) const {
  const auto at = contents_.find(key);
  return at == contents_.end() ? std::nullopt : std::optional(at->second);
}

absl::StatusOr<std::vector<std::optional<std::string>>> MemoryStore::MultiGet(
    std::span<const std::string> keys) const {
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const std::string& key : keys) {
    KEYFOLD_ASSIGN_OR_RETURN(std::optional<std::string> value, Get(key));
    values.push_back(std::move(value));
  }
  return values;
}

absl::Status MemoryStore::Scan(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  for (auto at = contents_.lower_bound(std::max(prefix, from)); at != contents_.end(); ++at) {
    if (!absl::StartsWith({at->first.data(), at->first.size()}, {prefix.data(), prefix.size()})) break;
    if (!visit(at->first, at->second)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Write(const StoreBatch& batch) {
  for (const StoreBatch::Operation& operation : batch.operations()) {
    switch (operation.kind) {
      case StoreBatch::Kind::kPut:
        contents_[operation.key] = operation.value;
        break;
      case StoreBatch::Kind::kMerge:
        KEYFOLD_RETURN_IF_ERROR(Merge(operation.key, operation.value));
        break;
      case StoreBatch::Kind::kDelete:
        contents_.erase(operation.key);
        break;
      case StoreBatch::Kind::kDeletePrefix: {
        auto at = contents_.lower_bound(operation.key);
        while (at != contents_.end() && at->first.compare(0, operation.key.size(), operation.key) == 0) {
          at = contents_.erase(at);
        }
        break;
      }
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Merge(const std::string& key, const std::string& operand) {
  const auto [at, inserted] = contents_.emplace(key, operand);
  if (inserted) return absl::OkStatus();
  std::optional<std::string> merged = merge_(at->second, operand);
  if (!merged.has_value()) return absl::DataLossError("a value and its merge operand do not fit");
  at->second = *std::move(merged);
  return absl::OkStatus();
}

}  // namespace keyfold
