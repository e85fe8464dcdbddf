#include "run/stage.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "kafka/event_log.h"
#include "kafka/topic_reader.h"
#include "kafka/update_sink.h"
#include "run/backoff.h"
#include "run/from_config.h"
#include "run/instance.h"
#include "run/watched_ports.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

// Each worker of the stage before leaves one at the end of a log. Compaction leaves the last records of a log alone.
constexpr int64_t kMarkersMax = 64;

// Knows when everything that was in the log when it was first asked has been folded and committed, by whichever worker.
class EndWatch {
 public:
  EndWatch(const KafkaConnection& connection, const std::string& topic, KafkaEventLog& log, int32_t partitions)
      : connection_(connection), topic_(topic), log_(log), partitions_(partitions) {}

  absl::StatusOr<bool> Reached(const Worker& worker) {
    // Before it has partitions it cannot know whether there is a sweep to finish.
    if (!log_.joined() || !worker.idle() || absl::Now() - checked_ < kInterval) return false;
    if (ends_.empty()) {
      KEYFOLD_ASSIGN_OR_RETURN(const std::vector<LogRange> ranges, ReadRanges(connection_, topic_, partitions_));
      for (const LogRange& range : ranges) ends_.push_back(range.first == range.end ? 0 : range.end);
    }
    checked_ = absl::Now();
    const std::map<int32_t, const Shard*> shards = worker.shards();
    for (int32_t partition = 0; partition < partitions_; ++partition) {
      int64_t& end = ends_[static_cast<size_t>(partition)];
      const auto shard = shards.find(partition);
      int64_t next = 0;
      if (shard != shards.end()) {
        next = shard->second->next_offset();
      } else {
        KEYFOLD_ASSIGN_OR_RETURN(const CommittedOffset committed, log_.Committed(partition));
        next = committed.offset.value_or(0);
      }
      if (next >= end) continue;
      // The last offsets of a log may belong to no record: markers of a producer's transactions.
      KEYFOLD_ASSIGN_OR_RETURN(const bool more, HasRecords(connection_, topic_, partition, next));
      if (more) return false;
      end = next;
    }
    return true;
  }

 private:
  static constexpr absl::Duration kInterval = absl::Milliseconds(50);

  const KafkaConnection& connection_;
  const std::string& topic_;
  KafkaEventLog& log_;
  const int32_t partitions_;
  std::vector<int64_t> ends_;  // by partition, once asked for
  absl::Time checked_ = absl::InfinitePast();
};

// Tells a member that has a namesake, and is put out of its group again and again, from one that was put out because
// what the group answered was lost with a broker (FencedByNamesake()).
class Fences {
 public:
  bool MayJoinAgain(const absl::Status& status) {
    if (!absl::IsAlreadyExists(status)) return false;
    const absl::Time now = absl::Now();
    std::erase_if(times_, [now](absl::Time time) { return now - time > kTogether; });
    times_.push_back(now);
    return times_.size() < kMost;
  }

 private:
  static constexpr size_t kMost = 3;
  static constexpr absl::Duration kTogether = absl::Minutes(2);  // two that put out each other take seconds

  std::vector<absl::Time> times_;
};

// The most that a batch of records may take where a topic bears less than producers send; nullopt: all bear it.
std::optional<size_t> BatchBytesMax(const std::map<TopicRole, TopicDescription>& topics) {
  constexpr int64_t kSentBytesMax = 1'000'000;
  int64_t bytes_max = kSentBytesMax;
  for (const auto& [role, topic] : topics) {
    const int64_t bytes = MessageBytesMax(topic);
    if (role != TopicRole::kEvents && bytes > 0) bytes_max = std::min(bytes_max, bytes);
  }
  return bytes_max < kSentBytesMax ? std::optional<size_t>(bytes_max) : std::nullopt;
}

}  // namespace

// Logs what a worker tells, and counts.
class Stage::Observer final : public WorkerObserver {
 public:
  Observer(Stage& stage, int64_t index) : stage_(stage), worker_(absl::StrCat(stage.settings_.name, " ", index)) {}

  // A worker that ends, however, runs no partition any more.
  ~Observer() override {
    for (int32_t partition : mine_) stage_.SetOwned(partition, false);
  }

