// Stores for benchmarks, and how much they and the process hold.
#ifndef KEYFOLD_TESTS_BENCH_BENCH_STORE_H_
#define KEYFOLD_TESTS_BENCH_BENCH_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "keyfold/shard_store.h"
#include "store/rocks_store.h"

namespace keyfold {

enum class StoreKind { kMemory, kRocks };

// A directory under $TMPDIR (or /tmp) that vanishes with its content.
class BenchDirectory {
 public:
  BenchDirectory();
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;
  ~BenchDirectory();

  const std::string& path() const { return path_; }

  // Of its table files.
  int64_t TableBytes() const;

 private:
  std::string path_;
};

// Opens an empty store; one on disk lies in `directory`, with the memory that `keyfold run` takes by default.
std::unique_ptr<ShardStore> OpenBenchStore(StoreKind kind, RocksEnvironment& environment,
                                           const BenchDirectory& directory);

// How far the process's resident memory rises above what it was at the start. What an earlier benchmark has freed may
// still be resident then, and is missing: only the first benchmark of a process is told the truth.
class MemoryPeak {
 public:
  MemoryPeak();

  int64_t GrowthBytes() const;

 private:
  int64_t before_bytes_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_BENCH_BENCH_STORE_H_
