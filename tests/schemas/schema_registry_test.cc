// Against a server that answers as registries do
// (https://docs.confluent.io/platform/current/schema-registry/develop/api.html).
#include "schemas/schema_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/transient.h"
#include "gateway/server.h"
#include "keyfold/v1/account_event.pb.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "nlohmann/json.hpp"
#include "schemas/check_schemas.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SchemaRegistryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    GatewayConfig gateway;
    gateway.listen = "127.0.0.1:0";
    auto server = HttpServer::Start(gateway, [this](const HttpRequest& request) { return Answer(request); });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    config_.schema_registry.url = absl::StrCat("http://127.0.0.1:", server_->port());
    config_.events_topic = "account-events";
  }

  HttpResponse Answer(const HttpRequest& request) {
    const std::string* const authorization = request.Header("Authorization");
    authorizations_.push_back(authorization == nullptr ? "" : *authorization);
    if (status_ != 200) return ErrorResponse(status_, "no");
    const auto found = documents_.find(request.target.path);
    if (found == documents_.end()) return ErrorResponse(404, "Subject not found.");
    return BodyResponse(found->second);
  }

  void Register(const std::string& subject, int version, nlohmann::json document) {
    const std::string versions = absl::StrCat("/subjects/", subject, "/versions");
    nlohmann::json numbers =
        documents_.contains(versions) ? nlohmann::json::parse(documents_[versions]) : nlohmann::json::array();
    numbers.push_back(version);
    documents_[versions] = numbers.dump();
    document["version"] = version;
    document["id"] = 100 + version;
    documents_[absl::StrCat(versions, "/", version)] = document.dump();
    document.erase("version");
    documents_[absl::StrCat("/schemas/ids/", 100 + version)] = document.dump();
  }

  absl::StatusOr<std::vector<SchemaFinding>> Check() {
    auto registry = OpenSchemaRegistry(config_.schema_registry);
    if (!registry.ok()) return registry.status();
    return CheckSchemas(config_, **registry);
  }
  std::vector<std::string> Findings() {
    const auto findings = Check();
    EXPECT_TRUE(findings.ok()) << findings.status();
    std::vector<std::string> told;
    if (!findings.ok()) return told;
    for (const SchemaFinding& one : *findings) told.push_back(absl::StrCat(one.fatal ? "fatal: " : "", one.what));
    return told;
  }

  Config config_;
  std::map<std::string, std::string> documents_;  // by path
  std::vector<std::string> authorizations_;
  int status_ = 200;
  std::unique_ptr<HttpServer> server_;
};

nlohmann::json Protobuf(const std::string& text) { return {{"schemaType", "PROTOBUF"}, {"schema", text}}; }

TEST_F(SchemaRegistryTest, EachVersionIsCompared) {
  Register("account-events-value", 1, Protobuf(v1::AccountEvent::descriptor()->file()->DebugString()));
  Register("account-events-value", 2,
           Protobuf("syntax = 'proto3'; package keyfold.v1; message AccountEvent { bool event_id = 1; }"));
  EXPECT_THAT(Findings(), ElementsAre("fatal: account-events-value, version 2 (id 102): AccountEvent.event_id is bool, "
                                      "here string"));
}

TEST_F(SchemaRegistryTest, ReferencesAreImported) {
  Register("money", 3, Protobuf("syntax = 'proto3'; package keyfold.v1; message Money { string currency_code = 1; }"));
  nlohmann::json event = Protobuf(
      "syntax = 'proto3'; package keyfold.v1; import 'shared/money.proto'; message AccountEvent { Money m = 900; }");
  event["references"] = {{{"name", "shared/money.proto"}, {"subject", "money"}, {"version", 3}}};
  Register("account-events-value", 1, event);
  EXPECT_THAT(
      Findings(),
      ElementsAre("account-events-value, version 1 (id 101): AccountEvent.m is not known here: it is left out"));
}

TEST_F(SchemaRegistryTest, OtherKindsOfSchemas) {
  Register("account-events-value", 1, {{"schema", "{\"type\": \"record\"}"}});  // registries leave "AVRO" out
  Register("account-events-value", 2, {{"schemaType", "JSON"}, {"schema", "{}"}});
  EXPECT_THAT(Findings(),
              ElementsAre("fatal: account-events-value, version 1 (id 101): it is AVRO; events are Protobuf or JSON",
                          "account-events-value, version 2 (id 102): it is of JSON, and not compared"));
}

TEST_F(SchemaRegistryTest, NothingIsRegistered) {
  EXPECT_THAT(Findings(), ElementsAre("account-events-value: nothing is registered under this name"));
}

TEST_F(SchemaRegistryTest, InputsWithoutAMappingAreEventsToo) {
  config_.inputs = {{.topic = "crm", .mapping = ""}, {.topic = "erp", .mapping = "erp.yaml"}};
  EXPECT_THAT(Findings(), ElementsAre("account-events-value: nothing is registered under this name",
                                      "crm-value: nothing is registered under this name"));
}

TEST_F(SchemaRegistryTest, WhatIsPublishedHasItsSchema) {
  config_.publish_format = "confluent";
  config_.publish_schema_id = 101;
  config_.publish_alert_schema_id = 7;
  Register("account-kpis-value", 1, Protobuf(v1::KpiUpdate::descriptor()->file()->DebugString()));
  EXPECT_THAT(Findings(), ElementsAre("account-events-value: nothing is registered under this name",
                                      "fatal: publish.alert_schema_id 7: there is no such schema"));
  config_.publish_alert_schema_id = 101;
  EXPECT_THAT(Findings(), ElementsAre("account-events-value: nothing is registered under this name",
                                      "fatal: publish.alert_schema_id 101: it has no message keyfold.v1.KpiAlert"));
}

TEST_F(SchemaRegistryTest, TheUserIsToldByHisPassword) {
  const std::string file = testing::TempDir() + "schema_registry_test.password";
  std::ofstream(file) << "open sesame\n";
  config_.schema_registry.user = "ali";
  config_.schema_registry.password_file = file;
  EXPECT_THAT(Findings(), testing::SizeIs(1));
  EXPECT_THAT(authorizations_, ElementsAre("Basic YWxpOm9wZW4gc2VzYW1l"));
  std::remove(file.c_str());
  EXPECT_THAT(Check().status().message(), HasSubstr(file));
}

TEST_F(SchemaRegistryTest, WhatCannotBeAskedIsAnError) {
  status_ = 503;
  EXPECT_TRUE(IsTransient(Check().status())) << Check().status();
  status_ = 401;
  EXPECT_TRUE(absl::IsPermissionDenied(Check().status())) << Check().status();
  status_ = 200;
  documents_["/subjects/account-events-value/versions"] = "<html>";
  EXPECT_TRUE(absl::IsInternal(Check().status())) << Check().status();
  documents_["/subjects/account-events-value/versions"] = "[1]";
  documents_["/subjects/account-events-value/versions/1"] = "{}";
  EXPECT_TRUE(absl::IsInternal(Check().status())) << Check().status();
  server_ = nullptr;
  EXPECT_TRUE(IsTransient(Check().status())) << Check().status();
}

TEST_F(SchemaRegistryTest, NamesAreEscaped) {
  config_.events_topic = "a b";
  Register("a b-value", 1, {{"schemaType", "JSON"}, {"schema", "{}"}});
  EXPECT_THAT(Findings(), testing::SizeIs(1));
}

}  // namespace
}  // namespace keyfold
