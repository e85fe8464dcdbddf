#include "config/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "config/default_catalog.h"
#include "config/hook_keys.h"
#include "config/input_keys.h"
#include "config/keys.h"
#include "config/text_files.h"
#include "config/topic_names.h"
#include "config/webhook_keys.h"

namespace keyfold {
namespace {

// Part of names: of topics, where dots separate it from the rest, of groups and directories.
absl::Status SetProjection(Config& config, const std::string& value) {
  constexpr size_t kLengthMax = 40;
  const bool valid = !value.empty() && value.size() <= kLengthMax && absl::c_all_of(value, [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '-';
  });
  if (!valid) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", value, "' is no projection's name: 1 to ", kLengthMax, " of a-z, 0-9 and -"));
  }
  config.projection = value;
  return absl::OkStatus();
}

SetKey RegistryText(std::string SchemaRegistryConfig::*member) {
  return [member](Config& config, const std::string& value) {
    config.schema_registry.*member = value;
    return absl::OkStatus();
  };
}

const std::vector<ScalarKey>& EngineKeys() {
  static const auto* const keys = new std::vector<ScalarKey>{
      {"time_zone", "IANA zone whose midnights separate days (Europe/Berlin)",
       [](Config& c, const std::string& v) { return c.kpi.time_zone = v, absl::OkStatus(); }},
      {"reporting_currency", "ISO 4217 code that money is published in (EUR)",
       [](Config& c, const std::string& v) { return c.kpi.reporting_currency = v, absl::OkStatus(); }},
      {"fiscal_year_start_month", "first month of the fiscal year, 1-12 (1)",
       [](Config& c, const std::string& v) -> absl::Status {
         KEYFOLD_ASSIGN_OR_RETURN(const int64_t month, ParseInteger(v, 1, 12));
         c.kpi.fiscal_year_start_month = static_cast<int>(month);
         return absl::OkStatus();
       }},
      {"catalog", "KPI catalogue file (built-in default: deploy/catalog.yaml)", Text(&Config::catalog_file)},
      {"projection", "name of this set of shards: of its group, its directory and its output topics (live)",
       SetProjection},
      {"instance", "name of this process, stable over restarts (the host's name)", Text(&Config::instance)},
      {"state_directory", "where shards are kept (keyfold-state)", Text(&Config::state_directory)},
      {"workers", "worker threads in this process (1)", Integer(&Config::workers, 1, 256)},
      {"topics.events", "input topic (account-events)", Text(&Config::events_topic)},
      {"topics.kpis", "output topic, compacted (account-kpis; of another projection than live .<projection> follows)",
       Text(&Config::kpis_topic)},
      {"topics.rollup_kpis", "output topic of the groups, compacted (rollup-kpis, likewise)",
       Text(&Config::rollup_kpis_topic)},
      {"topics.alerts", "output topic, compacted: alerts that are raised or cleared (account-alerts, likewise)",
       Text(&Config::alerts_topic)},
      {"topics.partials", "internal topic, compacted: the shards' sums (keyfold.<projection>.partials)",
       Text(&Config::partials_topic)},
      {"topics.catalog", "output topic, compacted: what the KPIs are (keyfold.<projection>.catalog)",
       Text(&Config::catalog_topic)},
      {"topics.members", "internal topic, compacted: which process has which partition (keyfold.<projection>.members)",
       Text(&Config::members_topic)},
      {"topics.dead_letters", "where rejected records go (account-events.dead-letters, likewise)",
       Text(&Config::dead_letters_topic)},
      {"clock.ticker", "write clock_advanced at every midnight (true)", Boolean(&Config::clock_ticker)},
      {"time.ahead_days_max",
       "records stamped further ahead of those before them and of the clock go to dead letters; 0: no bound (2)",
       Integer(&Config::ahead_days_max, 0, 100'000)},
      {"publish.format", "protobuf, json or confluent (protobuf)",
       OneOf(&Config::publish_format, {"protobuf", "json", "confluent"})},
      {"publish.guarantee", "exactly_once or at_least_once (exactly_once)",
       OneOf(&Config::publish_guarantee, {"exactly_once", "at_least_once"})},
      {"publish.schema_id", "schema id of KpiUpdate, for the confluent format (0)",
       Integer(&Config::publish_schema_id, 0, std::numeric_limits<int32_t>::max())},
      {"publish.alert_schema_id", "schema id of KpiAlert, likewise (0)",
       Integer(&Config::publish_alert_schema_id, 0, std::numeric_limits<int32_t>::max())},
      {"batch.records_max", "records folded in one transaction (60000)",
       Integer(&Config::batch_records_max, 1, 1'000'000)},
      {"batch.kib_max", "size of the records folded in one transaction, KiB (16384)",
       Integer(&Config::batch_bytes_max, 16, 1 << 20, 1 << 10)},
      {"batch.wait_ms_max", "longest wait for the first record, ms (100)",
       Integer(&Config::batch_wait_ms_max, 1, 10'000)},
      {"sweep.time_ms_max",
       "what a transaction takes at most when it re-evaluates accounts because time moves, ms (20)",
       Integer(&Config::sweep_time_ms_max, 1, 10'000)},
      {"memory.block_cache_mib", "RocksDB block cache of all shards, MiB (160)",
       Integer(&Config::block_cache_bytes, 8, 1 << 20, 1 << 20)},
      {"memory.accounts_mib", "Accounts used lately, and what is gathered to be written, of all shards, MiB (320)",
       Integer(&Config::accounts_memory_bytes, 1, 1 << 20, 1 << 20)},
      {"memory.write_buffer_mib", "RocksDB write buffers of all shards, MiB (64)",
       Integer(&Config::write_buffer_bytes, 4, 1 << 20, 1 << 20)},
      {"memory.fetch_queue_mib", "records fetched ahead, all workers, MiB (48)",
       Integer(&Config::fetch_queue_bytes, 1, 1 << 20, 1 << 20)},
      {"metrics.listen", "where `run` answers /metrics and /health, HOST:PORT; the gateway's TLS and tokens hold there",
       Text(&Config::metrics_listen)},
      {"watchdog.call_s_max", "a call of the Kafka client that takes longer ends the process, s; 0: never (120)",
       Integer(&Config::watchdog_s_max, 0, 86'400)},
  };
  return *keys;
}

const std::vector<ScalarKey>& SchemaRegistryKeys() {
  static const auto* const keys = new std::vector<ScalarKey>{
      {"schema_registry.url", "schema registry that a start compares the contract with, http or https",
       [](Config& c, const std::string& v) { return SetBaseUrl(v, c.schema_registry.url); }},
      {"schema_registry.user", "who asks it", RegistryText(&SchemaRegistryConfig::user)},
      {"schema_registry.password_file", "file with that user's password",
       RegistryText(&SchemaRegistryConfig::password_file)},
      {"schema_registry.ca_file", "PEM file with who signs its certificate (as the machine has it)",
       RegistryText(&SchemaRegistryConfig::ca_file)},
  };
  return *keys;
}

// All keys of the file.
const std::vector<ScalarKey>& Keys() {
  static const auto* const keys = [] {
    auto* const all = new std::vector<ScalarKey>(EngineKeys());
    for (const auto* const more : {&SchemaRegistryKeys(), &GatewayKeys()}) {
      all->insert(all->end(), more->begin(), more->end());
    }
    return all;
  }();
  return *keys;
}

const ScalarKey* FindKey(const std::string& name) {
  for (const ScalarKey& key : Keys()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

// Whether there are keys that begin with this and a dot.
bool IsMapOfKeys(const std::string& name) {
  return std::any_of(Keys().begin(), Keys().end(),
                     [&](const ScalarKey& key) { return std::string_view(key.name).starts_with(name + "."); });
}

std::string DidYouMeanKey(const std::string& name) {
  std::vector<std::string_view> known = {"kafka", "parameters", "webhooks", "hooks", "inputs"};
  for (const ScalarKey& key : Keys()) known.emplace_back(key.name);
  return DidYouMean(name, known);
}

absl::Status Annotate(const absl::Status& status, const std::string& where) {
  return status.ok() ? status : absl::Status(status.code(), absl::StrCat(where, ": ", status.message()));
}

std::string EnvironmentName(const std::string& key) {
  std::string name = "KEYFOLD_";
  for (char c : key) name.push_back(c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  return name;
}

absl::Status SetParameter(Config& config, const std::string& name, const std::string& value) {
  double number = 0;
  if (!absl::SimpleAtod(value, &number)) {
    return absl::InvalidArgumentError(absl::StrCat("parameter ", name, ": '", value, "' is not a number"));
  }
  config.kpi.parameters[name] = number;
  return absl::OkStatus();
}

// Sets everything in a map of the file; `prefix` is the name of the map it stands in.
absl::Status SetFromYaml(Config& config, const std::string& file, const YAML::Node& map, const std::string& prefix) {
  for (const auto& entry : map) {
    const std::string name = prefix + entry.first.as<std::string>();
    const std::string where = absl::StrCat(file, ":", entry.first.Mark().line + 1, ": ", name);
    const YAML::Node& value = entry.second;
    const ScalarKey* const key = FindKey(name);
    if (name == "kafka" || name == "parameters") {
      if (!value.IsMap()) return absl::InvalidArgumentError(absl::StrCat(where, ": a map is expected"));
      for (const auto& property : value) {
        const std::string property_name = property.first.as<std::string>();
        const std::string text = property.second.as<std::string>();
        if (name == "kafka") {
          config.kafka[property_name] = text;
        } else {
          KEYFOLD_RETURN_IF_ERROR(Annotate(SetParameter(config, property_name, text), where));
        }
      }
    } else if (name == "webhooks") {
      KEYFOLD_ASSIGN_OR_RETURN(config.webhooks, ReadWebhooks(file, value));
    } else if (name == "hooks") {
      KEYFOLD_ASSIGN_OR_RETURN(config.hooks, ReadHooks(file, value));
    } else if (name == "inputs") {
      KEYFOLD_ASSIGN_OR_RETURN(config.inputs, ReadInputs(file, value));
    } else if (key != nullptr && value.IsScalar()) {
      KEYFOLD_RETURN_IF_ERROR(Annotate(key->set(config, value.as<std::string>()), where));
    } else if (key != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": a single value is expected"));
    } else if (IsMapOfKeys(name) && !value.IsMap()) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": a map is expected"));
    } else if (value.IsMap() && prefix.empty()) {
      KEYFOLD_RETURN_IF_ERROR(SetFromYaml(config, file, value, name + "."));
    } else {
      return absl::InvalidArgumentError(absl::StrCat(where, ": there is no such key", DidYouMeanKey(name)));
    }
  }
  return absl::OkStatus();
}

absl::Status SetFromFile(Config& config, const std::string& file) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  try {  // yaml-cpp reports by exceptions; they end here
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return absl::OkStatus();
    if (!root.IsMap()) return absl::InvalidArgumentError(absl::StrCat(file, ": a map of keys is expected"));
    return SetFromYaml(config, file, root, "");
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(file, ":", error.mark.line + 1, ": ", error.msg));
  }
}

absl::StatusOr<std::pair<std::string, std::string>> SplitAssignment(const std::string& text, const char* flag) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return absl::InvalidArgumentError(absl::StrCat(flag, ": '", text, "' is not KEY=VALUE"));
  }
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

}  // namespace

const std::vector<std::string>& DefinitionKeys() {
  static const auto* const keys = new std::vector<std::string>{"time_zone", "reporting_currency",
                                                               "fiscal_year_start_month", "catalog", "parameter"};
  return *keys;
}

const std::vector<std::string>& ShardKeys() {
  static const auto* const keys = [] {
    auto* const all = new std::vector<std::string>(DefinitionKeys());
    all->insert(all->end(), {"projection", "state_directory", "memory.block_cache_mib"});
    return all;
  }();
  return *keys;
}

void ConfigFlags::AddTo(CLI::App& verb, const std::vector<std::string>& uses) {
  const auto group_of = [&uses](std::string_view key) {
    const bool used = absl::c_any_of(uses, [key](const std::string& use) { return key.starts_with(use); });
    return std::string(used ? "Configuration" : "");  // CLI11 does not list those without a group
  };
  verb.add_option("--config", file_, "YAML file with these keys, and those of other verbs")->group("Configuration");
  for (const ScalarKey& key : Keys()) {
    verb.add_option_function<std::string>(
            std::string("--") + key.name, [this, &key](const std::string& value) { flags_[key.name] = value; },
            key.help)
        ->group(group_of(key.name));
  }
  verb.add_option("--kafka", kafka_, "KEY=VALUE: a librdkafka property, such as bootstrap.servers (repeatable)")
      ->group(group_of("kafka"))
      ->expected(1)
      ->take_all();
  verb.add_option("--parameter", parameters_, "KEY=VALUE: a parameter of the catalogue (repeatable)")
      ->group(group_of("parameter"))
      ->expected(1)
      ->take_all();
}

absl::StatusOr<Config> ConfigFlags::Load() const {
  Config config;
  if (!file_.empty()) KEYFOLD_RETURN_IF_ERROR(SetFromFile(config, file_));
  for (const ScalarKey& key : Keys()) {
    const std::string variable = EnvironmentName(key.name);
    if (const char* value = std::getenv(variable.c_str()); value != nullptr) {
      KEYFOLD_RETURN_IF_ERROR(Annotate(key.set(config, value), variable));
    }
  }
  if (const char* brokers = std::getenv("KEYFOLD_KAFKA_BOOTSTRAP_SERVERS"); brokers != nullptr) {
    config.kafka["bootstrap.servers"] = brokers;
  }
  for (const auto& [name, value] : flags_) {
    KEYFOLD_RETURN_IF_ERROR(Annotate(FindKey(name)->set(config, value), absl::StrCat("--", name)));
  }
  for (const std::string& assignment : kafka_) {
    KEYFOLD_ASSIGN_OR_RETURN(const auto property, SplitAssignment(assignment, "--kafka"));
    config.kafka[property.first] = property.second;
  }
  for (const std::string& assignment : parameters_) {
    KEYFOLD_ASSIGN_OR_RETURN(const auto parameter, SplitAssignment(assignment, "--parameter"));
    KEYFOLD_RETURN_IF_ERROR(Annotate(SetParameter(config, parameter.first, parameter.second), "--parameter"));
  }
  NameTopics(config);
  KEYFOLD_RETURN_IF_ERROR(CheckTopicNames(config));
  return config;
}

void NameTopics(Config& config) {
  const auto name = [](std::string& topic, const std::string& otherwise) {
    if (topic.empty()) topic = otherwise;
  };
  const std::string suffix = config.projection == kLiveProjection ? "" : "." + config.projection;
  name(config.kpis_topic, "account-kpis" + suffix);
  name(config.rollup_kpis_topic, "rollup-kpis" + suffix);
  name(config.alerts_topic, "account-alerts" + suffix);
  name(config.partials_topic, absl::StrCat("keyfold.", config.projection, ".partials"));
  name(config.catalog_topic, absl::StrCat("keyfold.", config.projection, ".catalog"));
  name(config.members_topic, absl::StrCat("keyfold.", config.projection, ".members"));
  name(config.dead_letters_topic, "account-events.dead-letters" + suffix);
}

absl::StatusOr<std::optional<Day>> ParseDateFlag(const char* flag, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::optional<Day> day = ParseDay(text);
  if (!day.has_value()) return absl::InvalidArgumentError(absl::StrCat(flag, ": '", text, "' is no date (YYYY-MM-DD)"));
  return day;
}

absl::StatusOr<Catalog> LoadCatalog(const Config& config) {
  if (config.catalog_file.empty()) return Catalog::Parse(kDefaultCatalog, "deploy/catalog.yaml", config.kpi);
  KEYFOLD_ASSIGN_OR_RETURN(const std::string yaml, ReadFile(config.catalog_file));
  return Catalog::Parse(yaml, config.catalog_file, config.kpi);
}

}  // namespace keyfold
