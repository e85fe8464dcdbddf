#include "store/open_files.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

// Of everything that is no shard: connections to brokers, files that compactions write.
constexpr int64_t kOtherFiles = 200;

// A shard has its lock, manifest, log and directory open, and while it flushes one more file.
constexpr int64_t kShardFiles = 6;

// More do not help, and fewer RocksDB does not take.
constexpr int64_t kTableFilesMax = 256;
constexpr int64_t kTableFilesMin = 20;

}  // namespace

int64_t LiftOpenFilesLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int64_t>::max();
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  const rlim_t now = setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
  return static_cast<int64_t>(std::min<rlim_t>(now, std::numeric_limits<int64_t>::max()));
}

absl::StatusOr<int> TableFilesPerShard(int64_t files_max, int64_t shards) {
  const int64_t files = (files_max - kOtherFiles) / std::max<int64_t>(shards, 1) - kShardFiles;
  if (files >= kTableFilesMin) return static_cast<int>(std::min(files, kTableFilesMax));
  const int64_t needed = kOtherFiles + shards * (kShardFiles + kTableFilesMin);
  return absl::FailedPreconditionError(
      absl::StrCat(shards, " shards need ", needed, " open files, and this process may have ", files_max,
                   ": raise its hard limit (LimitNOFILE=", needed, " in a systemd unit, --ulimit nofile=", needed,
                   " of a container, ulimit -Hn ", needed, " in a shell)"));
}

}  // namespace keyfold
