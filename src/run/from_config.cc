#include "run/from_config.h"

#include "absl/strings/str_cat.h"

namespace keyfold {

absl::StatusOr<KafkaConnection> ConnectionOf(const Config& config) {
  KafkaConnection connection;
  connection.properties = config.kafka;
  const auto bootstrap = connection.properties.find("bootstrap.servers");
  if (bootstrap == connection.properties.end()) {
    return absl::InvalidArgumentError(
        "no brokers: set kafka.bootstrap.servers in the configuration, --kafka bootstrap.servers=HOST:PORT, or "
        "KEYFOLD_KAFKA_BOOTSTRAP_SERVERS");
  }
  connection.bootstrap = bootstrap->second;
  connection.properties.erase(bootstrap);
  return connection;
}

std::string GroupOf(const Config& config) { return absl::StrCat("keyfold.", config.projection); }

UpdateFormat FormatOf(const Config& config) {
  if (config.publish_format == "json") return UpdateFormat(UpdateFormat::Encoding::kJson);
  if (config.publish_format == "confluent") {
    return UpdateFormat(UpdateFormat::Encoding::kConfluent, static_cast<uint32_t>(config.publish_schema_id),
                        static_cast<uint32_t>(config.publish_alert_schema_id));
  }
  return UpdateFormat(UpdateFormat::Encoding::kProtobuf);
}

RocksMemory MemoryOf(const Config& config) {
  return {.block_cache_bytes = static_cast<size_t>(config.block_cache_bytes),
          .write_buffer_bytes = static_cast<size_t>(config.write_buffer_bytes)};
}

std::string ShardDirectory(const Config& config, int32_t partition) {
  return absl::StrCat(config.state_directory, "/", config.projection, "/", partition);
}

std::string GroupShardDirectory(const Config& config, int32_t partition) {
  return absl::StrCat(config.state_directory, "/", config.projection, "/rollups/", partition);
}

std::string LatestValuesDirectory(const Config& config) {
  return absl::StrCat(config.state_directory, "/", config.projection, "/latest");
}

}  // namespace keyfold
