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

HttpResponse Unauthorized() {
  HttpResponse response = ErrorResponse(401, "a token is needed: Authorization: Bearer ...");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
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
    : config_(config), tokens_(tokens), is_public_(std::move(is_public)) {}

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
  const size_t authority = origin->find("://");
  const bool own = host != nullptr && authority != std::string::npos && origin->substr(authority + 3) == *host;
  if (own) return std::nullopt;
  return ErrorResponse(403, "pages of this origin may not ask: gateway.cors_origins");
}

std::optional<HttpResponse> Admission::RefusePrincipal(HttpRequest& request, absl::Time now, int64_t now_ms) {
  if (tokens_ == nullptr) {
    request.who = LocalPrincipal();
    return std::nullopt;
  }
  // Only the header counts: what stands in an address lands in logs and histories.
  const std::string* const header = request.Header("Authorization");
  const std::string_view given = header == nullptr ? std::string_view() : std::string_view(*header);
  std::optional<TokenRecord> record;
  if (SameName(given.substr(0, kBearer.size()), kBearer)) record = tokens_->Find(given.substr(kBearer.size()), now);
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
  if (record.has_value() || (is_public_ != nullptr && is_public_(request.target.path))) return std::nullopt;
  return Unauthorized();
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
