// Where a call goes.
#ifndef KEYFOLD_CLIENT_HTTP_URL_H_
#define KEYFOLD_CLIENT_HTTP_URL_H_

#include <string>

#include "absl/status/statusor.h"

namespace keyfold {

struct HttpUrl {
  std::string origin;  // "https://example.com:8443": scheme, host and port, as far as it is not the scheme's own
  bool is_https = false;
  bool is_loopback = false;  // localhost, 127.0.0.0/8, ::1
};

// InvalidArgument: it is no URL of http or https, or has a name and password in it, which belong into headers.
absl::StatusOr<HttpUrl> ParseHttpUrl(const std::string& url);

// Whether what is secret may be sent there: https, or to this machine. InvalidArgument: not, or ParseHttpUrl().
absl::Status CheckConfidential(const std::string& url);

}  // namespace keyfold

#endif  // KEYFOLD_CLIENT_HTTP_URL_H_
