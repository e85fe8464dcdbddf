// How far the log of a topic goes: its partitions, and the offsets between which each has records.
#ifndef KEYFOLD_KAFKA_LOG_RANGE_H_
#define KEYFOLD_KAFKA_LOG_RANGE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/handles.h"
#include "keyfold/event_log.h"

namespace keyfold {

// Asks the partition's leader. While the leader moves, or was just chosen, nobody answers for the partition: the
// question is repeated for `wait_max`. What `end` means follows the client's isolation level.
absl::StatusOr<LogRange> QueryLogRange(rd_kafka_s* client, const std::string& topic, int32_t partition,
                                       absl::Duration wait_max);

// Asks the brokers. NotFound: there is no such topic. Unavailable: its partitions have no leaders yet.
absl::StatusOr<int32_t> CountPartitions(rd_kafka_s* client, const std::string& topic, absl::Duration wait_max);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_LOG_RANGE_H_
