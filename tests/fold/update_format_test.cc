#include "fold/update_format.h"

#include <gmock/gmock.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "state/account_reader.h"
#include "state/commit_metadata.h"
#include "support/default_catalog.h"
#include "support/event_builder.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;

// A catalogue of three KPIs, an update of two of their values, one of which has changed.
class UpdateFormatTest : public ::testing::Test {
 protected:
  static Catalog Parse() {
    return *Catalog::Parse(R"(
kpis:
  - {id: nps, formula: 'sum(nps_responses, total)', unit: points}
  - {id: bookings, formula: 'sum(bookings, total)', unit: money}
  - {id: csat, formula: 'sum(csat_responses, total)', unit: ratio, rollup: {formula: 'sum(csat_responses, total)', id: a_csat}}
)",
                           "test.yaml", {});
  }

  UpdateFormatTest() {
    update_.id = "A1";
    update_.before = &before_;
    update_.after = &after_;
    update_.missing_rates = {"CHF", "USD"};
    update_.source_partition = 3;
    update_.source_offset = 1'234'567'890'123'456'789;
    update_.correlation_id = "c";
    update_.cause = v1::KpiUpdate::EVENT;
    update_.cause_event = "invoice_issued";
    update_.recorded_at_ms = 1'767'614'400'250;  // 2026-01-05T12:00:00.250Z
    update_.attributes = &attributes_;
    update_.customer = true;
  }

  std::string Encode(UpdateFormat::Encoding encoding, uint32_t schema_id = 0) const {
    return UpdateFormat(encoding, schema_id).Encode(day_, update_);
  }

  // What Protobuf's own serialiser makes of the message, map entries in the order of their keys.
  std::string Deterministic() const {
    std::string bytes;
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    MakeUpdate(day_, update_).SerializeToCodedStream(&coded);
    coded.Trim();
    return bytes;
  }

  const Catalog catalog_ = Parse();
  const EvaluationDay day_{catalog_, *ParseDay("2026-01-05")};
  const std::vector<double> before_ = {0.1, std::nan(""), 7};
  const std::vector<double> after_ = {0.1 + 0.2, 1234, 7};
  const AccountAttributes attributes_ = [] {
    AccountAttributes attributes;
    attributes.name = "Müller " + std::string(150, 'x');  // longer than a length of one byte
    attributes.region = "DACH";
    attributes.manager_id = "M7";
    attributes.tier = "KEY";
    return attributes;
  }();
  Update update_;
};

TEST_F(UpdateFormatTest, ProtobufIsWhatItsOwnSerialiserWrites) {
  EXPECT_EQ(Encode(UpdateFormat::Encoding::kProtobuf), Deterministic());
  update_.group = true;
  update_.id = "manager:M1";
  update_.accounts = 300;
  update_.attributes = nullptr;
  EXPECT_EQ(Encode(UpdateFormat::Encoding::kProtobuf), Deterministic());
  update_.group = false;
  const AccountAttributes nothing;
  update_.attributes = &nothing;
  EXPECT_EQ(Encode(UpdateFormat::Encoding::kProtobuf), Deterministic());
  EXPECT_TRUE(MakeUpdate(day_, update_).has_attributes());
  update_ = Update();
  update_.before = update_.after = &after_;
  EXPECT_EQ(Encode(UpdateFormat::Encoding::kProtobuf), Deterministic());
}

