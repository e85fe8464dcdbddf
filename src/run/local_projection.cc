#include "run/local_projection.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "run/from_config.h"
#include "state/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {
namespace {

// The partitions that have a directory; beside them stand others, such as that of the roll-ups.
std::vector<int32_t> PartitionsIn(const std::filesystem::path& directory) {
  std::vector<int32_t> partitions;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    int32_t partition = -1;
    if (!entry.is_directory(error) || !absl::SimpleAtoi(name, &partition) || name != absl::StrCat(partition)) continue;
    if (partition >= 0) partitions.push_back(partition);
  }
  std::sort(partitions.begin(), partitions.end());
  return partitions;
}

}  // namespace

std::vector<int32_t> LocalPartitions(const Config& config) {
  return PartitionsIn(std::filesystem::path(ShardDirectory(config, 0)).parent_path());
}

std::vector<int32_t> LocalGroupPartitions(const Config& config) {
  return PartitionsIn(std::filesystem::path(GroupShardDirectory(config, 0)).parent_path());
}

absl::Status NoShards(const Config& config) {
  return absl::NotFoundError(absl::StrCat("no shards in ", config.state_directory, "/", config.projection,
                                          ": check --state_directory and --projection"));
}

LocalProjection::LocalProjection(Catalog compiled, const Config& config)
    : catalog(std::move(compiled)), environment(MemoryOf(config)) {}

absl::StatusOr<ProjectionReader> OpenLocalReader(const Config& config, const Catalog& catalog,
                                                 RocksEnvironment& environment, const std::set<int32_t>& left_out) {
  std::vector<int32_t> partitions = LocalPartitions(config);
  std::erase_if(partitions, [&left_out](int32_t partition) { return left_out.contains(partition); });
  KEYFOLD_RETURN_IF_ERROR(environment.ExpectShards(static_cast<int64_t>(partitions.size())));
  std::vector<ShardSource> shards;
  for (int32_t partition : partitions) {
    absl::StatusOr<StoreAtMoment> found =
        OpenRocksStoreForReading(environment, ShardDirectory(config, partition), MergeStored);
    if (absl::IsNotFound(found.status())) {
      shards.push_back({partition, std::make_unique<MemoryStore>(MergeStored)});  // empty, as the shard is
      continue;
    }
    KEYFOLD_RETURN_IF_ERROR(found.status());
    shards.push_back({partition, std::move(found->store), found->written_at});
  }
  if (shards.empty()) return NoShards(config);
  return ProjectionReader::Open(catalog, std::move(shards));
}

absl::StatusOr<std::unique_ptr<LocalProjection>> OpenLocalProjection(const Config& config) {
  KEYFOLD_ASSIGN_OR_RETURN(Catalog catalog, LoadCatalog(config));
  auto projection = std::make_unique<LocalProjection>(std::move(catalog), config);
  KEYFOLD_ASSIGN_OR_RETURN(ProjectionReader reader,
                           OpenLocalReader(config, projection->catalog, projection->environment));
  projection->reader.emplace(std::move(reader));
  return projection;
}

}  // namespace keyfold
