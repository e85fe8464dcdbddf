// Which rows a stream tells next. Its place is that of a consumer in the topic: it takes the changes in the order of
// their offsets, and as the log of changes is compacted, it meets each row once, with its latest record. So the present
// values, what changed since an offset and what changes from now on are one and the same walk, and however slow its
// reader is, nothing is gathered for it.
//
// A stream that wants few rows must not look at the changes of all: once it has reached the end, what concerns it is
// queued (Offer), each row once. Where too much is queued it goes back to the log.
//
// Alerts are told as sets: all that are raised of an account or group, in place of what was told before. They are told
// when one of them changes while their owner is in sight, and with the owner's update where it may have come into sight
// since the reader had everything. So a reader never keeps a wrong set, though what changes out of its sight is not
// told, and an owner may have been out of sight, and back, without a word about either.
#ifndef KEYFOLD_LIVE_STREAM_CURSOR_H_
#define KEYFOLD_LIVE_STREAM_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "live/stream_position.h"
#include "rows/audience.h"
#include "rows/latest_topic.h"
#include "rows/row_table.h"

namespace keyfold {

// Something that the reader is to be told of an account or a group.
struct Telling {
  enum class Kind {
    kUpdate,  // its latest record
    kGone,    // for this reader: it is no more, or not to be seen any more
    kAlerts,  // which of its alerts are raised
  };
  Kind kind = Kind::kUpdate;
  LatestTopic topic = LatestTopic::kAccounts;
  std::string id;
  RecordVersion version;  // of an update

  // The change that it is told for. Once its last telling was told, the reader has all of the partition up to it.
  LatestTopic change_topic = LatestTopic::kAccounts;
  RecordVersion change;
  bool is_last = true;
};

// Not thread-safe.
class StreamCursor {
 public:
  // The table outlives the cursor.
  StreamCursor(RowTable& rows, const Visibility& visibility, const Interest& interest, size_t queued_max)
      : rows_(rows), audience_(rows, visibility, interest), queued_max_(queued_max) {}

  // Goes to the beginning: the present values are next.
  void Restart(const TopicEnds& ends);

  // Goes to where a reader was.
  void Resume(const StreamPosition& position);

  enum class Outcome {
    kMore,      // there may be more
    kAllTaken,  // nothing is left
    kLost,      // something that the reader would have to be told was forgotten: only Restart() helps
  };

  // Appends up to `tellings_max` tellings. Looks at a bounded number of changes, so it may find none and say kMore.
  Outcome Take(const TopicEnds& ends, size_t tellings_max, std::vector<Telling>& tellings);

  // The row has changed by the record `change`, for a row that ids() or members_of() of the audience lead to, now or
  // before. `before`: where the topics were before the batch that has it. Within a partition, changes come in the order
  // of their offsets.
  void Offer(RowNumber row, const RecordVersion& change, const TopicOffsets& before);

  // Goes to the end, if nothing concerns it on the way there. A stream of few rows would else seem to stand still.
  void SkipToEnd(const TopicEnds& ends) {
    if (queues_ && queue_.empty()) position_.told = ends.next;
  }

  const Audience& audience() const { return audience_; }

  // Where it is, counting what was taken as told.
  const StreamPosition& position() const { return position_; }

  // Whether somebody waits for more: set by the reader, cleared by whoever wakes it.
  bool waits = false;

 private:
  struct Queued {
    LatestTopic topic;
    RecordVersion change;
    RowNumber row;
  };

  bool HasLost(const TopicOffsets& known_from) const;
  void QueuePresent();
  void TakeQueued(const TopicEnds& ends, size_t tellings_max, std::vector<Telling>& tellings);
  // False: it stopped before the end.
  bool TakeLogged(LatestTopic topic, int32_t partition, int64_t end, size_t tellings_max, size_t& visits,
                  std::vector<Telling>& tellings);
  // Whether the topic says anything that this stream tells.
  bool Follows(LatestTopic topic) const { return topic != LatestTopic::kAlerts || audience_.alerts(); }
  // Tells of a row whose record, or leave of a group, at `change` or, if `later_too`, after it concerns the reader.
  void Tell(LatestTopic topic, RowNumber row, const RecordVersion& change, bool later_too,
            std::vector<Telling>& tellings) const;
  void TellUpdate(const Row& row, const RecordVersion& change, std::vector<Telling>& tellings) const;
  void TellAlertsOfOwner(const Row& alert, const RecordVersion& change, std::vector<Telling>& tellings) const;

  RowTable& rows_;
  Audience audience_;
  const size_t queued_max_;
  StreamPosition position_;
  TopicOffsets complete_;  // the reader has had everything before; as far as this stream knows
  bool queues_ = false;    // what is offered; else it walks the log
  std::deque<Queued> queue_;
  absl::flat_hash_set<RowNumber> queued_rows_;
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_STREAM_CURSOR_H_
