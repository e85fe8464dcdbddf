#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "rights/tokens.h"

namespace keyfold {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<Role, const char*> kRoles[] = {
    {Role::kReader, "reader"}, {Role::kProducer, "producer"}, {Role::kMetrics, "metrics"}, {Role::kAdmin, "admin"}};

absl::Status Wrong(const char* key, const char* expected) {
  return absl::InvalidArgumentError(absl::StrCat(key, ": ", expected, " is expected"));
}

absl::Status TakeText(const Json& json, const char* key, std::string& text) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return Wrong(key, "a text");
  text = found->get<std::string>();
  return absl::OkStatus();
}

absl::Status TakeTime(const Json& json, const char* key, std::optional<absl::Time>& time) {
  if (!json.contains(key)) return absl::OkStatus();
  std::string text;
  KEYFOLD_RETURN_IF_ERROR(TakeText(json, key, text));
  absl::Time parsed;
  if (!absl::ParseTime(absl::RFC3339_full, text, &parsed, nullptr)) {
    return Wrong(key, "a time such as 2026-06-01T10:00:00Z");
  }
  time = parsed;
  return absl::OkStatus();
}

absl::Status TakeTexts(const Json& json, const char* key, std::set<std::string>& texts) {
  const auto found = json.find(key);
  if (found == json.end()) return absl::OkStatus();
  if (!found->is_array()) return Wrong(key, "a list");
  for (const Json& text : *found) {
    if (!text.is_string()) return Wrong(key, "a list of texts");
    texts.insert(text.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status TakeLimit(const Json& limits, const char* key, std::optional<int64_t>& limit) {
  const auto found = limits.find(key);
  if (found == limits.end()) return absl::OkStatus();
  if (!found->is_number_unsigned() || found->get<uint64_t>() > 1'000'000) return Wrong(key, "a number up to 1000000");
  limit = found->get<int64_t>();
  return absl::OkStatus();
}

absl::Status TakeLimits(const Json& json, TokenRecord& record) {
  const auto limits = json.find("limits");
  if (limits == json.end()) return absl::OkStatus();
  if (!limits->is_object()) return Wrong("limits", "an object");
  KEYFOLD_RETURN_IF_ERROR(TakeLimit(*limits, "requests_per_second", record.requests_per_second));
  return TakeLimit(*limits, "streams", record.streams);
}

absl::StatusOr<TokenRecord> ParseToken(const Json& json) {
  constexpr size_t kDigits = 64;
  if (!json.is_object()) return absl::InvalidArgumentError("an object is expected");
  TokenRecord record;
  std::optional<absl::Time> created;
  std::set<std::string> roles;
  KEYFOLD_RETURN_IF_ERROR(TakeText(json, "id", record.id));
  KEYFOLD_RETURN_IF_ERROR(TakeText(json, "sha256", record.sha256));
  absl::AsciiStrToLower(&record.sha256);
  if (record.sha256.size() != kDigits || record.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return Wrong("sha256", "64 hexadecimal digits");
  }
  if (json.contains("name")) KEYFOLD_RETURN_IF_ERROR(TakeText(json, "name", record.name));
  KEYFOLD_RETURN_IF_ERROR(TakeTexts(json, "roles", roles));
  for (const std::string& name : roles) {
    const std::optional<Role> role = RoleOf(name);
    if (!role.has_value()) return Wrong("roles", "of reader, producer, metrics and admin");
    record.roles.insert(*role);
  }
  KEYFOLD_RETURN_IF_ERROR(TakeTexts(json, "groups", record.groups));
  KEYFOLD_RETURN_IF_ERROR(TakeTime(json, "created", created));
  record.created = created.value_or(absl::UnixEpoch());
  KEYFOLD_RETURN_IF_ERROR(TakeTime(json, "expires", record.expires));
  KEYFOLD_RETURN_IF_ERROR(TakeTime(json, "revoked", record.revoked));
  KEYFOLD_RETURN_IF_ERROR(TakeLimits(json, record));
  return record;
}

std::string FormatInstant(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", time, absl::UTCTimeZone());
}

Json FormatToken(const TokenRecord& record) {
  Json json = {{"id", record.id}, {"name", record.name}, {"sha256", record.sha256}};
  json["roles"] = Json::array();
  for (const Role role : record.roles) json["roles"].push_back(NameOf(role));
  json["groups"] = record.groups;
  json["created"] = FormatInstant(record.created);
  if (record.expires.has_value()) json["expires"] = FormatInstant(*record.expires);
  if (record.revoked.has_value()) json["revoked"] = FormatInstant(*record.revoked);
  if (record.requests_per_second.has_value()) json["limits"]["requests_per_second"] = *record.requests_per_second;
  if (record.streams.has_value()) json["limits"]["streams"] = *record.streams;
  return json;
}

}  // namespace

const char* NameOf(Role role) {
  for (const auto& [known, name] : kRoles) {
    if (known == role) return name;
  }
  return "";
}

std::optional<Role> RoleOf(std::string_view name) {
  for (const auto& [role, known] : kRoles) {
    if (known == name) return role;
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<TokenRecord>> ParseTokens(const std::string& text) {
  const Json json = Json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  const auto tokens = json.is_object() ? json.find("tokens") : json.end();
  if (!json.is_object() || tokens == json.end() || !tokens->is_array()) {
    return absl::InvalidArgumentError("it is no JSON document with a list of tokens");
  }
  std::vector<TokenRecord> records;
  std::set<std::string> ids;
  for (const Json& token : *tokens) {
    absl::StatusOr<TokenRecord> record = ParseToken(token);
    if (!record.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("tokens[", records.size(), "]: ", record.status().message()));
    }
    if (!ids.insert(record->id).second) {
      return absl::InvalidArgumentError(absl::StrCat("tokens[", records.size(), "]: its id is another one's, too"));
    }
    records.push_back(*std::move(record));
  }
  return records;
}

std::string FormatTokens(const std::vector<TokenRecord>& records) {
  Json json = {{"tokens", Json::array()}};
  for (const TokenRecord& record : records) json["tokens"].push_back(FormatToken(record));
  return json.dump(/*indent=*/2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace keyfold
