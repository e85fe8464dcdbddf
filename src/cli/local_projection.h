// The shards of a projection on this machine, opened for questions beside the worker that writes them.
#ifndef KEYFOLD_CLI_LOCAL_PROJECTION_H_
#define KEYFOLD_CLI_LOCAL_PROJECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/config.h"
#include "cli/json_report.h"
#include "engine/projection_reader.h"
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

// Opens the numbered directories under <state_directory>/<projection>/. NotFound: there are none. FailedPrecondition:
// they were built with other definitions.
absl::StatusOr<std::unique_ptr<LocalProjection>> OpenLocalProjection(const Config& config);

// At which moment each of the shards is seen, for a document:
//   [{"partition":0,"next_offset":12,"stream_time":"2026-01-05T12:00:00Z","stored_at":"2026-01-05T12:00:07Z"},...]
// Of a shard of which nothing is stored there is only the partition.
Json MomentsToJson(const ProjectionReader& reader);

// Before a question about a group: says on standard error which shards take part. FailedPrecondition: some are missing.
absl::Status BeginGroupQuestion(const ProjectionReader& reader);

// The KPI that a flag names. InvalidArgument names the flag and some that the catalogue has.
absl::StatusOr<uint16_t> FindKpiFlag(const Catalog& catalog, const char* flag, const std::string& id);

}  // namespace keyfold

#endif  // KEYFOLD_CLI_LOCAL_PROJECTION_H_
