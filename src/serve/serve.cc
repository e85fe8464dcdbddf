#include "serve/serve.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "api/api.h"
#include "base/combine.h"
#include "base/status_macros.h"
#include "client/http_client.h"
#include "config/topic_names.h"
#include "gateway/server.h"
#include "hooks/hooks.h"
#include "kafka/topic_follower.h"
#include "kpi/catalog.h"
#include "live/latest_values.h"
#include "metrics/gateway_metrics.h"
#include "metrics/intake_metrics.h"
#include "metrics/scrape.h"
#include "page/page.h"
#include "peers/partition_owners.h"
#include "peers/peers.h"
#include "posting/event_producer.h"
#include "run/from_config.h"
#include "run/instance.h"
#include "serve/fresh_reader.h"
#include "serve/latest_feed.h"
#include "serve/owners_feed.h"
#include "serve/webhook_service.h"
#include "spdlog/spdlog.h"
#include "store/rocks_store.h"

namespace keyfold {
namespace {

constexpr absl::Duration kGrace = absl::Seconds(5);
constexpr absl::Duration kLook = absl::Milliseconds(50);

PerTopic<std::string> TopicsToRead(const Config& config, const Catalog& catalog) {
  PerTopic<std::string> topics;
  topics[static_cast<size_t>(LatestTopic::kAccounts)] = config.kpis_topic;
  if (catalog.has_rollups()) topics[static_cast<size_t>(LatestTopic::kGroups)] = config.rollup_kpis_topic;
  if (!catalog.alerts().empty()) topics[static_cast<size_t>(LatestTopic::kAlerts)] = config.alerts_topic;
  return topics;
}

// nullopt: it was stopped before a broker answered.
std::optional<std::string> WaitForClusterId(const KafkaConnection& connection, const std::function<bool()>& stopped) {
  while (!stopped()) {
    absl::StatusOr<std::string> id = ReadClusterId(connection, absl::Seconds(2));
    if (id.ok()) return *std::move(id);
    spdlog::warn("gateway: {}; trying again", std::string(id.status().message()));
  }
  return std::nullopt;
}

int64_t AlertsFromMs(const GatewayConfig& config) {
  if (config.alerts_age_hours_max == 0) return 0;
  return absl::ToUnixMillis(absl::Now() - absl::Hours(config.alerts_age_hours_max));
}

std::vector<std::string> KpisOf(const Catalog& catalog) {
  std::vector<std::string> kpis;
  for (uint16_t kpi : catalog.kpis()) kpis.push_back(catalog.definitions()[kpi].id);
  return kpis;
}

Json StatusOf(const Config& config, const Catalog& catalog, const LatestValues& values, const PartitionOwners& owners,
              const absl::Status& ready) {
  Json json{{"projection", config.projection},
            {"reporting_currency", catalog.reporting_currency().code()},
            {"time_zone", catalog.settings().time_zone}};
  json["ready"] = ready.ok();
  if (!ready.ok()) json["reason"] = std::string(ready.message());
  const TopicOffsets next = values.next_offsets();
  json["topics"] = {{"accounts", next[static_cast<size_t>(LatestTopic::kAccounts)]},
                    {"groups", next[static_cast<size_t>(LatestTopic::kGroups)]},
                    {"alerts", next[static_cast<size_t>(LatestTopic::kAlerts)]}};
  json["members"] = Json::array();
  for (const auto& [partition, claim] : owners.All()) {
    json["members"].push_back(
        {{"partition", partition}, {"instance", claim.instance}, {"url", claim.url}, {"since", claim.since}});
  }
  return json;
}

absl::StatusOr<std::unique_ptr<EventProducer>> StartProducer(const Config& config, const KafkaConnection& connection) {
  return EventProducer::Start(
      connection, config.events_topic,
      {.bytes_max = config.gateway.posts_bytes_max, .wait_max = absl::Milliseconds(config.gateway.produce_ms_max)});
}

}  // namespace

absl::Status Serve(const Config& config, Metrics& metrics, const std::function<bool()>& stopped,
                   const std::function<void(uint16_t port)>& ready) {
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  KEYFOLD_ASSIGN_OR_RETURN(const Hooks hooks, Hooks::Open(config.hooks, catalog.reporting_currency()));
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  const std::optional<std::string> cluster_id = WaitForClusterId(connection, stopped);
  if (!cluster_id.has_value()) return absl::OkStatus();
  RocksEnvironment environment(MemoryOf(config));
  KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store,
                           OpenRocksStore(environment, LatestValuesDirectory(config), NoMerge));
  const PerTopic<std::string> topics = TopicsToRead(config, catalog);
  KEYFOLD_ASSIGN_OR_RETURN(
      const std::unique_ptr<LatestValues> values,
      LatestValues::Open(std::move(store), {*cluster_id, topics}, {},
                         [](std::string_view message) { spdlog::info("gateway: {}", std::string(message)); }));
  PartitionOwners owners(InstanceOf(config), config.gateway.public_url);
  OwnersFeed owners_feed(connection, config.members_topic, owners);
  HttpClient client({.ca_file = config.gateway.peers_ca});
  Peers peers(
      owners, [&client](const HttpCall& call) { return client.Call(call); },
      absl::Milliseconds(config.gateway.peers_ms_max));
  FreshReader shards(config, catalog, environment, owners);
  LatestFeed feed(connection, topics, KpisOf(catalog), *values);
  const auto is_ready = [&feed, &owners]() -> absl::Status {
    KEYFOLD_RETURN_IF_ERROR(feed.ready());
    return owners.complete();
  };
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<WebhookService> webhooks,
                           WebhookService::Start(config, catalog, connection, *cluster_id, environment));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<EventProducer> events, StartProducer(config, connection));
  ApiSources sources;
  sources.catalog = &catalog;
  sources.live = values.get();
  sources.alerts_from_ms = [&config] { return AlertsFromMs(config.gateway); };
  sources.tokens_file = config.gateway.tokens_file;
  sources.session_days = config.gateway.session_days;
  sources.shards = [&shards] { return shards.Get(); };
  sources.peers = &peers;
  sources.webhooks = webhooks->deliveries();
  sources.retry_webhook = [&webhooks](const std::string& name) { return webhooks->Resend(name); };
  sources.events = events.get();
  sources.hooks = &hooks;
  sources.status = [&] { return StatusOf(config, catalog, *values, owners, is_ready()); };
  sources.ready = is_ready;
  const Api api(std::move(sources));
  const auto answer = [&api, &metrics](const HttpRequest& request) {
    if (request.target.path == kMetricsPath) return AnswerScrape(metrics, request);
    return IsPagePath(request.target.path) ? AnswerPage(request) : api.Answer(request);
  };
  const auto is_public = [](const std::string& path) { return IsPagePath(path) || Api::IsPublic(path); };
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<HttpServer> server,
                           HttpServer::Start(config.gateway, answer, is_public));
  const GatewayMetrics gateway_metrics(metrics, *server, [&is_ready] { return is_ready().ok(); });
  const IntakeMetrics intake_metrics(metrics, *events, hooks);
  for (bool told = ready == nullptr; !stopped(); absl::SleepFor(kLook)) {
    if (told || !is_ready().ok()) continue;
    ready(server->port());
    told = true;
  }
  server->Stop(kGrace);
  events->Stop();  // answers what waits, while there still is a server
  return absl::OkStatus();
}

absl::Status RunAndServe(const Config& config, const ProjectionOptions& options, std::atomic<bool>& stop,
                         const std::function<void(uint16_t port)>& ready) {
  Metrics metrics;
  ProjectionOptions with_metrics = options;
  with_metrics.metrics = &metrics;
  absl::Status served;
  std::thread gateway([&] {
    served = Serve(
        config, metrics, [&stop] { return stop.load(); }, ready);
    stop = true;
  });
  absl::Status ran = RunProjection(config, with_metrics, stop);
  stop = true;
  gateway.join();
  return ran.ok() ? served : ran;
}

}  // namespace keyfold
