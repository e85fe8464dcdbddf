#include "live/latest_values.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "live/latest_world.h"
#include "live/published_update.h"
#include "live/stream_position.h"
#include "live/stream_reader.h"

namespace keyfold {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

const Visibility kAll{true};
const Visibility kM1{false, {"manager:M1"}};

v1::KpiUpdate AFullUpdate() {
  v1::KpiUpdate update = AnUpdate("A\"1\n", "M1", 0.1);
  (*update.mutable_kpis())["big"] = 1e300;
  (*update.mutable_kpis())["count"] = 3;
  update.set_as_of("2026-01-05");
  update.add_missing_rates("USD");
  update.add_changed()->set_id("big");
  v1::KpiChange& change = *update.add_changed();
  change.set_id("count");
  change.set_from(2);
  update.set_source_offset(int64_t{1} << 60);
  update.set_cause(v1::KpiUpdate::EVENT);
  update.mutable_recorded_at()->set_seconds(1'767'607'200);
  update.mutable_recorded_at()->set_nanos(50'000'000);
  update.mutable_group()->set_kind(v1::GroupAttributes::MANAGER);
  return update;
}

std::string Proto3Json(const v1::KpiUpdate& update) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(update, &json, options).ok());
  return json;
}

std::vector<std::string> IdsOf(const LatestPage& page) {
  std::vector<std::string> ids;
  for (const auto& row : page.rows) ids.push_back(nlohmann::json::parse(*row).at("account_id"));
  return ids;
}

TEST(PublishedUpdateTest, JsonIsThatOfPublishFormatJson) {
  for (const v1::KpiUpdate& update : {AFullUpdate(), v1::KpiUpdate()}) {
    std::string json;
    AppendUpdateJson(update, {}, json);
    EXPECT_EQ(nlohmann::json::parse(json), nlohmann::json::parse(Proto3Json(update)));
  }
}

TEST(PublishedUpdateTest, ASelectionLeavesOtherKpisOut) {
  std::string json;
  AppendUpdateJson(AFullUpdate(), {"count", "none"}, json);
  const nlohmann::json parsed = nlohmann::json::parse(json);
  EXPECT_EQ(parsed.at("kpis"), nlohmann::json({{"count", 3}}));
  EXPECT_EQ(parsed.at("changed").size(), 1u);
}

TEST(PublishedUpdateTest, EveryPublishedFormatIsRead) {
  const std::string protobuf = AFullUpdate().SerializeAsString();
  const std::string confluent = std::string("\0\0\0\0\7", 5) + std::string(1, '\0') + protobuf;
  const std::string indexed = std::string("\0\0\0\0\7", 5) + "\x02\x06" + protobuf;  // one index: 3
  for (const std::string& value : {protobuf, confluent, indexed, Proto3Json(AFullUpdate())}) {
    const std::optional<v1::KpiUpdate> update = DecodeUpdate(value);
    ASSERT_TRUE(update.has_value());
    EXPECT_EQ(nlohmann::json::parse(Proto3Json(*update)), nlohmann::json::parse(Proto3Json(AFullUpdate())));
  }
  EXPECT_FALSE(DecodeUpdate("{").has_value());
  EXPECT_FALSE(DecodeUpdate(std::string_view("\0\0", 2)).has_value());
  EXPECT_FALSE(DecodeUpdate("\x0a\xff").has_value());
}

std::map<std::string, double> KpisIn(std::string_view bytes) {
  std::map<std::string, double> kpis;
  VisitKpis(bytes, [&kpis](std::string_view kpi, double value) { kpis[std::string(kpi)] = value; });
  return kpis;
}

TEST(PublishedUpdateTest, FindsTheKpisInBytes) {
  v1::KpiUpdate update = AFullUpdate();
  (*update.mutable_kpis())["endless"] = std::numeric_limits<double>::infinity();
  const std::string bytes = update.SerializeAsString();
  std::map<std::string, double> defined;
  for (const auto& [kpi, value] : update.kpis()) {
    if (std::isfinite(value)) defined[kpi] = value;
  }
  EXPECT_EQ(defined.at("revenue"), 0.1);
  EXPECT_EQ(KpisIn(bytes), defined);
  for (size_t size = 0; size < bytes.size(); ++size) {  // cut off anywhere
    const std::map<std::string, double> found = KpisIn(std::string_view(bytes).substr(0, size));
    EXPECT_TRUE(std::includes(defined.begin(), defined.end(), found.begin(), found.end())) << size;
  }
  EXPECT_THAT(KpisIn(std::string_view(bytes).substr(0, 1)), IsEmpty());
}

std::vector<std::string> IdsBy(LatestValues& values, const SortBy& sort) {
  RowQuery query;
  query.sort = sort;
  const absl::StatusOr<LatestPage> page = values.List(query, {true}, {});
  EXPECT_TRUE(page.ok()) << page.status();
  std::vector<std::string> ids;
  for (const auto& row : page->rows) ids.push_back(nlohmann::json::parse(*row).at("account_id"));
  return ids;
}

