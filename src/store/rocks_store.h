// A shard's store on disk: one RocksDB per shard, all shards of a process within one budget of memory.
#ifndef KEYFOLD_STORE_ROCKS_STORE_H_
#define KEYFOLD_STORE_ROCKS_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// What all shards of a process may use together. The two add up; reading and compacting take some megabytes besides.
struct RocksMemory {
  size_t block_cache_bytes = size_t{160} << 20;  // data, index and filter blocks
  size_t write_buffer_bytes = size_t{64} << 20;  // what is not in a table file yet; at least 1 MiB is taken
};

// Of all stores of a process that are open for writing. Thread-safe to take.
struct StoreUsage {
  int64_t stores = 0;
  int64_t table_file_bytes = 0;  // on disk, without logs
  int64_t keys = 0;              // an estimate
};

// Blocks of table files that the calling thread has read since it began, of any store.
struct BlockReads {
  int64_t cached = 0;     // found in the block cache
  int64_t from_disk = 0;  // or from the kernel's cache
};
BlockReads BlockReadsOfThisThread();

// What the shards of a process share: block cache, write buffers, background threads. Create one per process. It may be
// destroyed before the stores opened with it. Creating it lifts the process's soft limit of open files to the hard one:
// many shards need more than the customary 1024.
//
// Thread-safe.
class RocksEnvironment {
 public:
  explicit RocksEnvironment(const RocksMemory& memory);

  // To be called before the first of several shards is opened: they share what files the process may open.
  // FailedPrecondition: it may open too few for so many; the message says how to raise that.
  absl::Status ExpectShards(int64_t shards);

  // In use now, for metrics.
  size_t block_cache_used_bytes() const;
  size_t write_buffer_used_bytes() const;
  StoreUsage usage() const;

  class Shared;  // in rocks_environment.h
  const std::shared_ptr<Shared>& shared() const { return shared_; }

 private:
  std::shared_ptr<Shared> shared_;
};

// Opens the store in `directory`, which is created if need be. Only one process may have it open.
//
// What Write() has returned for survives the death of the process. A power cut loses at most the last writes, never one
// in the middle. A merge operand that does not fit shows when its key is read, not when it is written. A visitor of
// Scan() must not write.
//
// A batch whose Write() failed is there whole or not at all: read before you repeat a merge.
//
// Errors, here and of the store's methods; all name the directory:
//   Unavailable        it is open, in another process or in this one
//   ResourceExhausted  the disk is full; Write() may be tried again and works as soon as there is room
//                      (some write buffers' worth); until then reads may fail likewise
//   DataLoss           what is stored is damaged; says how to have it made anew
//   Internal           anything else, such as a disk that fails or a lack of permissions
absl::StatusOr<std::unique_ptr<ShardStore>> OpenRocksStore(RocksEnvironment& environment, const std::string& directory,
                                                           MergeFunction merge);

// A store as it was at one moment.
struct StoreAtMoment {
  std::unique_ptr<ShardStore> store;
  absl::Time written_at;  // the last write that it shows came then, or somewhat later; whole seconds
};

// Opens a store for reading, also while another process writes it: it shows what had been written by one moment since
// the call, a prefix of the writer's batches, and remains so. Leaves no trace: nothing is written, also not where the
// directory is read-only, and no lock is taken. Keeps all table files open.
//
// Write() gives FailedPrecondition. Errors as above, and of opening:
//   NotFound     nothing was ever written there, or there is no such directory
//   Unavailable  the writer changed it too often to be seen at one moment: try again
absl::StatusOr<StoreAtMoment> OpenRocksStoreForReading(RocksEnvironment& environment, const std::string& directory,
                                                       MergeFunction merge);

}  // namespace keyfold

#endif  // KEYFOLD_STORE_ROCKS_STORE_H_
