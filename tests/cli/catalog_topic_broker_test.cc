// The catalogue topic on a broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/catalog_topic.h"
#include "cli/claims.h"
#include "cli/config.h"
#include "cli/topics.h"
#include "kafka/broker_world.h"
#include "kafka/topic_reader.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

using ::testing::AllOf;
using ::testing::HasSubstr;

class CatalogTopicBrokerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto connection = TestConnection();
    if (!connection.ok()) GTEST_SKIP() << connection.status().message();
    connection_ = *connection;
    ASSERT_TRUE(CreateTopics(connection_, {SpecificationOf(TopicRole::kCatalog, topic_, 4, 1)}).ok());
  }

  std::vector<std::pair<std::string, std::string>> Records() {
    std::vector<std::pair<std::string, std::string>> records;
    const absl::Status status =
        ReadTopic(connection_, topic_, [&](const Record& record) { records.emplace_back(*record.key, *record.value); });
    EXPECT_TRUE(status.ok()) << status;
    return records;
  }

  static Catalog Labelled(const std::string& label) {
    return *Catalog::Parse("kpis:\n  - {id: a, formula: '1', unit: ratio, label: {de: " + label + ", en: A}}\n", "x",
                           {});
  }

  KafkaConnection connection_;
  const std::string topic_ = UniqueName("catalog");
};

TEST_F(CatalogTopicBrokerTest, IsWrittenOnlyWhereItIsNotThere) {
  const Catalog catalog = DefaultCatalog();
  ASSERT_TRUE(PublishCatalog(connection_, topic_, catalog).ok());
  ASSERT_TRUE(PublishCatalog(connection_, topic_, catalog).ok());
  EXPECT_THAT(Records(), ElementsAre(Pair(catalog.hash(), CatalogDocument(catalog))));
}

// By the hash that records carry a reader always finds the latest words for them.
TEST_F(CatalogTopicBrokerTest, AnotherLabelTakesThePlaceOfTheOneBefore) {
  const Catalog before = Labelled("Eins");
  const Catalog other = DefaultCatalog();
  const Catalog after = Labelled("Zwei");
  for (const Catalog* catalog : {&before, &other, &after, &other}) {
    ASSERT_TRUE(PublishCatalog(connection_, topic_, *catalog).ok());
  }
  EXPECT_EQ(before.hash(), after.hash());
  EXPECT_THAT(Records(),
              ElementsAre(Pair(before.hash(), CatalogDocument(before)), Pair(other.hash(), CatalogDocument(other)),
                          Pair(after.hash(), CatalogDocument(after))));
}

// Two projections never write to one topic.
TEST_F(CatalogTopicBrokerTest, AnotherProjectionsTopicIsRefused) {
  Config live;
  live.projection = UniqueName("live");
  live.catalog_topic = "keyfold." + live.projection + ".catalog";
  NameTopics(live);
  Config second = live;
  second.projection = UniqueName("second");
  second.catalog_topic = "keyfold." + second.projection + ".catalog";
  second.kpis_topic = second.rollup_kpis_topic = second.partials_topic = second.dead_letters_topic = "";
  NameTopics(second);
  for (const Config& config : {live, second}) {
    ASSERT_TRUE(CreateTopics(connection_, {SpecificationOf(TopicRole::kCatalog, config.catalog_topic, 1, 1)}).ok());
    EXPECT_EQ(ClaimOutputs(connection_, config), absl::OkStatus());
    EXPECT_EQ(ClaimOutputs(connection_, config), absl::OkStatus());
  }
  second.kpis_topic = live.kpis_topic;
  const absl::Status refused = ClaimOutputs(connection_, second);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("the topic " + live.kpis_topic + " belongs to the projection " + live.projection),
                    HasSubstr("delete its topic " + live.catalog_topic)));
}

}  // namespace
}  // namespace keyfold
