#include "gateway/listener.h"

#include <sys/resource.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "sign_in/sign_in.h"
#include "spdlog/spdlog.h"

namespace keyfold {

absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  const auto wrong = [&text] {
    return absl::InvalidArgumentError(
        absl::StrCat("gateway.listen: '", text, "' is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080"));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return wrong();
  ListenAddress address;
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos) {
    return wrong();
  }
  uint32_t port = 0;
  if (address.host.empty() || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port > 65'535) return wrong();
  address.port = static_cast<uint16_t>(port);
  return address;
}

absl::Status CheckListener(const GatewayConfig& config, bool is_loopback) {
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return absl::FailedPreconditionError("gateway.tls_certificate and gateway.tls_key go together");
  }
  KEYFOLD_RETURN_IF_ERROR(CheckProxy(config));
  if (is_loopback) return absl::OkStatus();
  std::string missing;
  if (config.tls_certificate.empty()) missing = "TLS (gateway.tls_certificate, gateway.tls_key)";
  if (config.tokens_file.empty()) {
    absl::StrAppend(&missing, missing.empty() ? "" : " and ", "tokens (gateway.tokens_file, made by `keyfold token`)");
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("gateway.listen: ", config.listen,
                                                    " can be reached from elsewhere and needs ", missing,
                                                    "; without them listen on 127.0.0.1"));
}

int64_t ConnectionsThatFit(int64_t connections_max) {
  constexpr int64_t kOtherFiles = 512;  // shards, logs, brokers
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections_max;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur == RLIM_INFINITY) return connections_max;
  const int64_t files = static_cast<int64_t>(limit.rlim_cur);
  const int64_t fit = std::max<int64_t>(files - kOtherFiles, files / 2);
  if (fit >= connections_max) return connections_max;
  spdlog::warn(
      "gateway: {} files may be open, so {} connections are taken instead of {}: raise LimitNOFILE, or ulimit -n",
      files, fit, connections_max);
  return fit;
}

}  // namespace keyfold