TEST_F(UpdateFormatTest, TheMessageHoldsEverything) {
  const v1::KpiUpdate message = MakeUpdate(day_, update_);
  EXPECT_EQ(message.account_id(), "A1");
  EXPECT_EQ(message.as_of(), "2026-01-05");
  EXPECT_EQ(message.catalog_hash(), catalog_.hash());
  EXPECT_EQ(message.kpis_size(), 3);
  EXPECT_EQ(message.kpis().at("bookings"), 12.34);
  ASSERT_EQ(message.changed_size(), 2);
  EXPECT_EQ(message.changed(0).id(), "nps");
  EXPECT_EQ(message.changed(0).from(), 0.1);
  EXPECT_EQ(message.changed(1).id(), "bookings");
  EXPECT_FALSE(message.changed(1).has_from());
  EXPECT_THAT(message.missing_rates(), ElementsAre("CHF", "USD"));
  EXPECT_EQ(message.source_partition(), 3);
  EXPECT_EQ(message.correlation_id(), "c");
  EXPECT_EQ(message.group_id(), "");
  EXPECT_EQ(message.cause(), v1::KpiUpdate::EVENT);
  EXPECT_EQ(message.cause_event(), "invoice_issued");
  EXPECT_EQ(message.recorded_at().seconds(), 1'767'614'400);
  EXPECT_EQ(message.recorded_at().nanos(), 250'000'000);
  EXPECT_EQ(message.attributes().name(), attributes_.name);
  EXPECT_EQ(message.attributes().region(), "DACH");
  EXPECT_EQ(message.attributes().manager_id(), "M7");
  EXPECT_EQ(message.attributes().tier(), "KEY");
  EXPECT_TRUE(message.attributes().customer());
  EXPECT_TRUE(message.attributes().key_account());
  EXPECT_FALSE(message.has_group());
}

TEST_F(UpdateFormatTest, AGroupHasAKindAndALabel) {
  update_.group = true;
  update_.attributes = nullptr;
  for (const auto& [id, kind, label] : {std::tuple("portfolio:key", v1::GroupAttributes::PORTFOLIO, "key"),
                                        std::tuple("manager:M:7", v1::GroupAttributes::MANAGER, "M:7"),
                                        std::tuple("segment:ENT", v1::GroupAttributes::SEGMENT, "ENT"),
                                        std::tuple("region:DACH", v1::GroupAttributes::REGION, "DACH"),
                                        std::tuple("industry:Chemie", v1::GroupAttributes::INDUSTRY, "Chemie"),
                                        std::tuple("tier:KEY", v1::GroupAttributes::TIER, "KEY"),
                                        std::tuple("parent:K1", v1::GroupAttributes::PARENT, "K1")}) {
    update_.id = id;
    const v1::KpiUpdate message = MakeUpdate(day_, update_);
    EXPECT_EQ(message.group().kind(), kind) << id;
    EXPECT_EQ(message.group().label(), label) << id;
    EXPECT_FALSE(message.has_attributes());
  }
}

// What is published without knowledge of the record before says so, and nothing of what has changed.
TEST_F(UpdateFormatTest, WhatIsPublishedAfreshHasChangedNothing) {
  for (v1::KpiUpdate::Cause cause : {v1::KpiUpdate::RECOVERY, v1::KpiUpdate::DEFINITION}) {
    update_.cause = cause;
    EXPECT_EQ(MakeUpdate(day_, update_).changed_size(), 0);
    EXPECT_EQ(MakeUpdate(day_, update_).kpis_size(), 3);
  }
}

// The keys of docs/kpis.md's fold line, so that one reader understands both.
TEST_F(UpdateFormatTest, JsonHasTheFieldsOfAFoldLine) {
  const nlohmann::json json = nlohmann::json::parse(Encode(UpdateFormat::Encoding::kJson));
  EXPECT_EQ(json.at("account_id"), "A1");
  EXPECT_EQ(json.at("as_of"), "2026-01-05");
  EXPECT_EQ(json.at("kpis").at("nps").get<double>(), 0.1 + 0.2);  // round trip
  EXPECT_EQ(json.at("kpis").size(), 3u);
  EXPECT_EQ(json.at("missing_rates"), nlohmann::json::array({"CHF", "USD"}));
  EXPECT_EQ(json.at("changed").at(1).at("id"), "bookings");
  EXPECT_FALSE(json.at("changed").at(1).contains("from"));
  EXPECT_EQ(json.at("source_offset"), "1234567890123456789");  // proto3 JSON: 64-bit integers are strings
  EXPECT_EQ(json.at("cause"), "EVENT");
  EXPECT_EQ(json.at("recorded_at"), "2026-01-05T12:00:00.250Z");
  EXPECT_EQ(json.at("attributes").at("region"), "DACH");
  EXPECT_EQ(json.at("attributes").at("segment"), "");
  EXPECT_FALSE(json.contains("group"));
}

TEST_F(UpdateFormatTest, JsonHasThemAlsoWhereTheyAreEmpty) {
  const std::vector<double> nothing(3, std::nan(""));
  update_ = Update();
  update_.before = update_.after = &nothing;
  const nlohmann::json json = nlohmann::json::parse(Encode(UpdateFormat::Encoding::kJson));
  EXPECT_EQ(json.at("kpis"), nlohmann::json::object());
  EXPECT_EQ(json.at("missing_rates"), nlohmann::json::array());
  EXPECT_EQ(json.at("changed"), nlohmann::json::array());
}

// Whoever decodes by the registered file takes the message that the frame names: KpiUpdate is its fourth.
TEST_F(UpdateFormatTest, ConfluentFramesTheProtobuf) {
  ASSERT_EQ(v1::KpiUpdate::descriptor()->index(), 3);
  const std::string framed = Encode(UpdateFormat::Encoding::kConfluent, 0x01A2B3C4);
  EXPECT_EQ(framed.substr(0, 7), std::string("\x00\x01\xA2\xB3\xC4\x02\x06", 7));
  EXPECT_EQ(framed.substr(7), Deterministic());
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

  // The message; also checks that ValuesChanged() agrees with it.
  static v1::KpiUpdate Of(const EvaluationDay& day, const std::vector<double>* before, const std::vector<double>& after,
                          bool group = false) {
    Update update;
    update.group = group;
    update.before = before;
    update.after = &after;
    v1::KpiUpdate message = MakeUpdate(day, update);
    EXPECT_EQ(ValuesChanged(*day.catalog, update), message.changed_size() > 0);
    return message;
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
  const v1::KpiUpdate update = Of(january_, nullptr, Values(january_, 1'000, 250));
  EXPECT_THAT(Changes(update), ElementsAre("revenue from nothing", "ratio from nothing", "month from nothing"));
  EXPECT_EQ(update.kpis().at("revenue"), 10.0);  // money in major units
  EXPECT_EQ(update.kpis().at("ratio"), 0.25);
}

TEST_F(MakeUpdateTest, UndefinedValuesAreAbsentAndTheirComingAndGoingIsAChange) {
  const std::vector<double> none = Values(january_, 0, 0);
  const std::vector<double> some = Values(january_, 1'000, 250);
  const v1::KpiUpdate appears = Of(january_, &none, some);
  EXPECT_THAT(Changes(appears), ElementsAre("revenue from 0", "ratio from nothing", "month from 0"));

  const v1::KpiUpdate goes = Of(january_, &some, none);
  EXPECT_THAT(Changes(goes), ElementsAre("revenue from 10", "ratio from 0.25", "month from 10"));
  EXPECT_FALSE(goes.kpis().contains("ratio"));
}

TEST_F(MakeUpdateTest, WhatTimeAloneChangesIsAChange) {
  const std::vector<double> before = Values(january_, 1'000, 250);
  const v1::KpiUpdate update = Of(february_, &before, Values(february_, 1'000, 250));
  EXPECT_THAT(Changes(update), ElementsAre("month from 10"));
  EXPECT_EQ(update.as_of(), "2026-02-01");
}

TEST_F(MakeUpdateTest, GroupsHaveTheKpisThatRollUp) {
  const v1::KpiUpdate update = Of(january_, nullptr, Values(january_, 1'000, 250), /*group=*/true);
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
