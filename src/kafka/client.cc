#include "kafka/client.h"

#include <librdkafka/rdkafka.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kafka/process_name.h"

namespace keyfold {
namespace {

void Log(const rd_kafka_t* client, int syslog_level, const char* facility, const char* text) {
  constexpr int kSyslogError = 3;
  constexpr int kSyslogWarning = 4;
  constexpr int kSyslogInfo = 6;
  spdlog::level::level_enum level = spdlog::level::debug;
  if (syslog_level <= kSyslogError) {
    level = spdlog::level::err;
  } else if (syslog_level == kSyslogWarning) {
    level = spdlog::level::warn;
  } else if (syslog_level <= kSyslogInfo) {
    level = spdlog::level::info;
  }
  spdlog::log(level, "kafka: {}: {}: {}", client == nullptr ? "" : rd_kafka_name(client), facility, text);
}

const std::map<std::string, std::string>& DefaultProperties() {
  static const auto* const properties = new std::map<std::string, std::string>{
      {"client.id", ProcessName()},
      // Back soon after a broker's restart.
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "500"},
      {"socket.nagle.disable", "true"},
      {"log.connection.close", "false"},
  };
  return *properties;
}

absl::Status Set(rd_kafka_conf_t* configuration, const std::string& name, const std::string& value) {
  char reason[512];
  if (rd_kafka_conf_set(configuration, name.c_str(), value.c_str(), reason, sizeof(reason)) != RD_KAFKA_CONF_OK) {
    return absl::InvalidArgumentError(absl::StrCat("Kafka property ", name, ": ", reason));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClientHandle> NewClient(const KafkaConnection& connection, const ClientSettings& settings) {
  ConfigurationHandle configuration(rd_kafka_conf_new());
  std::map<std::string, std::string> properties = DefaultProperties();
  for (const auto& [name, value] : settings.defaults) properties[name] = value;
  for (const auto& [name, value] : connection.properties) {
    const auto required = settings.required.find(name);
    if (required != settings.required.end() && required->second != value) {
      return absl::InvalidArgumentError(
          absl::StrCat("Kafka property ", name, " must be ", required->second, ", not ", value));
    }
    properties[name] = value;
  }
  if (!connection.bootstrap.empty()) properties["bootstrap.servers"] = connection.bootstrap;
  for (const auto& [name, value] : settings.required) properties[name] = value;
  for (const auto& [name, value] : properties) KEYFOLD_RETURN_IF_ERROR(Set(configuration.get(), name, value));
  rd_kafka_conf_set_log_cb(configuration.get(), &Log);
  settings.configure(configuration.get());

  char reason[512];
  const auto type = settings.kind == ClientKind::kConsumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER;
  ClientHandle client(rd_kafka_new(type, configuration.get(), reason, sizeof(reason)));
  if (client == nullptr) return absl::InvalidArgumentError(absl::StrCat("Kafka client: ", reason));
  configuration.release();  // the client has taken it
  return client;
}

int WaitMilliseconds(absl::Duration wait) {
  const int64_t milliseconds = absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)));
  return static_cast<int>(std::clamp<int64_t>(milliseconds, 0, std::numeric_limits<int>::max()));
}

ClientSettings GrouplessConsumer(const std::string& group_id) {
  ClientSettings settings;
  settings.kind = ClientKind::kConsumer;
  settings.defaults = {{"group.id", group_id}};
  settings.required = {{"enable.auto.commit", "false"},
                       {"auto.offset.reset", "error"},
                       {"isolation.level", "read_committed"},
                       {"enable.partition.eof", "true"}};
  return settings;
}

absl::StatusOr<std::string> ReadClusterId(rd_kafka_t* client, absl::Duration wait_max) {
  char* const id = rd_kafka_clusterid(client, WaitMilliseconds(wait_max));
  if (id == nullptr) return absl::UnavailableError("the cluster has not told its id: no broker answers");
  std::string cluster_id = id;
  rd_kafka_mem_free(client, id);
  return cluster_id;
}

}  // namespace keyfold
