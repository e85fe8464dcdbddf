#include "webhooks/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "live/published_alert.h"
#include "rights/digest.h"
#include "webhooks/alert_records.h"

namespace keyfold {
namespace {

const absl::Time kNow = absl::FromUnixMillis(1'767'607'200'050);

AlertNews NewsOf(const v1::KpiAlert& alert, int64_t offset = 0, int32_t partition = 0) {
  return *ReadNews(RecordOf(alert, offset, partition).published());
}

TEST(MessageTest, HmacIsThatOfTheRfc) {  // RFC 4231, test case 2
  EXPECT_EQ(HmacSha256Hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(MessageTest, EverySecretSignsTimeAndBody) {
  const std::vector<std::string> secrets = {"one", "two"};
  EXPECT_EQ(SignatureOf(secrets, 1'767'607'200, "{}"), "t=1767607200,v1=" + HmacSha256Hex("one", "1767607200.{}") +
                                                           ",v1=" + HmacSha256Hex("two", "1767607200.{}"));
}

TEST(MessageTest, TheBodyIsTheAlertWithItsDelivery) {
  const v1::KpiAlert alert = AnAlert("A/1\"", "at_risk", kNow);
  const AlertNews news = NewsOf(alert, 1'234, 3);
  EXPECT_EQ(news.recorded_ms, absl::ToUnixMillis(kNow));
  nlohmann::json body = nlohmann::json::parse(MessageBody(news, "sales"));
  EXPECT_EQ(body.at("delivery"),
            (nlohmann::json{{"id", DeliveryId(news)}, {"webhook", "sales"}, {"partition", 3}, {"offset", "1234"}}));
  body.erase("delivery");
  std::string listed;
  AppendAlertJson(alert, listed);
  EXPECT_EQ(body, nlohmann::json::parse(listed));
}

TEST(MessageTest, AnIdIsThatOfOneRecord) {
  const std::set<std::string> ids = {DeliveryId(NewsOf(AnAlert("A1", "at_risk", kNow), 1)),
                                     DeliveryId(NewsOf(AnAlert("A1", "at_risk", kNow), 2)),
                                     DeliveryId(NewsOf(AnAlert("A2", "at_risk", kNow), 1)),
                                     DeliveryId(NewsOf(AnAlert("A1", "at_risk", kNow), 1, 1)),
                                     DeliveryId(NewsOf(AnAlert("A1", "contract_due", kNow), 1)),
                                     DeliveryId(NewsOf(AnAlert("A1", "at_risk", kNow + absl::Milliseconds(1)), 1))};
  EXPECT_EQ(ids.size(), 6);
  EXPECT_EQ(*ids.begin(), ids.begin()->substr(0, 32));
  EXPECT_TRUE(ids.contains(DeliveryId(NewsOf(AnAlert("A1", "at_risk", kNow), 1))));
}

TEST(MessageTest, WhatIsNoNewsIsLeftOut) {
  v1::KpiAlert alert = AnAlert("A1", "at_risk", kNow);
  AlertRecord record = RecordOf(alert, 0);
  PublishedRecord tombstone = record.published();
  tombstone.value.reset();
  EXPECT_FALSE(ReadNews(tombstone).has_value());
  alert.set_cause(v1::KpiUpdate::RECOVERY);
  EXPECT_FALSE(ReadNews(RecordOf(alert, 0).published()).has_value());
  record.value = "\x7f";
  EXPECT_FALSE(ReadNews(record.published()).has_value());
}

TEST(MessageTest, AWebhookGetsWhatItAsksFor) {
  const AlertNews news = NewsOf(AnAlert("A1", "at_risk", kNow));
  EXPECT_TRUE(IsWanted({}, news));
  const auto wanted = [&news](const WebhookConfig& webhook) { return IsWanted(webhook, news); };
  WebhookConfig webhook;
  webhook.alerts = {"at_risk", "contract_due"};
  webhook.severities = {"HIGH"};
  webhook.groups = {"manager:M7"};
  EXPECT_TRUE(wanted(webhook));
  WebhookConfig other = webhook;
  other.alerts = {"contract_due"};
  EXPECT_FALSE(wanted(other));
  other = webhook;
  other.severities = {"LOW", "CRITICAL"};
  EXPECT_FALSE(wanted(other));
  other = webhook;
  other.groups = {"manager:M8"};
  EXPECT_FALSE(wanted(other));
  other.groups = {"manager:M8", "portfolio:all"};
  EXPECT_TRUE(wanted(other));
}

TEST(MessageTest, OfAGroupItselfIsMeant) {
  v1::KpiAlert alert = AnAlert("", "at_risk", kNow);
  alert.set_group_id("manager:M8");
  WebhookConfig webhook;
  webhook.groups = {"manager:M7", "portfolio:all"};
  EXPECT_FALSE(IsWanted(webhook, NewsOf(alert)));
  webhook.groups = {"manager:M8"};
  EXPECT_TRUE(IsWanted(webhook, NewsOf(alert)));
}

}  // namespace
}  // namespace keyfold
