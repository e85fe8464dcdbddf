#include "run/topics.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "engine/dead_letter.h"
#include "event/limits.h"
#include "run/backoff.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

// What a record may be, and the frame that Kafka puts around it; Kafka's own default.
constexpr int64_t kMessageBytesMin = 1'048'588;

// Of a record that is large, key, headers and what says why it was rejected come on top.
constexpr int64_t kAroundValueBytes = 64 << 10;
constexpr int64_t kEventsBytes = static_cast<int64_t>(kRecordBytesMax) + kAroundValueBytes;
constexpr int64_t kLetterBytes = static_cast<int64_t>(kDeadLetterBytesMax);

// How long brokers are asked where nobody waits for the answer but a stop.
constexpr absl::Duration kLookMax = absl::Seconds(6);

// What a compacted topic keeps the latest record of; null: a topic that must keep every record.
const char* CompactedBy(TopicRole role) {
  switch (role) {
    case TopicRole::kKpis:
      return "account";
    case TopicRole::kRollupKpis:
      return "group";
    case TopicRole::kAlerts:
      return "account or group and alert";
    case TopicRole::kPartials:
      return "group and shard";
    case TopicRole::kCatalog:
      return "catalogue";
    case TopicRole::kMembers:
      return "partition";
    case TopicRole::kEvents:
    case TopicRole::kDeadLetters:
      break;
  }
  return nullptr;
}

std::string AlterCommand(const TopicDescription& topic, const std::string& bootstrap, const std::string& assignment) {
  return absl::StrCat("kafka-configs.sh --bootstrap-server ", bootstrap, " --entity-type topics --entity-name ",
                      topic.name, " --alter --add-config ", assignment);
}

void CheckRetention(const TopicDescription& topic, const std::string& bootstrap,
                    std::vector<TopicDeviation>& deviations) {
  for (const char* limit : {"retention.ms", "retention.bytes"}) {
    if (NumberOf(topic, limit) < 0) continue;
    deviations.push_back({false,
                          absl::StrCat(limit, " is ", SettingOf(topic, limit),
                                       ": what it deletes cannot be replayed into a new projection"),
                          AlterCommand(topic, bootstrap, absl::StrCat(limit, "=-1"))});
  }
}

// FailedPrecondition: something is wrong; says all of it, and how to repair it. Logs the warnings.
absl::Status Judge(const TopicDescriptions& descriptions, const std::string& bootstrap) {
  std::string wrong;
  for (const auto& [role, topic] : descriptions) {
    for (const TopicDeviation& deviation : DeviationsOf(role, descriptions, bootstrap)) {
      const std::string text =
          absl::StrCat("topic ", topic.name, " (", KeyOf(role), "): ", deviation.what,
                       deviation.repair.empty() ? "" : absl::StrCat("; repair: ", deviation.repair));
      if (deviation.fatal) absl::StrAppend(&wrong, wrong.empty() ? "" : "\n", text);
      if (!deviation.fatal) spdlog::warn("{}", text);
    }
  }
  return wrong.empty() ? absl::OkStatus() : absl::FailedPreconditionError(wrong);
}

}  // namespace

absl::StatusOr<TopicDescriptions> DescribeRoles(const KafkaConnection& connection, const TopicNames& topics,
                                                absl::Duration wait_max, absl::Duration missing_for) {
  std::vector<std::string> names;
  for (const auto& [role, name] : topics) names.push_back(name);
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<TopicDescription> found,
                           DescribeTopics(connection, names, wait_max, missing_for));
  TopicDescriptions descriptions;
  size_t i = 0;
  for (const auto& [role, name] : topics) descriptions[role] = std::move(found[i++]);
  return descriptions;
}

std::vector<TopicDeviation> DeviationsOf(TopicRole role, const TopicDescriptions& descriptions,
                                         const std::string& bootstrap) {
  const TopicDescription& topic = descriptions.at(role);
  if (!topic.exists) {
    return {{true, "there is no such topic", "keyfold topics --create (with these topics and projection)"}};
  }
  if (topic.config.empty()) {
    return {{false, "its settings may not be read: allow this user DescribeConfigs on it", ""}};
  }
  std::vector<TopicDeviation> deviations = FindDeviations(role, topic, bootstrap);
  if (role == TopicRole::kDeadLetters) {
    for (TopicDeviation& deviation : FindLetterDeviations(topic, descriptions.at(TopicRole::kEvents), bootstrap)) {
      deviations.push_back(std::move(deviation));
    }
  }
  return deviations;
}

absl::Status NoTopic(const std::string& topic) {
  return absl::FailedPreconditionError(absl::StrCat("there is no topic ", topic, ": keyfold topics --create makes it"));
}

absl::Status FindMissingTopics(const KafkaConnection& connection, const TopicNames& topics) {
  KEYFOLD_ASSIGN_OR_RETURN(const TopicDescriptions descriptions, DescribeRoles(connection, topics, kLookMax));
  std::vector<std::string> missing;
  for (const auto& [role, topic] : descriptions) {
    if (!topic.exists) missing.push_back(absl::StrCat(topic.name, " (", KeyOf(role), ")"));
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("there is no topic ", absl::StrJoin(missing, ", "),
                   " any more; repair: keyfold topics --create (with these topics and projection)"));
}

