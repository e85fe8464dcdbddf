// A gateway: the latest values fed from the topics, the shards of this machine, and the API on top of them.
#ifndef KEYFOLD_SERVE_SERVE_H_
#define KEYFOLD_SERVE_SERVE_H_

#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "config/config.h"
#include "metrics/metrics.h"
#include "run/projection.h"

namespace keyfold {

// Serves until `stopped` says so, then lets what runs end for some seconds. Its numbers go to `metrics`, all of which
// /metrics has. FailedPrecondition: a listener beyond loopback without TLS and tokens. InvalidArgument: the
// configuration. Others: what cannot be opened. Brokers that are gone, and topics and shards that are not there yet,
// are waited for. Blocks.
//
// `ready` (may be null) is called once, with the port, when all that the topics held at the start has been read.
absl::Status Serve(const Config& config, Metrics& metrics, const std::function<bool()>& stopped,
                   const std::function<void(uint16_t port)>& ready = nullptr);

// Both in one process: a projection, as RunProjection() does, and a gateway. Each of the two ends with the other, since
// what runs half is worse than what does not run; `stop` is set then.
absl::Status RunAndServe(const Config& config, const ProjectionOptions& options, std::atomic<bool>& stop,
                         const std::function<void(uint16_t port)>& ready = nullptr);

}  // namespace keyfold

#endif  // KEYFOLD_SERVE_SERVE_H_
