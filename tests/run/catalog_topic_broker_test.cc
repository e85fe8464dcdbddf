// The catalogue topic on a broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ask/catalog_document.h"
#include "config/config.h"
#include "kafka/broker_world.h"
#include "kafka/topic_reader.h"
#include "run/catalog_topic.h"
#include "run/topics.h"
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
    live_ = Projection("live");
  }

  // Of its own name, with its catalogue topic.
  Config Projection(const std::string& name) {
    Config config;
    config.projection = UniqueName(name);
    config.catalog_topic = "keyfold." + config.projection + ".catalog";
    NameTopics(config);
    EXPECT_TRUE(CreateTopics(connection_, {SpecificationOf(TopicRole::kCatalog, config.catalog_topic, 4, 1)}).ok());
    return config;
  }

  // The catalogues in the topic of `live`.
  std::vector<std::pair<std::string, std::string>> Records() {
    std::vector<std::pair<std::string, std::string>> records;
    const absl::Status status = ReadTopic(connection_, live_.catalog_topic, [&](const Record& record) {
      if (*record.key != "outputs") records.emplace_back(*record.key, *record.value);
    });
    EXPECT_TRUE(status.ok()) << status;
    return records;
  }

  static Catalog Labelled(const std::string& label) {
    return *Catalog::Parse("kpis:\n  - {id: a, formula: '1', unit: ratio, label: {de: " + label + ", en: A}}\n", "x",
                           {});
  }

  KafkaConnection connection_;
  Config live_;
};

TEST_F(CatalogTopicBrokerTest, IsWrittenOnlyWhereItIsNotThere) {
  const Catalog catalog = DefaultCatalog();
  ASSERT_TRUE(Announce(connection_, live_, catalog).ok());
  ASSERT_TRUE(Announce(connection_, live_, catalog).ok());
  EXPECT_THAT(Records(), ElementsAre(Pair(catalog.hash(), CatalogDocument(catalog))));
}

// By the hash that records carry a reader always finds the latest words for them.
TEST_F(CatalogTopicBrokerTest, AnotherLabelTakesThePlaceOfTheOneBefore) {
  const Catalog before = Labelled("Eins");
  const Catalog other = DefaultCatalog();
  const Catalog after = Labelled("Zwei");
  for (const Catalog* catalog : {&before, &other, &after, &other}) {
    ASSERT_TRUE(Announce(connection_, live_, *catalog).ok());
  }
  EXPECT_EQ(before.hash(), after.hash());
  EXPECT_THAT(Records(),
              ElementsAre(Pair(before.hash(), CatalogDocument(before)), Pair(other.hash(), CatalogDocument(other)),
                          Pair(after.hash(), CatalogDocument(after))));
}

// Two projections never write to one topic.
TEST_F(CatalogTopicBrokerTest, AnotherProjectionsTopicIsRefused) {
  Config second = Projection("second");
  const Catalog catalog = DefaultCatalog();
  for (const Config* config : {&live_, &second, &live_}) {
    EXPECT_EQ(Announce(connection_, *config, catalog), absl::OkStatus());
  }
  second.kpis_topic = live_.kpis_topic;
  const absl::Status refused = Announce(connection_, second, catalog);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("the topic " + live_.kpis_topic + " belongs to the projection " + live_.projection),
                    HasSubstr("delete its topic " + live_.catalog_topic)));
}

}  // namespace
}  // namespace keyfold
