// Webhooks over HTTP, for administrators.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "api/api_world.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ApiWebhooksTest : public ApiTest {
 protected:
  static Principal Admin() { return {.token_id = "admin", .roles = {Role::kAdmin}, .sees_all = true}; }
};

TEST_F(ApiWebhooksTest, WhatWaitsAndWhatIsDeadIsShown) {
  OpenWebhook();
  const PlainJson list = Document("/v1/webhooks", Admin());
  ASSERT_EQ(list["webhooks"].size(), 1);
  const PlainJson& webhook = list["webhooks"][0];
  EXPECT_EQ(webhook["name"], "sales");
  EXPECT_EQ(webhook["receiver"], "https://hooks.example");
  EXPECT_THAT(list.dump(), Not(HasSubstr("private")));
  EXPECT_EQ(webhook["severities"], PlainJson::array({"HIGH"}));
  EXPECT_EQ(webhook["waiting"], 1);
  EXPECT_EQ(webhook["dead"], 1);
  EXPECT_EQ(webhook["delivered"], 0);
  EXPECT_EQ(webhook["error"], "it is away");
  EXPECT_TRUE(webhook.contains("next_attempt_at"));
  ASSERT_EQ(webhook["latest_dead"].size(), 1);
  EXPECT_EQ(webhook["latest_dead"][0]["account_id"], "A1");
  EXPECT_EQ(webhook["latest_dead"][0]["alert"], "at_risk");
  EXPECT_EQ(webhook["latest_dead"][0]["attempts"], 1);
}

TEST_F(ApiWebhooksTest, WhatIsDeadIsSentAgain) {
  OpenWebhook();
  const HttpResponse response = Ask("POST", "/v1/webhooks/sales/retry", Admin());
  ASSERT_EQ(response.status, 200) << *response.body;
  EXPECT_EQ(PlainJson::parse(*response.body), (PlainJson{{"sent_again", 1}}));
  EXPECT_EQ(response.audit_note, "had webhook sales sent 1 again");
  const PlainJson webhook = Document("/v1/webhooks", Admin())["webhooks"][0];
  EXPECT_EQ(webhook["waiting"], 2);
  EXPECT_EQ(webhook["dead"], 0);
  EXPECT_FALSE(webhook.contains("next_attempt_at"));
  EXPECT_EQ(Ask("POST", "/v1/webhooks/other/retry", Admin()).status, 404);
}

TEST_F(ApiWebhooksTest, NobodyElseSeesThem) {
  OpenWebhook();
  EXPECT_EQ(Get("/v1/webhooks", Manager()).status, 403);
  EXPECT_EQ(Ask("POST", "/v1/webhooks/sales/retry", Manager()).status, 403);
  EXPECT_EQ(webhooks_->States(1)->front().dead, 1);
}

TEST_F(ApiWebhooksTest, ThereMayBeNone) {
  EXPECT_EQ(Document("/v1/webhooks", Admin()), (PlainJson{{"webhooks", PlainJson::array()}}));
  EXPECT_EQ(Ask("POST", "/v1/webhooks/sales/retry", Admin()).status, 404);
}

}  // namespace
}  // namespace keyfold
