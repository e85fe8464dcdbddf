// Against the server of src/gateway, with and without TLS, and against one that replies what no server should.
#include "client/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <latch>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/raw_server.h"
#include "gateway/server.h"
#include "support/eventually.h"
#include "support/test_certificate.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class HttpClientTest : public ::testing::Test {
 protected:
  void TearDown() override {
    server_ = nullptr;
    for (const char* name : {"certificate", "key", "other", "other-key"}) std::remove(File(name).c_str());
  }

  std::string File(const std::string& name) const {
    return testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + "." + name;
  }

  void Start(HttpHandler handler, GatewayConfig config = {}) {
    config.listen = "127.0.0.1:0";
    auto server = HttpServer::Start(config, std::move(handler));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void StartTls() {
    WriteCertificate(File("certificate"), File("key"), 1);
    GatewayConfig config;
    config.tls_certificate = File("certificate");
    config.tls_key = File("key");
    Start([](const HttpRequest&) { return BodyResponse("secret"); }, config);
  }

  HttpCall To(const std::string& path, const std::string& scheme = "http") const {
    return {.url = absl::StrCat(scheme, "://localhost:", server_->port(), path)};
  }

  std::unique_ptr<HttpServer> server_;
};

HttpCall ToPort(uint16_t port) { return {.url = absl::StrCat("http://127.0.0.1:", port, "/private?word=secret")}; }

TEST_F(HttpClientTest, CarriesWhatItIsGivenAndWhatComesBack) {
  Start([](const HttpRequest& request) {
    HttpResponse response =
        BodyResponse(absl::StrCat(request.method, " ", request.target.path, " ", *request.target.Query("q"), " ",
                                  *request.Header("x-some"), " ", *request.Header("x-none"), " ", request.body));
    response.status = 404;
    response.headers.emplace_back("X-Reply", "two  words");
    return response;
  });
  HttpClient client;
  for (const char* method : {"POST", "PUT", "DELETE", "GET"}) {
    HttpCall call = To("/a/b?q=1");
    call.method = method;
    call.headers = {{"X-Some", "value: with colon"}, {"X-None", ""}};
    call.body = std::string("bytes\0\r\n\r\nall of them", 22);
    const auto reply = client.Call(call);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->status, 404);
    EXPECT_EQ(reply->body, absl::StrCat(method, " /a/b 1 value: with colon  ", call.body));
    ASSERT_NE(reply->Header("x-reply"), nullptr);
    EXPECT_EQ(*reply->Header("x-reply"), "two  words");
    EXPECT_EQ(reply->Header("x-other"), nullptr);
  }
}

TEST_F(HttpClientTest, ConnectionsAreUsedAgain) {
  Start([](const HttpRequest&) { return BodyResponse("x"); });
  HttpClient client;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(client.Call(To("/")).ok());
  EXPECT_EQ(server_->counts().connections, 1);
  // A request counts when its answer is written, which may be after the client has read it.
  EXPECT_TRUE(Eventually([&] { return server_->counts().requests == 50; }));
}

TEST_F(HttpClientTest, ManyThreadsAtOnce) {
  Start([](const HttpRequest& request) { return BodyResponse(request.body); });
  HttpClient client({.ca_file = "", .idle_lines_max = 2});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i) {
        HttpCall call = To("/");
        call.method = "POST";
        call.body = absl::StrCat(thread, ":", i);
        const auto reply = client.Call(call);
        if (reply.ok() && reply->body == call.body) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 200);
}

TEST_F(HttpClientTest, AServerThatWasAwayIsCalledAgain) {
  Start([](const HttpRequest&) { return BodyResponse("x"); });
  const HttpCall call = To("/");
  const uint16_t port = server_->port();
  HttpClient client;
  ASSERT_TRUE(client.Call(call).ok());
  server_ = nullptr;
  EXPECT_TRUE(absl::IsUnavailable(client.Call(call).status()));
  GatewayConfig config;
  config.listen = absl::StrCat("127.0.0.1:", port);
  auto again = HttpServer::Start(config, [](const HttpRequest&) { return BodyResponse("again"); });
  ASSERT_TRUE(again.ok()) << again.status();
  const auto reply = client.Call(call);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->body, "again");
}

