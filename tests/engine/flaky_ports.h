// Ports that fail when they are told to: wrappers around an EventLog and an UpdateSink.
#ifndef KEYFOLD_TESTS_ENGINE_FLAKY_PORTS_H_
#define KEYFOLD_TESTS_ENGINE_FLAKY_PORTS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "keyfold/event_log.h"
#include "keyfold/update_sink.h"

namespace keyfold {

// Errors to come, by the name of the call ("Poll"): each is returned once, instead of the call.
using PortErrors = std::multimap<std::string, absl::Status>;

inline absl::Status TakeError(PortErrors& errors, const std::string& call) {
  const auto next = errors.find(call);
  if (next == errors.end()) return absl::OkStatus();
  absl::Status error = std::move(next->second);
  errors.erase(next);
  return error;
}

class FlakyLog final : public EventLog {
 public:
  FlakyLog(EventLog& log, PortErrors& errors) : log_(log), errors_(errors) {}

  absl::StatusOr<PollResult> Poll(const PollLimits& limits) override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "Poll"));
    return log_.Poll(limits);
  }
  absl::Status Fetch(int32_t partition, int64_t offset) override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "Fetch"));
    return log_.Fetch(partition, offset);
  }
  absl::StatusOr<CommittedOffset> Committed(int32_t partition) override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "Committed"));
    return log_.Committed(partition);
  }
  absl::StatusOr<LogRange> Range(int32_t partition) override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "Range"));
    return log_.Range(partition);
  }
  absl::StatusOr<int32_t> Partitions() override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "Partitions"));
    return log_.Partitions();
  }
  absl::StatusOr<std::string> ClusterId() override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "ClusterId"));
    return log_.ClusterId();
  }

 private:
  EventLog& log_;
  PortErrors& errors_;
};

class FlakySink final : public UpdateSink {
 public:
  FlakySink(UpdateSink& sink, PortErrors& errors) : sink_(sink), errors_(errors) {}

  absl::Status Begin() override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "Begin"));
    return sink_.Begin();
  }
  absl::Status Publish(OutputRecord record) override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "Publish"));
    return sink_.Publish(std::move(record));
  }
  CommitResult Commit(const std::vector<OffsetCommit>& offsets) override { return sink_.Commit(offsets); }
  absl::Status Abort() override { return sink_.Abort(); }
  absl::Status Reset() override {
    KEYFOLD_RETURN_IF_ERROR(TakeError(errors_, "Reset"));
    return sink_.Reset();
  }

 private:
  UpdateSink& sink_;
  PortErrors& errors_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_ENGINE_FLAKY_PORTS_H_
