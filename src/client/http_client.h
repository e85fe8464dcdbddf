// Calls of other HTTP servers: a plain request, a plain reply.
#ifndef KEYFOLD_CLIENT_HTTP_CLIENT_H_
#define KEYFOLD_CLIENT_HTTP_CLIENT_H_

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace keyfold {

// In their order; names of headers know no upper and lower case.
using CallHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpCall {
  std::string method = "GET";
  std::string url = {};
  CallHeaders headers = {};
  std::string body = {};  // sent if it is not empty, or the method is POST, PUT or PATCH

  absl::Duration connect_max = absl::Seconds(5);  // name, connection, TLS
  absl::Duration whole_max = absl::Seconds(30);   // all of it
  size_t reply_bytes_max = size_t{1} << 20;       // of the body

  // By the proxy that the environment names (https_proxy, http_proxy, but for no_proxy), where it names one.
  bool by_proxy = false;
};

struct HttpReply {
  int status = 0;
  CallHeaders headers = {};
  std::string body = {};

  // The first header of that name; nullptr: there is none.
  const std::string* Header(std::string_view name) const;
};

struct HttpClientOptions {
  std::string ca_file = {};    // PEM: who may sign certificates; empty: whom the system trusts
  size_t idle_lines_max = 16;  // connections that are kept for the next calls
};

// HTTP/1.1 and HTTP/2, TLS 1.2 and later with the server's certificate verified. Follows no redirect and keeps no
// cookies: what is sent goes to the one URL and nowhere else. Connections are used again.
//
// Thread-safe; a call occupies its thread. The process ignores SIGPIPE from the first client on.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  ~HttpClient();  // REQUIRES: no call runs

  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // A reply is one whatever its status says. `stop` ends a call at once, but for the lookup of a name, which ends when
  // the system gives it up.
  //
  // Unavailable: nobody is there, or the connection was cut. DeadlineExceeded: it took too long. FailedPrecondition:
  // the server is not who it should be, or the file of authorities is no such. OutOfRange: the reply is larger than
  // wanted. InvalidArgument: the URL is none of http or https, or a header is no line. Cancelled: `stop`. Internal:
  // what the server sends is no HTTP, and what has no other name. Messages name the server, never path, headers or
  // body.
  absl::StatusOr<HttpReply> Call(const HttpCall& call, const std::stop_token& stop = {});

 private:
  class Line;  // what a call runs on, with the connection that it leaves open

  std::unique_ptr<Line> TakeLine(const std::string& origin);
  void KeepLine(const std::string& origin, std::unique_ptr<Line> line);

  const HttpClientOptions options_;
  absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::unique_ptr<Line>>> idle_ ABSL_GUARDED_BY(mutex_);  // the last used one last
};

}  // namespace keyfold

#endif  // KEYFOLD_CLIENT_HTTP_CLIENT_H_
