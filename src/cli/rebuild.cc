// keyfold rebuild: everything that follows from the stored events, made anew from them, without the log.
#include "engine/rebuild.h"

#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/config.h"
#include "cli/kafka_config.h"
#include "cli/local_projection.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "engine/store_keys.h"
#include "store/rocks_store.h"

namespace keyfold {
namespace {

constexpr const char* kFooter =
    "For another catalogue, other parameters, another time zone or fiscal year, or a new version of a measure: stop\n"
    "`keyfold run` everywhere, rebuild on every machine with the new configuration, and start it again. It goes on\n"
    "where it was in the log, and publishes every account and group once. The result is what folding the log anew\n"
    "gives. With roll-ups, all shards must be on this machine. Another reporting currency needs a new projection.";

struct Shard {
  int32_t partition;
  std::unique_ptr<ShardStore> store;
  absl::StatusOr<RebuildCounts> counts = RebuildCounts();
};

absl::StatusOr<std::vector<Shard>> OpenShards(const Config& config, RocksEnvironment& environment, bool groups) {
  std::vector<Shard> shards;
  for (int32_t partition : groups ? LocalGroupPartitions(config) : LocalPartitions(config)) {
    const std::string directory = groups ? GroupShardDirectory(config, partition) : ShardDirectory(config, partition);
    Shard& shard = shards.emplace_back();
    shard.partition = partition;
    KEYFOLD_ASSIGN_OR_RETURN(shard.store, OpenRocksStore(environment, directory, MergeStored));
  }
  return shards;
}

// Several at a time.
void RebuildAccounts(const Catalog& catalog, std::vector<Shard>& shards) {
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
  Progress progress("events");
  while (done < shards.size()) {
    absl::SleepFor(kLook);
    progress.Advance(events.exchange(0));
  }
  progress.Advance(events.exchange(0));
  progress.Show();
}

absl::StatusOr<int> Rebuild(const ConfigFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  RocksEnvironment environment(MemoryOf(config));
  KEYFOLD_RETURN_IF_ERROR(environment.ExpectShards(
      static_cast<int64_t>(LocalPartitions(config).size() + LocalGroupPartitions(config).size())));
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<Shard> shards, OpenShards(config, environment, /*groups=*/false));
  if (shards.empty()) return NoShards(config);
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<Shard> groups, OpenShards(config, environment, /*groups=*/true));

  std::map<int32_t, const ShardStore*> stores;
  for (const Shard& shard : shards) stores.emplace(shard.partition, shard.store.get());
  for (const Shard& shard : groups) KEYFOLD_RETURN_IF_ERROR(CheckGroupRebuild(*shard.store, catalog, stores));

  RebuildAccounts(catalog, shards);
  RebuildCounts sum;
  for (const Shard& shard : shards) {
    if (!shard.counts.ok()) {
      return absl::Status(shard.counts.status().code(),
                          absl::StrCat("shard ", shard.partition, ": ", shard.counts.status().message()));
    }
    sum.accounts += shard.counts->accounts;
    sum.events += shard.counts->events;
  }
  for (const Shard& shard : groups) KEYFOLD_RETURN_IF_ERROR(RebuildGroupShard(*shard.store, catalog, stores));
  std::cout << "rebuilt " << shards.size() << " shards with catalogue " << catalog.hash() << ": " << sum.accounts
            << " accounts, " << sum.events << " events\n";
  return kExitOk;
}

}  // namespace

void AddRebuild(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<ConfigFlags>();
  CLI::App* verb = app.add_subcommand("rebuild", "Make KPIs anew from the stored events: for another catalogue");
  verb->footer(kFooter);
  flags->AddTo(*verb);
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Rebuild(*flags)); });
}

}  // namespace keyfold
