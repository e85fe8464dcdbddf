// The offsets between which a partition has records.
#ifndef KEYFOLD_KAFKA_LOG_RANGE_H_
#define KEYFOLD_KAFKA_LOG_RANGE_H_

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "keyfold/event_log.h"

namespace keyfold {

// Asks the partition's leader. While the leader moves, or was just chosen, nobody answers for the partition: the
// question is repeated for `wait_max`. What `end` means follows the client's isolation level.
absl::StatusOr<LogRange> QueryLogRange(rd_kafka_t* client, const std::string& topic, int32_t partition,
                                       absl::Duration wait_max);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_LOG_RANGE_H_