TEST_F(HttpClientTest, RepliesAreBounded) {
  Start([](const HttpRequest&) { return BodyResponse(std::string(1'000, 'x')); });
  HttpClient client;
  HttpCall call = To("/");
  call.reply_bytes_max = 1'000;
  EXPECT_TRUE(client.Call(call).ok());
  call.reply_bytes_max = 999;
  EXPECT_TRUE(absl::IsOutOfRange(client.Call(call).status()));
  EXPECT_TRUE(client.Call(To("/")).ok());
}

TEST_F(HttpClientTest, TimeIsBoundedAndACallCanBeEnded) {
  std::latch open(1);
  std::atomic<bool> waits = false;
  Start([&](const HttpRequest& request) {
    if (request.target.path == "/ended") waits = true;
    open.wait();
    return BodyResponse("late");
  });
  HttpClient client;
  HttpCall call = To("/");
  call.whole_max = absl::Milliseconds(50);
  EXPECT_TRUE(absl::IsDeadlineExceeded(client.Call(call).status()));

  std::stop_source stop;
  absl::Status ended;
  std::thread caller([&] { ended = client.Call(To("/ended"), stop.get_token()).status(); });
  while (!waits) std::this_thread::yield();
  const absl::Time before = absl::Now();
  stop.request_stop();
  caller.join();
  EXPECT_TRUE(absl::IsCancelled(ended)) << ended;
  EXPECT_LT(absl::Now() - before, absl::Seconds(10));  // of the 30 that it would have waited
  EXPECT_TRUE(absl::IsCancelled(client.Call(To("/"), stop.get_token()).status()));
  open.count_down();
  server_ = nullptr;  // its handlers use what stands here
}

TEST_F(HttpClientTest, OnlyTheServerThatIsMeantIsSpokenTo) {
  StartTls();
  WriteCertificate(File("other"), File("other-key"), 2);
  const HttpCall call = To("/", "https");
  const auto reply = HttpClient({.ca_file = File("certificate")}).Call(call);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->body, "secret");

  // Signed by nobody who is trusted, by another one, of another name, and no file of authorities.
  EXPECT_TRUE(absl::IsFailedPrecondition(HttpClient().Call(call).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(HttpClient({.ca_file = File("other")}).Call(call).status()));
  HttpCall by_number = call;
  by_number.url = absl::StrCat("https://127.0.0.1:", server_->port(), "/");
  EXPECT_TRUE(absl::IsFailedPrecondition(HttpClient({.ca_file = File("certificate")}).Call(by_number).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(HttpClient({.ca_file = File("none")}).Call(call).status()));
  EXPECT_FALSE(HttpClient({.ca_file = File("certificate")}).Call(To("/", "http")).ok());  // no TLS where it is spoken
}

TEST_F(HttpClientTest, RedirectsAreReplies) {
  std::set<std::string> asked;
  Start([&](const HttpRequest& request) {
    asked.insert(request.target.path);
    HttpResponse response = BodyResponse("");
    response.status = 307;
    response.headers.emplace_back("Location", "/other");
    return response;
  });
  HttpCall call = To("/");
  call.method = "POST";
  call.body = "secret";
  const auto reply = HttpClient().Call(call);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status, 307);
  EXPECT_EQ(asked, std::set<std::string>{"/"});
}

TEST(HttpClientRawTest, NoHttpAndHalfReplies) {
  std::string headers;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&headers, "X: ", std::string(1'000, 'x'), "\r\n");
  HttpClient client;
  for (const auto& [said, is_right] : std::vector<std::pair<std::string, bool (*)(const absl::Status&)>>{
           {"", absl::IsUnavailable},
           {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", absl::IsUnavailable},
           {"SSH-2.0-OpenSSH_9.2\r\n", absl::IsInternal},
           {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + headers + "\r\n", absl::IsOutOfRange}}) {
    const RawServer server(said);
    const absl::Status status = client.Call(ToPort(server.port())).status();
    EXPECT_TRUE(is_right(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("http://127.0.0.1:", server.port(), ": ")));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  }
}

TEST(HttpClientRawTest, HeadersAreThoseOfTheLastAnswer) {
  const RawServer server("HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\nHTTP/1.1 204 No Content\r\nX-B:\t2 \r\n\r\n");
  HttpCall call = ToPort(server.port());
  call.method = "POST";
  const auto reply = HttpClient().Call(call);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status, 204);
  EXPECT_EQ(reply->headers, (CallHeaders{{"X-B", "2"}}));
  EXPECT_THAT(server.asked(), HasSubstr("POST /private?word=secret HTTP/1.1\r\n"));
  EXPECT_THAT(server.asked(), HasSubstr("Content-Length: 0\r\n"));
}

TEST(HttpClientRawTest, NothingIsSentThatIsNoCall) {
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  HttpClient client;
  for (const CallHeaders& headers : std::vector<CallHeaders>{{{"A", "b\r\nC: d"}},
                                                             {{"A", "b\nC: d"}},
                                                             {{"A", std::string("b\0c", 3)}},
                                                             {{"A\r\nC", "d"}},
                                                             {{"A: b", "d"}},
                                                             {{"", "d"}}}) {
    HttpCall call = ToPort(server.port());
    call.headers = headers;
    EXPECT_TRUE(absl::IsInvalidArgument(client.Call(call).status()));
  }
  HttpCall call = ToPort(server.port());
  call.method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET";
  EXPECT_TRUE(absl::IsInvalidArgument(client.Call(call).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(client.Call({.url = "ftp://127.0.0.1/"}).status()));
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientRawTest, AProxyIsAskedOnlyWhereItMayBe) {
  const RawServer proxy("HTTP/1.1 203 Non-Authoritative\r\nContent-Length: 0\r\n\r\n");
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  setenv("http_proxy", absl::StrCat("http://127.0.0.1:", proxy.port()).c_str(), 1);
  HttpClient client;
  HttpCall call = ToPort(server.port());
  EXPECT_EQ(client.Call(call)->status, 200);
  call.by_proxy = true;
  EXPECT_EQ(client.Call(call)->status, 203);
  unsetenv("http_proxy");
}

}  // namespace
}  // namespace keyfold
