// Making librdkafka clients: every one of this project comes from here.
#ifndef KEYFOLD_KAFKA_CLIENT_H_
#define KEYFOLD_KAFKA_CLIENT_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/connection.h"
#include "kafka/handles.h"

namespace keyfold {

enum class ClientKind { kConsumer, kProducer };

struct ClientSettings {
  ClientKind kind = ClientKind::kConsumer;
  std::map<std::string, std::string> defaults;  // overridden by KafkaConnection::properties
  std::map<std::string, std::string> required;  // what correctness rests on: cannot be overridden
  std::function<void(rd_kafka_conf_s*)> configure = [](rd_kafka_conf_s*) {};  // sets callbacks
};

// Connects in the background; a cluster that cannot be reached shows in the first call that needs it. InvalidArgument:
// a property is unknown, has a bad value, or contradicts a required one. The client logs through spdlog.
absl::StatusOr<ClientHandle> NewClient(const KafkaConnection& connection, const ClientSettings& settings);

// Of a consumer that is assigned its partitions, is in no group and commits nothing. librdkafka wants a group's name
// all the same.
ClientSettings GrouplessConsumer(const std::string& group_id);

// Identifies the cluster. Unavailable: no broker has told.
absl::StatusOr<std::string> ReadClusterId(rd_kafka_s* client, absl::Duration wait_max);

// For librdkafka's calls: at least 0; rounded up, so that a short wait is not taken for none.
int WaitMilliseconds(absl::Duration wait);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_CLIENT_H_
