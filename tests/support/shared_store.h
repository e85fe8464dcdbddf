// A store that outlives the shard that writes it, as a directory on disk does, and that can refuse to be written.
#ifndef KEYFOLD_TESTS_SUPPORT_SHARED_STORE_H_
#define KEYFOLD_TESTS_SUPPORT_SHARED_STORE_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keyfold/shard_store.h"
#include "store/memory_store.h"

namespace keyfold {

class SharedStore final : public ShardStore {
 public:
  // Asked before every write; an error is the write's result, and nothing is written.
  using WriteCheck = std::function<absl::Status(const StoreBatch& batch)>;

  explicit SharedStore(
      MemoryStore& disk, WriteCheck before_write = [](const StoreBatch& /*batch*/) { return absl::OkStatus(); },
      std::function<void()> after_write = [] {})
      : disk_(disk), before_write_(std::move(before_write)), after_write_(std::move(after_write)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override { return disk_.Get(key); }
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string> keys) const override {
    return disk_.MultiGet(keys);
  }
  absl::Status Scan(std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return disk_.Scan(prefix, from, visit);
  }
  absl::Status Write(StoreBatch batch) override {
    const absl::Status allowed = before_write_(batch);
    if (!allowed.ok()) return allowed;
    absl::Status written = disk_.Write(std::move(batch));
    after_write_();
    return written;
  }

  absl::Status Flush() override { return absl::OkStatus(); }

 private:
  MemoryStore& disk_;
  WriteCheck before_write_;
  std::function<void()> after_write_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_SHARED_STORE_H_
