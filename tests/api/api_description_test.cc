// The description of the API, and that every answer is as it says.
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "api/api_world.h"
#include "api/routes.h"
#include "rights/tokens.h"

namespace keyfold {
namespace {

bool IsOfType(const PlainJson& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  return type == "number" && value.is_number();
}

// Why a value is not of a schema; empty if it is. As much of JSON Schema as the description uses.
std::string Misfit(const PlainJson& document, const PlainJson& schema, const PlainJson& value, const std::string& at) {
  if (schema.contains("$ref")) {
    const std::string name = std::string(schema["$ref"]).substr(std::string("#/components/schemas/").size());
    return Misfit(document, document["components"]["schemas"].at(name), value, at);
  }
  if (schema.contains("anyOf")) {
    std::string misfits;
    for (const PlainJson& option : schema["anyOf"]) {
      const std::string misfit = Misfit(document, option, value, at);
      if (misfit.empty()) return "";
      misfits += misfit + "; ";
    }
    return misfits;
  }
  const PlainJson types = schema["type"].is_array() ? schema["type"] : PlainJson::array({schema["type"]});
  bool fits = false;
  for (const PlainJson& type : types) fits |= IsOfType(value, type);
  if (!fits) return absl::StrCat(at, " is no ", types.dump());
  for (const PlainJson& name : schema.value("required", PlainJson::array())) {
    if (!value.contains(std::string(name))) return absl::StrCat(at, " has no ", name.dump());
  }
  if (value.is_array()) {
    for (const PlainJson& item : value) {
      const std::string misfit = Misfit(document, schema["items"], item, at + "[]");
      if (!misfit.empty()) return misfit;
    }
  }
  if (!value.is_object()) return "";
  for (const auto& [name, member] : value.items()) {
    const PlainJson& properties = schema.value("properties", PlainJson::object());
    if (properties.contains(name)) {
      const std::string misfit = Misfit(document, properties[name], member, at + "." + name);
      if (!misfit.empty()) return misfit;
    } else if (const PlainJson more = schema.value("additionalProperties", PlainJson(true)); more == PlainJson(false)) {
      return absl::StrCat(at, " has ", name, ", which the schema does not know");
    } else if (more.is_object()) {
      const std::string misfit = Misfit(document, more, member, at + "." + name);
      if (!misfit.empty()) return misfit;
    }
  }
  return "";
}

TEST_F(ApiTest, EveryAnswerIsAsTheDescriptionSays) {
  RaiseSome();
  OpenSome();
  OpenWebhook();
  OpenHooks();
  tokens_file_ = testing::TempDir() + "described_tokens";
  TokenRecord token{.name = "described", .roles = {Role::kAdmin}};
  ASSERT_TRUE(IssueToken(tokens_file_, /*days=*/1, absl::Now(), token).ok());
  // What is sent follows the path.
  const PlainJson document = Document("/v1/openapi.json");
  const std::map<std::string, std::vector<std::string>> questions = {
      {"/v1/accounts", {"/v1/accounts", "/v1/accounts?kpis=nps"}},
      {"/v1/accounts/{id}", {"/v1/accounts/A1", "/v1/accounts/A1?as_of=2026-01-02"}},
      {"/v1/accounts/{id}/series", {"/v1/accounts/A1/series?from=2026-01-01"}},
      {"/v1/accounts/{id}/explain/{kpi}",
       {"/v1/accounts/A1/explain/health_score?since=2026-01-01", "/v1/accounts/A1/explain/forecast_accuracy"}},
      {"/v1/groups", {"/v1/groups?prefix=manager:"}},
      {"/v1/groups/{id}", {"/v1/groups/manager:M7", "/v1/groups/manager:M7?as_of=2026-01-02"}},
      {"/v1/groups/{id}/series", {"/v1/groups/manager:M7/series?from=2026-01-01&step=day"}},
      {"/v1/groups/{id}/explain/{kpi}", {"/v1/groups/manager:M7/explain/health_score?since=2026-01-01&limit=1"}},
      {"/v1/alerts", {"/v1/alerts?state=all", "/v1/alerts?limit=1"}},
      {"/v1/formula", {"/v1/formula?formula=nps&id=A1"}},
      {"/v1/catalog", {"/v1/catalog"}},
      {"/v1/status", {"/v1/status"}},
      {"/v1/accounts/{id}/events", {"/v1/accounts/A1/events?limit=1", "/v1/accounts/A1/events?type=account_churned"}},
      {"/v1/accounts/{id}/events/{event_id}", {"/v1/accounts/A1/events/I2026-01-0212500"}},
      {"/v1/accounts/{id}/open", {"/v1/accounts/A1/open", "/v1/accounts/A2/open?as_of=2026-01-02"}},
      {"/v1/due", {"/v1/due?limit=1", "/v1/due"}},
      {"POST /v1/events",
       {R"(/v1/events {"event_id": "e1", "account_id": "A1", "occurred_at": "2025-03-03T10:00:00Z",)"
        R"( "account_churned": {}})"}},
      {"POST /v1/hooks/{name}", {R"(/v1/hooks/plain [{"id": "A1", "at": "2025-03-03T10:00:00Z"}, {"test": true}])"}},
      {"/v1/tokens", {"/v1/tokens"}},
      {"POST /v1/tokens", {R"(/v1/tokens {"name": "x", "groups": ["*"], "days": 1, "limits": {"streams": 1}})"}},
      {"DELETE /v1/tokens/{id}", {absl::StrCat("/v1/tokens/", token.id)}},
      {"/v1/session", {"/v1/session"}},
      {"POST /v1/session", {"/v1/session"}},
      {"DELETE /v1/session", {"/v1/session"}},
      {"/v1/webhooks", {"/v1/webhooks"}},
      {"POST /v1/webhooks/{name}/retry", {"/v1/webhooks/sales/retry"}},
      {"/v1/openapi.json", {"/v1/openapi.json"}},
      {"/health/live", {"/health/live"}},
      {"/health/ready", {"/health/ready"}},
  };
  for (const ApiRoute& route : ApiRoutes()) {
    const std::string path(route.path);
    const std::string method(route.method);
    const PlainJson& operation = document["paths"][path][absl::AsciiStrToLower(method)];
    ASSERT_TRUE(operation.is_object()) << method << " " << path;
    if (route.schema.empty()) continue;  // a stream
    const std::string asked = method == "GET" ? path : absl::StrCat(method, " ", path);
    ASSERT_TRUE(questions.contains(asked)) << asked << " is not tried here";
    const PlainJson& schema = operation["responses"]["200"]["content"]["application/json"]["schema"];
    for (const std::string& question : questions.at(asked)) {
      const std::pair<std::string, std::string> parts = absl::StrSplit(question, absl::MaxSplits(' ', 1));
      const HttpResponse response = Ask(method, parts.first, LocalPrincipal(), parts.second);
      EXPECT_EQ(response.status, 200) << *response.body;
      EXPECT_EQ(Misfit(document, schema, PlainJson::parse(*response.body), question), "");
    }
  }
  const PlainJson error = PlainJson::parse(*Get("/v1/accounts/A9").body);
  EXPECT_EQ(Misfit(document, document["components"]["schemas"]["Error"], error, "error"), "");
  std::remove(tokens_file_.c_str());
}

}  // namespace
}  // namespace keyfold
