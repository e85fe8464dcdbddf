// The ports of a worker, every call of which a watchdog sees.
#ifndef KEYFOLD_RUN_WATCHED_PORTS_H_
#define KEYFOLD_RUN_WATCHED_PORTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "keyfold/event_log.h"
#include "keyfold/update_sink.h"
#include "run/watchdog.h"

namespace keyfold {

// All that is passed in outlives it. `worker` is its name in messages.
class WatchedLog final : public EventLog {
 public:
  WatchedLog(EventLog& log, Watchdog& watchdog, std::string worker)
      : log_(log), watchdog_(watchdog), worker_(std::move(worker)) {}

  absl::StatusOr<PollResult> Poll(const PollLimits& limits) override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": polling"));
    return log_.Poll(limits);
  }
  absl::Status Fetch(int32_t partition, int64_t offset) override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": beginning to fetch partition ", partition));
    return log_.Fetch(partition, offset);
  }
  absl::StatusOr<CommittedOffset> Committed(int32_t partition) override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": asking for the offset of partition ", partition));
    return log_.Committed(partition);
  }
  absl::StatusOr<LogRange> Range(int32_t partition) override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": asking for the end of partition ", partition));
    return log_.Range(partition);
  }
  absl::StatusOr<int32_t> Partitions() override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": asking for the number of partitions"));
    return log_.Partitions();
  }
  absl::StatusOr<std::string> ClusterId() override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": asking for the id of the cluster"));
    return log_.ClusterId();
  }

 private:
  EventLog& log_;
  Watchdog& watchdog_;
  const std::string worker_;
};

// Likewise.
class WatchedSink final : public UpdateSink {
 public:
  WatchedSink(UpdateSink& sink, Watchdog& watchdog, std::string worker)
      : sink_(sink), watchdog_(watchdog), worker_(std::move(worker)) {}

  absl::Status Begin() override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": beginning a transaction"));
    return sink_.Begin();
  }

  // Queues only: what takes time is the commit.
  absl::Status Publish(OutputRecord record) override { return sink_.Publish(std::move(record)); }

  CommitResult Commit(const std::vector<OffsetCommit>& offsets) override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": publishing and committing a transaction"));
    return sink_.Commit(offsets);
  }
  absl::Status Abort() override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": aborting a transaction"));
    return sink_.Abort();
  }
  absl::Status Reset() override {
    const Watchdog::Call call(watchdog_, absl::StrCat(worker_, ": ending what its predecessor has left open"));
    return sink_.Reset();
  }

 private:
  UpdateSink& sink_;
  Watchdog& watchdog_;
  const std::string worker_;
};

}  // namespace keyfold

#endif  // KEYFOLD_RUN_WATCHED_PORTS_H_
