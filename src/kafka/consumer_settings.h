// How the input is read: measured defaults, and what exactly-once rests on.
#ifndef KEYFOLD_KAFKA_CONSUMER_SETTINGS_H_
#define KEYFOLD_KAFKA_CONSUMER_SETTINGS_H_

#include "kafka/client.h"
#include "kafka/event_log.h"

namespace keyfold {

ClientSettings ConsumerSettings(const KafkaEventLogOptions& options);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_CONSUMER_SETTINGS_H_
