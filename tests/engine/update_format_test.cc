#include "engine/update_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/account_reader.h"
#include "engine/commit_metadata.h"
#include "support/default_catalog.h"
#include "support/event_builder.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;

v1::KpiUpdate Example() {
  v1::KpiUpdate update;
  update.set_account_id("A1");
  update.set_as_of("2026-01-05");
  for (const char* id : {"nps", "aov", "margin_ratio"}) (*update.mutable_kpis())[id] = 0.1 + 0.2;
  update.add_missing_rates("USD");
  update.add_changed()->set_id("nps");
  update.set_source_offset(1'234'567'890'123'456'789);
  return update;
}

std::string Protobuf(const v1::KpiUpdate& update) {
  return UpdateFormat(UpdateFormat::Encoding::kProtobuf).Encode(update);
}

TEST(UpdateFormatTest, ProtobufIsTheSameForTheSameUpdate) {
  v1::KpiUpdate other_order;
  ASSERT_TRUE(other_order.ParseFromString(Protobuf(Example())));
  other_order.clear_kpis();
  for (const char* id : {"margin_ratio", "aov", "nps"}) (*other_order.mutable_kpis())[id] = 0.1 + 0.2;
  EXPECT_EQ(Protobuf(other_order), Protobuf(Example()));
}

// The keys of kpis.md's fold line, so that one reader understands both.
TEST(UpdateFormatTest, JsonHasTheFieldsOfAFoldLine) {
  const nlohmann::json json = nlohmann::json::parse(UpdateFormat(UpdateFormat::Encoding::kJson).Encode(Example()));
  EXPECT_EQ(json.at("account_id"), "A1");
  EXPECT_EQ(json.at("as_of"), "2026-01-05");
  EXPECT_EQ(json.at("kpis").at("nps").get<double>(), 0.1 + 0.2);  // round trip
  EXPECT_EQ(json.at("kpis").size(), 3u);
  EXPECT_EQ(json.at("missing_rates"), nlohmann::json::array({"USD"}));
  EXPECT_EQ(json.at("changed").at(0).at("id"), "nps");
  EXPECT_FALSE(json.at("changed").at(0).contains("from"));
  EXPECT_EQ(json.at("source_offset"), "1234567890123456789");  // proto3 JSON: 64-bit integers are strings
}

TEST(UpdateFormatTest, JsonHasThemAlsoWhereTheyAreEmpty) {
  v1::KpiUpdate update;
  update.set_account_id("A1");
  update.set_as_of("2026-01-05");
  const nlohmann::json json = nlohmann::json::parse(UpdateFormat(UpdateFormat::Encoding::kJson).Encode(update));
  EXPECT_EQ(json.at("kpis"), nlohmann::json::object());
  EXPECT_EQ(json.at("missing_rates"), nlohmann::json::array());
  EXPECT_EQ(json.at("changed"), nlohmann::json::array());
}

TEST(UpdateFormatTest, ConfluentFramesTheProtobuf) {
  const std::string framed = UpdateFormat(UpdateFormat::Encoding::kConfluent, 0x01A2B3C4).Encode(Example());
  EXPECT_EQ(framed.substr(0, 6), std::string("\x00\x01\xA2\xB3\xC4\x00", 6));
  EXPECT_EQ(framed.substr(6), Protobuf(Example()));
}

// --- what changed ----------------------------------------------------------------------------------------------------

class MakeUpdateTest : public ::testing::Test {
 protected:
  static Catalog Parse() {
    return *Catalog::Parse(R"(
kpis:
  - {id: revenue, formula: 'sum(revenue, total)', unit: money, better: higher}
  - {id: ratio, formula: 'sum(variable_cost, total) / sum(revenue, total)', unit: ratio, better: lower}
  - {id: month, formula: 'sum(revenue, mtd)', unit: money, better: higher, rollup: none}
)",
                           "test.yaml", {});
  }

  // Components of an account with this revenue and cost, both on 2026-01-31.
  ComponentValues Components(const EvaluationDay& day, int64_t revenue, int64_t cost) const {
    const Currency euro = *Currency::Parse("EUR");
    std::vector<Contribution> ledger;
    if (revenue != 0) ledger.push_back({{Measure::kRevenue, 0, euro, *ParseDay("2026-01-31")}, revenue});
    if (cost != 0) ledger.push_back({{Measure::kVariableCost, 0, euro, *ParseDay("2026-01-31")}, cost});
    return SumComponents(day, ledger, {});
  }

  // The values of an account with this revenue and cost.
  std::vector<double> Values(const EvaluationDay& day, int64_t revenue, int64_t cost) const {
    return EvaluateAccount(day, Components(day, revenue, cost));
  }

  static std::vector<std::string> Changes(const v1::KpiUpdate& update) {
    std::vector<std::string> texts;
    for (const v1::KpiChange& change : update.changed()) {
      texts.push_back(change.id() + (change.has_from() ? absl::StrCat(" from ", change.from()) : " from nothing"));
    }
    return texts;
  }

  const Catalog catalog_ = Parse();
  const EvaluationDay january_{catalog_, *ParseDay("2026-01-31")};
  const EvaluationDay february_{catalog_, *ParseDay("2026-02-01")};
};

