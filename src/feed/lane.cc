#include "feed/lane.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "config/topic_names.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"
#include "kafka/update_sink.h"
#include "run/backoff.h"
#include "run/from_config.h"
#include "run/instance.h"
#include "run/topics.h"
#include "run/watched_ports.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr size_t kRecordsMax = 5'000;  // of a transaction; each may become many
constexpr absl::Duration kLookWait = absl::Seconds(10);

// Of all partitions that are ours; nullopt: of one no broker has told yet.
std::optional<int64_t> LagOf(const Feeder& feeder, const KafkaEventLog& log) {
  int64_t lag = 0;
  for (const auto& [partition, next] : feeder.next_offsets()) {
    const std::optional<int64_t> one = log.Lag(partition, next);
    if (!one.has_value()) return std::nullopt;
    lag += *one;
  }
  return lag;
}

}  // namespace

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

Lane::Lane(const Shared& shared, size_t index)
    : shared_(shared),
      input_(shared.inputs[index]),
      lookups_(*shared.lookups[index]),
      index_(static_cast<int64_t>(index)),
      metrics_(shared.metrics, input_.topic()),
      thread_([this] { Run(); }) {}

// Again and again, with all clients anew. A member that its group has put out may have been taken for its successor
// when an answer was lost with a broker; one that has a namesake is put out again and again.
void Lane::Run() {
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

absl::Status Lane::RunOnce() {
  // Before the group is joined: a member that does not poll for minutes is put out.
  KEYFOLD_RETURN_IF_ERROR(lookups_.Load());
  TellLookups();
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
  options.count_partitions = [this]() -> absl::StatusOr<int32_t> {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TopicDescription> topics,
                             DescribeTopics(shared_.connection, {shared_.config.events_topic}, kLookWait));
    if (topics[0].exists) return topics[0].partitions;
    return absl::NotFoundError(absl::StrCat("there is no topic ", shared_.config.events_topic));
  };
  Feeder feeder(watched_log, watched_sink, input_, lookups_, std::move(options));
  return RunUntilStopped(feeder, *log);
}

// After a few failures in a row it gives back the last, even if it is transient: a consumer that was away for longer
// than its session has to be built anew.
absl::Status Lane::RunUntilStopped(Feeder& feeder, KafkaEventLog& log) {
  constexpr int kFailuresMax = 3;
  Backoff backoff(shared_.stop);
  int failures = 0;
  while (!shared_.stop) {
    const absl::StatusOr<FedCounts> fed = feeder.Step();
    if (fed.ok()) {
      failures = 0;
      backoff.Reset();
      Tell(*fed);
      TellLookups();
      const std::optional<int64_t> lag = LagOf(feeder, log);
      ready_ = log.joined();
      if (lag.has_value()) metrics_.SetLag(*lag);
      if (!shared_.until_end || !ready_ || fed->records > 0 || lag != 0) continue;
      KEYFOLD_ASSIGN_OR_RETURN(const bool at_end, OthersAreAtEnd(feeder, log));
      if (at_end) return absl::OkStatus();
      continue;
    }
    ready_ = false;
    if (shared_.stop) break;
    metrics_.CountFailure();
    const absl::Status status = Judge(fed.status());
    if (!IsTransient(status) || ++failures == kFailuresMax) return status;
    spdlog::warn("feed {}: {}; trying again", topic(), std::string(status.message()));
    backoff.Wait();
  }
  return absl::OkStatus();
}

void Lane::TellLookups() {
  for (const LookupTopic& lookup : lookups_.topics()) {
    const LookupCounts counts = lookup.counts();
    metrics_.TellLookup(lookup.source().name, {.records = counts.records,
                                               .unreadable = counts.unreadable,
                                               .contested = counts.contested,
                                               .rows = counts.rows});
  }
}

void Lane::Tell(const FedCounts& fed) {
  if (fed.records == 0) return;
  metrics_.Count(fed.records, fed.events, fed.rejected, fed.left_out);
  for (const auto& [note, count] : fed.notes) metrics_.CountNote(note, count);
  const std::lock_guard lock(mutex_);
  counts_ += fed;
}

// Whether all of the partitions that are not ours has been committed, by whomever: a member that has died keeps its
// own until its session ends.
absl::StatusOr<bool> Lane::OthersAreAtEnd(const Feeder& feeder, KafkaEventLog& log) const {
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

// A topic that is gone shows in many ways, and most of these may as well mean that brokers start or stop.
absl::Status Lane::Judge(const absl::Status& failure) const {
  if (!absl::IsNotFound(failure) && !absl::IsDeadlineExceeded(failure)) return failure;
  const absl::Status missing = PartitionsOf(shared_.connection, shared_.inputs).status();
  if (absl::IsFailedPrecondition(missing) || absl::IsPermissionDenied(missing)) return missing;
  const absl::Status outputs =
      FindMissingTopics(shared_.connection, {{TopicRole::kEvents, shared_.config.events_topic},
                                             {TopicRole::kDeadLetters, shared_.config.dead_letters_topic}});
  if (absl::IsFailedPrecondition(outputs) || absl::IsPermissionDenied(outputs)) return outputs;
  return absl::UnavailableError(failure.message());
}

}  // namespace keyfold
