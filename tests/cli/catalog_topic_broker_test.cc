// The catalogue topic on a broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/catalog_topic.h"
#include "cli/topics.h"
#include "kafka/broker_world.h"
#include "kafka/topic_reader.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

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

}  // namespace
}  // namespace keyfold
