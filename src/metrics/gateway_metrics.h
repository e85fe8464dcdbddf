// What an HTTP server does: connections, streams, requests.
#ifndef KEYFOLD_METRICS_GATEWAY_METRICS_H_
#define KEYFOLD_METRICS_GATEWAY_METRICS_H_

#include <functional>

#include "gateway/server.h"
#include "metrics/metrics.h"

namespace keyfold {

// Asks at every scrape, as long as it lives. All that is passed in outlives it.
class GatewayMetrics {
 public:
  // `ready` may be called by any thread.
  GatewayMetrics(Metrics& metrics, const HttpServer& server, std::function<bool()> ready);

 private:
  const Metrics::Hook hook_;
};

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_GATEWAY_METRICS_H_
