// keyfold topics: are the topics there and as they should be?
#include "cli/topics.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "cli/config.h"
#include "cli/kafka_config.h"
#include "cli/verbs.h"

namespace keyfold {
namespace {

// What a record may be, and the frame that Kafka puts around it; Kafka's own default.
constexpr int64_t kMessageBytesMin = 1'048'588;

struct TopicsFlags {
  ConfigFlags config;
  bool create = false;
  int32_t partitions = 4;
  int32_t replication_factor = -1;
};

struct RoleAndName {
  TopicRole role;
  std::string name;
};

std::vector<RoleAndName> TopicsOf(const Config& config) {
  return {{TopicRole::kEvents, config.events_topic},
          {TopicRole::kKpis, config.kpis_topic},
          {TopicRole::kRollupKpis, config.rollup_kpis_topic},
          {TopicRole::kPartials, PartialsTopicOf(config)},
          {TopicRole::kDeadLetters, config.dead_letters_topic}};
}

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

void PrintTable(const std::vector<RoleAndName>& topics, const std::vector<TopicDescription>& descriptions) {
  constexpr char kRow[] = "%-12s  %-36s  %10s  %8s  %-14s  %s\n";
  std::cout << absl::StrFormat(kRow, "ROLE", "TOPIC", "PARTITIONS", "REPLICAS", "CLEANUP", "RETENTION (MS)");
  for (size_t i = 0; i < topics.size(); ++i) {
    const TopicDescription& topic = descriptions[i];
    if (!topic.exists) {
      std::cout << absl::StrFormat(kRow, RoleName(topics[i].role), topic.name, "missing", "-", "-", "-");
      continue;
    }
    const std::string cleanup = ConfigOf(topic, "cleanup.policy");
    const bool expires = absl::StrContains(cleanup, "delete") && NumberOf(topic, "retention.ms") >= 0;
    std::cout << absl::StrFormat(kRow, RoleName(topics[i].role), topic.name, absl::StrCat(topic.partitions),
                                 Cell(topic.replication_factor), cleanup,
                                 expires ? ConfigOf(topic, "retention.ms") : "unlimited");
  }
}

// Prints what is wrong; returns whether something must be repaired.
bool Report(const std::vector<RoleAndName>& topics, const std::vector<TopicDescription>& descriptions,
            const std::string& bootstrap) {
  bool wrong = false;
  for (size_t i = 0; i < topics.size(); ++i) {
    if (!descriptions[i].exists) {
      wrong = true;
      std::cout << "wrong: " << topics[i].name << ": there is no such topic\n  repair: keyfold topics --create\n";
      continue;
    }
    for (const TopicDeviation& deviation : FindDeviations(topics[i].role, descriptions[i], bootstrap)) {
      wrong |= deviation.fatal;
      std::cout << (deviation.fatal ? "wrong: " : "warning: ") << topics[i].name << ": " << deviation.what << '\n';
      if (!deviation.repair.empty()) std::cout << "  repair: " << deviation.repair << '\n';
    }
  }
  return wrong;
}

absl::Status CreateMissing(const KafkaConnection& connection, const std::vector<RoleAndName>& topics,
                           const std::vector<TopicDescription>& descriptions, const TopicsFlags& flags) {
  std::vector<TopicSpecification> missing;
  int32_t events_partitions = flags.partitions;
  for (size_t i = 0; i < topics.size(); ++i) {
    if (descriptions[i].exists) {
      if (topics[i].role == TopicRole::kEvents) events_partitions = descriptions[i].partitions;
      continue;
    }
    // Internal: as many workers fold the partials as the events. What others read is as its reader asks for it.
    const int32_t partitions = topics[i].role == TopicRole::kPartials ? events_partitions : flags.partitions;
    missing.push_back(SpecificationOf(topics[i].role, topics[i].name, partitions, flags.replication_factor));
  }
  const absl::Status status = CreateTopics(connection, missing);
  return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;  // somebody else was faster: the check will tell
}

absl::Status CheckNames(const std::vector<RoleAndName>& topics) {
  for (size_t i = 0; i < topics.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (topics[i].name != topics[j].name) continue;
      return absl::InvalidArgumentError(absl::StrCat("topics.", RoleName(topics[j].role), " and topics.",
                                                     RoleName(topics[i].role), " are both '", topics[i].name, "'"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int> Topics(const TopicsFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  const std::vector<RoleAndName> topics = TopicsOf(config);
  KEYFOLD_RETURN_IF_ERROR(CheckNames(topics));
  std::vector<std::string> names;
  for (const RoleAndName& topic : topics) names.push_back(topic.name);
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<TopicDescription> descriptions, DescribeTopics(connection, names));
  if (flags.create) {
    KEYFOLD_RETURN_IF_ERROR(CreateMissing(connection, topics, descriptions, flags));
    KEYFOLD_ASSIGN_OR_RETURN(descriptions, DescribeTopics(connection, names));
  }
  PrintTable(topics, descriptions);
  const bool wrong = Report(topics, descriptions, connection.bootstrap);
  std::cout.flush();
  if (!std::cout) return absl::DataLossError("writing to standard output failed");
  return wrong ? kExitFailed : kExitOk;
}

}  // namespace

TopicSpecification SpecificationOf(TopicRole role, const std::string& name, int32_t partitions,
                                   int32_t replication_factor) {
  TopicSpecification topic;
  topic.name = name;
  topic.replication_factor = replication_factor;
  // Dead letters are few, and read as a whole.
  topic.partitions = role == TopicRole::kDeadLetters ? 1 : partitions;
  if (CompactedBy(role) != nullptr) {
    topic.config = {{"cleanup.policy", "compact"}};
  } else {
    topic.config = {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}};
  }
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
  const int64_t message_bytes = NumberOf(topic, "max.message.bytes");
  if (message_bytes >= 0 && message_bytes < kMessageBytesMin) {
    deviations.push_back({compacted_by == nullptr,
                          absl::StrCat("max.message.bytes is ", message_bytes, ": records of 1 MiB do not fit"),
                          AlterCommand(topic, bootstrap, absl::StrCat("max.message.bytes=", kMessageBytesMin))});
  }
  if (role == TopicRole::kEvents && ConfigOf(topic, "message.timestamp.type") == "LogAppendTime") {
    deviations.push_back({false, "message.timestamp.type is LogAppendTime: producers' timestamps are overwritten",
                          AlterCommand(topic, bootstrap, "message.timestamp.type=CreateTime")});
  }
  return deviations;
}

void AddTopics(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<TopicsFlags>();
  CLI::App* verb = app.add_subcommand("topics", "Check the topics, and create missing ones");
  verb->add_flag("--create", flags->create, "Create what is missing");
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
