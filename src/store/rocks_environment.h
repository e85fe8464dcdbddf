// What the RocksDBs of a process share, and the options with which each is opened. Private to store/.
#ifndef KEYFOLD_STORE_ROCKS_ENVIRONMENT_H_
#define KEYFOLD_STORE_ROCKS_ENVIRONMENT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "keyfold/shard_store.h"
#include "rocksdb/cache.h"
#if __has_include("rocksdb/advanced_cache.h")
#include "rocksdb/advanced_cache.h"  // where newer versions define rocksdb::Cache
#endif
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/write_buffer_manager.h"
#include "store/rocks_store.h"

namespace keyfold {

// Thread-safe.
class RocksEnvironment::Shared {
 public:
  explicit Shared(const RocksMemory& memory);

  // With which a shard is opened.
  rocksdb::Options ShardOptions(MergeFunction merge) const;

  // Lets a test change them for stores that are opened from now on. Not thread-safe.
  void AdjustForTest(std::function<void(rocksdb::Options& options)> adjust) { adjust_ = std::move(adjust); }

  // See RocksEnvironment.
  absl::Status ExpectShards(int64_t shards);

  // The databases among which KeepBudget() chooses. Remove() returns when it no longer uses `database`.
  void Add(rocksdb::DB* database);
  void Remove(rocksdb::DB* database);

  // To be called after a write: flushes the shards that hold most until the budget is kept, and waits a little if the
  // disk does not keep up. RocksDB alone would flush the shard that writes, not the one that holds the memory (with
  // many idle shards around it, a busy one would write a tiny table file for every batch), and would exceed the budget
  // as far as flushes lag behind; or, with its stalls, wait for ever for a disk that is full.
  void KeepBudget();

  StoreUsage usage() ABSL_LOCKS_EXCLUDED(mutex_);

  const rocksdb::Cache& cache() const { return *cache_; }
  const rocksdb::WriteBufferManager& write_buffers() const { return *write_buffers_; }

 private:
  // Begins to flush the shard with the largest buffer. False: none is worth it, or it refused.
  bool FlushLargest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t write_buffer_bytes_;
  std::function<void(rocksdb::Options& options)> adjust_ = [](rocksdb::Options& /*options*/) {};
  const int64_t open_files_max_;
  std::atomic<int> shard_table_files_;  // that a shard keeps open
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;

  absl::Mutex mutex_;
  std::set<rocksdb::DB*> databases_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyfold

#endif  // KEYFOLD_STORE_ROCKS_ENVIRONMENT_H_
