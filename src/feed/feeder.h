// Records of an input go to the event topic, exactly once: read, made, written and their offsets committed in one
// transaction.
#ifndef KEYFOLD_FEED_FEEDER_H_
#define KEYFOLD_FEED_FEEDER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "feed/input.h"
#include "feed/lookups.h"
#include "keyfold/event_log.h"
#include "keyfold/update_sink.h"

namespace keyfold {

struct FeederOptions {
  PollLimits poll;

  // How many partitions the event topic has by now: what is of no account (a rate) goes to each of them.
  std::function<absl::StatusOr<int32_t>()> count_partitions;
  size_t letter_bytes_max = std::numeric_limits<size_t>::max();  // what the topic of the dead letters takes
};

// Not thread-safe. All state is in the group's offsets: whatever happens, it goes on from them.
class Feeder {
 public:
  // All of it outlives this. `sink` commits the offsets of `log`; `lookups` are those of the input's mapping.
  Feeder(EventLog& log, UpdateSink& sink, const Input& input, Lookups& lookups, FeederOptions options)
      : log_(log),
        sink_(sink),
        input_(input),
        lookups_(lookups),
        options_(std::move(options)),
        records_max_(options_.poll.records_max),
        letter_bytes_max_(options_.letter_bytes_max) {}

  // Takes what has come, if anything has, through one transaction: what became of its records. After an error nothing
  // of them is there, and the next call begins with them again. Transient errors (base/transient.h) pass; any other one
  // an operator has to mend. Where the group has no offset of a partition yet it begins with the first record. Before a
  // record is mapped, each lookup was read up to where its topic ended after the record was polled.
  absl::StatusOr<FedCounts> Step();

  // The partitions that are ours, and their next records.
  const std::map<int32_t, int64_t>& next_offsets() const { return next_; }

 private:
  absl::Status GoBack();
  absl::Status Begin(int32_t partition);
  absl::StatusOr<FedCounts> Transact(const std::vector<Record>& records);
  absl::Status PublishToEach(const OutputRecord& output, std::optional<int32_t>& partitions);
  absl::Status Failed(const CommitResult& result, size_t largest_letter);

  EventLog& log_;
  UpdateSink& sink_;
  const Input& input_;
  Lookups& lookups_;
  const FeederOptions options_;
  std::map<int32_t, int64_t> next_;
  bool goes_back_ = true;  // to what the group has committed, after taking over the sink
  size_t records_max_;     // less after a transaction that did not pass: a smaller one may
  size_t letter_bytes_max_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FEED_FEEDER_H_
