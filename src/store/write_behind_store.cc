#include "store/write_behind_store.h"

#include <algorithm>
#include <utility>

#include "base/combine.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

// Of an entry, beside its bytes.
constexpr int64_t kEntryBytes = 120;
constexpr int64_t kOperandBytes = 40;

// Every question goes through all of them.
constexpr size_t kDeletedPrefixesMax = 256;

}  // namespace

WriteBehindStore::WriteBehindStore(std::unique_ptr<ShardStore> behind, MergeFunction merge,
                                   std::shared_ptr<MemoryBudget> budget)
    : behind_(std::move(behind)), merge_(merge), budget_(std::move(budget)) {}

WriteBehindStore::~WriteBehindStore() { AddBytes(-bytes_); }

void WriteBehindStore::AddBytes(int64_t bytes) {
  bytes_ += bytes;
  budget_->Add(bytes);
}

// --- reading ---------------------------------------------------------------------------------------------------------

const WriteBehindStore::Entry* WriteBehindStore::FindEntry(std::string_view key) const {
  const auto at = entries_.find(key);
  return at == entries_.end() ? nullptr : &at->second;
}

bool WriteBehindStore::Decides(std::string_view key, const Entry* entry) const {
  if (entry != nullptr && entry->hides) return true;
  return std::any_of(deleted_prefixes_.begin(), deleted_prefixes_.end(),
                     [key](const std::string& prefix) { return key.starts_with(prefix); });
}

absl::StatusOr<std::optional<std::string>> WriteBehindStore::ValueOf(std::string_view key, const Entry* entry,
                                                                     std::optional<std::string> below) const {
  if (entry == nullptr) return below;
  if (entry->hides) below = entry->value;
  if (entry->operands.empty()) return below;
  std::optional<std::string> value = CombineOnto(merge_, key, below, entry->operands);
  if (!value.has_value()) return absl::DataLossError("a value and its merge operand do not fit");
  return value;
}

absl::StatusOr<std::optional<std::string>> WriteBehindStore::Get(std::string_view key) const {
  const Entry* const entry = FindEntry(key);
  std::optional<std::string> below;
  if (!Decides(key, entry)) {
    KEYFOLD_ASSIGN_OR_RETURN(below, behind_->Get(key));
  }
  return ValueOf(key, entry, std::move(below));
}

absl::StatusOr<std::vector<std::optional<std::string>>> WriteBehindStore::MultiGet(
    std::span<const std::string> keys) const {
  if (entries_.empty() && deleted_prefixes_.empty()) return behind_->MultiGet(keys);
  std::vector<std::optional<std::string>> values(keys.size());
  std::vector<const Entry*> entries(keys.size());
  std::vector<std::string> asked;
  std::vector<size_t> asked_at;
  for (size_t i = 0; i < keys.size(); ++i) {
    entries[i] = FindEntry(keys[i]);
    if (Decides(keys[i], entries[i])) continue;
    asked.push_back(keys[i]);
    asked_at.push_back(i);
  }
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<std::optional<std::string>> below, behind_->MultiGet(asked));
  for (size_t i = 0; i < asked.size(); ++i) values[asked_at[i]] = std::move(below[i]);
  for (size_t i = 0; i < keys.size(); ++i) {
    if (entries[i] == nullptr) continue;
    KEYFOLD_ASSIGN_OR_RETURN(values[i], ValueOf(keys[i], entries[i], std::move(values[i])));
  }
  return values;
}

absl::Status WriteBehindStore::Scan(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  auto at = entries_.lower_bound(std::max(prefix, from));
  absl::Status failed;
  bool stopped = false;
  const auto show = [&](std::string_view key, const Entry& entry, std::optional<std::string> below) {
    absl::StatusOr<std::optional<std::string>> value = ValueOf(key, &entry, std::move(below));
    failed = value.status();
    stopped = !failed.ok() || (value->has_value() && !visit(key, **value));
    return !stopped;
  };
  // Those that come before a key of the store behind; then there is one of the same key, or none.
  const auto show_before = [&](const std::string_view* key) {
    for (; at != entries_.end() && at->first.starts_with(prefix) && (key == nullptr || at->first < *key); ++at) {
      if (!show(at->first, at->second, std::nullopt)) return false;
    }
    return true;
  };
  KEYFOLD_RETURN_IF_ERROR(behind_->Scan(prefix, from, [&](std::string_view key, std::string_view value) {
    if (!show_before(&key)) return false;
    const bool written = at != entries_.end() && at->first == key;
    const Entry* const entry = written ? &(at++)->second : nullptr;
    const bool decided = Decides(key, entry);
    if (entry != nullptr) return show(key, *entry, decided ? std::nullopt : std::optional<std::string>(value));
    if (decided) return true;  // it is deleted
    stopped = !visit(key, value);
    return !stopped;
  }));
  if (!stopped) show_before(nullptr);
  return failed;
}

