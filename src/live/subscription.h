// A stream of server-sent events: the present values, then changes.
//
//   event: reset      data: {"epoch": …}        forget what you have; the present values follow
//   event: update     data: the record          published_update.h
//   event: gone       data: {"account_id": …}   it is no more, or is not to be seen any more; or {"group_id": …}
//   event: alerts     data: {"account_id": …, "alerts": […]}   all that are raised of it, as in published_alert.h: in
//                                               place of what was told before; or {"group_id": …, …}
//   event: caught-up  data: {}                  that was everything up to the moment of subscribing
//
// A reset, and the last event of each call of Next(), have an `id:`, which resumes from there (stream_position.h): what
// stands there as the epoch is that of the topics and what was asked, with which rights. A reader who was cut off later
// than at an id is told some things again.
//
// An id with the epoch of the topics alone is a moment of theirs, and goes on with whatever is asked: of a reader who
// has read it from lists since then.
#ifndef KEYFOLD_LIVE_SUBSCRIPTION_H_
#define KEYFOLD_LIVE_SUBSCRIPTION_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "live/latest_state.h"
#include "live/published_update.h"
#include "live/stream_cursor.h"
#include "live/stream_position.h"
#include "live/waker.h"
#include "rows/audience.h"

namespace keyfold {

struct SubscriptionRequest {
  Interest interest;
  KpiSelection kpis;         // empty: all
  std::string resume_id;     // Last-Event-ID; empty: begin with the present values
  size_t queued_max = 4096;  // changes that are kept back for a reader; beyond, it goes through all of them
};

// For a reader that does not see a row: no event ever names one that it did not see before, and one that it does not
// see any more is told as gone. It never gets an older value after a newer one, between two resets.
//
// One thread at a time may use it, beside all others. Must not outlive its LatestValues.
class Subscription {
 public:
  // `wake` is called once after Next() has returned false, by any thread, as soon as there is more. It must not call
  // anything of LatestValues or a Subscription, nor end one.
  Subscription(LatestState& state, const Visibility& visibility, SubscriptionRequest request,
               std::function<void()> wake);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // When this returns, `wake` is not running, and never will.
  ~Subscription();

  // Appends whole events until `out` has grown by `bytes_max` (by one event more, at most). False: there is nothing
  // more at present. An error is the store's; what was appended remains valid, and the call may be repeated.
  absl::StatusOr<bool> Next(std::string& out, size_t bytes_max);

  // Appends what keeps a quiet connection alive: the id, if it has moved without an event, or else a comment.
  void Heartbeat(std::string& out);

 private:
  // Takes the next rows from the cursor, none being left untold. False: nothing is left.
  bool Gather();
  void Restart() ABSL_SHARED_LOCKS_REQUIRED(state_.mutex);

  // Appends what is to be said before the rows that were taken, and the rows themselves.
  void BeginEvent(std::string_view name, std::string& out);
  void EndEvent(std::string& out);  // with the id
  void AppendState(std::string& out);
  absl::Status Append(const Telling& telling, std::string& out);
  absl::Status AppendUpdate(const Telling& telling, std::string& out);
  absl::Status AppendAlerts(const Telling& telling, std::string& out);
  std::string PrintId() const;

  LatestState& state_;
  const KpiSelection kpis_;
  const std::string scope_;  // what is asked, with which rights, in the ids
  const std::shared_ptr<Waker> waker_;
  std::unique_ptr<StreamCursor> cursor_;

  std::string epoch_;       // of the topics, in the ids
  bool restarts_ = false;   // a reset is to be told
  bool caught_up_ = false;  // that was told
  TopicOffsets present_;    // where the topics were when it began

  std::deque<Telling> tellings_;  // taken from the cursor, not told yet
  StreamPosition told_;
  StreamPosition taken_;  // where the cursor is
  bool event_is_open_ = false;
  std::string last_id_;
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_SUBSCRIPTION_H_
