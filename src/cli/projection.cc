#include "cli/projection.h"

#include <atomic>
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
#include "cli/backoff.h"
#include "cli/kafka_config.h"
#include "engine/store_keys.h"
#include "engine/update_format.h"
#include "engine/worker.h"
#include "kafka/event_log.h"
#include "kafka/topics.h"
#include "kafka/update_sink.h"
#include "spdlog/spdlog.h"
#include "store/rocks_store.h"

namespace keyfold {
namespace {

// What all workers of the process share.
struct Process {
  const Config& config;
  const Catalog& catalog;
  const UpdateFormat& format;
  RocksEnvironment& environment;
  const ProjectionOptions& options;
  std::atomic<bool>& stop;
  const int32_t partitions;  // of the input topic

  std::atomic<int64_t> records = 0;
  std::atomic<int64_t> outputs = 0;
  std::atomic<int> running = 0;
  std::mutex mutex = {};
  absl::Status failure = {};  // the first that a worker gave up for
};

class LoggingObserver final : public WorkerObserver {
 public:
  LoggingObserver(Process& process, int64_t worker) : process_(process), worker_(worker) {}

  void OnAssigned(int32_t partition, int64_t next_offset, const CommittedOffset& committed) override {
    const int64_t gap = committed.offset.value_or(next_offset) - next_offset;
    spdlog::info("worker {}: partition {} assigned, shard at offset {}, {} records to fold again", worker_, partition,
                 next_offset, gap);
  }
  void OnRunning(int32_t partition) override { spdlog::info("worker {}: partition {} running", worker_, partition); }
  void OnRevoked(int32_t partition) override { spdlog::info("worker {}: partition {} revoked", worker_, partition); }
  void OnCommitted(int64_t records, int64_t outputs) override {
    process_.records += records;
    process_.outputs += outputs;
  }
  void OnRecovery(const absl::Status& why) override {
    spdlog::warn("worker {}: going on from the shards: {}", worker_, std::string(why.message()));
  }

 private:
  Process& process_;
  const int64_t worker_;
};

// Knows when everything that was in the log at the start has been folded and committed, by whichever worker.
class EndWatch {
 public:
  EndWatch(KafkaEventLog& log, int32_t partitions) : log_(log), ends_(partitions) {}

  absl::StatusOr<bool> Reached(const Worker& worker) {
    const std::map<int32_t, const Shard*> shards = worker.shards();
    int64_t folded = 0;
    for (const auto& [partition, shard] : shards) folded += shard->next_offset();
    if (!worker.idle() || folded != std::exchange(folded_, folded)) quiet_since_ = absl::Now();
    if (!worker.idle() || absl::Now() - checked_ < kInterval) return false;
    checked_ = absl::Now();
    for (int32_t partition = 0; partition < static_cast<int32_t>(ends_.size()); ++partition) {
      std::optional<int64_t>& end = ends_[partition];
      if (!end.has_value()) {
        KEYFOLD_ASSIGN_OR_RETURN(const LogRange range, log_.Range(partition));
        end = range.first == range.end ? 0 : range.end;
      }
      const auto shard = shards.find(partition);
      if (shard != shards.end()) {
        // The last offsets of a log may belong to no record: markers of a producer's transactions.
        const bool quiet = absl::Now() - quiet_since_ > kQuiet;
        if (shard->second->next_offset() < *end && !quiet) return false;
      } else {
        KEYFOLD_ASSIGN_OR_RETURN(const CommittedOffset committed, log_.Committed(partition));
        if (committed.offset.value_or(0) < *end) return false;
      }
    }
    return true;
  }

 private:
  static constexpr absl::Duration kInterval = absl::Milliseconds(50);
  static constexpr absl::Duration kQuiet = absl::Seconds(3);

  KafkaEventLog& log_;
  std::vector<std::optional<int64_t>> ends_;
  int64_t folded_ = 0;  // the sum of the shards' offsets when last asked
  absl::Time quiet_since_ = absl::Now();
  absl::Time checked_ = absl::InfinitePast();
};

// Turn after turn. After a few failures in a row it gives back the last, even if it is transient: a consumer that was
// fenced (it was away for longer than its session, or another process has its name) has to be built anew.
absl::Status RunUntilStopped(Process& process, Worker& worker, KafkaEventLog& log) {
  constexpr int kFailuresMax = 3;
  EndWatch end(log, process.partitions);
  Backoff backoff(process.stop);
  bool started = false;
  int failures = 0;
  while (!process.stop) {
    absl::Status status = started ? worker.Step() : worker.Start();
    if (status.ok()) {
      started = true;
      failures = 0;
      backoff.Reset();
      if (!process.options.until_end) continue;
      absl::StatusOr<bool> reached = end.Reached(worker);
      if (reached.ok() && *reached) return absl::OkStatus();
      status = reached.status();
    }
    if (status.ok()) continue;
    if (!Worker::IsTransient(status) || ++failures == kFailuresMax) return status;
    spdlog::warn("{}; trying again", std::string(status.message()));
    backoff.Wait();
  }
  return absl::OkStatus();
}

absl::Status RunWorker(Process& process, int64_t index) {
  const Config& config = process.config;
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  KafkaEventLogOptions log_options;
  log_options.connection = connection;
  log_options.topic = config.events_topic;
  log_options.group_id = GroupOf(config);
  log_options.prefetch_bytes_max = static_cast<size_t>(config.fetch_queue_bytes / config.workers);
  // A static member: restarted, it has its partitions back at once instead of waiting for its own session to end.
  log_options.group_instance_id = absl::StrCat(InstanceOf(config), ".", index);
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaEventLog> log, KafkaEventLog::Create(log_options));

