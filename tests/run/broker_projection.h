// A projection on the broker that KEYFOLD_TEST_KAFKA names, with topics and a state directory of its own.
#ifndef KEYFOLD_TESTS_RUN_BROKER_PROJECTION_H_
#define KEYFOLD_TESTS_RUN_BROKER_PROJECTION_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config/config.h"
#include "kafka/broker_world.h"
#include "kafka/producer.h"
#include "kafka/topic_reader.h"
#include "support/run_verb.h"

namespace keyfold {

class BrokerProjectionTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto connection = TestConnection();
    if (!connection.ok()) GTEST_SKIP() << connection.status().message();
    connection_ = *connection;
    config_ = ConfigOf(name_);
    std::filesystem::remove_all(config_.state_directory);
  }

  void TearDown() override { std::filesystem::remove_all(config_.state_directory); }

  // Of a projection of the same events.
  Config ConfigOf(const std::string& projection) const {
    Config config;
    config.projection = projection;
    config.kafka["bootstrap.servers"] = connection_.bootstrap;
    config.events_topic = name_ + "-events";
    config.state_directory = testing::TempDir() + name_;
    config.instance = name_;
    config.clock_ticker = false;
    NameTopics(config);
    return config;
  }

  VerbResult CreateTopicsOf(const Config& config, int partitions) const {
    return RunVerb({"topics", "--create", "--partitions", absl::StrCat(partitions), "--projection", config.projection,
                    "--topics.events", config.events_topic, "--topics.kpis", config.kpis_topic, "--kafka",
                    absl::StrCat("bootstrap.servers=", connection_.bootstrap)});
  }

  // An account each, wherever their keys lead.
  void Produce(const std::vector<std::string>& accounts) const {
    const auto producer = KafkaProducer::Create(connection_);
    ASSERT_TRUE(producer.ok()) << producer.status();
    for (const std::string& account : accounts) {
      const std::string event =
          absl::StrCat(R"({"event_id": "e1", "occurred_at": "2026-06-01T10:00:00Z", "account_opened": {"name": "x"}, )",
                       R"("account_id": ")", account, "\"}");
      ProducerRecord record;
      record.key = account;
      record.value = event;
      ASSERT_TRUE((*producer)->Produce(config_.events_topic, record).ok());
    }
    ASSERT_TRUE((*producer)->Flush(absl::Seconds(30)).ok());
  }

  // The accounts or groups that a topic has updates of.
  std::set<std::string> Published(const std::string& topic) const {
    std::set<std::string> ids;
    const absl::Status status =
        ReadTopic(connection_, topic, [&](const Record& record) { ids.emplace(record.key.value_or("")); });
    EXPECT_TRUE(status.ok()) << status;
    return ids;
  }

  const std::string name_ = UniqueName("p");
  KafkaConnection connection_;
  Config config_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_RUN_BROKER_PROJECTION_H_