TEST(LatestValuesTest, PreparedOrdersFollowWhatComesLater) {
  LatestWorld world;
  for (const auto& [id, revenue] : {std::pair("A1", 3), {"A2", 1}, {"A3", 2}}) {
    world.Publish(AnUpdate(id, "M1", revenue));
  }
  world.ReadAll();
  const auto never = [] { return false; };
  ASSERT_TRUE(world.values().PrepareOrders(LatestTopic::kAccounts, {"revenue", "nps"}, never).ok());
  world.Publish(AnUpdate("A1", "M1", 0));
  world.Publish(AnUpdate("A4", "M1", 1.5));
  world.ReadAll();
  const SortBy revenue{LatestTopic::kAccounts, SortBy::Kind::kKpi, "revenue"};
  EXPECT_THAT(IdsBy(world.values(), revenue), ::testing::ElementsAre("A1", "A2", "A4", "A3"));
  world.Publish(AnUpdate("A2", "M1", 9));
  world.ReadAll();
  EXPECT_THAT(IdsBy(world.values(), revenue), ::testing::ElementsAre("A1", "A4", "A3", "A2"));
  EXPECT_THAT(IdsBy(world.values(), {LatestTopic::kAccounts, SortBy::Kind::kKpi, "nps"}),
              ::testing::ElementsAre("A1", "A2", "A3", "A4"));
}

TEST(LatestValuesTest, PreparingMayBeStopped) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1", 3));
  world.ReadAll();
  const auto at_once = [] { return true; };
  EXPECT_TRUE(absl::IsCancelled(world.values().PrepareOrders(LatestTopic::kAccounts, {"revenue"}, at_once)));
  EXPECT_THAT(IdsBy(world.values(), {LatestTopic::kAccounts, SortBy::Kind::kKpi, "revenue"}),
              ::testing::ElementsAre("A1"));
}

TEST(LatestValuesTest, WhatIsNotVisibleDoesNotExist) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1"));
  world.Publish(AnUpdate("A2", "M2"));
  world.Publish(AGroupUpdate("manager:M1"));
  world.Publish(AGroupUpdate("portfolio:all"));
  world.ReadAll();
  const auto code = [&](LatestTopic topic, const std::string& id) {
    return world.values().Row(topic, id, kM1, {}).status();
  };
  EXPECT_TRUE(code(LatestTopic::kAccounts, "A1").ok());
  EXPECT_TRUE(code(LatestTopic::kGroups, "manager:M1").ok());
  EXPECT_EQ(code(LatestTopic::kAccounts, "A2"), absl::NotFoundError("there is no A2"));
  EXPECT_EQ(code(LatestTopic::kAccounts, "A9"), absl::NotFoundError("there is no A9"));
  EXPECT_EQ(code(LatestTopic::kGroups, "portfolio:all").code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(world.values().Row(LatestTopic::kGroups, "portfolio:all", kAll, {}).ok());
}

TEST(LatestValuesTest, ListsAreSortedByAKpiThatFollowsChanges) {
  LatestWorld world;
  for (int i = 1; i <= 5; ++i) world.Publish(AnUpdate("A" + std::to_string(i), i < 4 ? "M1" : "M2", i));
  world.ReadAll();
  RowQuery query;
  query.sort = {LatestTopic::kAccounts, SortBy::Kind::kKpi, "revenue"};
  query.descending = true;
  query.limit = 2;
  LatestPage page = world.values().List(query, kM1, {}).value();
  EXPECT_THAT(IdsOf(page), ElementsAre("A3", "A2"));
  EXPECT_EQ(page.total, 3);
  world.Publish(AnUpdate("A1", "M1", 10));
  world.Publish(AnUpdate("A2", "M2", 10));
  world.Tombstone("A5");
  world.ReadAll();
  page = world.values().List(query, kM1, {}).value();
  EXPECT_THAT(IdsOf(page), ElementsAre("A1", "A3"));
  EXPECT_THAT(page.next_cursor, IsEmpty());
  page = world.values().List(query, kAll, {}).value();
  EXPECT_THAT(IdsOf(page), ElementsAre("A2", "A1"));
  EXPECT_EQ(page.total, 4);
}

