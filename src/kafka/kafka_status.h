// Kafka's error codes as absl::Status.
#ifndef KEYFOLD_KAFKA_KAFKA_STATUS_H_
#define KEYFOLD_KAFKA_KAFKA_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct rd_kafka_error_s;

namespace keyfold {

// `code` is a rd_kafka_resp_err_t; 0 gives OK. The message is "`what`: `detail`", `detail` being Kafka's own text where
// it is left out, and what is to be done where an operator has to do it. The status codes tell what can be done:
//   Unavailable, DeadlineExceeded, ResourceExhausted
//                                         it cannot be done now: try again
//   Aborted                               somebody else has taken over (fenced, not a member of the group any more),
//                                         or this client is of no use any more: a new one goes on
//   PermissionDenied, Unauthenticated     the operator must act
//   NotFound                              this client knows no such topic or partition, which is so for a while also
//                                         of one that is there: DescribeTopics() finds out
//   OutOfRange                            a record, or a batch, is larger than its topic or this client takes
//   AlreadyExists                         of topics
//   FailedPrecondition                    of the log: it has no such offset; of a client: it is in another state
//   DataLoss, InvalidArgument, Unimplemented, Internal
absl::Status KafkaStatus(int code, absl::string_view what, absl::string_view detail = {});

// The same for an error object; nullptr gives OK.
absl::Status KafkaStatus(const rd_kafka_error_s* error, absl::string_view what);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_KAFKA_STATUS_H_
