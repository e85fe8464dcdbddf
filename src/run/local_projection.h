// The shards of a projection on this machine, opened for questions beside the worker that writes them.
#ifndef KEYFOLD_RUN_LOCAL_PROJECTION_H_
#define KEYFOLD_RUN_LOCAL_PROJECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ask/projection_reader.h"
#include "config/config.h"
#include "store/rocks_store.h"

namespace keyfold {

// What a question needs; stays where it was made. Not thread-safe.
struct LocalProjection {
  LocalProjection(Catalog compiled, const Config& config);
  LocalProjection(const LocalProjection&) = delete;
  LocalProjection& operator=(const LocalProjection&) = delete;

  const Catalog catalog;
  RocksEnvironment environment;
  std::optional<ProjectionReader> reader;  // always there after OpenLocalProjection()
};

// The partitions whose shards are on this machine, of stage 1 and of stage 2, ascending.
std::vector<int32_t> LocalPartitions(const Config& config);
std::vector<int32_t> LocalGroupPartitions(const Config& config);

// NotFound: there are none, and where they were looked for.
absl::Status NoShards(const Config& config);

// Opens the numbered directories under <state_directory>/<projection>/ as they are now, but for those that are left
// out. Catalogue and environment outlive the reader. Errors as below.
absl::StatusOr<ProjectionReader> OpenLocalReader(const Config& config, const Catalog& catalog,
                                                 RocksEnvironment& environment, const std::set<int32_t>& left_out = {});

// Opens the numbered directories under <state_directory>/<projection>/. NotFound: there are none. FailedPrecondition:
// they were built with other definitions.
absl::StatusOr<std::unique_ptr<LocalProjection>> OpenLocalProjection(const Config& config);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_LOCAL_PROJECTION_H_
