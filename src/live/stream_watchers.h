// Which streams a change concerns, found by the row's id and groups, so that a change costs what it concerns.
#ifndef KEYFOLD_LIVE_STREAM_WATCHERS_H_
#define KEYFOLD_LIVE_STREAM_WATCHERS_H_

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "live/published_record.h"
#include "live/stream_cursor.h"
#include "live/waker.h"
#include "rows/row_table.h"
#include "rows/text_map.h"

namespace keyfold {

// Not thread-safe.
class StreamWatchers {
 public:
  // The cursor lives until Remove().
  void Add(StreamCursor* cursor, std::shared_ptr<Waker> waker);
  void Remove(StreamCursor* cursor);

  // Offers a row that its latest record has changed, and that has left these groups by it, to all whom it concerns, an
  // alert to those whom its owner does; see StreamCursor::Offer().
  void Offer(const RowTable& rows, RowNumber number, std::span<const GroupNumber> left, const TopicOffsets& before);

  // To be woken: those that have waited and have more by now, or all that have waited. They wait no longer.
  std::vector<std::shared_ptr<Waker>> TakeConcerned();
  std::vector<std::shared_ptr<Waker>> TakeWaiting();

 private:
  using Cursors = absl::flat_hash_set<StreamCursor*>;

  void Concern(StreamCursor* cursor);
  // The streams that a row concerns which belongs to these groups; one may be among them several times.
  std::vector<StreamCursor*> WhomConcerns(const Row& row, std::span<const GroupNumber> left) const;

  absl::flat_hash_map<StreamCursor*, std::shared_ptr<Waker>> wakers_;
  Cursors broad_;
  PerTopic<TextMap<Cursors>> by_id_;
  absl::flat_hash_map<GroupNumber, Cursors> by_group_;
  std::vector<std::shared_ptr<Waker>> concerned_;
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_STREAM_WATCHERS_H_
