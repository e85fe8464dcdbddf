#include "api/api.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "api/routes.h"
#include "base/nearest_name.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

bool IsVariable(std::string_view segment) { return segment.starts_with('{'); }

// What the variables of the route's path stand for; nullopt: the path is another one.
std::optional<std::vector<std::string>> Match(const ApiRoute& route, const std::vector<std::string>& segments) {
  const std::vector<std::string> pattern = absl::StrSplit(std::string(route.path), '/', absl::SkipEmpty());
  if (pattern.size() != segments.size()) return std::nullopt;
  std::vector<std::string> arguments;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (IsVariable(pattern[i])) {
      arguments.push_back(segments[i]);
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return arguments;
}

// A parameter that the route does not have would be without effect, and nobody would notice.
std::optional<HttpResponse> RefuseParameters(const ApiRoute& route, const HttpRequest& request) {
  std::vector<std::string_view> known;
  for (const ApiParameter& parameter : route.parameters) known.push_back(parameter.name);
  for (const auto& [name, value] : request.target.query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return ErrorResponse(400, absl::StrCat("there is no parameter '", name, "' here", DidYouMean(name, known)));
  }
  return std::nullopt;
}

HttpResponse ErrorOf(const absl::Status& status, const HttpRequest& request) {
  const std::string message(status.message());
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return ErrorResponse(404, message);
    case absl::StatusCode::kInvalidArgument:
      return ErrorResponse(400, message);
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnavailable:
      return ErrorResponse(503, message);
    default:
      spdlog::error("gateway: {}: {}", request.target.path, message);
      return ErrorResponse(500, "this went wrong here, and is in the log");
  }
}

bool MayAsk(const Principal& who, Access access) {
  switch (access) {
    case Access::kReaders:
      return who.Is(Role::kReader) || who.Is(Role::kAdmin);
    case Access::kProducers:
      return who.Is(Role::kProducer) || who.Is(Role::kAdmin);
    case Access::kSignedIn:
      return !who.roles.empty();
    case Access::kAdmins:
      return who.Is(Role::kAdmin);
    case Access::kEverybody:
      return true;
  }
  return false;
}

std::string_view RefusalOf(Access access) {
  if (access == Access::kProducers) return "this token may not send events: it has not the role producer";
  return access == Access::kAdmins ? "this is for administrators" : "this token may not read";
}

HttpResponse WrongMethod(const std::vector<std::string_view>& methods) {
  const auto name = [](std::string* out, std::string_view method) { out->append(method); };
  HttpResponse refused = ErrorResponse(405, absl::StrCat("this takes ", absl::StrJoin(methods, ", ", name)));
  const bool has_get = std::find(methods.begin(), methods.end(), "GET") != methods.end();
  refused.headers.emplace_back("Allow", absl::StrCat(absl::StrJoin(methods, ", ", name), has_get ? ", HEAD" : ""));
  return refused;
}

}  // namespace

HttpResponse Api::Answer(const HttpRequest& request) const {
  std::vector<std::string_view> methods;  // of the path
  for (const ApiRoute& route : ApiRoutes()) {
    std::optional<std::vector<std::string>> arguments = Match(route, request.target.segments);
    if (!arguments.has_value()) continue;
    methods.push_back(route.method);
    if (request.method != route.method) continue;
    if (!MayAsk(request.who, route.access)) return ErrorResponse(403, RefusalOf(route.access));
    if (std::optional<HttpResponse> refused = RefuseParameters(route, request)) return *std::move(refused);
    absl::StatusOr<HttpResponse> response = route.answer(ApiQuestion(sources_, request, *std::move(arguments)));
    return response.ok() ? *std::move(response) : ErrorOf(response.status(), request);
  }
  if (!methods.empty()) return WrongMethod(methods);
  return ErrorResponse(
      404, absl::StrCat("there is nothing at ", request.target.path, "; /v1/openapi.json tells what there is"));
}

bool Api::IsPublic(const std::string& path) {
  const std::vector<std::string> segments = absl::StrSplit(path, '/', absl::SkipEmpty());
  for (const ApiRoute& route : ApiRoutes()) {
    if (route.access == Access::kEverybody && Match(route, segments).has_value()) return true;
  }
  return false;
}

}  // namespace keyfold
