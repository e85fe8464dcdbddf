#include "store/memory_store.h"

#include <algorithm>

#include "base/status_macros.h"

namespace keyfold {

absl::StatusOr<std::optional<std::string>> MemoryStore::Get(std::string_view key) const {
  const auto at = contents_.find(key);
  return at == contents_.end() ? std::nullopt : std::optional(at->second);
}

absl::StatusOr<std::vector<std::optional<std::string>>> MemoryStore::MultiGet(std::span<const std::string> keys) const {
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const std::string& key : keys) {
    KEYFOLD_ASSIGN_OR_RETURN(std::optional<std::string> value, Get(key));
    values.push_back(std::move(value));
  }
  return values;
}

absl::Status MemoryStore::Scan(std::string_view prefix, std::string_view from,
                               const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  for (auto at = contents_.lower_bound(std::max(prefix, from)); at != contents_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    if (!visit(at->first, at->second)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Write(StoreBatch batch) {
  Undo undo;
  undo.reserve(batch.operations().size());
  for (const StoreBatch::Operation& operation : batch.operations()) {
    const absl::Status status = Apply(operation, undo);
    if (status.ok()) continue;
    for (auto change = undo.rbegin(); change != undo.rend(); ++change) {
      auto& [key, value] = *change;
      if (value.has_value()) {
        contents_[key] = *std::move(value);
      } else {
        contents_.erase(key);
      }
    }
    return status;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Apply(const StoreBatch::Operation& operation, Undo& undo) {
  const auto at = contents_.find(operation.key);
  switch (operation.kind) {
    case StoreBatch::Kind::kPut:
      Put(operation.key, operation.value, undo);
      break;
    case StoreBatch::Kind::kMerge: {
      if (at == contents_.end()) {
        Put(operation.key, operation.value, undo);
        break;
      }
      std::optional<std::string> merged = merge_(operation.key, at->second, operation.value);
      if (!merged.has_value()) return absl::DataLossError("a value and its merge operand do not fit");
      Put(operation.key, *std::move(merged), undo);
      break;
    }
    case StoreBatch::Kind::kDelete:
      if (at == contents_.end()) break;
      undo.emplace_back(operation.key, std::move(at->second));
      contents_.erase(at);
      break;
    case StoreBatch::Kind::kDeletePrefix:
      if (operation.key.empty()) return absl::InvalidArgumentError("DeletePrefix of an empty prefix");
      DeletePrefix(operation.key, undo);
      break;
  }
  return absl::OkStatus();
}

void MemoryStore::Put(const std::string& key, std::string value, Undo& undo) {
  const auto [at, inserted] = contents_.try_emplace(key);
  undo.emplace_back(key, inserted ? std::nullopt : std::optional(std::move(at->second)));
  at->second = std::move(value);
}

void MemoryStore::DeletePrefix(const std::string& prefix, Undo& undo) {
  auto at = contents_.lower_bound(prefix);
  while (at != contents_.end() && at->first.starts_with(prefix)) {
    undo.emplace_back(at->first, std::move(at->second));
    at = contents_.erase(at);
  }
}

}  // namespace keyfold
