#include "metrics/gateway_metrics.h"

#include <utility>

#include "metrics/families.h"

namespace keyfold {
namespace {

std::function<void()> Refresh(prometheus::Registry& registry, const HttpServer& server,
                              std::function<bool()> is_ready) {
  auto& connections = GaugeFamily(registry, "keyfold_gateway_connections", "Connections that are open").Add({});
  auto& streams = GaugeFamily(registry, "keyfold_gateway_streams", "Subscribers: streams that are open").Add({});
  auto& requests =
      CounterFamily(registry, "keyfold_gateway_requests_total", "Requests answered, whatever with").Add({});
  auto& body = CounterFamily(registry, "keyfold_gateway_body_bytes_total", "Bodies of requests").Add({});
  auto& refused =
      CounterFamily(registry, "keyfold_gateway_connections_refused_total", "Connections too many, closed at once")
          .Add({});
  auto& ready = GaugeFamily(registry, "keyfold_gateway_ready", "1: /health/ready of the gateway says so").Add({});
  return [&, is_ready = std::move(is_ready)] {
    const HttpServerCounts counts = server.counts();
    connections.Set(static_cast<double>(counts.connections));
    streams.Set(static_cast<double>(counts.streams));
    CountUpTo(counts.requests, requests);
    CountUpTo(counts.body_bytes, body);
    CountUpTo(counts.connections_refused, refused);
    ready.Set(is_ready() ? 1 : 0);
  };
}

}  // namespace

GatewayMetrics::GatewayMetrics(Metrics& metrics, const HttpServer& server, std::function<bool()> ready)
    : hook_(metrics, Refresh(metrics.registry(), server, std::move(ready))) {}

}  // namespace keyfold
