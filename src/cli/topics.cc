// Are the topics there and as they should be? For keyfold topics, and for run when it starts.
#include "cli/topics.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/backoff.h"
#include "cli/kafka_config.h"
#include "cli/verbs.h"
#include "engine/dead_letter.h"
#include "engine/worker.h"
#include "event/limits.h"
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

using Descriptions = std::map<TopicRole, TopicDescription>;

struct TopicsFlags {
  ConfigFlags config;
  bool create = false;
  bool create_time = false;
  int32_t partitions = 4;
  int32_t replication_factor = -1;
};

const char* RoleName(TopicRole role) {
  switch (role) {
    case TopicRole::kEvents:
      return "events";
    case TopicRole::kKpis:
      return "kpis";
    case TopicRole::kRollupKpis:
      return "rollup kpis";
    case TopicRole::kPartials:
      return "partials";
    case TopicRole::kCatalog:
      return "catalog";
    case TopicRole::kDeadLetters:
      return "dead letters";
  }
  return "";  // not reached: the cases are all there are
}

// What a compacted topic keeps the latest record of; null: a topic that must keep every record.
const char* CompactedBy(TopicRole role) {
  switch (role) {
    case TopicRole::kKpis:
      return "account";
    case TopicRole::kRollupKpis:
      return "group";
    case TopicRole::kPartials:
      return "group and shard";
    case TopicRole::kCatalog:
      return "catalogue";
    case TopicRole::kEvents:
    case TopicRole::kDeadLetters:
      break;
  }
  return nullptr;
}

std::string ConfigOf(const TopicDescription& topic, const std::string& key) {
  const auto found = topic.config.find(key);
  return found == topic.config.end() ? "" : found->second;
}

// Negative: without a limit. A value that is no number (it was hidden from us) counts as none.
int64_t NumberOf(const TopicDescription& topic, const std::string& key) {
  int64_t number = -1;
  return absl::SimpleAtoi(ConfigOf(topic, key), &number) ? number : -1;
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
                          absl::StrCat(limit, " is ", ConfigOf(topic, limit),
                                       ": what it deletes cannot be replayed into a new projection"),
                          AlterCommand(topic, bootstrap, absl::StrCat(limit, "=-1"))});
  }
}

std::string Cell(int64_t number) { return number < 0 ? "-" : absl::StrCat(number); }

void PrintTable(const Descriptions& descriptions) {
  constexpr char kRow[] = "%-12s  %-36s  %10s  %8s  %-14s  %s\n";
  std::cout << absl::StrFormat(kRow, "ROLE", "TOPIC", "PARTITIONS", "REPLICAS", "CLEANUP", "RETENTION (MS)");
  for (const auto& [role, topic] : descriptions) {
    if (!topic.exists) {
      std::cout << absl::StrFormat(kRow, RoleName(role), topic.name, "missing", "-", "-", "-");
      continue;
    }
    const std::string cleanup = ConfigOf(topic, "cleanup.policy");
    const bool expires = absl::StrContains(cleanup, "delete") && NumberOf(topic, "retention.ms") >= 0;
    std::cout << absl::StrFormat(kRow, RoleName(role), topic.name, absl::StrCat(topic.partitions),
                                 Cell(topic.replication_factor), cleanup,
                                 expires ? ConfigOf(topic, "retention.ms") : "unlimited");
  }
}

std::vector<TopicDeviation> DeviationsOf(TopicRole role, const Descriptions& descriptions,
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

// Prints what is wrong; returns whether something must be repaired.
bool Report(const Descriptions& descriptions, const std::string& bootstrap) {
  bool wrong = false;
  for (const auto& [role, topic] : descriptions) {
    for (const TopicDeviation& deviation : DeviationsOf(role, descriptions, bootstrap)) {
      wrong |= deviation.fatal;
      std::cout << (deviation.fatal ? "wrong: " : "warning: ") << topic.name << ": " << deviation.what << '\n';
      if (!deviation.repair.empty()) std::cout << "  repair: " << deviation.repair << '\n';
    }
  }
  return wrong;
}

absl::StatusOr<Descriptions> Describe(const KafkaConnection& connection, const TopicNames& topics,
                                      absl::Duration wait_max, absl::Duration missing_for = kMissingFor) {
  std::vector<std::string> names;
  for (const auto& [role, name] : topics) names.push_back(name);
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<TopicDescription> found,
                           DescribeTopics(connection, names, wait_max, missing_for));
  Descriptions descriptions;
  size_t i = 0;
  for (const auto& [role, name] : topics) descriptions[role] = std::move(found[i++]);
  return descriptions;
}

absl::Status CreateMissing(const KafkaConnection& connection, const Descriptions& descriptions,
                           const TopicsFlags& flags) {
  std::vector<TopicSpecification> missing;
  const TopicDescription& events = descriptions.at(TopicRole::kEvents);
  for (const auto& [role, topic] : descriptions) {
    if (topic.exists) continue;
    // Internal: as many workers fold the partials as the events. What others read is as its reader asks for it.
    const bool as_events = role == TopicRole::kPartials && events.exists;
    missing.push_back(
        SpecificationOf(role, topic.name, as_events ? events.partitions : flags.partitions, flags.replication_factor));
    if (role == TopicRole::kEvents && flags.create_time) missing.back().config[kTimestampType] = kStampedByProducers;
  }
  const absl::Status status = CreateTopics(connection, missing);
  return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;  // somebody else was faster: the check will tell
}

