#include "gateway/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "gateway/server_world.h"
#include "support/test_certificate.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ServerTest, Answers) {
  Start();
  WireClient client(port());
  const ClientResponse first = client.Ask("/a%20b?c=d");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "GET /a b local ");
  EXPECT_EQ(client.Ask("/p", {}, "POST", "body").body, "POST /p local body");  // the same connection
  EXPECT_EQ(client.Ask("/h", {}, "HEAD").Header("Content-Length"), "13");
  EXPECT_EQ(client.Ask("/p", {{"If-None-Match", first.Header("ETag")}}).status, 200);
  EXPECT_EQ(client.Ask("/a%20b", {{"If-None-Match", first.Header("ETag")}}).status, 304);
  EXPECT_TRUE(Eventually([&] { return server_->counts().requests == 5; }));
}

TEST_F(ServerTest, RequestsInARowAreAnsweredInOrder) {
  Start();
  WireClient client(port());
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += RequestText(absl::StrCat("/", i), {}, i % 2 == 0 ? "GET" : "BREW");
  client.Send(requests);
  for (int i = 0; i < 200; ++i) {
    const ClientResponse response = client.Read();
    EXPECT_EQ(response.status, i % 2 == 0 ? 200 : 405);
    if (i % 2 == 0) {
      EXPECT_EQ(response.body, absl::StrCat("GET /", i, " local "));
    }
  }
}

TEST_F(ServerTest, ConnectionsEndWhereTheClientWishes) {
  Start();
  WireClient client(port());
  client.Send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.Read().body, "GET /old local ");
  EXPECT_TRUE(client.ReadsEnd());
}

TEST_F(ServerTest, LargeAnswersArriveWhole) {
  const std::string large(5'000'000, 'x');
  Start({}, [&](const HttpRequest&) { return BodyResponse(large, "application/octet-stream"); });
  EXPECT_EQ(Ask("/").body, large);
}

TEST_F(ServerTest, PathsThatClimbAndUnknownMethodsAreRefused) {
  Start();
  EXPECT_EQ(Ask("/../etc/passwd").status, 400);
  EXPECT_EQ(Ask("/a/%2e%2e/b").status, 400);
  EXPECT_EQ(Ask("/a%00").status, 400);
  const ClientResponse response = Ask("/", {}, "BREW");
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.Header("Allow"), HasSubstr("GET"));
  WireClient client(port());
  client.Send("nonsense\r\n\r\n");
  EXPECT_EQ(client.Read().status, 400);
  EXPECT_TRUE(client.ReadsEnd());
}

TEST_F(ServerTest, AHandlerThatThrowsEndsNothing) {
  Start({}, [](const HttpRequest& request) -> HttpResponse {
    if (request.target.path == "/throw") throw std::runtime_error("secret detail");
    return BodyResponse("ok");
  });
  const ClientResponse response = Ask("/throw");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  EXPECT_EQ(Ask("/").body, "ok");
}

TEST_F(ServerTest, PagesOfElsewhereAskNothingWithoutTokens) {
  GatewayConfig config;
  config.cors_origins = "https://dashboard.example";
  Start(config);
  EXPECT_EQ(Ask("/", {{"Host", "evil.example"}}).status, 421);
  EXPECT_EQ(Ask("/", {{"Origin", "https://evil.example"}}, "POST", "x").status, 403);
  EXPECT_EQ(Ask("/", {{"Host", "localhost:80"}, {"Origin", "http://localhost:80"}}).status, 200);
  EXPECT_EQ(Ask("/", {{"Host", "[::1]:80"}}).status, 200);
  const ClientResponse allowed = Ask("/", {{"Origin", "https://dashboard.example"}});
  EXPECT_EQ(allowed.Header("Access-Control-Allow-Origin"), "https://dashboard.example");
  const ClientResponse preflight = Ask("/", {{"Origin", "https://dashboard.example"}}, "OPTIONS");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_THAT(preflight.Header("Access-Control-Allow-Headers"), HasSubstr("Authorization"));
}

