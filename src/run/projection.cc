#include "run/projection.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/milliseconds.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "engine/account_shard.h"
#include "engine/group_shard.h"
#include "fold/update_format.h"
#include "metrics/stage_metrics.h"
#include "metrics/state_metrics.h"
#include "run/backoff.h"
#include "run/catalog_topic.h"
#include "run/clock.h"
#include "run/from_config.h"
#include "run/instance.h"
#include "run/member_announcer.h"
#include "run/metrics_listener.h"
#include "run/schemas.h"
#include "run/stage.h"
#include "run/topics.h"
#include "run/watchdog.h"
#include "spdlog/spdlog.h"
#include "state/store_keys.h"
#include "store/rocks_store.h"
#include "store/write_behind_store.h"

namespace keyfold {
namespace {

// What the shards of all stages share.
struct Shared {
  const Config& config;
  const Catalog& catalog;
  const UpdateFormat& format;
  RocksEnvironment& environment;
  std::shared_ptr<MemoryBudget> accounts_memory;
  std::map<TopicRole, TopicDescription> topics;  // as they were at the start
  Metrics& metrics;
  Readiness& readiness;
  Watchdog& watchdog;
};

// The topics that are used with the catalogue.
TopicNames TopicsOf(const Config& config, const Catalog& catalog) {
  TopicNames topics = TopicsOf(config);
  if (config.gateway.public_url.empty()) topics.erase(TopicRole::kMembers);
  if (catalog.alerts().empty()) topics.erase(TopicRole::kAlerts);
  if (catalog.has_rollups()) return topics;
  topics.erase(TopicRole::kRollupKpis);
  topics.erase(TopicRole::kPartials);
  return topics;
}

// Before the first record is written: that the topics are ours, and what the numbers will be. Again and again while the
// brokers are gone.
absl::Status AnnounceUntilHeard(const KafkaConnection& connection, const Config& config, const Catalog& catalog,
                                const std::atomic<bool>& stop) {
  for (Backoff backoff(stop); !stop; backoff.Wait()) {
    const absl::Status status = Announce(connection, config, catalog);
    if (!IsTransient(status)) return status;
    spdlog::warn("{}; trying again", std::string(status.message()));
  }
  return absl::OkStatus();
}

StageSettings AccountStage(const Shared& shared, const ProjectionOptions& options, int32_t partitions,
                           StageMetrics& metrics) {
  StageSettings settings;
  settings.metrics = &metrics;
  settings.watchdog = &shared.watchdog;
  settings.topics = shared.topics;
  settings.name = "worker";
  settings.topic = shared.config.events_topic;
  settings.group_id = GroupOf(shared.config);
  settings.partitions = partitions;
  settings.workers = shared.config.workers;
  settings.accept_log_start = options.accept_log_start;
  if (options.until_end) settings.may_end = [] { return true; };
  settings.open_shard = [shared](const ShardIdentity& identity) -> absl::StatusOr<std::unique_ptr<Shard>> {
    KEYFOLD_ASSIGN_OR_RETURN(
        std::unique_ptr<ShardStore> store,
        OpenRocksStore(shared.environment, ShardDirectory(shared.config, identity.partition), MergeStored));
    return AccountShard::Open(std::make_unique<WriteBehindStore>(std::move(store), MergeStored, shared.accounts_memory),
                              shared.catalog, shared.format, identity,
                              {shared.config.ahead_days_max * kDayMs, shared.accounts_memory});
  };
  return settings;
}

StageSettings GroupStage(const Shared& shared, const ProjectionOptions& options, int32_t partitions,
                         StageMetrics& metrics, const Stage& accounts) {
  StageSettings settings;
  settings.metrics = &metrics;
  settings.watchdog = &shared.watchdog;
  settings.topics = shared.topics;
  settings.name = "roll-up worker";
  settings.topic = shared.config.partials_topic;
  settings.group_id = absl::StrCat(GroupOf(shared.config), ".rollups");
  settings.partitions = partitions;
  if (options.until_end) settings.may_end = [&accounts] { return !accounts.running(); };
  settings.open_shard = [shared](const ShardIdentity& identity) -> absl::StatusOr<std::unique_ptr<Shard>> {
    KEYFOLD_ASSIGN_OR_RETURN(
        std::unique_ptr<ShardStore> store,
        OpenRocksStore(shared.environment, GroupShardDirectory(shared.config, identity.partition), MergeStored));
    return GroupShard::Open(std::move(store), shared.catalog, shared.format, identity);
  };
  return settings;
}

void ReportUntilDone(const Stage& accounts, const Stage* groups) {
  constexpr absl::Duration kInterval = absl::Seconds(5);
  absl::Time reported = absl::Now();
  int64_t reported_records = 0;
  while (accounts.running() || (groups != nullptr && groups->running())) {
    absl::SleepFor(absl::Milliseconds(20));
    const absl::Duration since = absl::Now() - reported;
    if (since < kInterval) continue;
    const int64_t records = accounts.records();
    if (records != reported_records) {
      spdlog::info("folded {} records, published {}, {:.0f} records/s", records, accounts.outputs(),
                   static_cast<double>(records - reported_records) / absl::ToDoubleSeconds(since));
    }
    reported_records = records;
    reported += since;
  }
}

// While it lives, the projection is as ready as its stages.
class WhileReady {
 public:
  WhileReady(Readiness& readiness, const Stage& accounts, const Stage* groups) : readiness_(readiness) {
    readiness_.Learn([&accounts, groups] {
      KEYFOLD_RETURN_IF_ERROR(accounts.ready());
      return groups == nullptr ? absl::OkStatus() : groups->ready();
    });
  }
  ~WhileReady() { readiness_.Forget(); }
  WhileReady(const WhileReady&) = delete;
  WhileReady& operator=(const WhileReady&) = delete;

