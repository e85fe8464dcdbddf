// Which records' timestamps are believed, and so may move a shard's time.
//
// A record is too far ahead when it is stamped later than the bound allows after both stream time and the process's
// clock. The clock is no part of the log: what it has decided is remembered in the shard and in the offset commits, so
// that a record that is folded again is taken or refused as it was.
#ifndef KEYFOLD_FOLD_TIME_BOUND_H_
#define KEYFOLD_FOLD_TIME_BOUND_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "event/decoder.h"
#include "keyfold/record.h"
#include "keyfold/v1/stored_state.pb.h"

namespace keyfold {

inline constexpr int64_t kNoTime = -1;  // of a record, and of a shard that has seen none with a timestamp

// Not thread-safe.
class TimeBound {
 public:
  using Decisions = google::protobuf::RepeatedPtrField<v1::TimeDecisions>;

  // Reads stream time and bound of `meta`, which outlives it, and keeps its decisions there.
  TimeBound(v1::ShardMeta& meta, std::function<absl::Time()> clock) : meta_(meta), clock_(std::move(clock)) {}

  // The process's clock is read at most once until the next call.
  void BeginBatch() { now_ms_.reset(); }

  // From now on records are folded again: they are decided as a commit says they were. A commit that knows no decision
  // leaves them to the process's clock.
  void BeginRepeating(const Decisions& decisions) { repeated_ = decisions; }
  void EndRepeating() { repeated_.Clear(); }

  // Why the record moves no time; nullopt: it may.
  std::optional<Rejection> Check(const Record& record);

 private:
  int64_t ClockAt(int64_t offset);
  void Remember(int64_t offset, int64_t reached_ms, bool accepted);

  v1::ShardMeta& meta_;
  const std::function<absl::Time()> clock_;
  std::optional<int64_t> now_ms_;
  Decisions repeated_;  // empty: nothing is repeated
};

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_TIME_BOUND_H_
