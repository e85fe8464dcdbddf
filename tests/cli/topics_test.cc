#include "cli/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TopicDescription Topic(std::map<std::string, std::string> config) {
  TopicDescription topic;
  topic.name = "t";
  topic.exists = true;
  topic.partitions = 4;
  topic.replication_factor = 1;
  topic.config = std::move(config);
  return topic;
}

TEST(TopicsTest, WhatIsCreatedIsAsItShouldBe) {
  for (const TopicRole role :
       {TopicRole::kEvents, TopicRole::kKpis, TopicRole::kRollupKpis, TopicRole::kPartials, TopicRole::kDeadLetters}) {
    EXPECT_THAT(FindDeviations(role, Topic(SpecificationOf(role, "t", 4, 1).config), "b:1"), IsEmpty());
  }
}

TEST(TopicsTest, KpisMustBeCompactedAndNothingElse) {
  for (const char* const policy : {"delete", "compact,delete"}) {
    const auto deviations = FindDeviations(TopicRole::kKpis, Topic({{"cleanup.policy", policy}}), "b:1");
    ASSERT_THAT(deviations, SizeIs(1));
    EXPECT_TRUE(deviations[0].fatal);
    EXPECT_EQ(deviations[0].repair,
              "kafka-configs.sh --bootstrap-server b:1 --entity-type topics --entity-name t --alter --add-config "
              "cleanup.policy=compact");
  }
}

TEST(TopicsTest, GroupsAndPartialsMustBeCompacted) {
  const std::map<std::string, std::string> forever = {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}};
  for (const auto& [role, kept] :
       {std::pair(TopicRole::kRollupKpis, "each group,"), std::pair(TopicRole::kPartials, "each group and shard,")}) {
    const auto deviations = FindDeviations(role, Topic(forever), "b:1");
    ASSERT_THAT(deviations, SizeIs(1));
    EXPECT_TRUE(deviations[0].fatal);
    EXPECT_THAT(deviations[0].what, HasSubstr(kept));
    EXPECT_THAT(deviations[0].repair, HasSubstr("cleanup.policy=compact"));
  }
}

TEST(TopicsTest, EventsMustNotBeCompacted) {
  const auto deviations = FindDeviations(TopicRole::kEvents, Topic({{"cleanup.policy", "compact"}}), "b:1");
  ASSERT_THAT(deviations, SizeIs(1));
  EXPECT_TRUE(deviations[0].fatal);
  EXPECT_THAT(deviations[0].repair, HasSubstr("cleanup.policy=delete"));
}

TEST(TopicsTest, EventsThatExpireAreAWarning) {
  const std::map<std::string, std::string> week = {
      {"cleanup.policy", "delete"}, {"retention.ms", "604800000"}, {"retention.bytes", "-1"}};
  const auto deviations = FindDeviations(TopicRole::kEvents, Topic(week), "b:1");
  ASSERT_THAT(deviations, SizeIs(1));
  EXPECT_FALSE(deviations[0].fatal);
  EXPECT_THAT(deviations[0].repair, HasSubstr("retention.ms=-1"));
  EXPECT_THAT(FindDeviations(TopicRole::kDeadLetters, Topic(week), "b:1"), IsEmpty());
}

TEST(TopicsTest, RecordsOfOneMebibyteMustFit) {
  const TopicDescription topic = Topic({{"cleanup.policy", "delete"}, {"max.message.bytes", "1000"}});
  EXPECT_THAT(FindDeviations(TopicRole::kEvents, topic, "b:1"), SizeIs(1));
}

}  // namespace
}  // namespace keyfold