absl::StatusOr<int> Topics(const TopicsFlags& flags) {
  constexpr absl::Duration kWaitMax = absl::Seconds(30);
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  const TopicNames topics = TopicsOf(config);
  KEYFOLD_ASSIGN_OR_RETURN(Descriptions descriptions, Describe(connection, topics, kWaitMax, absl::ZeroDuration()));
  if (flags.create) {
    KEYFOLD_RETURN_IF_ERROR(CreateMissing(connection, descriptions, flags));
    KEYFOLD_ASSIGN_OR_RETURN(descriptions, Describe(connection, topics, kWaitMax));
  }
  PrintTable(descriptions);
  const bool wrong = Report(descriptions, connection.bootstrap);
  std::cout.flush();
  if (!std::cout) return absl::DataLossError("writing to standard output failed");
  return wrong ? kExitFailed : kExitOk;
}

// FailedPrecondition: something is wrong; says all of it, and how to repair it. Logs the warnings.
absl::Status Judge(const Descriptions& descriptions, const std::string& bootstrap) {
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

TopicNames TopicsOf(const Config& config) {
  return {{TopicRole::kEvents, config.events_topic},          {TopicRole::kKpis, config.kpis_topic},
          {TopicRole::kRollupKpis, config.rollup_kpis_topic}, {TopicRole::kPartials, config.partials_topic},
          {TopicRole::kCatalog, config.catalog_topic},        {TopicRole::kDeadLetters, config.dead_letters_topic}};
}

std::string KeyOf(TopicRole role) { return absl::StrCat("topics.", absl::StrReplaceAll(RoleName(role), {{" ", "_"}})); }

absl::Status CheckTopicNames(const Config& config) {
  std::map<std::string, TopicRole> roles;
  for (const auto& [role, name] : TopicsOf(config)) {
    const auto [other, is_first] = roles.emplace(name, role);
    if (is_first) continue;
    return absl::InvalidArgumentError(absl::StrCat(KeyOf(other->second), " and ", KeyOf(role), " are both '", name,
                                                   "': each needs a topic of its own"));
  }
  return absl::OkStatus();
}

absl::Status FindMissingTopics(const KafkaConnection& connection, const TopicNames& topics) {
  KEYFOLD_ASSIGN_OR_RETURN(const Descriptions descriptions, Describe(connection, topics, kLookMax));
  std::vector<std::string> missing;
  for (const auto& [role, topic] : descriptions) {
    if (!topic.exists) missing.push_back(absl::StrCat(topic.name, " (", KeyOf(role), ")"));
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("there is no topic ", absl::StrJoin(missing, ", "),
                   " any more; repair: keyfold topics --create (with these topics and projection)"));
}

absl::StatusOr<Descriptions> CheckTopics(const KafkaConnection& connection, const TopicNames& topics,
                                         const std::atomic<bool>& stop) {
  for (Backoff backoff(stop); !stop; backoff.Wait()) {
    const absl::StatusOr<Descriptions> descriptions = Describe(connection, topics, kLookMax);
    if (descriptions.ok()) {
      KEYFOLD_RETURN_IF_ERROR(Judge(*descriptions, connection.bootstrap));
      return descriptions;
    }
    if (!Worker::IsTransient(descriptions.status())) return descriptions.status();
    spdlog::warn("{}; trying again", std::string(descriptions.status().message()));
  }
  return absl::CancelledError("stopped before the topics were checked");
}

int64_t MessageBytesMax(const TopicDescription& topic) { return NumberOf(topic, "max.message.bytes"); }

TopicSpecification SpecificationOf(TopicRole role, const std::string& name, int32_t partitions,
                                   int32_t replication_factor) {
  TopicSpecification topic;
  topic.name = name;
  topic.replication_factor = replication_factor;
  // They are few, and read as a whole.
  topic.partitions = role == TopicRole::kDeadLetters || role == TopicRole::kCatalog ? 1 : partitions;
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
  const std::string cleanup = ConfigOf(topic, "cleanup.policy");
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
  if (role == TopicRole::kEvents && ConfigOf(topic, kTimestampType) == kStampedByProducers) {
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
    if (ConfigOf(*topic, "message.timestamp.type") == "LogAppendTime") return deviations;
  }
  for (const char* limit : {"message.timestamp.after.max.ms", "message.timestamp.before.max.ms"}) {
    if (NumberOf(letters, limit) < 0 || NumberOf(letters, limit) >= NumberOf(events, limit)) continue;
    deviations.push_back({true,
                          absl::StrCat(limit, " is ", ConfigOf(letters, limit), ", of ", events.name, " ",
                                       ConfigOf(events, limit), ": records stamped in between cannot be rejected"),
                          AlterCommand(letters, bootstrap, absl::StrCat(limit, "=", ConfigOf(events, limit)))});
  }
  return deviations;
}

void AddTopics(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<TopicsFlags>();
  CLI::App* verb = app.add_subcommand("topics", "Check the topics, and create missing ones");
  verb->add_flag("--create", flags->create, "Create what is missing");
  verb->add_flag(
      "--create-time", flags->create_time,
      "Create the events' topic so that records keep the timestamps of their producers, as a history that is "
      "played in needs it; else the brokers stamp them (LogAppendTime)");
  verb->add_option("--partitions", flags->partitions,
                   "Of created topics; of the partials only where there are no events yet")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  verb->add_option("--replication", flags->replication_factor, "Copies of created topics; -1: the cluster's default")
      ->check(CLI::Range(-1, 100))
      ->capture_default_str();
  flags->config.AddTo(*verb);
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Topics(*flags)); });
}

}  // namespace keyfold
