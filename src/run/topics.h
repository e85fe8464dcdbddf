// Whether topics are there and as the engine needs them: for `keyfold topics`, and for `run` when it starts.
#ifndef KEYFOLD_RUN_TOPICS_H_
#define KEYFOLD_RUN_TOPICS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "config/topic_names.h"
#include "kafka/connection.h"
#include "kafka/topics.h"

namespace keyfold {

using TopicDescriptions = std::map<TopicRole, TopicDescription>;

// Asks the brokers about topics, as DescribeTopics() does.
absl::StatusOr<TopicDescriptions> DescribeRoles(const KafkaConnection& connection, const TopicNames& topics,
                                                absl::Duration wait_max, absl::Duration missing_for = kMissingFor);

// A setting of a topic; empty, and of a number negative (without a limit): it has none, or may not tell.
std::string SettingOf(const TopicDescription& topic, const std::string& key);
int64_t NumberOf(const TopicDescription& topic, const std::string& key);

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

// All of that, of one of the topics; one that is missing deviates.
std::vector<TopicDeviation> DeviationsOf(TopicRole role, const TopicDescriptions& descriptions,
                                         const std::string& bootstrap);

// FailedPrecondition: there is no such topic; says what makes it.
absl::Status NoTopic(const std::string& topic);

// FailedPrecondition: topics are missing; names them. Any other error: it cannot be told now. Takes seconds at most.
absl::Status FindMissingTopics(const KafkaConnection& connection, const TopicNames& topics);

// Looks at the topics before they are used; again and again while the brokers cannot be asked, until `stop`: Cancelled.
// Logs what is doubtful. FailedPrecondition: a topic is missing, or would lose what is written to it. PermissionDenied:
// it may not be seen.
absl::StatusOr<TopicDescriptions> CheckTopics(const KafkaConnection& connection, const TopicNames& topics,
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

#endif  // KEYFOLD_RUN_TOPICS_H_