absl::StatusOr<TopicDescriptions> CheckTopics(const KafkaConnection& connection, const TopicNames& topics,
                                              const std::atomic<bool>& stop) {
  for (Backoff backoff(stop); !stop; backoff.Wait()) {
    const absl::StatusOr<TopicDescriptions> descriptions = DescribeRoles(connection, topics, kLookMax);
    if (descriptions.ok()) {
      KEYFOLD_RETURN_IF_ERROR(Judge(*descriptions, connection.bootstrap));
      return descriptions;
    }
    if (!IsTransient(descriptions.status())) return descriptions.status();
    spdlog::warn("{}; trying again", std::string(descriptions.status().message()));
  }
  return absl::CancelledError("stopped before the topics were checked");
}

std::string SettingOf(const TopicDescription& topic, const std::string& key) {
  const auto found = topic.config.find(key);
  return found == topic.config.end() ? "" : found->second;
}

int64_t NumberOf(const TopicDescription& topic, const std::string& key) {
  int64_t number = -1;
  return absl::SimpleAtoi(SettingOf(topic, key), &number) ? number : -1;
}

int64_t MessageBytesMax(const TopicDescription& topic) { return NumberOf(topic, "max.message.bytes"); }

TopicSpecification SpecificationOf(TopicRole role, const std::string& name, int32_t partitions,
                                   int32_t replication_factor) {
  TopicSpecification topic;
  topic.name = name;
  topic.replication_factor = replication_factor;
  // They are few, and read as a whole.
  const bool is_small = role == TopicRole::kDeadLetters || role == TopicRole::kCatalog || role == TopicRole::kMembers;
  topic.partitions = is_small ? 1 : partitions;
  if (CompactedBy(role) != nullptr) {
    topic.config = {{"cleanup.policy", "compact"}};
  } else {
    topic.config = {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}};
    topic.config["max.message.bytes"] = absl::StrCat(role == TopicRole::kEvents ? kEventsBytes : kLetterBytes);
  }
  // Time follows the brokers' clock, not that of each producer; and the partials tell the ticker what it is.
  if (role == TopicRole::kEvents || role == TopicRole::kPartials) topic.config[kTimestampType] = kStampedByBrokers;
  return topic;
}

std::vector<TopicDeviation> FindDeviations(TopicRole role, const TopicDescription& topic,
                                           const std::string& bootstrap) {
  std::vector<TopicDeviation> deviations;
  const std::string cleanup = SettingOf(topic, "cleanup.policy");
  const char* const compacted_by = CompactedBy(role);
  if (compacted_by != nullptr && cleanup != "compact") {
    deviations.push_back(
        {true,
         absl::StrCat("cleanup.policy is '", cleanup, "': only 'compact' keeps the latest record of each ",
                      compacted_by, ", and no more"),
         AlterCommand(topic, bootstrap, "cleanup.policy=compact")});
  }
  if (compacted_by == nullptr && absl::StrContains(cleanup, "compact")) {
    deviations.push_back(
        {true,
         absl::StrCat("cleanup.policy is '", cleanup, "': compaction loses all but the latest record of each account"),
         AlterCommand(topic, bootstrap, "cleanup.policy=delete")});
  }
  if (role == TopicRole::kEvents) CheckRetention(topic, bootstrap, deviations);
  const int64_t message_bytes = MessageBytesMax(topic);
  if (message_bytes >= 0 && message_bytes < kMessageBytesMin && role != TopicRole::kDeadLetters) {
    deviations.push_back({false, absl::StrCat("max.message.bytes is ", message_bytes, ": records of 1 MiB do not fit"),
                          AlterCommand(topic, bootstrap, absl::StrCat("max.message.bytes=", kEventsBytes))});
  }
  if (role == TopicRole::kEvents && SettingOf(topic, kTimestampType) == kStampedByProducers) {
    deviations.push_back({false,
                          "message.timestamp.type is CreateTime: time follows the producers' clocks, also where they "
                          "are wrong. LogAppendTime is safer, unless records are to keep their own times",
                          AlterCommand(topic, bootstrap, absl::StrCat(kTimestampType, "=", kStampedByBrokers))});
  }
  return deviations;
}

std::vector<TopicDeviation> FindLetterDeviations(const TopicDescription& letters, const TopicDescription& events,
                                                 const std::string& bootstrap) {
  std::vector<TopicDeviation> deviations;
  const int64_t bytes = MessageBytesMax(letters);
  const int64_t event_bytes = std::max(MessageBytesMax(events), kMessageBytesMin);
  if (bytes >= 0 && bytes < event_bytes + kAroundValueBytes) {
    const bool unusable = bytes < static_cast<int64_t>(kDeadLetterBytesMin);
    const std::string what = unusable ? ": no dead letter fits"
                                      : absl::StrCat(": of large records (", events.name, " takes up to ", event_bytes,
                                                     " bytes) only the beginning is kept");
    deviations.push_back({unusable, absl::StrCat("max.message.bytes is ", bytes, what),
                          AlterCommand(letters, bootstrap, absl::StrCat("max.message.bytes=", kLetterBytes))});
  }
  // A letter keeps the timestamp of its record, which the brokers compare with their clock again.
  for (const TopicDescription* topic : {&letters, &events}) {
    if (SettingOf(*topic, "message.timestamp.type") == "LogAppendTime") return deviations;
  }
  for (const char* limit : {"message.timestamp.after.max.ms", "message.timestamp.before.max.ms"}) {
    if (NumberOf(letters, limit) < 0 || NumberOf(letters, limit) >= NumberOf(events, limit)) continue;
    deviations.push_back({true,
                          absl::StrCat(limit, " is ", SettingOf(letters, limit), ", of ", events.name, " ",
                                       SettingOf(events, limit), ": records stamped in between cannot be rejected"),
                          AlterCommand(letters, bootstrap, absl::StrCat(limit, "=", SettingOf(events, limit)))});
  }
  return deviations;
}

}  // namespace keyfold