  KafkaUpdateSinkOptions sink_options;
  sink_options.connection = connection;
  sink_options.guarantee =
      config.publish_guarantee == "exactly_once" ? Guarantee::kExactlyOnce : Guarantee::kAtLeastOnce;
  sink_options.account_kpis_topic = config.kpis_topic;
  sink_options.dead_letters_topic = config.dead_letters_topic;
  sink_options.transactional_id = absl::StrCat(GroupOf(config), ".", InstanceOf(config), ".", index);
  KafkaUpdateSink sink(sink_options, log.get());

  WorkerOptions options;
  options.topic = config.events_topic;
  options.poll.records_max = static_cast<size_t>(config.batch_records_max);
  options.poll.bytes_max = static_cast<size_t>(config.batch_bytes_max);
  options.poll.wait_max = absl::Milliseconds(config.batch_wait_ms_max);
  options.sweep_accounts_max = config.sweep_accounts_max;
  options.accept_log_start = process.options.accept_log_start;
  const StoreFactory stores = [&process](int32_t partition) {
    return OpenRocksStore(process.environment, ShardDirectory(process.config, partition), MergeLedgerBlocks);
  };
  LoggingObserver observer(process, index);
  Worker worker(*log, sink, stores, process.catalog, process.format, options, observer);
  return RunUntilStopped(process, worker, *log);
}

void RunThread(Process& process, int64_t index) {
  Backoff backoff(process.stop);
  absl::Status status = RunWorker(process, index);
  while (!process.stop && Worker::IsTransient(status)) {
    spdlog::warn("worker {}: starting anew: {}", index, std::string(status.message()));
    backoff.Wait();
    status = RunWorker(process, index);
  }
  if (!status.ok() && !Worker::IsTransient(status)) {
    spdlog::error("worker {}: {}", index, std::string(status.message()));
    const std::lock_guard lock(process.mutex);
    if (process.failure.ok()) process.failure = status;
    process.stop = true;  // the others commit what they hold and leave; a supervisor starts all anew
  }
  --process.running;
}

void ReportUntilDone(Process& process) {
  constexpr absl::Duration kInterval = absl::Seconds(5);
  absl::Time reported = absl::Now();
  int64_t reported_records = 0;
  while (process.running > 0) {
    absl::SleepFor(absl::Milliseconds(20));
    const absl::Duration since = absl::Now() - reported;
    if (since < kInterval) continue;
    const int64_t records = process.records;
    if (records != reported_records) {
      spdlog::info("folded {} records, published {}, {:.0f} records/s", records, process.outputs.load(),
                   static_cast<double>(records - reported_records) / absl::ToDoubleSeconds(since));
    }
    reported_records = records;
    reported += since;
  }
}

// FailedPrecondition: there is no input topic.
absl::StatusOr<int32_t> CountPartitions(const Config& config, const std::atomic<bool>& stop) {
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  for (Backoff backoff(stop); !stop; backoff.Wait()) {
    const absl::StatusOr<std::vector<TopicDescription>> topics = DescribeTopics(connection, {config.events_topic});
    if (topics.ok() && topics->front().exists) return topics->front().partitions;
    if (topics.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("there is no topic ", config.events_topic, ": keyfold topics --create makes it"));
    }
    if (!Worker::IsTransient(topics.status())) return topics.status();
    spdlog::warn("{}; trying again", std::string(topics.status().message()));
  }
  return 0;
}

}  // namespace

absl::Status RunProjection(const Config& config, const ProjectionOptions& options, std::atomic<bool>& stop) {
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  const UpdateFormat format = FormatOf(config);
  RocksEnvironment environment({.block_cache_bytes = static_cast<size_t>(config.block_cache_bytes),
                                .write_buffer_bytes = static_cast<size_t>(config.write_buffer_bytes)});
  spdlog::info("projection {}: {} -> {}, catalogue {}, {} worker(s), {}", config.projection, config.events_topic,
               config.kpis_topic, catalog.hash(), config.workers, config.publish_guarantee);

  KEYFOLD_ASSIGN_OR_RETURN(const int32_t partitions, CountPartitions(config, stop));
  Process process{config, catalog, format, environment, options, stop, partitions};
  std::vector<std::thread> threads;
  process.running = static_cast<int>(config.workers);
  for (int64_t i = 0; i < config.workers; ++i) threads.emplace_back(RunThread, std::ref(process), i);
  ReportUntilDone(process);
  for (std::thread& thread : threads) thread.join();
  spdlog::info("stopped: folded {} records, published {}", process.records.load(), process.outputs.load());
  return process.failure;
}

}  // namespace keyfold
