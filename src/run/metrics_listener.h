// Where a process that has no gateway tells how it does: /metrics, /health/live, /health/ready.
#ifndef KEYFOLD_RUN_METRICS_LISTENER_H_
#define KEYFOLD_RUN_METRICS_LISTENER_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "config/config.h"
#include "gateway/server.h"
#include "metrics/metrics.h"

namespace keyfold {

// Whether a process is ready, by whoever knows that at present. Thread-safe.
class Readiness {
 public:
  absl::Status Ask() const ABSL_LOCKS_EXCLUDED(mutex_);

  // From now on `judge` is asked, until it is Forget()-ten, which waits for a question that is under way.
  void Learn(std::function<absl::Status()> judge) ABSL_LOCKS_EXCLUDED(mutex_);
  void Forget() ABSL_LOCKS_EXCLUDED(mutex_) { Learn(nullptr); }

 private:
  mutable absl::Mutex mutex_;
  std::function<absl::Status()> judge_ ABSL_GUARDED_BY(mutex_);
};

// Listens at metrics.listen until the server is destroyed; nullptr: no such key. What holds for the gateway's doors
// (TLS and tokens beyond loopback) holds there; health is for everybody. The others outlive the server. Errors are
// those of HttpServer::Start().
absl::StatusOr<std::unique_ptr<HttpServer>> ListenForMetrics(const Config& config, Metrics& metrics,
                                                             const Readiness& readiness);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_METRICS_LISTENER_H_
