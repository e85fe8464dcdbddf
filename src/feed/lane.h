// The thread of an input of `keyfold feed`.
#ifndef KEYFOLD_FEED_LANE_H_
#define KEYFOLD_FEED_LANE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/config.h"
#include "feed/feeder.h"
#include "feed/input.h"
#include "feed/lookups.h"
#include "kafka/connection.h"
#include "kafka/event_log.h"
#include "metrics/feed_metrics.h"
#include "metrics/metrics.h"
#include "run/watchdog.h"

namespace keyfold {

// How many partitions each input has. FailedPrecondition: one is not there.
absl::StatusOr<std::vector<int32_t>> PartitionsOf(const KafkaConnection& connection, const std::vector<Input>& inputs);

// Feeds until it is stopped, or meets an error that trying again does not mend: then it stops the others, too. Its
// methods are thread-safe.
class Lane {
 public:
  struct Shared {
    const Config& config;  // the group's: projection and workers are those of the inputs
    const KafkaConnection& connection;
    const std::vector<Input>& inputs;
    const std::vector<std::unique_ptr<Lookups>>& lookups;  // of the inputs, each its lane's
    const std::vector<int32_t>& partitions;                // of the inputs, at the start
    size_t letter_bytes_max;
    bool until_end;
    Metrics& metrics;
    Watchdog& watchdog;
    std::atomic<bool>& stop;
  };

  // Of the input in this place; `shared` outlives this.
  Lane(const Shared& shared, size_t index);
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
  void Run();
  absl::Status RunOnce();
  absl::Status RunUntilStopped(Feeder& feeder, KafkaEventLog& log);
  void Tell(const FedCounts& fed);
  void TellLookups();
  absl::StatusOr<bool> OthersAreAtEnd(const Feeder& feeder, KafkaEventLog& log) const;
  absl::Status Judge(const absl::Status& failure) const;

  const Shared& shared_;
  const Input& input_;
  Lookups& lookups_;
  const int64_t index_;
  FeedMetrics metrics_;
  std::atomic<bool> running_ = true;
  std::atomic<bool> ready_ = false;
  mutable std::mutex mutex_;
  FedCounts counts_;
  absl::Status failure_;
  std::thread thread_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FEED_LANE_H_
