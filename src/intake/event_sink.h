// Where posted events go.
#ifndef KEYFOLD_INTAKE_EVENT_SINK_H_
#define KEYFOLD_INTAKE_EVENT_SINK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "intake/posted_events.h"

namespace keyfold {

// Since the start.
struct IntakeCounts {
  int64_t accepted = 0;  // events
  int64_t rejected = 0;
  int64_t unacknowledged = 0;
  int64_t refused = 0;  // requests for which there was no room
};

// Thread-safe.
class EventSink {
 public:
  virtual ~EventSink() = default;

  // Room for a request of so many bytes, held until the last copy of what is returned is gone, which must be before the
  // sink is. nullptr: others hold it; never where nobody does.
  virtual std::shared_ptr<void> Claim(size_t bytes) = 0;

  // Sends those that are kValid. `done` is called once, by any thread, with all of them in their order, when each is
  // kAccepted, kRejected or kUnacknowledged; it must not wait.
  virtual void Send(std::vector<PostedEvent> events, std::function<void(std::vector<PostedEvent>)> done) = 0;

  virtual IntakeCounts counts() const = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_INTAKE_EVENT_SINK_H_