// --- tokens ----------------------------------------------------------------------------------------------------------

TEST_F(ServerTest, OnlyTokensInForceAreLetIn) {
  const std::string good = AddToken({.name = "Nord"});
  const std::string expired = AddToken({.name = "old", .expires = absl::UnixEpoch()});
  const std::string revoked = AddToken({.name = "lost", .revoked = absl::UnixEpoch()});
  GatewayConfig config;
  config.tokens_file = File("tokens");
  Start(config, nullptr, [](const std::string& path) { return path == "/"; });
  EXPECT_EQ(Ask("/a", Bearer(good)).body, "GET /a Nord ");
  EXPECT_EQ(Ask("/a", {{"authorization", "bearer " + good}}).status, 200);
  EXPECT_EQ(Ask("/").body, "GET /  ");
  EXPECT_EQ(Ask("/?access_token=" + good).body, "GET /  ");
  const ClientResponse none = Ask("/a");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.Header("WWW-Authenticate"), "Bearer");
  for (const std::string& wrong : {expired, revoked, good + "x", std::string("kf_1_2"), std::string()}) {
    const ClientResponse response = Ask("/a", Bearer(wrong));
    EXPECT_EQ(response.status, 401) << wrong;
    EXPECT_EQ(response.body, none.body);
  }
  EXPECT_EQ(Ask("/a", {{"Authorization", "Basic " + good}}).status, 401);
  EXPECT_EQ(Ask("/a", {{"Authorization", "Bearer " + good}, {"Authorization", "Bearer x"}}).status, 400);
}

TEST_F(ServerTest, ABodyIsReadOnlyOfWhoIsLetIn) {
  AddToken({.name = "Nord"});
  GatewayConfig config;
  config.tokens_file = File("tokens");
  Start(config);
  WireClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(client.Read().status, 401);
  EXPECT_TRUE(client.ReadsEnd());
}

TEST_F(ServerTest, TokensChangeWhileItRuns) {
  const std::string first = AddToken({.name = "first"});
  GatewayConfig config;
  config.tokens_file = File("tokens");
  config.refresh_ms = 10;
  Start(config);
  const std::string second = AddToken({.name = "second"});
  EXPECT_TRUE(Eventually([&] { return Ask("/", Bearer(second)).status == 200; }));
  std::ofstream(File("tokens"), std::ios::trunc) << "{broken";
  EXPECT_EQ(Ask("/", Bearer(first)).status, 200);
  std::ofstream(File("tokens"), std::ios::trunc) << "{\"tokens\": []}";
  EXPECT_TRUE(Eventually([&] { return Ask("/", Bearer(first)).status == 401; }));
}

TEST_F(ServerTest, AHangupHasTheTokensReadAtOnce) {
  AddToken({.name = "first"});
  GatewayConfig config;
  config.tokens_file = File("tokens");
  config.refresh_ms = 3'600'000;
  config.requests_per_second_max = 0;
  Start(config);
  const std::string second = AddToken({.name = "second"});
  EXPECT_EQ(Ask("/", Bearer(second)).status, 401);
  std::raise(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return Ask("/", Bearer(second)).status == 200; }));
}

