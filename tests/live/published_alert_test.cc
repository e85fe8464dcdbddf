#include "live/published_alert.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "rows/alert_key.h"

namespace keyfold {
namespace {

v1::KpiAlert AnAlert() {
  v1::KpiAlert alert;
  alert.set_account_id("A/1\"");
  alert.set_alert("at_risk");
  alert.set_raised(true);
  alert.set_severity(v1::KpiAlert::HIGH);
  v1::AlertInput& input = *alert.add_inputs();
  input.set_id("health_score");
  input.set_value(0.1);
  alert.add_inputs()->set_id("nps");
  alert.set_as_of("2026-01-05");
  alert.set_cause(v1::KpiUpdate::EVENT);
  alert.set_source_offset(int64_t{1} << 60);
  alert.mutable_recorded_at()->set_seconds(1'767'607'200);
  alert.mutable_recorded_at()->set_nanos(50'000'000);
  alert.mutable_attributes()->set_name("Firma");
  alert.mutable_group()->set_label("label");
  return alert;
}

std::string Proto3Json(const v1::KpiAlert& alert) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(alert, &json, options).ok());
  return json;
}

TEST(PublishedAlertTest, JsonIsThatOfPublishFormatJson) {
  for (const v1::KpiAlert& alert : {AnAlert(), v1::KpiAlert()}) {
    std::string json;
    AppendAlertJson(alert, json);
    EXPECT_EQ(nlohmann::json::parse(json), nlohmann::json::parse(Proto3Json(alert)));
  }
}

TEST(PublishedAlertTest, AnInputThatIsNoNumberIsLeftOut) {
  v1::KpiAlert alert;
  alert.add_inputs()->set_value(std::numeric_limits<double>::quiet_NaN());
  std::string json;
  AppendAlertJson(alert, json);
  EXPECT_EQ(nlohmann::json::parse(json).at("inputs"), nlohmann::json::parse(R"([{"id": ""}])"));
}

TEST(PublishedAlertTest, EveryPublishedFormatIsReadOfTheKeyItHas) {
  const std::string key = "account/at_risk/A/1\"";
  const std::string protobuf = AnAlert().SerializeAsString();
  const std::string confluent = std::string("\0\0\0\0\7", 5) + std::string(1, '\0') + protobuf;
  for (const std::string& value : {protobuf, confluent, Proto3Json(AnAlert())}) {
    const std::optional<v1::KpiAlert> alert = DecodeAlert(key, value);
    ASSERT_TRUE(alert.has_value());
    EXPECT_EQ(alert->SerializeAsString(), protobuf);
  }
  for (const char* other : {"account/at_risk/A", "group/at_risk/A/1\"", "account/at_risks/A/1\"", "at_risk",
                            "account/x", "account//A", "account/at_risk/", ""}) {
    EXPECT_FALSE(DecodeAlert(other, protobuf).has_value()) << other;
  }
  EXPECT_FALSE(DecodeAlert(key, "\x7f").has_value());
}

TEST(PublishedAlertTest, AKeySaysWhoseAlertItIs) {
  const std::optional<ParsedAlertKey> key = ParseAlertKey("group/at_risk/segment:a/b");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->owner_topic, LatestTopic::kGroups);
  EXPECT_EQ(key->alert, "at_risk");
  EXPECT_EQ(key->owner_id, "segment:a/b");
  const v1::LatestAlert latest = LatestOf(AnAlert());
  EXPECT_TRUE(latest.raised());
  EXPECT_EQ(latest.recorded_ms(), 1'767'607'200'050);
}

}  // namespace
}  // namespace keyfold
