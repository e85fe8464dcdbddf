// What the configuration says to the rims: brokers, group, format, memory, directories.
#ifndef KEYFOLD_RUN_FROM_CONFIG_H_
#define KEYFOLD_RUN_FROM_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "fold/update_format.h"
#include "kafka/connection.h"
#include "store/rocks_store.h"

namespace keyfold {

// InvalidArgument: no brokers are configured.
absl::StatusOr<KafkaConnection> ConnectionOf(const Config& config);

// The consumer group of the projection.
std::string GroupOf(const Config& config);

UpdateFormat FormatOf(const Config& config);

RocksMemory MemoryOf(const Config& config);

// <state_directory>/<projection>/<partition>, and of stage 2 <state_directory>/<projection>/rollups/<partition>
std::string ShardDirectory(const Config& config, int32_t partition);
std::string GroupShardDirectory(const Config& config, int32_t partition);

// <state_directory>/<projection>/latest: the gateway's copy of what is published, which can be read again at any time.
std::string LatestValuesDirectory(const Config& config);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_FROM_CONFIG_H_
