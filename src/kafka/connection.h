// How to reach a Kafka cluster: shared by everything of this folder.
#ifndef KEYFOLD_KAFKA_CONNECTION_H_
#define KEYFOLD_KAFKA_CONNECTION_H_

#include <map>
#include <string>

namespace keyfold {

struct KafkaConnection {
  std::string bootstrap;  // "host:port,host:port"

  // Any properties of librdkafka (TLS, SASL, time-outs, ...). They override this project's defaults; the ones that
  // exactly-once rests on (isolation.level, transactional.id, ...) are refused when they differ.
  std::map<std::string, std::string> properties;
};

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_CONNECTION_H_
