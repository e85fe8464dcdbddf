#include "feed/feed.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "config/text_files.h"
#include "config/topic_names.h"
#include "feed/input.h"
#include "feed/kafka_lookup_reader.h"
#include "feed/lane.h"
#include "feed/lookups.h"
#include "kafka/topics.h"
#include "metrics/metrics.h"
#include "run/backoff.h"
#include "run/from_config.h"
#include "run/instance.h"
#include "run/metrics_listener.h"
#include "run/schemas.h"
#include "run/topics.h"
#include "run/watchdog.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr absl::Duration kReportEvery = absl::Seconds(5);

// The group is that of the projection's inputs, and names are unique among those who share them.
Config AsGroupOfInputs(const Config& config) {
  Config named = config;
  named.projection = absl::StrCat(config.projection, ".inputs");
  named.workers = static_cast<int64_t>(config.inputs.size());
  return named;
}

absl::StatusOr<Input> OpenInput(const InputConfig& config, Currency reporting_currency) {
  if (config.mapping.empty()) return Input(config.topic, reporting_currency);
  KEYFOLD_ASSIGN_OR_RETURN(const std::string yaml, ReadFile(config.mapping));
  KEYFOLD_ASSIGN_OR_RETURN(DocumentMapper mapper,
                           DocumentMapper::Parse(yaml, config.mapping, DocumentMapper::AtHand::kLookups));
  return Input(config.topic, reporting_currency, std::move(mapper));
}

// What is wrong with an input.
absl::Status OfInput(const std::string& topic, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("input ", topic, ": ", status.message()));
}

absl::StatusOr<std::vector<Input>> OpenInputs(const Config& config) {
  if (config.inputs.empty()) {
    return absl::InvalidArgumentError(
        "no inputs: the key `inputs` of the configuration file lists topics and mappings");
  }
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  std::vector<Input> inputs;
  for (const InputConfig& input : config.inputs) {
    for (const auto& [role, topic] : TopicsOf(config)) {
      if (topic != input.topic) continue;
      return absl::InvalidArgumentError(absl::StrCat("input ", topic, ": it is ", KeyOf(role), ", no input of others"));
    }
    absl::StatusOr<Input> opened = OpenInput(input, catalog.reporting_currency());
    if (!opened.ok()) return OfInput(input.topic, opened.status());
    inputs.push_back(*std::move(opened));
  }
  return inputs;
}

// Those of each input. They outlive neither the inputs nor the watchdog.
absl::StatusOr<std::vector<std::unique_ptr<Lookups>>> OpenLookups(const Config& config,
                                                                  const std::vector<Input>& inputs,
                                                                  const LookupReading& reading) {
  std::vector<std::unique_ptr<Lookups>> all;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Mapping* const mapping = inputs[i].mapping();
    if (mapping == nullptr) {
      all.push_back(std::make_unique<Lookups>());
      continue;
    }
    LookupReading of_input = reading;
    of_input.input = inputs[i].topic();
    absl::StatusOr<std::unique_ptr<Lookups>> lookups =
        Lookups::Open(*mapping, config.inputs[i].mapping, std::move(of_input));
    if (!lookups.ok()) return OfInput(inputs[i].topic(), lookups.status());
    all.push_back(*std::move(lookups));
  }
  return all;
}

// PartitionsOf(), again and again while the brokers cannot be asked. Cancelled: `stop` was set.
absl::StatusOr<std::vector<int32_t>> InputsWhenAsked(const KafkaConnection& connection,
                                                     const std::vector<Input>& inputs, const std::atomic<bool>& stop) {
  for (Backoff backoff(stop); !stop; backoff.Wait()) {
    absl::StatusOr<std::vector<int32_t>> partitions = PartitionsOf(connection, inputs);
    if (partitions.ok() || !IsTransient(partitions.status())) return partitions;
    spdlog::warn("{}; trying again", std::string(partitions.status().message()));
  }
  return absl::CancelledError("stopped before the inputs were looked at");
}

