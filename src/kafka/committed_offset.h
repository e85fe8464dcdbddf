// What a consumer group has committed.
#ifndef KEYFOLD_KAFKA_COMMITTED_OFFSET_H_
#define KEYFOLD_KAFKA_COMMITTED_OFFSET_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/handles.h"
#include "keyfold/event_log.h"

namespace keyfold {

struct CommittedWaits {
  absl::Duration request_max;  // for an answer
  absl::Duration stable_max;   // for the end of open transactions
};

// Of the group that `client`, a read_committed consumer, belongs to.
absl::StatusOr<CommittedOffset> QueryCommitted(rd_kafka_s* client, const std::string& topic, int32_t partition,
                                               const CommittedWaits& waits);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_COMMITTED_OFFSET_H_
