// Waiting between two attempts.
#ifndef KEYFOLD_RUN_BACKOFF_H_
#define KEYFOLD_RUN_BACKOFF_H_

#include <algorithm>
#include <atomic>
#include <functional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace keyfold {

// Waits between two attempts, twice as long after every failure; ends at once when asked to stop. Not thread-safe.
class Backoff {
 public:
  explicit Backoff(const std::atomic<bool>& stop) : Backoff([&stop] { return stop.load(); }) {}
  explicit Backoff(std::function<bool()> stopped) : stopped_(std::move(stopped)) {}

  void Reset() { wait_ = kFirst; }
  void Wait() {
    const absl::Time until = absl::Now() + wait_;
    while (!stopped_() && absl::Now() < until) absl::SleepFor(absl::Milliseconds(20));
    wait_ = std::min(2 * wait_, kLongest);
  }

 private:
  static constexpr absl::Duration kFirst = absl::Milliseconds(100);
  static constexpr absl::Duration kLongest = absl::Seconds(10);

  const std::function<bool()> stopped_;
  absl::Duration wait_ = kFirst;
};

}  // namespace keyfold

#endif  // KEYFOLD_RUN_BACKOFF_H_
