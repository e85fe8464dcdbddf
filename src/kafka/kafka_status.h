// Kafka's error codes as absl::Status.
#ifndef KEYFOLD_KAFKA_KAFKA_STATUS_H_
#define KEYFOLD_KAFKA_KAFKA_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct rd_kafka_error_s;

namespace keyfold {

// `code` is a rd_kafka_resp_err_t; 0 gives OK. The message is "`what`: `detail`", `detail` being Kafka's own text where
// it is left out. The status codes tell what can be done:
//   Unavailable, DeadlineExceeded         the broker cannot be reached now: try again
//   Aborted                               somebody else has taken over (fenced, not a member of the group any more)
//   PermissionDenied, Unauthenticated     the operator must act
//   NotFound, AlreadyExists               of topics and partitions
//   DataLoss, InvalidArgument, ResourceExhausted, Internal
absl::Status KafkaStatus(int code, absl::string_view what, absl::string_view detail = {});

// The same for an error object; nullptr gives OK.
absl::Status KafkaStatus(const rd_kafka_error_s* error, absl::string_view what);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_KAFKA_STATUS_H_
