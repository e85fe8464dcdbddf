// Files below RocksDB that forget, at a simulated power cut, what was not synced.
#ifndef KEYFOLD_TESTS_STORE_POWER_CUT_FILES_H_
#define KEYFOLD_TESTS_STORE_POWER_CUT_FILES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "store/rocks_store.h"

namespace keyfold {

// What a power cut may take of a file system: of a file whatever was appended since it was last synced, of a directory
// which names were made or replaced since it was last synced. A name that was deleted stays deleted.
//
// Thread-safe.
class PowerCutFiles {
 public:
  enum class Loss {
    kAll,  // everything that was not synced is gone
    kAny,  // of each file and name some, by chance: a kernel writes back what it likes, in any order
  };

  explicit PowerCutFiles(uint64_t seed);
  ~PowerCutFiles();
  PowerCutFiles(const PowerCutFiles&) = delete;
  PowerCutFiles& operator=(const PowerCutFiles&) = delete;

  // Stores that the environment opens from now on lie on these files. REQUIRES: the files outlive the stores.
  // `shard_buffer_bytes`: how much a shard gathers before it writes a table file; small ones make many.
  void PutBelow(RocksEnvironment& environment, size_t shard_buffer_bytes);

  // From now on nothing reaches the files in `directory` and below it: whoever has a store open there gets errors.
  void Cut(const std::string& directory);

  // Takes what was lost away, and lets stores be opened there again. REQUIRES: Cut(), and that no store is open there.
  void Restore(const std::string& directory, Loss loss);

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_STORE_POWER_CUT_FILES_H_
