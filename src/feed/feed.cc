#include "feed/feed.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "config/text_files.h"
#include "config/topic_names.h"
#include "feed/feeder.h"
#include "feed/input.h"
#include "kafka/event_log.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"
#include "kafka/update_sink.h"
#include "metrics/feed_metrics.h"
#include "metrics/metrics.h"
#include "run/backoff.h"
#include "run/from_config.h"
#include "run/instance.h"
#include "run/metrics_listener.h"
#include "run/schemas.h"
#include "run/topics.h"
#include "run/watchdog.h"
#include "run/watched_ports.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr size_t kRecordsMax = 5'000;  // of a transaction; each may become many
constexpr absl::Duration kReportEvery = absl::Seconds(5);
constexpr absl::Duration kLookWait = absl::Seconds(10);

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
  KEYFOLD_ASSIGN_OR_RETURN(DocumentMapper mapper, DocumentMapper::Parse(yaml, config.mapping));
  return Input(config.topic, reporting_currency, std::move(mapper));
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
    if (!opened.ok()) {
      return absl::Status(opened.status().code(), absl::StrCat("input ", input.topic, ": ", opened.status().message()));
    }
    inputs.push_back(*std::move(opened));
  }
  return inputs;
}

// How many partitions each has. FailedPrecondition: an input is not there.
absl::StatusOr<std::vector<int32_t>> PartitionsOf(const KafkaConnection& connection, const std::vector<Input>& inputs) {
  std::vector<std::string> names;
  for (const Input& input : inputs) names.push_back(input.topic());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TopicDescription> topics, DescribeTopics(connection, names, kLookWait));
  std::vector<int32_t> partitions;
  for (const TopicDescription& topic : topics) {
    if (!topic.exists) {
      return absl::FailedPreconditionError(absl::StrCat("there is no topic ", topic.name, ", which `inputs` names"));
    }
    partitions.push_back(topic.partitions);
  }
  return partitions;
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

// The thread of an input.
class Lane {
 public:
  struct Shared {
    const Config& config;  // AsGroupOfInputs()
    const KafkaConnection& connection;
    const std::vector<Input>& inputs;
    const std::vector<int32_t>& partitions;  // of the inputs, at the start
    size_t letter_bytes_max;
    bool until_end;
    Metrics& metrics;
    Watchdog& watchdog;
    std::atomic<bool>& stop;
  };

  Lane(const Shared& shared, size_t index)
      : shared_(shared),
        input_(shared.inputs[index]),
        index_(static_cast<int64_t>(index)),
        metrics_(shared.metrics, input_.topic()),
        thread_([this] { Run(); }) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() { thread_.join(); }

  bool running() const { return running_; }
  bool ready() const { return ready_; }
  const std::string& topic() const { return input_.topic(); }

