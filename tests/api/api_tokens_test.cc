// Tokens over HTTP, for administrators.
#include <gmock/gmock.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/time/clock.h"
#include "api/api_world.h"
#include "rights/tokens.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ApiTokensTest : public ApiTest {
 protected:
  void SetUp() override {
    std::remove(file_.c_str());
    tokens_file_ = file_;
  }
  void TearDown() override { std::remove(file_.c_str()); }

  static Principal Admin() { return {.token_id = "admin", .roles = {Role::kAdmin}, .sees_all = true}; }

  HttpResponse Post(const std::string& body, const Principal& who = Admin()) const {
    return Ask("POST", "/v1/tokens", who, body);
  }

  const std::string file_ = testing::TempDir() + "api_" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ApiTokensTest, ATokenIsMadeListedAndEnded) {
  const HttpResponse response =
      Post(R"({"name": "Nord", "groups": ["manager:M7"], "days": 10, "limits": {"streams": 3}})");
  ASSERT_EQ(response.status, 200) << *response.body;
  EXPECT_EQ(*FindField(response.headers, "Cache-Control"), "no-store");
  const PlainJson made = PlainJson::parse(*response.body);
  const std::string secret = made["secret"];
  const std::string id = made["token"]["id"];
  EXPECT_THAT(secret, StartsWith("kf_" + id + "_"));
  EXPECT_EQ(response.audit_note, "made token " + id + " 'Nord'");

  const auto tokens = Tokens::Open(file_);
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  const std::optional<TokenRecord> record = (*tokens)->Find(secret, absl::Now());
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->roles, std::set<Role>({Role::kReader}));
  EXPECT_EQ(record->groups, std::set<std::string>({"manager:M7"}));
  EXPECT_EQ(record->streams, 3);
  EXPECT_EQ(*record->expires - record->created, absl::Hours(240));

  const PlainJson list = Document("/v1/tokens", Admin());
  EXPECT_EQ(list["tokens"], PlainJson::array({made["token"]}));
  EXPECT_EQ(list["tokens"][0]["in_force"], true);
  EXPECT_THAT(list.dump(), Not(HasSubstr(record->sha256)));

  const HttpResponse ended = Ask("DELETE", "/v1/tokens/" + id, Admin());
  EXPECT_EQ(ended.status, 200);
  EXPECT_EQ(PlainJson::parse(*ended.body)["in_force"], false);
  EXPECT_EQ(Document("/v1/tokens", Admin())["tokens"][0]["in_force"], false);
  EXPECT_EQ(Ask("DELETE", "/v1/tokens/1234", Admin()).status, 404);
}

TEST_F(ApiTokensTest, OnlyAdministratorsMay) {
  EXPECT_EQ(Get("/v1/tokens", Manager()).status, 403);
  EXPECT_EQ(Post(R"({"name": "x", "groups": ["*"]})", Manager()).status, 403);
  EXPECT_EQ(Ask("DELETE", "/v1/tokens/1234", Manager()).status, 403);
  EXPECT_FALSE(Tokens::Open(file_).ok()) << "there is a file";
}

TEST_F(ApiTokensTest, NobodyEndsTheTokenThatAsks) {
  const PlainJson made = PlainJson::parse(*Post(R"({"name": "a", "roles": ["admin"], "days": 0})").body);
  const std::string id = made["token"]["id"];
  EXPECT_FALSE(made["token"].contains("expires"));
  Principal self = Admin();
  self.token_id = id;
  EXPECT_EQ(Ask("DELETE", "/v1/tokens/" + id, self).status, 400);
  EXPECT_EQ(Document("/v1/tokens", self)["tokens"][0]["in_force"], true);
}

TEST_F(ApiTokensTest, WhatIsWrongIsSaid) {
  const auto expect = [this](const std::string& body, const std::string& reason) {
    const HttpResponse response = Post(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(*response.body, HasSubstr(reason)) << body;
  };
  expect("{", "no JSON object");
  expect("[]", "no JSON object");
  expect(R"({"groups": ["*"]})", "name");
  expect(R"({"name": 1})", "name");
  expect(R"({"name": "a"})", "a reader without groups sees nothing");
  expect(R"({"name": "a", "group": ["*"]})", "a token has no 'group'");
  expect(R"({"name": "a", "groups": "*"})", "groups");
  expect(R"({"name": "a", "groups": [1]})", "groups");
  expect(R"({"name": "a", "roles": ["root"]})", "roles");
  expect(R"({"name": "a", "roles": []})", "without a role");
  expect(R"({"name": "a", "groups": ["*"], "days": -1})", "days");
  expect(R"({"name": "a", "groups": ["*"], "limits": {"streams": 1000001}})", "limits.streams");
  expect(R"({"name": "a", "groups": ["*"], "limits": {"stream": 1}})", "limits");
  HttpRequest plain = Request("POST", "/v1/tokens", Admin());
  plain.body = R"({"name": "a", "groups": ["*"]})";
  EXPECT_THAT(*MakeApi().Answer(plain).body, HasSubstr("Content-Type"));
  EXPECT_FALSE(Tokens::Open(file_).ok()) << "there is a file";
  tokens_file_.clear();
  EXPECT_EQ(Get("/v1/tokens", Admin()).status, 503);
}

}  // namespace
}  // namespace keyfold
