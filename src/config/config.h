// The configuration: one YAML file, every key of which a flag or the environment can override.
//
// The key `publish.guarantee` is the flag --publish.guarantee and the variable KEYFOLD_PUBLISH_GUARANTEE. Flags win
// over the environment, the environment over the file, the file over the defaults.
#ifndef KEYFOLD_CONFIG_CONFIG_H_
#define KEYFOLD_CONFIG_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/gateway_config.h"
#include "config/hook_config.h"
#include "config/input_config.h"
#include "config/schema_registry_config.h"
#include "config/webhook_config.h"
#include "kpi/catalog.h"

namespace CLI {
class App;
}  // namespace CLI

namespace keyfold {

// The projection whose outputs carry the plain names.
inline constexpr char kLiveProjection[] = "live";

struct Config {
  KpiSettings kpi;
  std::string catalog_file;  // empty: the built-in default

  std::string projection = kLiveProjection;
  std::string instance;  // names this process among others; empty: the host's name
  std::string state_directory = "keyfold-state";
  int64_t workers = 1;

  std::map<std::string, std::string> kafka;  // librdkafka properties
  std::string events_topic = "account-events";
  // Those that are not named are named after the projection (NameTopics()).
  std::string kpis_topic;
  std::string rollup_kpis_topic;
  std::string alerts_topic;
  std::string partials_topic;
  std::string catalog_topic;
  std::string members_topic;
  std::string dead_letters_topic;

  bool clock_ticker = true;    // `run` writes clock_advanced at every midnight
  int64_t ahead_days_max = 2;  // how far a timestamp may be ahead of those before it and of the clock; 0: any

  std::string publish_format = "protobuf";         // protobuf, json, confluent
  std::string publish_guarantee = "exactly_once";  // exactly_once, at_least_once
  int64_t publish_schema_id = 0;                   // of KpiUpdate in the registry; confluent only
  int64_t publish_alert_schema_id = 0;             // of KpiAlert
  SchemaRegistryConfig schema_registry;

  int64_t batch_records_max = 60'000;
  int64_t batch_bytes_max = 16 << 20;
  int64_t batch_wait_ms_max = 100;
  int64_t sweep_time_ms_max = 20;  // of a transaction that re-evaluates accounts

  int64_t block_cache_bytes = 160 << 20;      // for all shards
  int64_t accounts_memory_bytes = 320 << 20;  // for all shards
  int64_t write_buffer_bytes = 64 << 20;      // for all shards
  int64_t fetch_queue_bytes = 48 << 20;       // for all workers

  std::string metrics_listen;    // HOST:PORT where `run` answers /metrics and /health; empty: nowhere
  int64_t watchdog_s_max = 120;  // a call of the Kafka client that takes longer ends the process; 0: never

  GatewayConfig gateway;
  // In the file only.
  std::vector<WebhookConfig> webhooks;
  std::vector<HookConfig> hooks;
  std::vector<InputConfig> inputs;
};

// Gives the topics that have no name yet the default: account-kpis, rollup-kpis, account-alerts and
// account-events.dead-letters,
// followed by .<projection> for every projection but `live`; keyfold.<projection>.partials, .catalog and
// .members.
void NameTopics(Config& config);

// Keys that verbs use together: what numbers mean, which shards are asked.
const std::vector<std::string>& DefinitionKeys();
const std::vector<std::string>& ShardKeys();  // definitions included

// How a verb takes its configuration from the command line.
class ConfigFlags {
 public:
  // Adds --config and a flag per key to `verb`. Its help lists the keys that it uses, named by how they begin; all are
  // taken, so that one set of flags serves several verbs. Must outlive the parsing.
  void AddTo(CLI::App& verb, const std::vector<std::string>& uses = {""});

  // With all topics named. InvalidArgument names the file and line, the variable or the flag, and what is wrong.
  absl::StatusOr<Config> Load() const;

 private:
  std::string file_;
  std::map<std::string, std::string> flags_;  // by key
  std::vector<std::string> kafka_;            // KEY=VALUE
  std::vector<std::string> parameters_;       // KEY=VALUE
};

// The date that a flag holds; nullopt: it was not given. InvalidArgument names the flag.
absl::StatusOr<std::optional<Day>> ParseDateFlag(const char* flag, const std::string& text);

// The catalogue that the configuration names, compiled.
absl::StatusOr<Catalog> LoadCatalog(const Config& config);

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_CONFIG_H_