std::string Described(const FedCounts& counts) {
  std::string text =
      absl::StrCat(counts.records, " records: ", counts.events, " events, ", counts.rejected,
                   " records with dead letters, ", counts.left_out, " rows left out, ", counts.empty, " empty");
  for (const auto& [note, count] : counts.notes) absl::StrAppend(&text, "; ", note, ": ", count);
  return text;
}

absl::Status RunLanes(const Lane::Shared& shared, Readiness& readiness) {
  std::vector<std::unique_ptr<Lane>> lanes;
  for (size_t i = 0; i < shared.inputs.size(); ++i) lanes.push_back(std::make_unique<Lane>(shared, i));
  readiness.Learn([&lanes]() -> absl::Status {
    for (const std::unique_ptr<Lane>& lane : lanes) {
      if (!lane->ready()) return absl::UnavailableError(absl::StrCat(lane->topic(), " is not read yet"));
    }
    return absl::OkStatus();
  });
  std::map<std::string, int64_t> told;
  absl::Time next = absl::Now() + kReportEvery;
  while (std::any_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane->running(); })) {
    absl::SleepFor(absl::Milliseconds(20));
    if (absl::Now() < next) continue;
    next += kReportEvery;
    for (const std::unique_ptr<Lane>& lane : lanes) {
      const FedCounts counts = lane->counts();
      if (std::exchange(told[lane->topic()], counts.records) != counts.records) {
        spdlog::info("feed {}: {}", lane->topic(), Described(counts));
      }
    }
  }
  readiness.Forget();
  absl::Status failure;
  for (const std::unique_ptr<Lane>& lane : lanes) {
    spdlog::info("feed {}: stopped after {}", lane->topic(), Described(lane->counts()));
    if (failure.ok()) failure = lane->failure();
  }
  return failure;
}

}  // namespace

absl::Status Feed(const Config& config, const FeedOptions& options, std::atomic<bool>& stop) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Input> inputs, OpenInputs(config));
  const Config named = AsGroupOfInputs(config);
  Metrics metrics;
  Readiness readiness;
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<HttpServer> listener, ListenForMetrics(config, metrics, readiness));
  Watchdog watchdog(absl::Seconds(config.watchdog_s_max), EndHungProcess);
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  LookupReading reading;
  reading.open = [&](const std::string& topic) { return KafkaLookupReader::Open(connection, topic, watchdog); };
  reading.stopped = [&stop] { return stop.load(); };
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::unique_ptr<Lookups>> lookups, OpenLookups(config, inputs, reading));
  const absl::StatusOr<std::unique_ptr<InstanceClaim>> claim = InstanceClaim::Take(named, stop);
  if (absl::IsCancelled(claim.status())) return absl::OkStatus();
  KEYFOLD_RETURN_IF_ERROR(claim.status());
  const TopicNames outputs = {{TopicRole::kEvents, config.events_topic},
                              {TopicRole::kDeadLetters, config.dead_letters_topic}};
  const absl::StatusOr<TopicDescriptions> topics = CheckTopics(connection, outputs, stop);
  if (absl::IsCancelled(topics.status())) return absl::OkStatus();
  KEYFOLD_RETURN_IF_ERROR(topics.status());
  KEYFOLD_RETURN_IF_ERROR(CheckRegisteredSchemas(config));
  const absl::StatusOr<std::vector<int32_t>> partitions = InputsWhenAsked(connection, inputs, stop);
  if (absl::IsCancelled(partitions.status())) return absl::OkStatus();
  KEYFOLD_RETURN_IF_ERROR(partitions.status());
  const int64_t letter_bytes = MessageBytesMax(topics->at(TopicRole::kDeadLetters));
  spdlog::info("feed: {} inputs -> {}, as {} in the group {}", inputs.size(), config.events_topic, InstanceOf(named),
               GroupOf(named));
  const Lane::Shared shared{named,
                            connection,
                            inputs,
                            lookups,
                            *partitions,
                            letter_bytes > 0 ? static_cast<size_t>(letter_bytes) : SIZE_MAX,
                            options.until_end,
                            metrics,
                            watchdog,
                            stop};
  return RunLanes(shared, readiness);
}

}  // namespace keyfold