  FedCounts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }
  absl::Status failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  // Again and again, with all clients anew. A member that its group has put out may have been taken for its successor
  // when an answer was lost with a broker; one that has a namesake is put out again and again.
  void Run() {
    constexpr int kFencesMax = 3;
    int fences = 0;
    Backoff backoff(shared_.stop);
    absl::Status status = RunOnce();
    while (!shared_.stop && (IsTransient(status) || (absl::IsAlreadyExists(status) && ++fences < kFencesMax))) {
      spdlog::warn("feed {}: starting anew: {}", topic(), std::string(status.message()));
      backoff.Wait();
      status = RunOnce();
    }
    if (!status.ok() && !IsTransient(status)) {
      spdlog::error("feed {}: {}", topic(), std::string(status.message()));
      const std::lock_guard lock(mutex_);
      failure_ = absl::Status(status.code(), absl::StrCat("feed ", topic(), ": ", status.message()));
      shared_.stop = true;  // the others end what they have begun; a supervisor starts all anew
    }
    ready_ = false;
    running_ = false;
  }

  absl::Status RunOnce() {
    const Config& config = shared_.config;
    KafkaEventLogOptions log_options;
    log_options.connection = shared_.connection;
    log_options.topic = topic();
    log_options.group_id = GroupOf(config);
    log_options.prefetch_bytes_max = static_cast<size_t>(config.fetch_queue_bytes / config.workers);
    log_options.group_instance_id = MemberNameOf(config, index_, shared_.partitions[static_cast<size_t>(index_)]);
    KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaEventLog> log, KafkaEventLog::Create(log_options));
    KafkaUpdateSinkOptions sink_options;
    sink_options.connection = shared_.connection;
    sink_options.account_kpis_topic = config.events_topic;  // kFedEvents
    sink_options.dead_letters_topic = config.dead_letters_topic;
    sink_options.transactional_id = absl::StrCat(log_options.group_id, ".", WorkerNameOf(config, index_));
    KafkaUpdateSink sink(sink_options, log.get());
    const std::string name = absl::StrCat("feed ", topic());
    WatchedLog watched_log(*log, shared_.watchdog, name);
    WatchedSink watched_sink(sink, shared_.watchdog, name);
    FeederOptions options;
    options.poll = {.records_max = std::min(kRecordsMax, static_cast<size_t>(config.batch_records_max)),
                    .bytes_max = static_cast<size_t>(config.batch_bytes_max),
                    .wait_max = absl::Milliseconds(config.batch_wait_ms_max)};
    options.letter_bytes_max = shared_.letter_bytes_max;
    Feeder feeder(watched_log, watched_sink, input_, options);
    return RunUntilStopped(feeder, *log);
  }

  // After a few failures in a row it gives back the last, even if it is transient: a consumer that was away for longer
  // than its session has to be built anew.
  absl::Status RunUntilStopped(Feeder& feeder, KafkaEventLog& log) {
    constexpr int kFailuresMax = 3;
    Backoff backoff(shared_.stop);
    int failures = 0;
    while (!shared_.stop) {
      const absl::StatusOr<FedCounts> fed = feeder.Step();
      if (fed.ok()) {
        failures = 0;
        backoff.Reset();
        Tell(*fed);
        const std::optional<int64_t> lag = LagOf(feeder, log);
        ready_ = log.joined();
        if (lag.has_value()) metrics_.SetLag(*lag);
        if (!shared_.until_end || !ready_ || fed->records > 0 || lag != 0) continue;
        KEYFOLD_ASSIGN_OR_RETURN(const bool at_end, OthersAreAtEnd(feeder, log));
        if (at_end) return absl::OkStatus();
        continue;
      }
      ready_ = false;
      metrics_.CountFailure();
      const absl::Status status = Judge(fed.status());
      if (!IsTransient(status) || ++failures == kFailuresMax) return status;
      spdlog::warn("feed {}: {}; trying again", topic(), std::string(status.message()));
      backoff.Wait();
    }
    return absl::OkStatus();
  }

  void Tell(const FedCounts& fed) {
    if (fed.records == 0) return;
    metrics_.Count(fed.records, fed.events, fed.rejected, fed.left_out);
    const std::lock_guard lock(mutex_);
    counts_ += fed;
  }

  // Whether all of the partitions that are not ours has been committed, by whomever: a member that has died keeps its
  // own until its session ends.
  absl::StatusOr<bool> OthersAreAtEnd(const Feeder& feeder, KafkaEventLog& log) const {
    const int32_t partitions = shared_.partitions[static_cast<size_t>(index_)];
    for (int32_t partition = 0; partition < partitions; ++partition) {
      if (feeder.next_offsets().contains(partition)) continue;
      KEYFOLD_ASSIGN_OR_RETURN(const LogRange range, log.Range(partition));
      KEYFOLD_ASSIGN_OR_RETURN(const CommittedOffset committed, log.Committed(partition));
      const int64_t next = committed.offset.value_or(range.first);
      if (next >= range.end) continue;
      // The last offsets of a log may belong to no record: markers of a producer's transactions.
      KEYFOLD_ASSIGN_OR_RETURN(const bool more, HasRecords(shared_.connection, topic(), partition, next));
      if (more) return false;
    }
    return true;
  }

  // Of all partitions that are ours; nullopt: of one no broker has told yet.
  static std::optional<int64_t> LagOf(const Feeder& feeder, const KafkaEventLog& log) {
    int64_t lag = 0;
    for (const auto& [partition, next] : feeder.next_offsets()) {
      const std::optional<int64_t> one = log.Lag(partition, next);
      if (!one.has_value()) return std::nullopt;
      lag += *one;
    }
    return lag;
  }

  // A topic that is gone shows in many ways, and most of these may as well mean that brokers start or stop.
  absl::Status Judge(const absl::Status& failure) const {
    if (!absl::IsNotFound(failure) && !absl::IsDeadlineExceeded(failure)) return failure;
    const absl::Status missing = PartitionsOf(shared_.connection, shared_.inputs).status();
    if (absl::IsFailedPrecondition(missing) || absl::IsPermissionDenied(missing)) return missing;
    const absl::Status outputs =
        FindMissingTopics(shared_.connection, {{TopicRole::kEvents, shared_.config.events_topic},
                                               {TopicRole::kDeadLetters, shared_.config.dead_letters_topic}});
    if (absl::IsFailedPrecondition(outputs) || absl::IsPermissionDenied(outputs)) return outputs;
    return absl::UnavailableError(failure.message());
  }

  const Shared& shared_;
  const Input& input_;
  const int64_t index_;
  FeedMetrics metrics_;
  std::atomic<bool> running_ = true;
  std::atomic<bool> ready_ = false;
  mutable std::mutex mutex_;
  FedCounts counts_;
  absl::Status failure_;
  std::thread thread_;
};

std::string Described(const FedCounts& counts) {
  return absl::StrCat(counts.records, " records: ", counts.events, " events, ", counts.rejected,
                      " records with dead letters, ", counts.left_out, " rows left out, ", counts.empty, " empty");
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
  const absl::StatusOr<std::unique_ptr<InstanceClaim>> claim = InstanceClaim::Take(named, stop);
  if (absl::IsCancelled(claim.status())) return absl::OkStatus();
  KEYFOLD_RETURN_IF_ERROR(claim.status());
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
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
                            *partitions,
                            letter_bytes > 0 ? static_cast<size_t>(letter_bytes) : SIZE_MAX,
                            options.until_end,
                            metrics,
                            watchdog,
                            stop};
  return RunLanes(shared, readiness);
}

}  // namespace keyfold