 private:
  Readiness& readiness_;
};

StateSources SourcesOf(const Shared& shared) {
  StateSources sources;
  sources.environment = &shared.environment;
  sources.accounts = shared.accounts_memory.get();
  sources.limits = MemoryOf(shared.config);
  sources.fetch_queue_bytes_max = shared.config.fetch_queue_bytes;
  sources.ready = [&readiness = shared.readiness] { return readiness.Ask().ok(); };
  return sources;
}

// Runs the stages until they end. Logs what they did.
absl::Status RunStages(const KafkaConnection& connection, const Shared& shared, const ProjectionOptions& options,
                       std::atomic<bool>& stop) {
  const Config& config = shared.config;
  const int32_t partitions = shared.topics.at(TopicRole::kEvents).partitions;
  const int32_t partials_partitions =
      shared.catalog.has_rollups() ? shared.topics.at(TopicRole::kPartials).partitions : 0;
  // All of them: the other processes of the projection may end.
  KEYFOLD_RETURN_IF_ERROR(shared.environment.ExpectShards(int64_t{partitions} + partials_partitions));
  StageMetrics accounts_metrics(shared.metrics, "accounts");
  StageMetrics groups_metrics(shared.metrics, "groups");
  Stage accounts(config, AccountStage(shared, options, partitions, accounts_metrics), stop);
  std::optional<Stage> groups;
  if (shared.catalog.has_rollups()) {
    groups.emplace(config, GroupStage(shared, options, partials_partitions, groups_metrics, accounts), stop);
  }
  const WhileReady ready(shared.readiness, accounts, groups.has_value() ? &*groups : nullptr);
  const StateMetrics state_metrics(shared.metrics, SourcesOf(shared));
  std::optional<ClockTicker> ticker;
  if (config.clock_ticker && !options.until_end) {
    ticker.emplace(
        ClockTopicsOf(connection, config), shared.catalog.calendar(), [&accounts] { return accounts.Owns(0); }, stop);
  }
  std::optional<MemberAnnouncer> announcer;
  if (!config.gateway.public_url.empty()) {
    announcer.emplace(connection, config, [&accounts] { return accounts.owned(); });
  }
  ReportUntilDone(accounts, groups.has_value() ? &*groups : nullptr);
  spdlog::info("stopped: folded {} records, published {} in {} transactions, and {} of groups in {}",
               accounts.records(), accounts.outputs(), accounts.transactions(),
               groups.has_value() ? groups->outputs() : 0, groups.has_value() ? groups->transactions() : 0);
  KEYFOLD_RETURN_IF_ERROR(accounts.failure());
  return groups.has_value() ? groups->failure() : absl::OkStatus();
}

}  // namespace

absl::Status RunProjection(const Config& config, const ProjectionOptions& options, std::atomic<bool>& stop) {
  Metrics own_metrics;
  Metrics& metrics = options.metrics == nullptr ? own_metrics : *options.metrics;
  Readiness readiness;
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<HttpServer> listener, ListenForMetrics(config, metrics, readiness));
  Watchdog watchdog(absl::Seconds(config.watchdog_s_max), EndHungProcess);
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  const UpdateFormat format = FormatOf(config);
  const absl::StatusOr<std::unique_ptr<InstanceClaim>> claim = InstanceClaim::Take(config, stop);
  if (absl::IsCancelled(claim.status())) return absl::OkStatus();
  KEYFOLD_RETURN_IF_ERROR(claim.status());
  RocksEnvironment environment(MemoryOf(config));
  spdlog::info("projection {}: {} -> {}{}{}, catalogue {}, {} worker(s), {}", config.projection, config.events_topic,
               config.kpis_topic, catalog.has_rollups() ? ", " + config.rollup_kpis_topic : "",
               catalog.alerts().empty() ? "" : ", " + config.alerts_topic, catalog.hash(), config.workers,
               config.publish_guarantee);
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  absl::StatusOr<std::map<TopicRole, TopicDescription>> topics =
      CheckTopics(connection, TopicsOf(config, catalog), stop);
  if (absl::IsCancelled(topics.status())) return absl::OkStatus();
  KEYFOLD_RETURN_IF_ERROR(topics.status());
  KEYFOLD_RETURN_IF_ERROR(CheckRegisteredSchemas(config));
  KEYFOLD_RETURN_IF_ERROR(AnnounceUntilHeard(connection, config, catalog, stop));
  return RunStages(connection,
                   {config, catalog, format, environment, std::make_shared<MemoryBudget>(config.accounts_memory_bytes),
                    *std::move(topics), metrics, readiness, watchdog},
                   options, stop);
}

}  // namespace keyfold
