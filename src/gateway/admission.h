// Whether a request is let in: its form, where it comes from, its token, its rate. Before its body is read.
#ifndef KEYFOLD_GATEWAY_ADMISSION_H_
#define KEYFOLD_GATEWAY_ADMISSION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "config/gateway_config.h"
#include "gateway/http.h"
#include "gateway/limits.h"
#include "gateway/request_parser.h"
#include "rights/tokens.h"
#include "sign_in/sign_in.h"

namespace keyfold {

// Whether a path is for everybody: the page that asks for a token must be had without one.
using PublicPaths = std::function<bool(const std::string& path)>;

// Whether `origin` is among origins that are separated by commas.
bool IsListedOrigin(std::string_view origins, std::string_view origin);

// Thread-safe.
class Admission {
 public:
  // `tokens` may be null: then everybody is the local principal. It outlives this, as `config` does.
  Admission(const GatewayConfig& config, const Tokens* tokens, PublicPaths is_public);

  // Fills in the request's target, method and who asks. An answer: it goes no further than this.
  //   400 wrong target, no Host            405 a method that there is not (with Allow)
  //   204 a question for CORS              401 no token in force: the same answer whatever is wrong with it
  //   421, 403 a page of elsewhere asks a gateway that asks nobody for tokens
  //   403 a page of elsewhere would change something with the browser's cookie, or by its proxy
  //   429 too many requests of this token (with Retry-After)
  std::optional<HttpResponse> Refuse(const RequestHead& head, HttpRequest& request, absl::Time now, int64_t now_ms);

  // Counts a stream of the principal; an answer: it may have no more (429), or nobody may (503). CloseStream() ends it.
  std::optional<HttpResponse> OpenStream(const Principal& who);
  void CloseStream(const Principal& who);
  int64_t streams() const { return streams_.total(); }

  // Whether the rights that a stream was opened with still are what they were.
  bool StillHolds(const Principal& who, absl::Time now) const;

 private:
  std::optional<HttpResponse> RefuseForm(const RequestHead& head, HttpRequest& request) const;
  std::optional<HttpResponse> RefuseForeignPage(const HttpRequest& request) const;
  std::optional<HttpResponse> RefusePrincipal(HttpRequest& request, absl::Time now, int64_t now_ms);
  std::optional<HttpResponse> RefuseForgery(const HttpRequest& request) const;
  std::optional<TokenRecord> Identify(HttpRequest& request, absl::Time now) const;
  HttpResponse Unauthorized(const HttpRequest& request) const;

  const GatewayConfig& config_;
  const Tokens* const tokens_;
  const PublicPaths is_public_;
  const Remotes proxies_;
  RequestRates rates_;
  OpenCounts streams_;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_ADMISSION_H_
