// Whether topics are there and as the engine needs them: for `keyfold topics`, and for `run` when it starts.
#ifndef KEYFOLD_CLI_TOPICS_H_
#define KEYFOLD_CLI_TOPICS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/config.h"
#include "kafka/connection.h"
#include "kafka/topics.h"

namespace keyfold {

enum class TopicRole {
  kEvents,
  kKpis,        // of the accounts
  kRollupKpis,  // of the groups
  kPartials,    // internal: what the shards add to each group
  kCatalog,     // what the KPIs are
  kDeadLetters,
};

using TopicNames = std::map<TopicRole, std::string>;

// The topics of a configuration.
TopicNames TopicsOf(const Config& config);

// The key that names the topic: "topics.dead_letters".
std::string KeyOf(TopicRole role);

// InvalidArgument: two keys name one topic.
absl::Status CheckTopicNames(const Config& config);

struct TopicDeviation {
  bool fatal = false;  // else a warning
  std::string what;
  std::string repair;  // a command line; empty: there is none
};

// Compares a topic that exists with what its role asks for. `bootstrap` goes into the commands.
std::vector<TopicDeviation> FindDeviations(TopicRole role, const TopicDescription& topic, const std::string& bootstrap);

// The same of the dead letters beside the events: whether a rejected record fits.
std::vector<TopicDeviation> FindLetterDeviations(const TopicDescription& letters, const TopicDescription& events,
                                                 const std::string& bootstrap);

// FailedPrecondition: topics are missing; names them. Any other error: it cannot be told now. Takes seconds at most.
absl::Status FindMissingTopics(const KafkaConnection& connection, const TopicNames& topics);

// Looks at the topics before they are used; again and again while the brokers cannot be asked, until `stop`: Cancelled.
// Logs what is doubtful. FailedPrecondition: a topic is missing, or would lose what is written to it. PermissionDenied:
// it may not be seen.
absl::StatusOr<std::map<TopicRole, TopicDescription>> CheckTopics(const KafkaConnection& connection,
                                                                  const TopicNames& topics,
                                                                  const std::atomic<bool>& stop);

// What a topic takes, in bytes of a batch; negative: it has not told.
int64_t MessageBytesMax(const TopicDescription& topic);

// A topic of that role as it should be.
TopicSpecification SpecificationOf(TopicRole role, const std::string& name, int32_t partitions,
                                   int32_t replication_factor);

// Who stamps the records of a topic.
inline constexpr char kTimestampType[] = "message.timestamp.type";
inline constexpr char kStampedByBrokers[] = "LogAppendTime";
inline constexpr char kStampedByProducers[] = "CreateTime";

}  // namespace keyfold

#endif  // KEYFOLD_CLI_TOPICS_H_
