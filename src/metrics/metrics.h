// The numbers of a process, for Prometheus: what docs/operations.md lists. Only this folder knows the library.
#ifndef KEYFOLD_METRICS_METRICS_H_
#define KEYFOLD_METRICS_METRICS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace prometheus {
class Registry;
}  // namespace prometheus

namespace keyfold {

// Thread-safe.
class Metrics {
 public:
  // Called at the begin of every scrape, to set what nobody keeps up to date; ends with this object, which waits for a
  // call that is under way. The metrics outlive it, and what it has set stays.
  class Hook {
   public:
    Hook(Metrics& metrics, std::function<void()> before_scrape);
    ~Hook();
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

   private:
    Metrics& metrics_;
  };

  // Those of the process itself are there: memory, processor time, when it began.
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // All of them, in Prometheus' text format 0.0.4.
  std::string Scrape() ABSL_LOCKS_EXCLUDED(mutex_);

  // For the classes of this folder that have metrics.
  prometheus::Registry& registry() { return *registry_; }

 private:
  const std::unique_ptr<prometheus::Registry> registry_;
  absl::Mutex mutex_;
  std::map<const Hook*, std::function<void()>> hooks_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<Hook> process_;
};

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_METRICS_H_
