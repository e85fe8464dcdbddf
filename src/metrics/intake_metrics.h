// Events that come in over HTTP.
#ifndef KEYFOLD_METRICS_INTAKE_METRICS_H_
#define KEYFOLD_METRICS_INTAKE_METRICS_H_

#include "hooks/hooks.h"
#include "intake/event_sink.h"
#include "metrics/metrics.h"

namespace keyfold {

// Asks at every scrape, as long as it lives. All that is passed in outlives it.
class IntakeMetrics {
 public:
  IntakeMetrics(Metrics& metrics, const EventSink& sink, const Hooks& hooks);

 private:
  const Metrics::Hook sink_;
  const Metrics::Hook hooks_;
};

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_INTAKE_METRICS_H_
