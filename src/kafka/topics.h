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
  std::map<std::string, std::string> config;  // every entry that is in force, the cluster's defaults included; empty:
                                              // we may not see it
};

// Creates topics and waits until they can be used. AlreadyExists: some were there already, the others were created;
// any other error names each topic that failed, and why.
absl::Status CreateTopics(const KafkaConnection& connection, const std::vector<TopicSpecification>& topics,
                          absl::Duration wait_max = absl::Seconds(30));

// Brokers that start or stop may not know a topic for so long.
inline constexpr absl::Duration kMissingFor = absl::Seconds(3);

// In the order of `names`. Never creates a topic, also where the brokers do so when one is asked for. A topic is
// missing when they have said so for `missing_for`, and none was out of reach: one that starts may not know it yet.
// Unavailable: a partition has no leader now, or a broker that might know more does not answer. PermissionDenied: the
// topic may not be seen.
absl::StatusOr<std::vector<TopicDescription>> DescribeTopics(const KafkaConnection& connection,
                                                             const std::vector<std::string>& names,
                                                             absl::Duration wait_max = absl::Seconds(30),
                                                             absl::Duration missing_for = kMissingFor);

// The names of all topics that we may see.
absl::StatusOr<std::vector<std::string>> ListTopics(const KafkaConnection& connection,
                                                    absl::Duration wait_max = absl::Seconds(30));

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_TOPICS_H_
