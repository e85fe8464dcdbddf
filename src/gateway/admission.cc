#include "gateway/admission.h"

#include <limits>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

constexpr char kAllow[] = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};
constexpr std::string_view kBearer = "Bearer ";

// The host of "host:port" or of "[::1]:port".
std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool NamesThisMachine(std::string_view host) {
  return SameName(host, "localhost") || host == "[::1]" || host.starts_with("127.");
}

HttpResponse WithRetryAfter(HttpResponse response, int64_t seconds) {
  response.headers.emplace_back("Retry-After", absl::StrCat(seconds));
  return response;
}

// What a browser asks before it sends a request of another origin's page.
HttpResponse PreflightAnswer() {
  HttpResponse response;
  response.status = 204;
  response.headers = {{"Allow", kAllow},
                      {"Access-Control-Allow-Methods", kAllow},
                      {"Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, Last-Event-ID"},
                      {"Access-Control-Max-Age", "600"}};
  return response;
}

}  // namespace

bool IsListedOrigin(std::string_view origins, std::string_view origin) {
  while (!origins.empty()) {
    const size_t end = origins.find(',');
    std::string_view listed = origins.substr(0, end);
    while (listed.starts_with(' ')) listed.remove_prefix(1);
    while (listed.ends_with(' ') || listed.ends_with('/')) listed.remove_suffix(1);
    if (!listed.empty() && listed == origin) return true;
    origins.remove_prefix(end == std::string_view::npos ? origins.size() : end + 1);
  }
  return false;
}

Admission::Admission(const GatewayConfig& config, const Tokens* tokens, PublicPaths is_public)
    : config_(config),
      tokens_(tokens),
      is_public_(std::move(is_public)),
      proxies_(Remotes::Parse(config.proxy_remotes).value_or(Remotes())) {}  // CheckProxy() has looked at them

std::optional<HttpResponse> Admission::Refuse(const RequestHead& head, HttpRequest& request, absl::Time now,
                                              int64_t now_ms) {
  std::optional<HttpResponse> refusal = RefuseForm(head, request);
  if (!refusal.has_value() && tokens_ == nullptr) refusal = RefuseForeignPage(request);
  if (refusal.has_value()) return refusal;
  if (head.method == "OPTIONS") return PreflightAnswer();
  return RefusePrincipal(request, now, now_ms);
}

std::optional<HttpResponse> Admission::RefuseForm(const RequestHead& head, HttpRequest& request) const {
  request.method = head.method == "HEAD" ? "GET" : head.method;
  request.headers = head.headers;
  if (!absl::c_linear_search(kMethods, std::string_view(head.method))) {
    HttpResponse response = ErrorResponse(405, "there is no such method");
    response.headers.emplace_back("Allow", kAllow);
    return response;
  }
  const auto count = [&head](std::string_view name) {
    return absl::c_count_if(head.headers, [name](const auto& field) { return SameName(field.first, name); });
  };
  if (count("Host") > 1 || (count("Host") == 0 && !head.is_1_0)) return ErrorResponse(400, "one Host is needed");
  if (count("Authorization") > 1) return ErrorResponse(400, "more than one Authorization");
  // One is the proxy's, the other one may be the reader's own.
  if (!config_.proxy_user_header.empty() && count(config_.proxy_user_header) > 1) {
    return ErrorResponse(400, absl::StrCat("more than one ", config_.proxy_user_header));
  }
  if (head.method == "OPTIONS" && head.target == "*") return std::nullopt;
  absl::StatusOr<HttpTarget> target = ParseTarget(head.target);
  if (!target.ok()) return ErrorResponse(400, std::string(target.status().message()));
  request.target = *std::move(target);
  return std::nullopt;
}

// A gateway without tokens trusts whoever is on the machine. A browser there opens pages of anybody, which may send
// requests to it (with their origin), or bring a name of theirs to stand for this machine (with that name as the host).
std::optional<HttpResponse> Admission::RefuseForeignPage(const HttpRequest& request) const {
  const std::string* const host = request.Header("Host");
  if (host != nullptr && !NamesThisMachine(HostOf(*host))) {
    return ErrorResponse(421, "without tokens only localhost is served");
  }
  const std::string* const origin = request.Header("Origin");
  if (origin == nullptr || IsListedOrigin(config_.cors_origins, *origin)) return std::nullopt;
  if (host != nullptr && IsOwnOrigin(*origin, *host, request.is_secure)) return std::nullopt;
  return ErrorResponse(403, "pages of this origin may not ask: gateway.cors_origins");
}

