#include "run/local_rebuild.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "engine/rebuild.h"
#include "run/from_config.h"
#include "run/local_projection.h"
#include "state/store_keys.h"
#include "store/rocks_store.h"

namespace keyfold {
namespace {

struct LocalShard {
  int32_t partition;
  std::unique_ptr<ShardStore> store;
  absl::StatusOr<RebuildCounts> counts = RebuildCounts();
};

absl::StatusOr<std::vector<LocalShard>> OpenShards(const Config& config, RocksEnvironment& environment, bool groups) {
  std::vector<LocalShard> shards;
  for (int32_t partition : groups ? LocalGroupPartitions(config) : LocalPartitions(config)) {
    const std::string directory = groups ? GroupShardDirectory(config, partition) : ShardDirectory(config, partition);
    LocalShard& shard = shards.emplace_back();
    shard.partition = partition;
    KEYFOLD_ASSIGN_OR_RETURN(shard.store, OpenRocksStore(environment, directory, MergeStored));
  }
  return shards;
}

// Several at a time.
void RebuildAccounts(const Catalog& catalog, std::vector<LocalShard>& shards,
                     const std::function<void(int64_t events)>& progress) {
  constexpr absl::Duration kLook = absl::Milliseconds(50);
  std::atomic<int64_t> events = 0;
  std::atomic<size_t> next = 0;
  std::atomic<size_t> done = 0;
  std::vector<std::jthread> threads(std::min<size_t>(shards.size(), std::max(1U, std::thread::hardware_concurrency())));
  for (std::jthread& thread : threads) {
    thread = std::jthread([&] {
      for (size_t i = next++; i < shards.size(); i = next++) {
        shards[i].counts = RebuildAccountShard(*shards[i].store, catalog, [&events](int64_t more) { events += more; });
        ++done;
      }
    });
  }
  while (done < shards.size()) {
    absl::SleepFor(kLook);
    progress(events.exchange(0));
  }
  progress(events.exchange(0));
}

}  // namespace

absl::StatusOr<LocalRebuild> RebuildLocalShards(const Config& config, const Catalog& catalog,
                                                const std::function<void(int64_t events)>& progress) {
  RocksEnvironment environment(MemoryOf(config));
  KEYFOLD_RETURN_IF_ERROR(environment.ExpectShards(
      static_cast<int64_t>(LocalPartitions(config).size() + LocalGroupPartitions(config).size())));
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<LocalShard> shards, OpenShards(config, environment, /*groups=*/false));
  if (shards.empty()) return NoShards(config);
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<LocalShard> groups, OpenShards(config, environment, /*groups=*/true));

  std::map<int32_t, const ShardStore*> stores;
  for (const LocalShard& shard : shards) stores.emplace(shard.partition, shard.store.get());
  for (const LocalShard& shard : groups) KEYFOLD_RETURN_IF_ERROR(CheckGroupRebuild(*shard.store, catalog, stores));

  RebuildAccounts(catalog, shards, progress);
  LocalRebuild sum;
  sum.shards = shards.size();
  for (const LocalShard& shard : shards) {
    if (!shard.counts.ok()) {
      return absl::Status(shard.counts.status().code(),
                          absl::StrCat("shard ", shard.partition, ": ", shard.counts.status().message()));
    }
    sum.accounts += shard.counts->accounts;
    sum.events += shard.counts->events;
  }
  for (const LocalShard& shard : groups) KEYFOLD_RETURN_IF_ERROR(RebuildGroupShard(*shard.store, catalog, stores));
  return sum;
}

}  // namespace keyfold
