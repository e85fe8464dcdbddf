// Browsers: cookies, proxies that say who asks, and pages of elsewhere that would use either.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/server_world.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SignedInTest : public ServerTest {
 protected:
  GatewayConfig Config() const {
    GatewayConfig config;
    config.tokens_file = File("tokens");
    return config;
  }
  static HttpFields Cookie(const std::string& token) { return {{"Cookie", "keyfold=" + token}}; }
};

TEST_F(SignedInTest, ACookieIsAsGoodAsTheHeader) {
  const std::string token = AddToken({.name = "Nord", .roles = {Role::kReader}});
  const std::string revoked = AddToken({.name = "lost", .roles = {Role::kReader}, .revoked = absl::UnixEpoch()});
  Start(Config());
  EXPECT_EQ(Ask("/a", Cookie(token)).body, "GET /a Nord ");
  const ClientResponse ended = Ask("/a", Cookie(revoked));
  EXPECT_EQ(ended.status, 401);
  EXPECT_THAT(ended.Header("Set-Cookie"), AllOf(HasSubstr("keyfold=;"), HasSubstr("Max-Age=0")));
  HttpFields both = Cookie(token);
  both.emplace_back("Authorization", "Bearer x");
  const ClientResponse wrong = Ask("/a", both);
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.Header("Set-Cookie"), "") << "the cookie was not looked at";
}

TEST_F(SignedInTest, PagesOfElsewhereChangeNothingWithACookie) {
  const std::string token = AddToken({.name = "Nord", .roles = {Role::kReader}});
  GatewayConfig config = Config();
  config.cors_origins = "https://dashboard.example";
  Start(config);
  const auto post = [&](const std::string& origin, const std::string& method = "POST") {
    HttpFields fields = Cookie(token);
    if (!origin.empty()) fields.emplace_back("Origin", origin);
    return Ask("/a", fields, method).status;
  };
  EXPECT_EQ(post("http://localhost"), 200);
  EXPECT_EQ(post("https://dashboard.example"), 200);
  EXPECT_EQ(post("http://localhost:81"), 403);
  EXPECT_EQ(post("https://evil.example"), 403);
  EXPECT_EQ(post(""), 403);
  EXPECT_EQ(post("https://evil.example", "DELETE"), 403);
  EXPECT_EQ(post("https://evil.example", "GET"), 200);
  EXPECT_EQ(Ask("/a", Bearer(token), "POST").status, 200) << "no page sends a header that it does not know";
}

TEST_F(SignedInTest, AProxySaysWhoAsks) {
  AddToken({.name = "anna@example.com", .roles = {Role::kReader}});
  AddToken({.name = "twice", .roles = {Role::kReader}});
  AddToken({.name = "twice", .roles = {Role::kReader}});
  const std::string other = AddToken({.name = "other", .roles = {Role::kReader}});
  GatewayConfig config = Config();
  config.proxy_user_header = "X-User";
  config.proxy_remotes = "127.0.0.1";
  Start(config);
  EXPECT_EQ(Ask("/a", {{"X-User", "anna@example.com"}}).body, "GET /a anna@example.com ");
  EXPECT_EQ(Ask("/a", {{"X-User", "anna@example.com"}}, "POST").status, 403);
  EXPECT_EQ(Ask("/a", {{"X-User", "anna@example.com"}, {"Origin", "http://localhost"}}, "POST").status, 200);
  EXPECT_EQ(Ask("/a", {{"X-User", "anna@example.com"}, {"X-User", "other"}}).status, 400);
  for (const char* nobody : {"berta", "twice"}) {
    const ClientResponse response = Ask("/a", {{"X-User", nobody}});
    EXPECT_EQ(response.status, 401);
    EXPECT_THAT(response.body, HasSubstr(nobody));
  }
  HttpFields token = Bearer(other);
  token.emplace_back("X-User", "anna@example.com");
  EXPECT_EQ(Ask("/a", token).body, "GET /a other ");
}

TEST_F(SignedInTest, NobodyElseSaysWhoAsks) {
  AddToken({.name = "anna", .roles = {Role::kReader}});
  GatewayConfig config = Config();
  config.proxy_user_header = "X-User";
  config.proxy_remotes = "10.0.0.0/8";
  Start(config);
  EXPECT_EQ(Ask("/a", {{"X-User", "anna"}}).status, 401);
}

TEST_F(SignedInTest, AProxySaysWhetherItsReaderIsSecure) {
  const std::string token = AddToken({.name = "Nord", .roles = {Role::kReader}});
  const HttpFields forwarded = {{"Cookie", "__Host-keyfold=" + token}, {"X-Forwarded-Proto", "https"}};
  Start(Config());
  EXPECT_EQ(Ask("/a", forwarded).status, 401);
  server_ = nullptr;
  GatewayConfig config = Config();
  config.proxy_remotes = "127.0.0.1";
  Start(config);
  EXPECT_EQ(Ask("/a", forwarded).status, 200);
}

}  // namespace
}  // namespace keyfold
