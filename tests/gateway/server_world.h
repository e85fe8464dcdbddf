// A server on loopback and what its tests ask it.
#ifndef KEYFOLD_TESTS_GATEWAY_SERVER_WORLD_H_
#define KEYFOLD_TESTS_GATEWAY_SERVER_WORLD_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http_client.h"
#include "gateway/server.h"
#include "rights/tokens.h"
#include "support/eventually.h"

namespace keyfold {

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    server_ = nullptr;
    for (const char* name : {"tokens", "audit", "certificate", "key"}) std::remove(File(name).c_str());
  }

  std::string File(const std::string& name) const {
    return testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + "." + name;
  }

  // On any port. The handler says what it was asked unless another one is given.
  void Start(GatewayConfig config = {}, HttpHandler handler = nullptr, PublicPaths is_public = nullptr) {
    config.listen = "127.0.0.1:0";
    if (handler == nullptr) {
      handler = [](const HttpRequest& request) {
        return BodyResponse(request.method + " " + request.target.path + " " + request.who.name + " " + request.body);
      };
    }
    auto server = HttpServer::Start(config, std::move(handler), std::move(is_public));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  uint16_t port() const { return server_->port(); }

  ClientResponse Ask(const std::string& target, const HttpFields& fields = {}, const std::string& method = "GET",
                     const std::string& body = "") const {
    return WireClient(port()).Ask(target, fields, method, body);
  }

  // A token in the test's file; `record` gets its id.
  std::string AddToken(TokenRecord record) {
    std::string token;
    const absl::Status status = EditTokens(File("tokens"), [&](std::vector<TokenRecord>& records) {
      token = MakeToken(record);
      records.push_back(record);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return token;
  }

  static HttpFields Bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

  std::string Content(const std::string& name) const {
    std::ostringstream content;
    content << std::ifstream(File(name)).rdbuf();
    return content.str();
  }

  std::unique_ptr<HttpServer> server_;
};

// Handlers wait here until the test lets them go.
class Gate {
 public:
  void Pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void AwaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_GATEWAY_SERVER_WORLD_H_
