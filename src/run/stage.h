// A stage of a projection, and the workers that a process gives it.
//
// Stage 1 folds account events; stage 2 folds the partials that stage 1 publishes. They differ in their topic, their
// consumer group and the kind of their shards.
#ifndef KEYFOLD_RUN_STAGE_H_
#define KEYFOLD_RUN_STAGE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "config/config.h"
#include "engine/worker.h"
#include "kafka/connection.h"
#include "kafka/event_log.h"
#include "metrics/stage_metrics.h"
#include "run/stage_report.h"
#include "run/topics.h"
#include "run/watchdog.h"

namespace keyfold {

struct StageSettings {
  std::string name;      // in logs: "worker"
  std::string topic;     // the input
  std::string group_id;  // the consumer group; transactional ids begin with it
  int32_t partitions = 0;
  std::map<TopicRole, TopicDescription> topics;  // all that the projection uses, as they were at the start
  int64_t workers = 1;
  bool accept_log_start = false;

  // With it, a worker ends when everything that is in the topic has been committed; it looks where that is once this
  // says true. Empty: it runs until stopped.
  std::function<bool()> may_end;

  ShardFactory open_shard;

  // Both outlive the stage.
  StageMetrics* metrics = nullptr;
  Watchdog* watchdog = nullptr;
};

// Runs a stage's workers in threads of their own. Thread-safe.
class Stage {
 public:
  // Starts the workers. They end when `stop` is set (they commit what they hold, and leave), at the end of the topic if
  // so wished, or when one meets an error that trying again does not mend: then it sets `stop`. `config` and `stop`
  // outlive the stage.
  Stage(const Config& config, StageSettings settings, std::atomic<bool>& stop);

  // Waits for the workers.
  ~Stage();

  bool running() const { return running_ > 0; }
  int64_t records() const { return records_; }
  int64_t outputs() const { return outputs_; }
  int64_t transactions() const { return transactions_; }

  // Whether a worker of this stage runs the partition now.
  bool Owns(int32_t partition) const { return owned().contains(partition); }
  std::set<int32_t> owned() const;

  // StageReport::ready().
  absl::Status ready() const { return report_.ready(); }

  // The first error that a worker gave up for.
  absl::Status failure() const;

 private:
  class Observer;

  void SetOwned(int32_t partition, bool owned);
  void RunThread(int64_t index);
  absl::Status RunWorker(int64_t index);
  absl::Status Judge(const KafkaConnection& connection, const absl::Status& failure) const;
  void Report(int64_t index, const absl::Status& turn, const Worker& worker, const KafkaEventLog& log);
  absl::Status RunUntilStopped(const KafkaConnection& connection, int64_t index, Worker& worker, KafkaEventLog& log);

  const Config& config_;
  const StageSettings settings_;
  std::atomic<bool>& stop_;
  StageReport report_;

  std::atomic<int64_t> records_ = 0;
  std::atomic<int64_t> outputs_ = 0;
  std::atomic<int64_t> transactions_ = 0;
  std::atomic<int> running_ = 0;
  mutable std::mutex mutex_;
  std::set<int32_t> owned_;
  absl::Status failure_;
  std::vector<std::thread> threads_;
};

}  // namespace keyfold

#endif  // KEYFOLD_RUN_STAGE_H_
