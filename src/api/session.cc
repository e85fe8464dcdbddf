// Who asks, and how a browser stays signed in.
#include <string>
#include <string_view>
#include <utility>

#include "api/routes.h"
#include "sign_in/sign_in.h"

namespace keyfold {
namespace {

constexpr std::string_view kBearer = "Bearer ";

const char* CredentialName(Credential credential) {
  switch (credential) {
    case Credential::kToken:
      return "token";
    case Credential::kCookie:
      return "cookie";
    case Credential::kProxy:
      return "proxy";
    case Credential::kLocal:
    case Credential::kNone:
      return "nothing";
  }
  return "";
}

HttpResponse SessionResponse(const ApiQuestion& question) {
  const Principal& who = question.request().who;
  Json json{{"signed_in_by", CredentialName(question.request().credential)}};
  PutText(json, "token_id", who.token_id);
  json["name"] = who.name;
  json["roles"] = Json::array();
  for (const Role role : who.roles) json["roles"].push_back(NameOf(role));
  json["groups"] = who.groups;
  json["sees_all"] = question.visibility().sees_all;
  const Json status = question.sources().status();
  for (const char* fact : {"projection", "reporting_currency", "time_zone"}) {
    if (status.contains(fact)) json[fact] = status[fact];
  }
  json["catalog_hash"] = question.catalog().hash();
  HttpResponse response = JsonResponse(json);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

// What the request was let in with; empty: no token.
std::string_view TokenOf(const HttpRequest& request) {
  if (request.credential == Credential::kCookie) {
    return SessionToken(*request.Header("Cookie"), request.is_secure);
  }
  if (request.credential != Credential::kToken) return {};
  return std::string_view(*request.Header("Authorization")).substr(kBearer.size());
}

}  // namespace

absl::StatusOr<HttpResponse> ShowSession(const ApiQuestion& question) { return SessionResponse(question); }

// The token comes in the header, as with any other request: so it was looked at before anything else was, and it stands
// in no body that somebody keeps. With the cookie itself a session begins anew.
absl::StatusOr<HttpResponse> BeginSession(const ApiQuestion& question) {
  HttpResponse response = SessionResponse(question);
  const std::string_view token = TokenOf(question.request());
  if (!token.empty()) {
    response.headers.emplace_back("Set-Cookie",
                                  SessionCookie(token, question.sources().session_days, question.request().is_secure));
  }
  return response;
}

absl::StatusOr<HttpResponse> EndSession(const ApiQuestion& question) {
  HttpResponse response = SessionResponse(question);
  response.headers.emplace_back("Set-Cookie", EndedSessionCookie(question.request().is_secure));
  return response;
}

}  // namespace keyfold
