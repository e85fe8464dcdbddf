// How the open files that a process may have are shared among its shards. Private to store/.
#ifndef KEYFOLD_STORE_OPEN_FILES_H_
#define KEYFOLD_STORE_OPEN_FILES_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace keyfold {

// Lifts the process's soft limit to the hard one, and returns what it is then.
int64_t LiftOpenFilesLimit();

// How many table files each of so many shards may keep open (RocksDB's max_open_files) where the process may open
// `files_max` files. FailedPrecondition: so many shards need more; says how many, and how they are had.
absl::StatusOr<int> TableFilesPerShard(int64_t files_max, int64_t shards);

}  // namespace keyfold

#endif  // KEYFOLD_STORE_OPEN_FILES_H_