TEST_F(MakeUpdateTest, WithoutAPredecessorEverythingChangedFromNothing) {
  const v1::KpiUpdate update = MakeUpdate(january_, nullptr, Values(january_, 1'000, 250), {"USD"});
  EXPECT_THAT(Changes(update), ElementsAre("revenue from nothing", "ratio from nothing", "month from nothing"));
  EXPECT_EQ(update.kpis().at("revenue"), 10.0);  // money in major units
  EXPECT_EQ(update.kpis().at("ratio"), 0.25);
  EXPECT_THAT(update.missing_rates(), ElementsAre("USD"));
}

TEST_F(MakeUpdateTest, UndefinedValuesAreAbsentAndTheirComingAndGoingIsAChange) {
  const std::vector<double> none = Values(january_, 0, 0);
  const std::vector<double> some = Values(january_, 1'000, 250);
  const v1::KpiUpdate appears = MakeUpdate(january_, &none, some, {});
  EXPECT_THAT(Changes(appears), ElementsAre("revenue from 0", "ratio from nothing", "month from 0"));

  const v1::KpiUpdate goes = MakeUpdate(january_, &some, none, {});
  EXPECT_THAT(Changes(goes), ElementsAre("revenue from 10", "ratio from 0.25", "month from 10"));
  EXPECT_FALSE(goes.kpis().contains("ratio"));
}

TEST_F(MakeUpdateTest, WhatTimeAloneChangesIsAChange) {
  const std::vector<double> before = Values(january_, 1'000, 250);
  const v1::KpiUpdate update = MakeUpdate(february_, &before, Values(february_, 1'000, 250), {});
  EXPECT_THAT(Changes(update), ElementsAre("month from 10"));
  EXPECT_EQ(update.as_of(), "2026-02-01");
}

TEST_F(MakeUpdateTest, GroupsHaveTheKpisThatRollUp) {
  const v1::KpiUpdate update = MakeUpdate(january_, nullptr, Values(january_, 1'000, 250), {}, /*group=*/true);
  EXPECT_THAT(Changes(update), ElementsAre("revenue from nothing", "ratio from nothing"));
  EXPECT_FALSE(update.kpis().contains("month"));
}

// --- the metadata of commits -----------------------------------------------------------------------------------------

TEST(CommitMetadataTest, WhatWasWrittenIsRead) {
  v1::CommitMetadata metadata;
  metadata.set_from_offset(int64_t{1} << 60);
  metadata.mutable_sweep()->set_active(true);
  metadata.mutable_sweep()->set_after_account("\"é\n");
  const v1::CommitMetadata read = ParseCommitMetadata(FormatCommitMetadata(metadata));
  EXPECT_EQ(read.SerializeAsString(), metadata.SerializeAsString());
  EXPECT_FALSE(IsUnknown(read));
  EXPECT_FALSE(IsUnknown(ParseCommitMetadata(FormatCommitMetadata({}))));
}

TEST(CommitMetadataTest, WhatIsNotOursMeansASweepThatPublishesAll) {
  for (const char* const text : {"", "reset by hand", "[]", "{\"fromOffset\": \"x\"}", "{\"fromOffset\": 1"}) {
    const v1::CommitMetadata read = ParseCommitMetadata(text);
    EXPECT_TRUE(IsUnknown(read)) << text;
    EXPECT_TRUE(read.sweep().active()) << text;
    EXPECT_TRUE(read.sweep().publish_all()) << text;
    EXPECT_EQ(read.sweep().after_account(), "") << text;
  }
}

}  // namespace
}  // namespace keyfold
