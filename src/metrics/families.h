// Making a metric in one line. Private to metrics/.
#ifndef KEYFOLD_METRICS_FAMILIES_H_
#define KEYFOLD_METRICS_FAMILIES_H_

#include <cstdint>
#include <string>

#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/labels.h"
#include "prometheus/registry.h"

namespace keyfold {

// The family with that name; the same one whenever it is asked for.
inline prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry, const char* name,
                                                              const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

inline prometheus::Family<prometheus::Gauge>& GaugeFamily(prometheus::Registry& registry, const char* name,
                                                          const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

inline prometheus::Family<prometheus::Histogram>& HistogramFamily(prometheus::Registry& registry, const char* name,
                                                                  const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

// Brings a counter to what somebody else has counted.
inline void CountUpTo(int64_t total, prometheus::Counter& counter) {
  counter.Increment(static_cast<double>(total) - counter.Value());
}

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_FAMILIES_H_
