// How the input is read: measured defaults, and what exactly-once rests on.
#ifndef KEYFOLD_KAFKA_CONSUMER_SETTINGS_H_
#define KEYFOLD_KAFKA_CONSUMER_SETTINGS_H_

#include "kafka/client.h"
#include "kafka/event_log.h"

namespace keyfold {

// A worker that died is replaced within this time (brokers take no less by default); one that comes back with the same
// group.instance.id goes on at once.
inline constexpr int kSessionMilliseconds = 6000;

ClientSettings ConsumerSettings(const KafkaEventLogOptions& options);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_CONSUMER_SETTINGS_H_
