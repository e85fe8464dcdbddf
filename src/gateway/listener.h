// Where the gateway may listen, and under which conditions.
#ifndef KEYFOLD_GATEWAY_LISTENER_H_
#define KEYFOLD_GATEWAY_LISTENER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/gateway_config.h"

namespace keyfold {

struct ListenAddress {
  std::string host;  // a name or a number, without brackets
  uint16_t port = 0;
};

// "localhost:8080", "0.0.0.0:8443", "[::1]:0". InvalidArgument: it is nothing of the kind.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

// FailedPrecondition: what is asked for would show accounts to whoever comes by, and what is missing. On loopback plain
// HTTP and no tokens are allowed; beyond it TLS and tokens are needed, always. And what CheckProxy() says.
absl::Status CheckListener(const GatewayConfig& config, bool is_loopback);

// Raises the process's limit of open files as far as it may be raised. Returns how many connections that bears, at most
// `connections_max`; says in the log where it is fewer.
int64_t ConnectionsThatFit(int64_t connections_max);

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_LISTENER_H_
