// Server-sent events: what a stream asks of its source, and how events are written.
//
// A stream pulls. The source keeps what is due, such as the latest value of each id, and is asked for it when the
// reader has taken what was sent before: a slow reader costs no queue, he gets fewer and newer events.
#ifndef KEYFOLD_GATEWAY_EVENT_STREAM_H_
#define KEYFOLD_GATEWAY_EVENT_STREAM_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace keyfold {

class EventSource {
 public:
  // Destroyed by the stream's thread when the reader has gone, when the server stops, or after the last event. Must not
  // wait for long, and must have come back from `wake` when it ends.
  virtual ~EventSource() = default;

  // Appends whole events that are due, about `bytes_max` of them; nothing if none is. False: these were the last.
  // Called by the stream's thread: never waits. After a call that appended something it is called again, without being
  // woken.
  virtual bool Next(std::string& out, size_t bytes_max) = 0;

  // Called once, before Next(). From then on the source calls `wake` when something becomes due: from any thread, also
  // from within locks (it only leaves a mark, and posts at most one task), also more often than needed.
  virtual void OnWake(std::function<void()> wake) = 0;
};

// Appends one event. `id` and `event` must hold no end of line and may be empty, `data` may hold any number of lines.
void AppendEvent(std::string& out, std::string_view id, std::string_view event, std::string_view data);

// ": text" and an empty line: readers skip it.
void AppendComment(std::string& out, std::string_view text);

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_EVENT_STREAM_H_