TEST(LatestValuesTest, WhatCannotBeReadIsCountedAndChangesNothing) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1"));
  world.ReadAll();
  const std::string other = AnUpdate("A2", "M1").SerializeAsString();
  const std::vector<PublishedRecord> records = {{LatestTopic::kAccounts, 0, 100, 0, "A1", "{"},
                                                {LatestTopic::kAccounts, 0, 101, 0, "A1", other},
                                                {LatestTopic::kAccounts, 0, 5, 0, "A1", other}};
  const LatestReport report = world.values().Apply(records).value();
  EXPECT_EQ(report.undecodable, 2);
  EXPECT_EQ(report.undecodable_example, "account-kpis[0] @100");
  EXPECT_EQ(report.ignored, 1);
  EXPECT_EQ(report.applied, 0);
  EXPECT_EQ(OffsetIn(world.values().next_offsets(), LatestTopic::kAccounts, 0), 102);
  EXPECT_TRUE(world.values().Row(LatestTopic::kAccounts, "A1", kAll, {}).ok());
}

TEST(LatestValuesTest, OfTwoPartitionsTheYoungerRecordCounts) {
  LatestWorld world;
  const std::string old = AnUpdate("A1", "M1", 1).SerializeAsString();
  const std::string young = AnUpdate("A1", "M1", 2).SerializeAsString();
  const auto shown = [&world] { return *world.values().Row(LatestTopic::kAccounts, "A1", kAll, {}).value(); };
  const auto apply = [&world](PublishedRecord record) { return world.values().Apply({&record, 1}).ok(); };
  ASSERT_TRUE(apply({LatestTopic::kAccounts, 7, 0, 2000, "A1", young}));
  ASSERT_TRUE(apply({LatestTopic::kAccounts, 1, 50, 1000, "A1", old}));
  EXPECT_THAT(shown(), HasSubstr("\"revenue\":2"));
  ASSERT_TRUE(apply({LatestTopic::kAccounts, 1, 51, 3000, "A1", old}));
  EXPECT_THAT(shown(), HasSubstr("\"revenue\":1"));
}

TEST(LatestValuesTest, AnotherClusterOrTopicIsReadAnewAndSaysSo) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1"));
  world.ReadAll();
  StreamReader reader(kAll, {.all_accounts = true});
  reader.Connect(world.values());
  reader.ReceiveAll();
  reader.Disconnect();
  world.source.topics[0] = "account-kpis.v2";
  world.Restart();
  EXPECT_THAT(world.log, ElementsAre(HasSubstr("account-kpis.v2")));
  EXPECT_EQ(world.values().Row(LatestTopic::kAccounts, "A1", kAll, {}).status().code(), absl::StatusCode::kNotFound);
  reader.TakeEvents();
  reader.Connect(world.values());
  reader.ReceiveAll();
  EXPECT_THAT(reader.TakeEvents(), ElementsAre("reset", "caught-up"));
}

TEST(LatestValuesTest, DamagedRowsAreReadAnew) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1"));
  world.ReadAll();
  StoreBatch damage;
  damage.Put("raA1", "\x0a\xff");
  ASSERT_TRUE(world.disk().Write(std::move(damage)).ok());
  world.Restart();
  EXPECT_THAT(world.log, ElementsAre(HasSubstr("damaged")));
  world.ReadAll();
  EXPECT_TRUE(world.values().Row(LatestTopic::kAccounts, "A1", kAll, {}).ok());
}

TEST(SubscriptionTest, TellsWhatIsThereThenChangesAndWakesOnce) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1"));
  world.ReadAll();
  StreamReader reader(kM1, {.all_accounts = true, .all_groups = true});
  reader.Connect(world.values());
  reader.ReceiveAll();
  EXPECT_THAT(reader.TakeEvents(), ElementsAre("reset", "update A1", "caught-up"));
  EXPECT_EQ(reader.wakes, 0);
  world.Publish(AnUpdate("A2", "M2"));
  world.ReadAll();
  EXPECT_EQ(reader.wakes, 0) << "it may not see A2";
  world.Publish(AnUpdate("A1", "M2"));
  world.Publish(AGroupUpdate("manager:M1"));
  world.ReadAll();
  world.Publish(AGroupUpdate("manager:M1"));
  world.ReadAll();
  EXPECT_EQ(reader.wakes, 1);
  reader.ReceiveAll();
  EXPECT_THAT(reader.TakeEvents(), ElementsAre("gone A1", "update manager:M1"));
}

TEST(SubscriptionTest, AnUnknownIdBeginsAnew) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1"));
  world.ReadAll();
  StreamReader other(kAll, {.accounts = {"A1"}});
  other.Connect(world.values());
  other.ReceiveAll();
  const std::string epoch = other.last_id.substr(0, other.last_id.find(':'));
  ASSERT_TRUE(epoch.starts_with(world.values().epoch()));
  for (const std::string& id : {std::string("x"), std::string("x:1;"), epoch, epoch + ":", epoch + ":99,99;",
                                epoch + ":1,2,;", epoch + ":;:99;", epoch + ":;junk", epoch + ":1,1,1,1,1;"}) {
    StreamReader reader(kAll, {.accounts = {"A1"}});
    reader.last_id = id;
    reader.Connect(world.values());
    reader.ReceiveAll();
    EXPECT_THAT(reader.TakeEvents(), ElementsAre("reset", "update A1", "caught-up")) << id;
  }
}

