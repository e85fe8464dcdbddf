// Disks of simulated machines that are real: RocksDB on files that a power cut makes forget what was not synced.
#ifndef KEYFOLD_TESTS_SIMULATION_ROCKS_DISKS_H_
#define KEYFOLD_TESTS_SIMULATION_ROCKS_DISKS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "keyfold/shard_store.h"
#include "state/store_keys.h"
#include "store/power_cut_files.h"
#include "store/rocks_store.h"
#include "store/rocks_world.h"

namespace keyfold {

// A store that is opened anew after each crash; takes a step before and after it is written.
class SteppedStore final : public ShardStore {
 public:
  SteppedStore(std::unique_ptr<ShardStore> store, std::function<void(std::string_view)> step)
      : store_(std::move(store)), step_(std::move(step)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override { return store_->Get(key); }
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string> keys) const override {
    return store_->MultiGet(keys);
  }
  absl::Status Scan(std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_->Scan(prefix, from, visit);
  }
  absl::Status Write(StoreBatch batch) override {
    step_("Write.before");
    absl::Status written = store_->Write(std::move(batch));
    step_("Write.after");
    return written;
  }
  absl::Status Flush() override { return store_->Flush(); }

 private:
  const std::unique_ptr<ShardStore> store_;
  const std::function<void(std::string_view)> step_;
};

// A store's name is its path below the directory of its machine.
class RocksDisks {
 public:
  explicit RocksDisks(uint64_t seed) : files_(seed) {
    // So that the little that a simulated shard writes becomes table files now and then.
    files_.PutBelow(environment_, /*shard_buffer_bytes=*/16 << 10);
  }

  absl::StatusOr<std::unique_ptr<ShardStore>> Open(size_t machine, const std::string& name,
                                                   std::function<void(std::string_view)> step) {
    absl::StatusOr<std::unique_ptr<ShardStore>> store =
        OpenRocksStore(environment_, absl::StrCat(DirectoryOf(machine), "/", name), MergeStored);
    if (!store.ok()) return store.status();
    return std::make_unique<SteppedStore>(*std::move(store), std::move(step));
  }

  // The power of the machine fails; `end_processes` closes all stores that are open there.
  void CutPower(size_t machine, PowerCutFiles::Loss loss, const std::function<void()>& end_processes) {
    files_.Cut(DirectoryOf(machine));
    end_processes();
    files_.Restore(DirectoryOf(machine), loss);
  }

  // What a store holds, also while it is open.
  std::map<std::string, std::string, std::less<>> Contents(size_t machine, const std::string& name) {
    std::map<std::string, std::string, std::less<>> contents;
    const absl::StatusOr<StoreAtMoment> reader =
        OpenRocksStoreForReading(environment_, absl::StrCat(DirectoryOf(machine), "/", name), MergeStored);
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (reader.ok()) {
      for (auto& [key, value] : Scanned(*reader->store, "", "")) contents[key] = value;
    }
    return contents;
  }

 private:
  std::string DirectoryOf(size_t machine) const { return absl::StrCat(root_.path(), "/machine-", machine); }

  TemporaryDirectory root_;
  PowerCutFiles files_;
  RocksEnvironment environment_{RocksMemory{.block_cache_bytes = 4 << 20, .write_buffer_bytes = 4 << 20}};
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SIMULATION_ROCKS_DISKS_H_