  void OnAssigned(int32_t partition, int64_t next_offset, const CommittedOffset& committed) override {
    const int64_t gap = committed.offset.value_or(next_offset) - next_offset;
    spdlog::info("{}: partition {} assigned, shard at offset {}, {} records to fold again", worker_, partition,
                 next_offset, gap);
  }
  void OnRunning(int32_t partition) override {
    spdlog::info("{}: partition {} running", worker_, partition);
    mine_.push_back(partition);
    stage_.SetOwned(partition, true);
  }
  void OnRevoked(int32_t partition) override {
    spdlog::info("{}: partition {} revoked", worker_, partition);
    std::erase(mine_, partition);
    stage_.SetOwned(partition, false);
  }
  void OnCommitted(const CommittedBatch& batch) override {
    stage_.records_ += batch.records;
    stage_.outputs_ += batch.outputs;
    ++stage_.transactions_;
    stage_.report_.Tell(batch, absl::Now());
    if (!batch.swept) return;
    sweep_batches_.push_back(batch);
    if (!batch.sweeps_on) ReportSweep();
  }
  void OnRecovery(const absl::Status& why) override {
    spdlog::warn("{}: going on from the shards: {}", worker_, std::string(why.message()));
  }

 private:
  // Time has moved, and every account is up to date again: what that did to the batches meanwhile.
  void ReportSweep() {
    const auto median_and_most = [this](absl::Duration (*duration_of)(const CommittedBatch& batch)) {
      std::vector<absl::Duration> durations;
      for (const CommittedBatch& batch : sweep_batches_) durations.push_back(duration_of(batch));
      std::sort(durations.begin(), durations.end());
      return absl::StrFormat("median %.1f ms, slowest %.1f ms",
                             absl::ToDoubleMilliseconds(durations[durations.size() / 2]),
                             absl::ToDoubleMilliseconds(durations.back()));
    };
    spdlog::info("{}: all accounts are those of the day, after {} transactions: {}; without publishing: {}", worker_,
                 sweep_batches_.size(), median_and_most([](const CommittedBatch& batch) { return batch.duration; }),
                 median_and_most([](const CommittedBatch& batch) { return batch.duration - batch.commit; }));
    sweep_batches_.clear();
  }

  Stage& stage_;
  const std::string worker_;
  std::vector<int32_t> mine_;
  std::vector<CommittedBatch> sweep_batches_;  // of the sweep that goes on
};

Stage::Stage(const Config& config, StageSettings settings, std::atomic<bool>& stop)
    : config_(config),
      settings_(std::move(settings)),
      stop_(stop),
      report_(settings_.name, settings_.workers, *settings_.metrics) {
  running_ = static_cast<int>(settings_.workers);
  for (int64_t i = 0; i < settings_.workers; ++i) threads_.emplace_back([this, i] { RunThread(i); });
}

Stage::~Stage() {
  for (std::thread& thread : threads_) thread.join();
}

std::set<int32_t> Stage::owned() const {
  const std::lock_guard lock(mutex_);
  return owned_;
}

void Stage::SetOwned(int32_t partition, bool owned) {
  const std::lock_guard lock(mutex_);
  if (owned) {
    owned_.insert(partition);
  } else {
    owned_.erase(partition);
  }
}

absl::Status Stage::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Stage::RunThread(int64_t index) {
  Backoff backoff(stop_);
  Fences fences;
  absl::Status status = RunWorker(index);
  report_.TellEnd(index, status);
  while (!stop_ && (IsTransient(status) || fences.MayJoinAgain(status))) {
    spdlog::warn("{} {}: starting anew: {}", settings_.name, index, std::string(status.message()));
    backoff.Wait();
    status = RunWorker(index);
    report_.TellEnd(index, status);
  }
  if (!status.ok() && !IsTransient(status)) {
    spdlog::error("{} {}: {}", settings_.name, index, std::string(status.message()));
    const std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = status;
    stop_ = true;  // the others commit what they hold and leave; a supervisor starts all anew
  }
  --running_;
}

