// The tokens of the gateway, for administrators: those of the file that `keyfold token` edits.
#include "rights/tokens.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "api/routes.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

constexpr int64_t kDaysByDefault = 365;
constexpr int64_t kDaysMax = 36'500;
constexpr int64_t kLimitMax = 1'000'000;

std::string Instant(absl::Time time) { return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", time, absl::UTCTimeZone()); }

Json ToJson(const TokenRecord& record) {
  Json json{{"id", record.id}, {"name", record.name}, {"roles", Json::array()}, {"groups", record.groups}};
  for (const Role role : record.roles) json["roles"].push_back(NameOf(role));
  json["created"] = Instant(record.created);
  if (record.expires.has_value()) json["expires"] = Instant(*record.expires);
  if (record.revoked.has_value()) json["revoked"] = Instant(*record.revoked);
  json["in_force"] = IsInForce(record, absl::Now());
  if (record.requests_per_second.has_value()) json["limits"]["requests_per_second"] = *record.requests_per_second;
  if (record.streams.has_value()) json["limits"]["streams"] = *record.streams;
  return json;
}

absl::Status Wrong(const std::string& member, std::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(member, ": ", std::string(expected), " is expected"));
}

absl::StatusOr<std::set<std::string>> TextsOf(const std::string& member, const Json& json) {
  if (!json.is_array()) return Wrong(member, "a list of texts");
  std::set<std::string> texts;
  for (const Json& text : json) {
    if (!text.is_string()) return Wrong(member, "a list of texts");
    texts.insert(text.get<std::string>());
  }
  return texts;
}

absl::StatusOr<int64_t> NumberOf(const std::string& member, const Json& json, int64_t max) {
  if (json.is_number_unsigned() && json.get<uint64_t>() <= static_cast<uint64_t>(max)) return json.get<int64_t>();
  return Wrong(member, absl::StrCat("a number from 0 to ", max));
}

absl::Status ReadLimits(const Json& limits, TokenRecord& record) {
  if (!limits.is_object()) return Wrong("limits", "an object");
  for (const auto& [name, value] : limits.items()) {
    const bool is_rate = name == "requests_per_second";
    if (!is_rate && name != "streams") return Wrong("limits", "requests_per_second or streams");
    KEYFOLD_ASSIGN_OR_RETURN(const int64_t limit, NumberOf(absl::StrCat("limits.", name), value, kLimitMax));
    (is_rate ? record.requests_per_second : record.streams) = limit;
  }
  return absl::OkStatus();
}

absl::Status ReadRoles(const Json& json, TokenRecord& record) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::set<std::string> names, TextsOf("roles", json));
  record.roles.clear();
  for (const std::string& name : names) {
    const std::optional<Role> role = RoleOf(name);
    if (!role.has_value()) return Wrong("roles", "of reader, producer, metrics and admin");
    record.roles.insert(*role);
  }
  return absl::OkStatus();
}

// A member that is not known is refused: who misspells `groups` would else make a token that sees something else.
absl::Status ReadToken(const Json& body, TokenRecord& record, int64_t& days) {
  for (const auto& [name, value] : body.items()) {
    if (name == "name") {
      if (!value.is_string()) return Wrong(name, "a text");
      record.name = value.get<std::string>();
    } else if (name == "roles") {
      KEYFOLD_RETURN_IF_ERROR(ReadRoles(value, record));
    } else if (name == "groups") {
      KEYFOLD_ASSIGN_OR_RETURN(record.groups, TextsOf(name, value));
    } else if (name == "days") {
      KEYFOLD_ASSIGN_OR_RETURN(days, NumberOf(name, value, kDaysMax));
    } else if (name == "limits") {
      KEYFOLD_RETURN_IF_ERROR(ReadLimits(value, record));
    } else {
      return absl::InvalidArgumentError(absl::StrCat("a token has no '", name, "'"));
    }
  }
  return record.name.empty() ? Wrong("name", "a text") : absl::OkStatus();
}

absl::StatusOr<std::string> FileOf(const ApiQuestion& question) {
  if (!question.sources().tokens_file.empty()) return question.sources().tokens_file;
  return absl::FailedPreconditionError("this gateway asks nobody for tokens: gateway.tokens_file is not set");
}

HttpResponse UncachedResponse(const Json& json) {
  HttpResponse response = JsonResponse(json);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

absl::StatusOr<HttpResponse> ListTokens(const ApiQuestion& question) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string file, FileOf(question));
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TokenRecord> records, ReadTokens(file));
  Json json{{"tokens", Json::array()}};
  for (const TokenRecord& record : records) json["tokens"].push_back(ToJson(record));
  return UncachedResponse(json);
}

absl::StatusOr<HttpResponse> CreateToken(const ApiQuestion& question) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string file, FileOf(question));
  KEYFOLD_ASSIGN_OR_RETURN(const Json body, question.Body());
  TokenRecord record{.roles = {Role::kReader}};
  int64_t days = kDaysByDefault;
  KEYFOLD_RETURN_IF_ERROR(ReadToken(body, record, days));
  KEYFOLD_ASSIGN_OR_RETURN(const std::string secret, IssueToken(file, days, absl::Now(), record));
  HttpResponse response = UncachedResponse({{"secret", secret}, {"token", ToJson(record)}});
  response.audit_note = absl::StrCat("made token ", record.id, " '", record.name, "'");
  return response;
}

absl::StatusOr<HttpResponse> EndToken(const ApiQuestion& question) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string file, FileOf(question));
  const std::string& id = question.Argument(0);
  if (id == question.request().who.token_id) {
    return absl::InvalidArgumentError("this token asks itself: another administrator's may end it, or `keyfold token`");
  }
  KEYFOLD_RETURN_IF_ERROR(RevokeToken(file, id, absl::Now()));
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TokenRecord> records, ReadTokens(file));
  for (const TokenRecord& record : records) {
    if (record.id == id) return UncachedResponse(ToJson(record));
  }
  return absl::NotFoundError(absl::StrCat("there is no token with the id ", id));
}

}  // namespace keyfold
