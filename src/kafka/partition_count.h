// How many partitions a topic has.
#ifndef KEYFOLD_KAFKA_PARTITION_COUNT_H_
#define KEYFOLD_KAFKA_PARTITION_COUNT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/handles.h"

namespace keyfold {

// Asks the brokers. NotFound: there is no such topic. Unavailable: its partitions have no leaders yet.
absl::StatusOr<int32_t> CountPartitions(rd_kafka_s* client, const std::string& topic, absl::Duration wait_max);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_PARTITION_COUNT_H_
