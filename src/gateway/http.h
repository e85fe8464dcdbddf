// Requests and answers as plain values: what the rest of the house sees of HTTP.
#ifndef KEYFOLD_GATEWAY_HTTP_H_
#define KEYFOLD_GATEWAY_HTTP_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/event_stream.h"
#include "rights/principal.h"

namespace keyfold {

// In the order in which they came; names of headers know no upper and lower case.
using HttpFields = std::vector<std::pair<std::string, std::string>>;

// What stands between the method and the version of a request, decoded and checked.
struct HttpTarget {
  std::string path = {};  // "/v1/accounts/A 1"
  std::vector<std::string> segments =
      {};                 // {"v1", "accounts", "A 1"}; each decoded on its own, so that one may hold a "/"
  HttpFields query = {};  // names and values decoded, "+" is a blank

  // The first value of a parameter; nullptr: it was not given.
  const std::string* Query(std::string_view name) const;
};

// InvalidArgument: a wrong escape, a NUL or another control character, no UTF-8, or a path that climbs ("..", also
// escaped).
absl::StatusOr<HttpTarget> ParseTarget(std::string_view target);

// The target as a request has it: what ParseTarget() made of it comes out again.
std::string FormatTarget(const HttpTarget& target);

// By this header a gateway says that it asks for somebody who has asked it, and what it wants (peers/peers.h). Handlers
// of such requests wait for no other gateway, so they have threads of their own: gateways that ask each other never
// wait for one another.
inline constexpr std::string_view kAskedByGateway = "Keyfold-Asks";

// How the server knows who asks, or by what it was told in vain.
enum class Credential {
  kNone,
  kLocal,   // nobody is asked for tokens
  kToken,   // a token in the header
  kCookie,  // a token in the session's cookie
  kProxy,   // a proxy's header with a name
};

struct HttpRequest {
  std::string method = {};  // a HEAD is a GET here: the server leaves the body out
  HttpTarget target = {};
  HttpFields headers = {};
  std::string body = {};
  std::string remote = {};  // "192.0.2.1", "2001:db8::1"
  bool is_secure = false;   // it came by TLS, or a proxy that is believed says so
  Credential credential = Credential::kNone;
  Principal who = {};

  // The first header of that name; nullptr: there is none.
  const std::string* Header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::shared_ptr<const std::string> body;  // may be shared by many answers; nullptr: empty
  HttpFields headers;                       // those that stand here win over the ones that the server adds
  std::string etag;                         // without quotes; empty: the hash of the body
  std::string audit_note;                   // what the audit log says of it besides

  // An open end instead of a body: server-sent events.
  std::unique_ptr<EventSource> stream;

  // The answer comes later, and what else stands here is nothing. Called once, by the thread that has asked, with what
  // sends the answer: that must be called once, by any thread, and must have come back before the server is destroyed.
  std::function<void(std::function<void(HttpResponse)> send)> later;
};

// Answers one request. Called by several threads at once; may wait for disks. Must be done within seconds: there are
// few of these threads. What takes longer is answered later.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

HttpResponse BodyResponse(std::string body, std::string content_type = "application/json");
HttpResponse StreamResponse(std::unique_ptr<EventSource> stream);

// {"status": 404, "error": "there is no account A1"}
HttpResponse ErrorResponse(int status, std::string_view message);

// The words that go with a status: "Not Found".
std::string_view ReasonPhrase(int status);

// Whether two names of headers are the same.
bool SameName(std::string_view a, std::string_view b);

// The first field of that name; nullptr: there is none.
const std::string* FindField(const HttpFields& fields, std::string_view name);

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_HTTP_H_
