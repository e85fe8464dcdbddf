#include "run/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/verbs.h"
#include "support/run_verb.h"

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
       {TopicRole::kEvents, TopicRole::kKpis, TopicRole::kRollupKpis, TopicRole::kAlerts, TopicRole::kPartials,
        TopicRole::kCatalog, TopicRole::kMembers, TopicRole::kDeadLetters}) {
    EXPECT_THAT(FindDeviations(role, Topic(SpecificationOf(role, "t", 4, 1).config), "b:1"), IsEmpty());
  }
}

TEST(TopicsTest, TheBrokersStampEventsUnlessToldOtherwise) {
  EXPECT_EQ(SpecificationOf(TopicRole::kEvents, "t", 4, 1).config.at("message.timestamp.type"), "LogAppendTime");
  auto config = SpecificationOf(TopicRole::kEvents, "t", 4, 1).config;
  config["message.timestamp.type"] = "CreateTime";
  const auto deviations = FindDeviations(TopicRole::kEvents, Topic(config), "b:1");
  ASSERT_THAT(deviations, SizeIs(1));
  EXPECT_FALSE(deviations[0].fatal);
  EXPECT_THAT(deviations[0].what, HasSubstr("producers' clocks"));
  EXPECT_THAT(deviations[0].repair, HasSubstr("message.timestamp.type=LogAppendTime"));
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
       {std::pair(TopicRole::kRollupKpis, "each group,"), std::pair(TopicRole::kPartials, "each group and shard,"),
        std::pair(TopicRole::kAlerts, "each account or group and alert,")}) {
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

TEST(TopicsTest, ARejectedRecordMustFitIntoTheDeadLetters) {
  const auto taking = [](const char* bytes) { return Topic({{"max.message.bytes", bytes}}); };
  const TopicDescription created = Topic(SpecificationOf(TopicRole::kDeadLetters, "t", 1, 1).config);
  EXPECT_THAT(FindLetterDeviations(created, taking("10000000"), "b:1"), IsEmpty());
  EXPECT_THAT(FindLetterDeviations(created, taking("20000000"), "b:1"), SizeIs(1));

  // Kafka's defaults: the headers of the letter do not fit.
  const auto small = FindLetterDeviations(taking("1048588"), taking("1048588"), "b:1");
  ASSERT_THAT(small, SizeIs(1));
  EXPECT_FALSE(small[0].fatal) << "it is cut";
  EXPECT_THAT(small[0].what, HasSubstr("max.message.bytes is 1048588"));
  EXPECT_THAT(small[0].repair, HasSubstr("max.message.bytes=16777216"));
  const auto useless = FindLetterDeviations(taking("1000"), taking("1048588"), "b:1");
  ASSERT_THAT(useless, SizeIs(1));
  EXPECT_TRUE(useless[0].fatal) << "no letter fits";
  EXPECT_THAT(FindLetterDeviations(Topic({}), taking("1048588"), "b:1"), IsEmpty()) << "nobody knows";
}

TEST(TopicsTest, DeadLettersMayBeStampedAsEventsMay) {
  const auto allowing = [](const char* ms) { return Topic({{"message.timestamp.after.max.ms", ms}}); };
  EXPECT_THAT(FindLetterDeviations(allowing("3600000"), allowing("3600000"), "b:1"), IsEmpty());
  EXPECT_THAT(FindLetterDeviations(Topic({}), allowing("3600000"), "b:1"), IsEmpty()) << "older brokers";
  const auto deviations = FindLetterDeviations(allowing("3600000"), allowing("9223372036854775807"), "b:1");
  ASSERT_THAT(deviations, SizeIs(1));
  EXPECT_TRUE(deviations[0].fatal) << "a record would be refused for ever";
  EXPECT_THAT(deviations[0].repair, HasSubstr("message.timestamp.after.max.ms=9223372036854775807"));
}

TEST(TopicsTest, EachTopicIsNamedByOneKey) {
  Config live;
  NameTopics(live);
  EXPECT_TRUE(CheckTopicNames(live).ok());
  Config config = live;
  config.dead_letters_topic = config.events_topic;
  absl::Status status = CheckTopicNames(config);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(status.message(),
            "topics.events and topics.dead_letters are both 'account-events': each needs a topic of its own");
  config = live;
  config.rollup_kpis_topic = config.kpis_topic;
  EXPECT_THAT(std::string(CheckTopicNames(config).message()), HasSubstr("topics.kpis and topics.rollup_kpis"));
  config = live;
  config.alerts_topic = config.rollup_kpis_topic;
  EXPECT_THAT(std::string(CheckTopicNames(config).message()), HasSubstr("topics.rollup_kpis and topics.alerts"));
  config = live;
  config.kpis_topic = "keyfold.live.partials";  // what the partials are called by default
  EXPECT_THAT(std::string(CheckTopicNames(config).message()), HasSubstr("topics.kpis and topics.partials"));
}

// Each verb that uses topics, before it asks a broker for anything.
TEST(TopicsTest, MixedUpTopicsAreRefusedByEveryVerb) {
  const TestFile nothing;
  const std::vector<std::vector<std::string>> verbs = {{"run"}, {"topics"}, {"clock"}, {"produce", nothing.path()}};
  for (std::vector<std::string> arguments : verbs) {
    const std::string verb = arguments.front();
    arguments.insert(arguments.end(), {"--kafka", "bootstrap.servers=127.0.0.1:1", "--topics.dead_letters", "x",
                                       "--topics.events", "x"});
    const VerbResult result = RunVerb(arguments);
    EXPECT_EQ(result.exit_status, kExitUsage) << verb;
    EXPECT_THAT(result.errors, HasSubstr("topics.events and topics.dead_letters are both 'x'"));
  }
}

}  // namespace
}  // namespace keyfold
