// A callback that can be silenced for good.
#ifndef KEYFOLD_LIVE_WAKER_H_
#define KEYFOLD_LIVE_WAKER_H_

#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace keyfold {

// Thread-safe. The callback must not silence its own waker.
class Waker {
 public:
  explicit Waker(std::function<void()> wake) : wake_(std::move(wake)) {}

  void Wake() {
    absl::MutexLock lock(&mutex_);
    if (wake_) wake_();
  }

  // When this returns, the callback is not running, and never will.
  void Silence() {
    absl::MutexLock lock(&mutex_);
    wake_ = nullptr;
  }

 private:
  absl::Mutex mutex_;
  std::function<void()> wake_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_WAKER_H_
