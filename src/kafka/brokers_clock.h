// What time it is by the brokers' clock.
#ifndef KEYFOLD_KAFKA_BROKERS_CLOCK_H_
#define KEYFOLD_KAFKA_BROKERS_CLOCK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/connection.h"

namespace keyfold {

// Kafka tells nobody the time; but of a topic with message.timestamp.type=LogAppendTime the brokers say when they have
// appended a record. So this appends one to partition 0 of such a topic, in a transaction that it aborts: nobody who
// reads what is committed ever sees it. Two at once with one `transactional_id` disturb each other: Aborted, and one of
// them may try again.
// FailedPrecondition: the topic is not one of these. Else the errors of NewClient() and KafkaStatus().
absl::StatusOr<absl::Time> ReadBrokersClock(const KafkaConnection& connection, const std::string& topic,
                                            const std::string& transactional_id,
                                            absl::Duration wait_max = absl::Seconds(10));

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_BROKERS_CLOCK_H_
