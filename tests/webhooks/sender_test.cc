// Against real servers on loopback.
#include "webhooks/sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/server.h"
#include "rights/digest.h"
#include "store/memory_store.h"
#include "support/eventually.h"
#include "webhooks/alert_records.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Receiver {
 public:
  // Answers with the status that `answer` gives, called with the number of the request.
  explicit Receiver(std::function<int(int number)> answer) : answer_(std::move(answer)) {
    GatewayConfig config;
    config.listen = "127.0.0.1:0";
    auto server = HttpServer::Start(config, [this](const HttpRequest& request) { return Answer(request); });
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  WebhookConfig Webhook(const std::string& name) const {
    WebhookConfig webhook;
    webhook.name = name;
    webhook.url = absl::StrCat("http://127.0.0.1:", server_->port(), "/hook?key=private");
    webhook.secret = "secret";
    return webhook;
  }
  std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  HttpResponse Answer(const HttpRequest& request) {
    int number = 0;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      number = static_cast<int>(requests_.size());
    }
    HttpResponse response = BodyResponse("thanks");
    response.status = answer_(number);
    return response;
  }

  const std::function<int(int number)> answer_;
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::unique_ptr<HttpServer> server_;
};

class SenderTest : public ::testing::Test {
 protected:
  void Open(const std::vector<WebhookConfig>& webhooks) {
    DeliveryLimits limits;
    limits.pause_first = absl::Milliseconds(1);
    auto deliveries = Deliveries::Open(std::make_unique<MemoryStore>(nullptr), webhooks, "s", limits,
                                       [](std::string_view /*line*/) {});
    ASSERT_TRUE(deliveries.ok()) << deliveries.status();
    deliveries_ = *std::move(deliveries);
    sender_ = std::make_unique<WebhookSender>(*deliveries_);
  }
  void Raise(const std::string& account) {
    const AlertRecord record = RecordOf(AnAlert(account, "at_risk", absl::Now()), offset_++);
    const PublishedRecord published = record.published();
    ASSERT_TRUE(deliveries_->Take(std::span(&published, 1), absl::Now()).ok());
    sender_->Wake();
  }
  WebhookState State(size_t hook) const { return (*deliveries_->States(10))[hook]; }

  std::unique_ptr<Deliveries> deliveries_;
  std::unique_ptr<WebhookSender> sender_;
  int64_t offset_ = 0;
};

TEST_F(SenderTest, WhatIsSentIsSignedAndNamed) {
  const Receiver receiver([](int number) { return number == 1 ? 503 : 204; });
  Open({receiver.Webhook("a")});
  Raise("A1");
  ASSERT_TRUE(Eventually([&] { return State(0).progress.delivered() == 1; }));
  const std::vector<HttpRequest> requests = receiver.requests();
  ASSERT_EQ(requests.size(), 2);
  for (const HttpRequest& request : requests) {
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(*request.Header("content-type"), "application/json");
    const std::string signature = *request.Header("keyfold-signature");
    const size_t comma = signature.find(',');
    ASSERT_TRUE(signature.starts_with("t=")) << signature;
    EXPECT_EQ(signature.substr(comma),
              ",v1=" + HmacSha256Hex("secret", signature.substr(2, comma - 2) + "." + request.body));
  }
  EXPECT_EQ(requests[0].body, requests[1].body);
  EXPECT_THAT(requests[0].body, HasSubstr(*requests[0].Header("idempotency-key")));
  EXPECT_EQ(*requests[0].Header("idempotency-key"), *requests[1].Header("idempotency-key"));
  EXPECT_EQ(*requests[0].Header("keyfold-attempt"), "1");
  EXPECT_EQ(*requests[1].Header("keyfold-attempt"), "2");
  EXPECT_EQ(State(0).progress.error(), "it was answered with 503");
}

TEST_F(SenderTest, OneThatHangsOrIsGoneDelaysNoOther) {
  std::latch open(1);
  const Receiver good([](int /*number*/) { return 200; });
  {
    const Receiver hanging([&](int /*number*/) {
      open.wait();
      return 200;
    });
    std::vector<WebhookConfig> webhooks = {hanging.Webhook("hangs"), good.Webhook("gone"), good.Webhook("good")};
    webhooks[1].url = "http://127.0.0.1:1/";
    webhooks[1].attempts_max = 2;
    webhooks[1].pause_s_max = 1;
    Open(webhooks);
    for (int i = 0; i < 10; ++i) Raise(absl::StrCat("A", i));
    EXPECT_TRUE(Eventually([&] { return State(2).progress.delivered() == 10; }));
    EXPECT_EQ(State(0).waiting, 10);
    EXPECT_TRUE(Eventually([&] { return State(1).dead == 10; }));
    EXPECT_EQ(State(1).latest_dead[0].attempts(), 2);

    const absl::Time before = absl::Now();
    sender_ = nullptr;                                  // also while a call hangs
    EXPECT_LT(absl::Now() - before, absl::Seconds(8));  // of the 10 that it would take
    EXPECT_EQ(State(0).waiting, 10);
    EXPECT_EQ(State(0).progress.failed_at_ms(), 0);
    open.count_down();
  }
}

TEST_F(SenderTest, EachLineOfAFileIsASecretAndNoneIsAFailure) {
  const std::string file = testing::TempDir() + "webhook_secrets";
  std::remove(file.c_str());
  NextDelivery next;
  next.body = "{}";
  WebhookConfig webhook;
  webhook.url = "https://example.com/";
  webhook.secret_file = file;
  const absl::Time now = absl::FromUnixSeconds(5);
  EXPECT_FALSE(CallOf(webhook, next, now).ok());
  std::ofstream(file) << "\n";
  EXPECT_TRUE(absl::IsFailedPrecondition(CallOf(webhook, next, now).status()));
  std::ofstream(file) << "one\n  two \r\n\n";
  const absl::StatusOr<HttpCall> call = CallOf(webhook, next, now);
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->headers.back().second,
            "t=5,v1=" + HmacSha256Hex("one", "5.{}") + ",v1=" + HmacSha256Hex("two", "5.{}"));
  EXPECT_TRUE(call->by_proxy);
  std::remove(file.c_str());
}

TEST_F(SenderTest, RepliesAreJudgedByTheirStatus) {
  for (int status : {200, 201, 204, 299}) EXPECT_TRUE(CheckReply({.status = status}).ok());
  for (int status : {199, 300, 302, 400, 410, 429, 500}) EXPECT_FALSE(CheckReply({.status = status}).ok());
  EXPECT_EQ(RetryAfterOf({.headers = {{"retry-after", "7"}}}), absl::Seconds(7));
  for (const char* text : {"-1", "soon", "Fri, 31 Dec 1999 23:59:59 GMT", ""}) {
    EXPECT_EQ(RetryAfterOf({.headers = {{"Retry-After", text}}}), absl::ZeroDuration());
  }
}

}  // namespace
}  // namespace keyfold
