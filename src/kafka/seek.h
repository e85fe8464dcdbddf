// Moving a consumer within a partition that it has. Private to kafka/.
#ifndef KEYFOLD_KAFKA_SEEK_H_
#define KEYFOLD_KAFKA_SEEK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

struct rd_kafka_s;

namespace keyfold {

// From now on the client fetches the partition from `offset` on. Waits at most about `wait_max` for an assignment that
// is still beginning. Errors are librdkafka's.
absl::Status SeekPartition(rd_kafka_s* client, const std::string& topic, int32_t partition, int64_t offset,
                           absl::Duration wait_max);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_SEEK_H_