absl::Status Stage::RunWorker(int64_t index) {
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config_));
  KafkaEventLogOptions log_options;
  log_options.connection = connection;
  log_options.topic = settings_.topic;
  log_options.group_id = settings_.group_id;
  log_options.prefetch_bytes_max = static_cast<size_t>(config_.fetch_queue_bytes / config_.workers);
  // A static member: restarted, it has its partitions back at once instead of waiting for its own session to end.
  log_options.group_instance_id = MemberNameOf(config_, index, settings_.partitions);
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaEventLog> log, KafkaEventLog::Create(log_options));

  KafkaUpdateSinkOptions sink_options;
  sink_options.connection = connection;
  sink_options.guarantee =
      config_.publish_guarantee == "exactly_once" ? Guarantee::kExactlyOnce : Guarantee::kAtLeastOnce;
  sink_options.account_kpis_topic = config_.kpis_topic;
  sink_options.group_kpis_topic = config_.rollup_kpis_topic;
  sink_options.alerts_topic = config_.alerts_topic;
  sink_options.partials_topic = config_.partials_topic;
  sink_options.dead_letters_topic = config_.dead_letters_topic;
  sink_options.transactional_id = absl::StrCat(settings_.group_id, ".", WorkerNameOf(config_, index));
  sink_options.batch_bytes_max = BatchBytesMax(settings_.topics);
  KafkaUpdateSink sink(sink_options, log.get());

  WorkerOptions options;
  options.topic = settings_.topic;
  const int64_t letter_bytes = MessageBytesMax(settings_.topics.at(TopicRole::kDeadLetters));
  if (letter_bytes > 0) options.letter_bytes_max = static_cast<size_t>(letter_bytes);
  options.projection = config_.projection;
  options.poll.records_max = static_cast<size_t>(config_.batch_records_max);
  options.poll.bytes_max = static_cast<size_t>(config_.batch_bytes_max);
  options.poll.wait_max = absl::Milliseconds(config_.batch_wait_ms_max);
  options.sweep_time_max = absl::Milliseconds(config_.sweep_time_ms_max);
  options.accept_log_start = settings_.accept_log_start;
  options.markers_max = kMarkersMax;
  Observer observer(*this, index);
  const std::string name = absl::StrCat(settings_.name, " ", index);
  WatchedLog watched_log(*log, *settings_.watchdog, name);
  WatchedSink watched_sink(sink, *settings_.watchdog, name);
  Worker worker(watched_log, watched_sink, settings_.open_shard, options, observer);
  return RunUntilStopped(connection, index, worker, *log);
}

// What a failure is: a topic that is gone shows in many ways (deliveries that never end, partitions that nobody knows),
// and most of these may as well mean that brokers start or stop.
absl::Status Stage::Judge(const KafkaConnection& connection, const absl::Status& failure) const {
  if (!absl::IsNotFound(failure) && !absl::IsDeadlineExceeded(failure)) return failure;
  TopicNames topics;
  for (const auto& [role, topic] : settings_.topics) topics[role] = topic.name;
  absl::Status missing = FindMissingTopics(connection, topics);
  if (absl::IsFailedPrecondition(missing) || absl::IsPermissionDenied(missing)) return missing;
  return absl::UnavailableError(failure.message());
}

void Stage::Report(int64_t index, const absl::Status& turn, const Worker& worker, const KafkaEventLog& log) {
  const absl::Time now = absl::Now();
  if (turn.ok() && !report_.Due(index, now)) return;
  report_.Tell(
      index, {turn, log.joined(), worker.progress()},
      [&log](const PartitionProgress& progress) { return log.Lag(progress.partition, progress.next_offset); }, now);
}

// Turn after turn. After a few failures in a row it gives back the last, even if it is transient: a consumer that was
// away for longer than its session has to be built anew.
absl::Status Stage::RunUntilStopped(const KafkaConnection& connection, int64_t index, Worker& worker,
                                    KafkaEventLog& log) {
  constexpr int kFailuresMax = 3;
  std::optional<EndWatch> end;
  Backoff backoff(stop_);
  bool started = false;
  int failures = 0;
  while (!stop_) {
    absl::Status status = started ? worker.Step() : worker.Start();
    Report(index, status, worker, log);
    if (status.ok()) {
      started = true;
      failures = 0;
      backoff.Reset();
      if (settings_.may_end == nullptr || (!end.has_value() && !settings_.may_end())) continue;
      if (!end.has_value()) end.emplace(connection, settings_.topic, log, settings_.partitions);
      absl::StatusOr<bool> reached = end->Reached(worker);
      if (reached.ok() && *reached) return worker.Flush();
      status = reached.status();
    }
    if (status.ok() || stop_) continue;
    status = Judge(connection, status);
    if (!IsTransient(status) || ++failures == kFailuresMax) return status;
    spdlog::warn("{}; trying again", std::string(status.message()));
    backoff.Wait();
  }
  return worker.Flush();
}

}  // namespace keyfold