std::optional<HttpResponse> Admission::RefusePrincipal(HttpRequest& request, absl::Time now, int64_t now_ms) {
  if (tokens_ == nullptr) {
    request.who = LocalPrincipal();
    request.credential = Credential::kLocal;
    return std::nullopt;
  }
  const std::optional<TokenRecord> record = Identify(request, now);
  int64_t per_second = config_.requests_per_second_max;
  if (record.has_value()) {
    request.who = PrincipalOf(*record);
    per_second = record->requests_per_second.value_or(per_second);
  }
  // Who has no token shares the rate of his address.
  const std::string key = record.has_value() ? "token " + record->id : "remote " + request.remote;
  if (per_second > 0) {
    if (const std::optional<int64_t> wait_ms = rates_.Take(key, per_second, now_ms); wait_ms.has_value()) {
      return WithRetryAfter(ErrorResponse(429, "too many requests"), (*wait_ms + 999) / 1'000);
    }
  }
  if (record.has_value()) return RefuseForgery(request);
  if (is_public_ != nullptr && is_public_(request.target.path)) return std::nullopt;
  return Unauthorized(request);
}

// In headers only: what stands in an address lands in logs and histories. A token that was given on purpose goes before
// what a browser adds by itself.
std::optional<TokenRecord> Admission::Identify(HttpRequest& request, absl::Time now) const {
  const bool by_proxy = proxies_.Contains(request.remote);
  const std::string* const scheme = request.Header("X-Forwarded-Proto");
  if (by_proxy && scheme != nullptr && SameName(*scheme, "https")) request.is_secure = true;
  const std::string* const header = request.Header("Authorization");
  const std::string_view given = header == nullptr ? std::string_view() : std::string_view(*header);
  if (SameName(given.substr(0, kBearer.size()), kBearer)) {
    request.credential = Credential::kToken;
    return tokens_->Find(given.substr(kBearer.size()), now);
  }
  const std::string* const user =
      by_proxy && !config_.proxy_user_header.empty() ? request.Header(config_.proxy_user_header) : nullptr;
  if (user != nullptr && !user->empty()) {
    request.credential = Credential::kProxy;
    return tokens_->FindByName(*user, now);
  }
  const std::string* const cookies = request.Header("Cookie");
  const std::string_view session = cookies == nullptr ? std::string_view() : SessionToken(*cookies, request.is_secure);
  if (session.empty()) return std::nullopt;
  request.credential = Credential::kCookie;
  return tokens_->Find(session, now);
}

// Reading changes nothing, and pages of elsewhere do not get to see what was read.
std::optional<HttpResponse> Admission::RefuseForgery(const HttpRequest& request) const {
  if (request.credential != Credential::kCookie && request.credential != Credential::kProxy) return std::nullopt;
  if (request.method == "GET") return std::nullopt;
  const std::string* const host = request.Header("Host");
  const std::string* const origin = request.Header("Origin");
  if (origin != nullptr && host != nullptr && IsOwnOrigin(*origin, *host, request.is_secure)) return std::nullopt;
  if (origin != nullptr && IsListedOrigin(config_.cors_origins, *origin)) return std::nullopt;
  return ErrorResponse(403, "signed in by a browser, only pages of this address may change something");
}

HttpResponse Admission::Unauthorized(const HttpRequest& request) const {
  const bool by_proxy = request.credential == Credential::kProxy;
  HttpResponse response =
      ErrorResponse(401, by_proxy ? absl::StrCat("the proxy says that '", *request.Header(config_.proxy_user_header),
                                                 "' asks, but no token in force, or more than one, has this name")
                                  : "a token is needed: Authorization: Bearer ...");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  // A cookie that lets nobody in would be sent for ever.
  if (request.credential == Credential::kCookie) {
    response.headers.emplace_back("Set-Cookie", EndedSessionCookie(request.is_secure));
  }
  return response;
}

std::optional<HttpResponse> Admission::OpenStream(const Principal& who) {
  constexpr int64_t kAny = std::numeric_limits<int64_t>::max();
  constexpr int64_t kRetrySeconds = 10;
  int64_t of_token_max = kAny;
  if (tokens_ != nullptr) {
    of_token_max = tokens_->StreamsMax(who.token_id).value_or(config_.streams_per_token_max);
    if (of_token_max == 0) of_token_max = kAny;
  }
  if (streams_.Take(who.token_id, of_token_max, config_.streams_max)) return std::nullopt;
  if (streams_.total() >= config_.streams_max) {
    return WithRetryAfter(ErrorResponse(503, "too many streams are open"), kRetrySeconds);
  }
  return WithRetryAfter(ErrorResponse(429, "too many streams of this token are open"), kRetrySeconds);
}

void Admission::CloseStream(const Principal& who) { streams_.Release(who.token_id); }

bool Admission::StillHolds(const Principal& who, absl::Time now) const {
  return tokens_ == nullptr || who.token_id.empty() || tokens_->StillHolds(who, now);
}

}  // namespace keyfold
