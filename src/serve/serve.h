// A gateway: the latest values fed from the topics, the shards of this machine, and the API on top of them.
#ifndef KEYFOLD_SERVE_SERVE_H_
#define KEYFOLD_SERVE_SERVE_H_

#include <functional>

#include "absl/status/status.h"
#include "config/config.h"
#include "metrics/metrics.h"

namespace keyfold {

// Serves until `stopped` says so, then lets what runs end for some seconds. Its numbers go to `metrics`, all of which
// /metrics has. FailedPrecondition: a listener beyond loopback without TLS and tokens. InvalidArgument: the
// configuration. Others: what cannot be opened. Brokers that are gone, and topics and shards that are not there yet,
// are waited for. Blocks.
absl::Status Serve(const Config& config, Metrics& metrics, const std::function<bool()>& stopped);

}  // namespace keyfold

#endif  // KEYFOLD_SERVE_SERVE_H_