// --- writing ---------------------------------------------------------------------------------------------------------

WriteBehindStore::Entry& WriteBehindStore::EntryOf(std::string key) {
  const auto [at, is_new] = entries_.try_emplace(std::move(key));
  if (is_new) AddBytes(kEntryBytes + static_cast<int64_t>(at->first.size()));
  return at->second;
}

void WriteBehindStore::Apply(StoreBatch::Operation operation) {
  if (operation.kind == StoreBatch::Kind::kDeletePrefix) return DeletePrefix(std::move(operation.key));
  Entry& entry = EntryOf(std::move(operation.key));
  AddBytes(static_cast<int64_t>(operation.value.size()));
  if (operation.kind == StoreBatch::Kind::kMerge) {
    AddBytes(kOperandBytes);
    entry.operands.push_back(std::move(operation.value));
    return;
  }
  AddBytes(-static_cast<int64_t>(entry.value.has_value() ? entry.value->size() : 0));
  for (const std::string& operand : entry.operands) AddBytes(-kOperandBytes - static_cast<int64_t>(operand.size()));
  entry.operands.clear();
  entry.hides = true;
  entry.value.reset();
  if (operation.kind == StoreBatch::Kind::kPut) entry.value = std::move(operation.value);
}

void WriteBehindStore::DeletePrefix(std::string prefix) {
  auto at = entries_.lower_bound(prefix);
  while (at != entries_.end() && at->first.starts_with(prefix)) at = entries_.erase(at);
  deleted_prefixes_.push_back(std::move(prefix));
}

absl::Status WriteBehindStore::Write(StoreBatch batch) {
  KEYFOLD_RETURN_IF_ERROR(failure_);
  for (const StoreBatch::Operation& operation : batch.operations()) {
    if (operation.kind == StoreBatch::Kind::kDeletePrefix && operation.key.empty()) {
      return absl::InvalidArgumentError("DeletePrefix of an empty prefix");
    }
  }
  for (StoreBatch::Operation& operation : std::move(batch).TakeOperations()) Apply(std::move(operation));
  return absl::OkStatus();
}

bool WriteBehindStore::full() const { return deleted_prefixes_.size() > kDeletedPrefixesMax; }

StoreBatch WriteBehindStore::TakeDeletedPrefixes() {
  StoreBatch batch;
  for (std::string& prefix : std::exchange(deleted_prefixes_, {})) batch.DeletePrefix(std::move(prefix));
  return batch;
}

absl::StatusOr<StoreBatch> WriteBehindStore::TakeEntries() {
  StoreBatch batch;
  for (auto& [key, entry] : entries_) {
    if (!entry.hides) {
      std::optional<std::string> operand = Combine(merge_, key, entry.operands, 0, entry.operands.size());
      if (!operand.has_value()) return absl::DataLossError("merge operands do not fit");
      batch.Merge(key, *std::move(operand));
      continue;
    }
    const bool deleted = !entry.value.has_value() && entry.operands.empty();
    KEYFOLD_ASSIGN_OR_RETURN(std::optional<std::string> value, ValueOf(key, &entry, std::nullopt));
    if (deleted) {
      batch.Delete(key);
    } else {
      batch.Put(key, *std::move(value));
    }
  }
  entries_.clear();
  AddBytes(-bytes_);
  return batch;
}

absl::Status WriteBehindStore::FlushWith(StoreBatch last) {
  KEYFOLD_RETURN_IF_ERROR(failure_);
  StoreBatch batch = TakeDeletedPrefixes();
  absl::StatusOr<StoreBatch> entries = TakeEntries();
  failure_ = entries.status();
  KEYFOLD_RETURN_IF_ERROR(failure_);
  entries->AppendInOrder(std::move(last));
  batch.Append(*std::move(entries));
  if (!batch.operations().empty()) failure_ = behind_->Write(std::move(batch));
  KEYFOLD_RETURN_IF_ERROR(failure_);
  return behind_->Flush();
}

}  // namespace keyfold
