// Stores on disk for tests: directories that vanish, and what lies in them.
#ifndef KEYFOLD_TESTS_STORE_ROCKS_WORLD_H_
#define KEYFOLD_TESTS_STORE_ROCKS_WORLD_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "contract/shard_store_world.h"
#include "store/rocks_store.h"

namespace keyfold {

class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(::testing::TempDir() + "keyfold-store-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "no temporary directory " << path_;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::unique_ptr<ShardStore> OpenLetters(RocksEnvironment& environment, const std::string& directory) {
  absl::StatusOr<std::unique_ptr<ShardStore>> store = OpenRocksStore(environment, directory, &MergeLetters);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

// The files in `directory` whose names end in `extension`, sorted.
inline std::vector<std::filesystem::path> FilesIn(const std::string& directory, std::string_view extension) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A table file that was not taken into the store, in `directory`.
inline bool IsTableLeft(const std::string& directory) { return std::filesystem::exists(directory + "/next_table"); }

// Sorted, and large enough for a table file where shards have write buffers of up to 4 MiB together.
inline StoreBatch Large(StoreBatch batch) {
  batch.Put(std::string(4, '\xff'), std::string(size_t{300} << 10, 'z'));
  batch.Sort();
  return batch;
}

class RocksWorld final : public ShardStoreWorld {
 public:
  RocksWorld() { Reopen(); }

  ShardStore& store() override { return *store_; }

  const std::string& directory() const { return directory_.path(); }

  void Reopen() override {
    store_.reset();
    store_ = OpenLetters(environment_, directory_.path());
    if (store_ == nullptr) std::abort();  // no test goes on without it, and the failure above says why
  }

 private:
  TemporaryDirectory directory_;
  RocksEnvironment environment_{RocksMemory{.block_cache_bytes = 8 << 20, .write_buffer_bytes = 4 << 20}};
  std::unique_ptr<ShardStore> store_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_STORE_ROCKS_WORLD_H_
