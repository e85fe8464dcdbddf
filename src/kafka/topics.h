// Creating and describing topics: `keyfold topics`, `keyfold doctor`.
#ifndef KEYFOLD_KAFKA_TOPICS_H_
#define KEYFOLD_KAFKA_TOPICS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/connection.h"

namespace keyfold {

struct TopicSpecification {
  std::string name;
  int32_t partitions = 1;
  int32_t replication_factor = -1;                 // -1: the cluster's default
  std::map<std::string, std::string> config = {};  // "cleanup.policy" -> "compact", ...
};

struct TopicDescription {
  std::string name;
  bool exists = false;  // the rest is of an existing one
  int32_t partitions = 0;
  int32_t replication_factor = 0;             // of the partition that has the fewest replicas
  std::map<std::string, std::string> config;  // every entry that is in force, the cluster's defaults included
};

// Creates topics and waits until they can be used. AlreadyExists: some were there already, the others were created;
// any other error names each topic that failed, and why.
absl::Status CreateTopics(const KafkaConnection& connection, const std::vector<TopicSpecification>& topics,
                          absl::Duration wait_max = absl::Seconds(30));

// In the order of `names`. Never creates a topic, also where the brokers do so when one is asked for.
absl::StatusOr<std::vector<TopicDescription>> DescribeTopics(const KafkaConnection& connection,
                                                             const std::vector<std::string>& names,
                                                             absl::Duration wait_max = absl::Seconds(30));

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_TOPICS_H_
