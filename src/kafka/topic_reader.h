// Reading a whole topic once, outside of any group.
#ifndef KEYFOLD_KAFKA_TOPIC_READER_H_
#define KEYFOLD_KAFKA_TOPIC_READER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/connection.h"
#include "keyfold/event_log.h"
#include "keyfold/record.h"

namespace keyfold {

// Visits the committed records of a topic from its beginning to the end that it has when the call begins, in the order
// of their offsets within a partition. The record lives until the visitor returns. NotFound: there is no such topic.
// DeadlineExceeded: for `stall_max` nothing came.
absl::Status ReadTopic(const KafkaConnection& connection, const std::string& topic,
                       const std::function<void(const Record&)>& visit, absl::Duration stall_max = absl::Seconds(30));

// The offsets between which the first `partitions` partitions have records, ended transactions or not.
absl::StatusOr<std::vector<LogRange>> ReadRanges(const KafkaConnection& connection, const std::string& topic,
                                                 int32_t partitions, absl::Duration wait_max = absl::Seconds(10));

// Whether a partition has a committed record at `offset` or after it: its end may be the marker of a transaction, which
// is no record. DeadlineExceeded: the brokers did not say.
absl::StatusOr<bool> HasRecords(const KafkaConnection& connection, const std::string& topic, int32_t partition,
                                int64_t offset, absl::Duration wait_max = absl::Seconds(10));

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_TOPIC_READER_H_
