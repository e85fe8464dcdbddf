// An HTTP/1.1 server: many connections on few threads, handlers on threads of their own.
//
//   Admission (form, token, rate) ─▶ body ─▶ queue ─▶ handler ─▶ answer, or a stream of events
//
// A thread that carries bytes never waits for a handler or a disk, so slow questions do not hold up streams.
#ifndef KEYFOLD_GATEWAY_SERVER_H_
#define KEYFOLD_GATEWAY_SERVER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "config/gateway_config.h"
#include "gateway/admission.h"
#include "gateway/http.h"

namespace keyfold {

struct HttpServerCounts {
  int64_t connections = 0;          // open now
  int64_t streams = 0;              // open now
  int64_t requests = 0;             // answered since the start, whatever with
  int64_t body_bytes = 0;           // of requests, read since the start
  int64_t connections_refused = 0;  // since the start: too many
};

// Thread-safe.
class HttpServer {
 public:
  // Listens and serves from then on. `handler` is called for what Admission lets through; `is_public` may be null.
  // FailedPrecondition: CheckListener(). InvalidArgument: an address, a certificate or the file of tokens is wrong.
  // Unavailable: the address is in use. Others: a file cannot be opened.
  //
  // The process ignores SIGPIPE from then on, and at SIGHUP looks at its files (tokens, certificate) at once.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const GatewayConfig& config, HttpHandler handler,
                                                           PublicPaths is_public = nullptr);

  // Stop(absl::ZeroDuration()).
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Takes nothing new, ends streams, and lets what runs end, for as long as `grace`; then closes what is left. Comes
  // back when no handler runs any more. A second call does nothing.
  void Stop(absl::Duration grace);

  uint16_t port() const;
  HttpServerCounts counts() const;

 private:
  class Implementation;

  explicit HttpServer(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_SERVER_H_
