// The feeding side of the latest values: records of the topics into the store, then into memory, then to the streams.
#ifndef KEYFOLD_LIVE_LATEST_WRITER_H_
#define KEYFOLD_LIVE_LATEST_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyfold/v1/latest_values.pb.h"
#include "live/latest_meta.h"
#include "live/latest_state.h"
#include "live/published_record.h"
#include "live/record_batch.h"
#include "rows/row_table.h"

namespace keyfold {

// Used by one thread, beside readers of the state.
class LatestWriter {
 public:
  // The state outlives the writer.
  LatestWriter(LatestState& state, size_t ended_max) : state_(state), ended_max_(ended_max) {}

  // Takes up what the store has; see LatestValues::Open(). To be called once, before anything else.
  absl::Status Open(const LatestSource& source, const std::function<void(std::string_view)>& log);

  // See LatestValues.
  absl::StatusOr<LatestReport> Apply(std::span<const PublishedRecord> records);
  absl::Status Empty();

 private:
  // A row that has left groups by a record: it may be gone, too.
  struct Ended {
    LatestTopic topic;
    int32_t partition;
    int64_t offset;
    RowNumber row;
  };

  // Empties store and memory; from now on they stand for this.
  absl::Status StartFrom(const v1::LatestMeta& meta);
  // False: a row is damaged.
  absl::StatusOr<bool> LoadRows();
  // Makes memory, and the streams, follow the store.
  void Show(std::span<const LatestChange> changes, const v1::LatestMeta& meta);
  void ShowRow(const LatestChange& change, const TopicOffsets& before) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.mutex);
  // The rows without the lock: only the thread that asks here changes them.
  const RowTable& OwnRows() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return state_.rows; }

  // Forgets of what has ended the oldest that is too much.
  absl::Status ForgetEnded();

  LatestState& state_;
  const size_t ended_max_;
  v1::LatestMeta meta_;      // as stored
  std::deque<Ended> ended_;  // oldest first
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_LATEST_WRITER_H_
