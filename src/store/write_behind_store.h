// A store that gathers what is written in memory, in front of another one: a key that is written again and again is
// written once, and keys arrive in their order.
#ifndef KEYFOLD_STORE_WRITE_BEHIND_STORE_H_
#define KEYFOLD_STORE_WRITE_BEHIND_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyfold/memory_budget.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// What was written reaches the store behind with Flush(), as one batch. What is in memory when this is destroyed is
// lost: the store behind then holds what was written up to some Flush(). Its bytes count in the budget, which others
// share; whoever writes looks whether to flush.
//
// Not thread-safe.
class WriteBehindStore final : public GatheringStore {
 public:
  // `merge` is that of `behind`.
  WriteBehindStore(std::unique_ptr<ShardStore> behind, MergeFunction merge, std::shared_ptr<MemoryBudget> budget);
  ~WriteBehindStore() override;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string> keys) const override;
  absl::Status Scan(std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit) const override;
  absl::Status Write(StoreBatch batch) override;
  absl::Status Flush() override { return FlushWith({}); }

  absl::Status FlushWith(StoreBatch last) override;
  bool full() const override;
  int64_t bytes() const override { return bytes_; }  // as they count in the budget

 private:
  // What was written under a key.
  struct Entry {
    bool hides = false;                 // what the store behind has
    std::optional<std::string> value;   // instead of that
    std::vector<std::string> operands;  // merged onto it
  };
  using Entries = absl::btree_map<std::string, Entry, std::less<>>;

  void Apply(StoreBatch::Operation operation);
  void DeletePrefix(std::string prefix);
  Entry& EntryOf(std::string key);

  // Whether the answer is known without the store behind.
  bool Decides(std::string_view key, const Entry* entry) const;
  // The value of an entry's key, where the store behind has `below`.
  absl::StatusOr<std::optional<std::string>> ValueOf(std::string_view key, const Entry* entry,
                                                     std::optional<std::string> below) const;
  const Entry* FindEntry(std::string_view key) const;
  StoreBatch TakeDeletedPrefixes();
  absl::StatusOr<StoreBatch> TakeEntries();
  void AddBytes(int64_t bytes);

  const std::unique_ptr<ShardStore> behind_;
  const MergeFunction merge_;
  const std::shared_ptr<MemoryBudget> budget_;
  Entries entries_;
  std::vector<std::string> deleted_prefixes_;  // before all entries
  int64_t bytes_ = 0;
  absl::Status failure_;  // of a Flush(): what it took is in neither store
};

}  // namespace keyfold

#endif  // KEYFOLD_STORE_WRITE_BEHIND_STORE_H_