TEST(SubscriptionTest, AnIdOfAMomentGoesOnFromThereWhateverIsAsked) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1"));
  world.Publish(AnUpdate("A2", "M2"));
  world.ReadAll();
  const std::string moment = PrintPosition(world.values().epoch(), {world.values().next_offsets(), {}});
  world.Publish(AnUpdate("A1", "M1"));
  world.Publish(AnUpdate("A2", "M2"));
  world.ReadAll();
  StreamReader reader(kM1, {.all_accounts = true, .all_groups = true});
  reader.last_id = moment;
  reader.Connect(world.values());
  reader.ReceiveAll();
  EXPECT_THAT(reader.TakeEvents(), ElementsAre("update A1", "caught-up"));
}

// "epoch.question:offsets" -> "epoch:offsets"
std::string WithoutQuestion(std::string id) {
  const size_t point = id.find('.');
  return id.erase(point, id.find(':') - point);
}

TEST(SubscriptionTest, AMomentGoesOnWithWhateverIsAsked) {
  LatestWorld world;
  for (const char* id : {"A1", "A2", "A3"}) world.Publish(AnUpdate(id, "M1"));
  world.PublishAlert("account/at_risk/A2", true);
  world.ReadAll();
  StreamReader before(kAll, {.accounts = {"A1"}});
  before.Connect(world.values());
  before.ReceiveAll();
  ASSERT_EQ(before.TakeEvents(), std::vector<std::string>({"reset", "update A1", "caught-up"}));
  world.Publish(AnUpdate("A2", "M1"));
  world.PublishAlert("account/at_risk/A3", true);
  world.ReadAll();
  StreamReader other(kAll, {.accounts = {"A1", "A2", "A3"}, .alerts = true});
  other.last_id = before.last_id;
  other.Connect(world.values());
  other.ReceiveAll();
  EXPECT_THAT(other.TakeEvents(), Contains("reset")) << "it is the id of another question";
  StreamReader after(kAll, {.accounts = {"A1", "A2", "A3"}, .alerts = true});
  after.last_id = WithoutQuestion(before.last_id);
  after.Connect(world.values());
  after.ReceiveAll();
  EXPECT_THAT(after.TakeEvents(), UnorderedElementsAre("update A2", "alerts A2", "alerts A3", "caught-up"))
      << "what has changed since, with its alerts";
  after.Connect(world.values());
  after.ReceiveAll();
  EXPECT_THAT(after.TakeEvents(), Not(Contains("reset"))) << "from then on it has an id of its own question";
}

TEST(SubscriptionTest, AQuietReaderMovesOnWithHeartbeats) {
  LatestWorld world(1, {.ended_max = 2});
  for (const char* id : {"A1", "A2", "A3", "A4"}) world.Publish(AnUpdate(id, "M1"));
  world.ReadAll();
  StreamReader reader(kAll, {.accounts = {"A4"}});
  reader.Connect(world.values());
  reader.ReceiveAll();
  for (const char* id : {"A1", "A2", "A3"}) world.Tombstone(id);
  world.ReadAll();
  reader.Heartbeat();
  reader.TakeEvents();
  reader.Connect(world.values());
  reader.ReceiveAll();
  EXPECT_THAT(reader.TakeEvents(), ElementsAre("caught-up")) << "what was forgotten did not concern it";
}

TEST(SubscriptionTest, AnotherCatalogueOrAnEmptiedStoreResetsLiveStreams) {
  LatestWorld world;
  world.Publish(AnUpdate("A1", "M1"));
  world.ReadAll();
  StreamReader reader(kAll, {.accounts = {"A1"}});
  reader.Connect(world.values());
  reader.ReceiveAll();
  reader.TakeEvents();
  world.Publish(AnUpdate("A2", "M1", 0, "c2"));
  world.Publish(AnUpdate("A4", "M1", 0, "c2"));  // in the partition of A2
  world.ReadAll();
  reader.ReceiveAll();
  EXPECT_THAT(reader.TakeEvents(), IsEmpty()) << "no partition has moved from one to the other";
  world.Publish(AnUpdate("A1", "M1", 0, "c2"));
  world.ReadAll();
  EXPECT_EQ(reader.wakes, 1);
  reader.ReceiveAll();
  EXPECT_THAT(reader.TakeEvents(), ElementsAre("reset", "update A1", "caught-up"));
  ASSERT_TRUE(world.values().Empty().ok());
  EXPECT_EQ(reader.wakes, 2);
  reader.ReceiveAll();
  EXPECT_THAT(reader.TakeEvents(), ElementsAre("reset", "caught-up"));
}

}  // namespace
}  // namespace keyfold