TEST_F(ServerTest, ATokenHasItsRate) {
  const std::string slow = AddToken({.name = "slow", .requests_per_second = 1});
  const std::string other = AddToken({.name = "other"});
  GatewayConfig config;
  config.tokens_file = File("tokens");
  Start(config);
  ClientResponse refused;
  for (int i = 0; i < 1'000 && refused.status != 429; ++i) refused = Ask("/", Bearer(slow));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "1");
  EXPECT_EQ(Ask("/", Bearer(other)).status, 200);
}

TEST_F(ServerTest, AnAnswerSaysMoreInItsLine) {
  GatewayConfig config;
  config.audit_log = File("audit");
  Start(config, [](const HttpRequest& request) {
    HttpResponse response = BodyResponse("ok");
    if (request.method == "POST") response.audit_note = "made token 12 'Nord'";
    return response;
  });
  WireClient client(port());
  client.Ask("/a", {}, "POST", "x");
  client.Ask("/b");
  server_ = nullptr;
  const std::string audit = Content("audit");
  EXPECT_THAT(audit, HasSubstr("\"note\":\"made token 12 'Nord'\"}\n"));
  EXPECT_THAT(audit.substr(audit.find("/b")), Not(HasSubstr("note")));
}

TEST_F(ServerTest, AnswersLeaveALine) {
  TokenRecord record = {.name = "Nord"};
  const std::string token = AddToken(record);
  GatewayConfig config;
  config.tokens_file = File("tokens");
  config.audit_log = File("audit");
  Start(config);
  Ask("/a?key=hidden", Bearer(token));
  Ask("/b", Bearer("kf_wrong_token"));
  Ask("/../c", {}, "GET");
  server_ = nullptr;
  const std::string audit = Content("audit");
  EXPECT_THAT(audit, AllOf(HasSubstr("\"method\":\"GET\",\"path\":\"/a\",\"query\":\"key=***\",\"status\":200"),
                           HasSubstr("\"token\":\"" + token.substr(3, 16) + "\",\"remote\":\"127.0.0.1\""),
                           HasSubstr("\"path\":\"/b\",\"status\":401"), HasSubstr("\"status\":400"),
                           Not(HasSubstr("hidden")), Not(HasSubstr("wrong_token")), Not(HasSubstr(token))));
}

// --- TLS -------------------------------------------------------------------------------------------------------------

TEST_F(ServerTest, SpeaksTlsAndTakesANewCertificate) {
  GatewayConfig config;
  config.tls_certificate = File("certificate");
  config.tls_key = File("key");
  config.refresh_ms = 10;
  WriteCertificate(config.tls_certificate, config.tls_key, 1);
  Start(config);
  WireClient client(port(), WireClient::Security::kTls);
  ASSERT_TRUE(client.handshaken());
  EXPECT_EQ(client.certificate_serial(), 1);
  EXPECT_EQ(client.Ask("/", {}, "POST", std::string(100'000, 'b')).body.size(), 100'013U);
  EXPECT_FALSE(WireClient(port(), WireClient::Security::kTls11).handshaken());
  EXPECT_EQ(WireClient(port()).Ask("/").status, 0);  // plain

  std::ofstream(config.tls_key, std::ios::trunc) << "broken";
  WriteCertificate(config.tls_certificate, config.tls_key, 2);
  EXPECT_TRUE(Eventually([&] { return WireClient(port(), WireClient::Security::kTls).certificate_serial() == 2; }));
  EXPECT_EQ(client.Ask("/").status, 200);  // goes on with what it began with
}

TEST_F(ServerTest, DoesNotStartOnWhatIsWrong) {
  const auto start = [](const GatewayConfig& config) {
    return HttpServer::Start(config, [](const HttpRequest&) { return HttpResponse(); }).status();
  };
  GatewayConfig config;
  config.listen = "0.0.0.0:0";
  EXPECT_TRUE(absl::IsFailedPrecondition(start(config))) << start(config);
  config.listen = "here";
  EXPECT_TRUE(absl::IsInvalidArgument(start(config)));
  config.listen = "127.0.0.1:0";
  config.tls_certificate = config.tls_key = "/nowhere";
  EXPECT_TRUE(absl::IsInvalidArgument(start(config)));
  config = {};
  config.listen = "127.0.0.1:0";
  config.tokens_file = "/nowhere";
  EXPECT_TRUE(absl::IsNotFound(start(config)));
  Start();
  config = {};
  config.listen = absl::StrCat("127.0.0.1:", port());
  EXPECT_TRUE(absl::IsUnavailable(start(config))) << start(config);
}

}  // namespace
}  // namespace keyfold
