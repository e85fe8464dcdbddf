// What is published of flags that changed.
#include "fold/alerts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "support/published.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

constexpr char kCatalog[] =
    "kpis:\n"
    "  - {id: sold, formula: 'sum(revenue, total)', unit: money}\n"
    "  - {id: growth, formula: 'undefined', unit: ratio}\n"
    "alerts:\n"
    "  - {id: rich, formula: 'sold > 100 and sum(revenue, total) + sold > 0', severity: LOW, rollup: {formula: "
    "growth}}\n"
    "  - {id: falling, formula: growth < 0, severity: CRITICAL, of: customers}\n";

class AlertsTest : public ::testing::Test {
 protected:
  AlertsTest() {
    update_.id = "A1";
    update_.after = &values_;
    update_.customer = true;
    update_.source_partition = 3;
    update_.source_offset = 7;
    update_.correlation_id = "c";
    update_.cause = v1::KpiUpdate::EVENT;
    update_.cause_event = "invoice_issued";
    update_.recorded_at_ms = 1'500;
    attributes_.name = "Adler";
    attributes_.manager_id = "M7";
    attributes_.tier = "KEY";
    update_.attributes = &attributes_;
  }

  std::vector<OutputRecord> Append(const AlertIds& before, const AlertIds& after, bool known = true) {
    std::vector<OutputRecord> outputs;
    AppendAlerts(evaluation_, format_, {update_, [](uint16_t) { return 12'345.0; }, before, after, known}, outputs);
    return outputs;
  }

  static std::vector<std::string> Texts(const std::vector<OutputRecord>& outputs) {
    std::vector<std::string> texts;
    for (const OutputRecord& output : outputs) {
      EXPECT_EQ(output.topic, OutputTopic::kAlerts);
      texts.push_back(DescribeAlert(output));
    }
    return texts;
  }

  const Catalog catalog_ = *Catalog::Parse(kCatalog, "catalog.yaml", {});
  const EvaluationDay evaluation_{catalog_, *ParseDay("2026-01-05")};
  UpdateFormat format_{UpdateFormat::Encoding::kProtobuf};
  std::vector<double> values_ = {12'345, -0.5, 1, 1};
  AccountAttributes attributes_;
  Update update_;
};

TEST_F(AlertsTest, AreRaisedByWhatIsDefinedAndNotZero) {
  EXPECT_THAT(RaisedAlerts(catalog_, update_), ElementsAre("rich", "falling"));
  values_ = {0, 0, kUndefined, 1};
  EXPECT_THAT(RaisedAlerts(catalog_, update_), ElementsAre("falling"));
  values_ = {0, 0, 1, 0};
  EXPECT_THAT(RaisedAlerts(catalog_, update_), ElementsAre("rich"));
}

TEST_F(AlertsTest, SomeAreOfCustomersAndSomeNotOfGroups) {
  update_.customer = false;
  EXPECT_THAT(RaisedAlerts(catalog_, update_), ElementsAre("rich"));
  update_.group = true;
  EXPECT_THAT(RaisedAlerts(catalog_, update_), ElementsAre("rich"));
}

TEST_F(AlertsTest, OnlyWhatChangedIsPublished) {
  EXPECT_THAT(Append({}, {}), IsEmpty());
  EXPECT_THAT(Append({"rich"}, {"rich"}), IsEmpty());
  EXPECT_THAT(Texts(Append({"rich"}, {"falling"})),
              ElementsAre("account/rich/A1 cleared @ 2026-01-05 by 7", "account/falling/A1 raised @ 2026-01-05 by 7"));
}

TEST_F(AlertsTest, WhereItIsNotKnownWhatWasPublishedAllAreTold) {
  EXPECT_THAT(Texts(Append({"rich"}, {"rich"}, /*known=*/false)),
              ElementsAre("account/rich/A1 raised @ 2026-01-05 by 7", "account/falling/A1 cleared @ 2026-01-05 by 7"));
}

TEST_F(AlertsTest, WhatTheCatalogueHasNoMoreIsGone) {
  EXPECT_THAT(Texts(Append({"poor", "rich"}, {"rich"})), ElementsAre("account/poor/A1 gone"));
  std::vector<OutputRecord> outputs;
  AppendGoneAlerts(catalog_, "A1", /*group=*/false, {"poor", "rich"}, outputs);
  EXPECT_THAT(Texts(outputs), ElementsAre("account/rich/A1 gone", "account/falling/A1 gone", "account/poor/A1 gone"));
  outputs.clear();
  AppendGoneAlerts(catalog_, "segment:X", /*group=*/true, {}, outputs);
  EXPECT_THAT(Texts(outputs), ElementsAre("group/rich/segment:X gone"));
  EXPECT_EQ(outputs[0].routing_key, "segment:X");
}

TEST_F(AlertsTest, ARecordSaysAllThatIsNeededToShowIt) {
  const std::vector<OutputRecord> outputs = Append({}, {"rich"});
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].routing_key, "A1");
  const v1::KpiAlert alert = ParseAlert(*outputs[0].value);
  EXPECT_EQ(alert.account_id(), "A1");
  EXPECT_EQ(alert.alert(), "rich");
  EXPECT_TRUE(alert.raised());
  EXPECT_EQ(alert.severity(), v1::KpiAlert::LOW);
  EXPECT_EQ(alert.as_of(), "2026-01-05");
  EXPECT_EQ(alert.catalog_hash(), catalog_.hash());
  EXPECT_EQ(alert.source_partition(), 3);
  EXPECT_EQ(alert.correlation_id(), "c");
  EXPECT_EQ(alert.cause(), v1::KpiUpdate::EVENT);
  EXPECT_EQ(alert.cause_event(), "invoice_issued");
  EXPECT_EQ(alert.recorded_at().seconds(), 1);
  EXPECT_EQ(alert.recorded_at().nanos(), 500'000'000);
  EXPECT_EQ(alert.attributes().name(), "Adler");
  EXPECT_EQ(alert.attributes().manager_id(), "M7");
  EXPECT_TRUE(alert.attributes().key_account());
  EXPECT_TRUE(alert.attributes().customer());
  EXPECT_FALSE(alert.has_group());
  // What the formula reads, each once: a KPI as it is published, a sum as the formula sees it.
  ASSERT_EQ(alert.inputs_size(), 2);
  EXPECT_EQ(alert.inputs(0).id(), "sold");
  EXPECT_EQ(alert.inputs(0).value(), 123.45);
  EXPECT_EQ(alert.inputs(1).id(), "sum(revenue, total)");
  EXPECT_EQ(alert.inputs(1).value(), 12'345);
}

TEST_F(AlertsTest, OfAGroupThatReadsWhatIsUndefined) {
  values_[1] = kUndefined;
  update_.id = "manager:M7";
  update_.group = true;
  update_.attributes = nullptr;
  const std::vector<OutputRecord> outputs = Append({}, {"rich"});
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].key, "group/rich/manager:M7");
  const v1::KpiAlert alert = ParseAlert(*outputs[0].value);
  EXPECT_EQ(alert.group_id(), "manager:M7");
  EXPECT_EQ(alert.account_id(), "");
  EXPECT_EQ(alert.group().kind(), v1::GroupAttributes::MANAGER);
  EXPECT_EQ(alert.group().label(), "M7");
  EXPECT_FALSE(alert.has_attributes());
  ASSERT_EQ(alert.inputs_size(), 1);
  EXPECT_EQ(alert.inputs(0).id(), "growth");
  EXPECT_FALSE(alert.inputs(0).has_value());
}

TEST_F(AlertsTest, HasTheFormatOfUpdates) {
  const std::string bytes = *Append({}, {"rich"})[0].value;
  format_ = UpdateFormat(UpdateFormat::Encoding::kJson);
  const nlohmann::json json = nlohmann::json::parse(*Append({"rich"}, {})[0].value);
  EXPECT_EQ(json.at("account_id"), "A1");
  EXPECT_EQ(json.at("raised"), false);
  EXPECT_EQ(json.at("severity"), "LOW");
  EXPECT_EQ(json.at("inputs").at(0).at("value"), 123.45);
  format_ = UpdateFormat(UpdateFormat::Encoding::kConfluent, 1, 0x01020304);
  EXPECT_EQ(*Append({}, {"rich"})[0].value, std::string("\0\1\2\3\4\x02\x02", 7) + bytes);
}

}  // namespace
}  // namespace keyfold
