// keyfold topics: are the topics there and as they should be?
#include "run/topics.h"

#include <iostream>
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "run/from_config.h"
#include "schemas/check_schemas.h"
#include "schemas/schema_registry.h"

namespace keyfold {
namespace {

struct TopicsFlags {
  ConfigFlags config;
  bool create = false;
  bool create_time = false;
  int32_t partitions = 4;
  int32_t replication_factor = -1;
};

std::string Cell(int64_t number) { return number < 0 ? "-" : absl::StrCat(number); }

void PrintTable(const TopicDescriptions& descriptions) {
  constexpr char kRow[] = "%-12s  %-36s  %10s  %8s  %-14s  %s\n";
  std::cout << absl::StrFormat(kRow, "ROLE", "TOPIC", "PARTITIONS", "REPLICAS", "CLEANUP", "RETENTION (MS)");
  for (const auto& [role, topic] : descriptions) {
    if (!topic.exists) {
      std::cout << absl::StrFormat(kRow, RoleName(role), topic.name, "missing", "-", "-", "-");
      continue;
    }
    const std::string cleanup = SettingOf(topic, "cleanup.policy");
    const bool expires = absl::StrContains(cleanup, "delete") && NumberOf(topic, "retention.ms") >= 0;
    std::cout << absl::StrFormat(kRow, RoleName(role), topic.name, absl::StrCat(topic.partitions),
                                 Cell(topic.replication_factor), cleanup,
                                 expires ? SettingOf(topic, "retention.ms") : "unlimited");
  }
}

// Prints what is wrong; returns whether something must be repaired.
bool Report(const TopicDescriptions& descriptions, const std::string& bootstrap) {
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

// The same of what the registry has.
absl::StatusOr<bool> ReportSchemas(const Config& config) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<SchemaRegistry> registry, OpenSchemaRegistry(config.schema_registry));
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<SchemaFinding> findings, CheckSchemas(config, *registry));
  bool wrong = false;
  for (const SchemaFinding& finding : findings) {
    wrong |= finding.fatal;
    std::cout << (finding.fatal ? "wrong: schema " : "warning: schema ") << finding.what << '\n';
  }
  return wrong;
}

absl::Status CreateMissing(const KafkaConnection& connection, const TopicDescriptions& descriptions,
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
  KEYFOLD_ASSIGN_OR_RETURN(TopicDescriptions descriptions,
                           DescribeRoles(connection, topics, kWaitMax, absl::ZeroDuration()));
  if (flags.create) {
    KEYFOLD_RETURN_IF_ERROR(CreateMissing(connection, descriptions, flags));
    KEYFOLD_ASSIGN_OR_RETURN(descriptions, DescribeRoles(connection, topics, kWaitMax));
  }
  PrintTable(descriptions);
  bool wrong = Report(descriptions, connection.bootstrap);
  if (!config.schema_registry.url.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(const bool schemas_wrong, ReportSchemas(config));
    wrong |= schemas_wrong;
  }
  std::cout.flush();
  if (!std::cout) return absl::DataLossError("writing to standard output failed");
  return wrong ? kExitFailed : kExitOk;
}

}  // namespace

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
  flags->config.AddTo(*verb, {"projection", "topics.", "kafka", "schema_registry"});
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Topics(*flags)); });
}

}  // namespace keyfold
