// Ends a process that hangs: a client library that never comes back from a call would keep it alive and doing nothing.
#ifndef KEYFOLD_RUN_WATCHDOG_H_
#define KEYFOLD_RUN_WATCHDOG_H_

#include <functional>
#include <map>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace keyfold {

// Thread-safe.
class Watchdog {
 public:
  // A call that is under way, as long as this lives.
  class Call {
   public:
    // `what` is for people: "worker 0: committing a transaction". The watchdog outlives the call.
    Call(Watchdog& watchdog, std::string what);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Watchdog& watchdog_;
  };

  // `on_hang` is told, once and by a thread of the watchdog, of a call that takes longer than `call_max`: what it is,
  // and that a supervisor may start the process again. Zero: nothing is watched.
  Watchdog(absl::Duration call_max, std::function<void(const std::string& message)> on_hang);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  struct Begun {
    std::string what;
    absl::Time at;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  const absl::Duration call_max_;
  const std::function<void(const std::string& message)> on_hang_;
  absl::Mutex mutex_;
  std::map<const Call*, Begun> calls_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Says it in the log, and ends the process with status 1 where it stands: nothing can be waited for. What was not
// committed is folded again, as after a crash.
void EndHungProcess(const std::string& message);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_WATCHDOG_H_
