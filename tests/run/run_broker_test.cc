// `keyfold run` where topics are missing, not as they should be, or refuse what is written to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/dead_letter.h"
#include "kafka/broker_world.h"
#include "kafka/producer.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"
#include "run/stop_signal.h"
#include "run/topics.h"
#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int32_t kPartitions = 2;

class RunBrokerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto connection = TestConnection();
    if (!connection.ok()) GTEST_SKIP() << connection.status().message();
    connection_ = *connection;
    config_.projection = UniqueName("run");
    config_.events_topic = config_.projection + "-events";
    config_.kpis_topic = config_.projection + "-kpis";
    config_.rollup_kpis_topic = config_.projection + "-rollups";
    config_.alerts_topic = config_.projection + "-alerts";
    config_.partials_topic = config_.projection + "-partials";
    config_.catalog_topic = config_.projection + "-catalog";
    config_.members_topic = config_.projection + "-members";
    config_.dead_letters_topic = config_.projection + "-letters";
    directory_ = testing::TempDir() + config_.projection;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // All topics but `missing`, as they should be but for `settings`.
  void CreateAllBut(const std::set<TopicRole>& missing,
                    const std::map<TopicRole, std::map<std::string, std::string>>& settings = {}) {
    std::vector<TopicSpecification> topics;
    for (const auto& [role, name] : TopicsOf(config_)) {
      if (missing.contains(role)) continue;
      topics.push_back(SpecificationOf(role, name, kPartitions, 1));
      const auto changed = settings.find(role);
      if (changed == settings.end()) continue;
      for (const auto& [key, value] : changed->second) topics.back().config[key] = value;
    }
    const absl::Status created = CreateTopics(connection_, topics);
    ASSERT_TRUE(created.ok()) << created;
  }

  VerbResult Run(const std::vector<std::string>& more = {"--until-end"}) {
    StopOnSignals() = false;  // a run that gives up stops all of its process
    std::vector<std::string> arguments = {
        "run",          "--kafka",          absl::StrCat("bootstrap.servers=", connection_.bootstrap),
        "--projection", config_.projection, "--state_directory",
        directory_,     "--clock.ticker",   "false"};
    for (const auto& [role, name] : TopicsOf(config_)) {
      arguments.push_back("--" + KeyOf(role));
      arguments.push_back(name);
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunVerb(arguments);
  }

  struct Input {
    int32_t partition = 0;
    std::string key;
    std::string value;
  };

  void Send(const std::vector<Input>& records) {
    const auto producer = KafkaProducer::Create(connection_);
    ASSERT_TRUE(producer.ok()) << producer.status();
    for (const auto& [partition, key, value] : records) {
      const absl::Status produced =
          (*producer)->Produce(config_.events_topic, {.partition = partition, .key = key, .value = value});
      ASSERT_TRUE(produced.ok()) << produced;
      // One by one: a partition that was just created may refuse the first batch and take the second, and then takes
      // the first, repeated, for a duplicate.
      ASSERT_TRUE((*producer)->Flush(absl::Seconds(30)).ok());
    }
    ASSERT_EQ((*producer)->failures().count, 0) << (*producer)->failures().first;
  }

  static Input Account(int32_t partition, const std::string& id) {
    return {partition, id,
            absl::StrCat(R"({"event_id":"e","account_id":")", id,
                         R"(","occurred_at":"2026-06-01T10:00:00Z","account_opened":{"name":"x"}})")};
  }

  // Reads until `done`, at most for a while: a commit is answered before its markers are in the log.
  void ReadUntil(const std::string& topic, const std::function<void(const Record&)>& visit,
                 const std::function<bool()>& done) {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    do {
      const absl::Status read = ReadTopic(connection_, topic, visit);
      ASSERT_TRUE(read.ok()) << read;
    } while (!done() && absl::Now() < deadline);
  }

  // The accounts that were published, once those are `count`.
  std::set<std::string> Published(size_t count) {
    std::set<std::string> ids;
    ReadUntil(
        config_.kpis_topic, [&](const Record& record) { ids.emplace(*record.key); },
        [&] { return ids.size() >= count; });
    return ids;
  }

  struct Letter {
    size_t size = 0;
    std::map<std::string, std::string> headers;
    friend bool operator==(const Letter&, const Letter&) = default;
  };

  std::map<std::string, Letter> LettersByOffset() {
    std::map<std::string, Letter> letters;
    const auto visit = [&](const Record& record) {
      Letter letter;
      letter.size = record.value->size();
      for (const RecordHeader& header : record.headers) letter.headers[header.name] = *header.value;
      EXPECT_EQ(letters.emplace(letter.headers["error.offset"], letter).first->second, letter);
    };
    ReadUntil(config_.dead_letters_topic, visit, [&] { return letters.size() >= 4; });
    return letters;
  }

  // One record of each size in the first partition, wrong as a whole; accounts in both.
  void SendLarge() {
    std::mt19937 random(1);
    std::string noise(1'048'441, 0);
    for (char& byte : noise) byte = static_cast<char>(random());
    noise[0] = '\xff';
    Send({{0, "large", std::string(1'010'000, 'x')},
          {0, "large", std::string(1'200'000, 'x')},
          {0, "large", std::string(3'000'000, 'x')},
          {0, "large", noise},
          Account(0, "A"),
          Account(1, "B")});
  }

  KafkaConnection connection_;
  Config config_;
  std::string directory_;
};

TEST_F(RunBrokerTest, LargeRecordsThatAreRejectedAreDeadLettersAsTheyCame) {
  CreateAllBut({});
  SendLarge();
  const VerbResult run = Run();
  EXPECT_EQ(run.exit_status, kExitOk) << run.errors;
  EXPECT_EQ(Published(2), (std::set<std::string>{"A", "B"}));
  std::map<std::string, size_t> sizes;
  for (const auto& [offset, letter] : LettersByOffset()) {
    sizes[offset] = letter.size;
    EXPECT_FALSE(letter.headers.contains("error.cut"));
  }
  const std::map<std::string, size_t> sent = {{"0", 1'010'000}, {"1", 1'200'000}, {"2", 3'000'000}, {"3", 1'048'441}};
  EXPECT_EQ(sizes, sent);
}

// As the cluster's default is, and as an operator may have set it.
TEST_F(RunBrokerTest, WhereTheirTopicTakesLessTheyAreCut) {
  for (const size_t limit : {1'048'588, 2'000}) {
    SetUp();
    CreateAllBut({}, {{TopicRole::kDeadLetters, {{"max.message.bytes", absl::StrCat(limit)}}}});
    SendLarge();
    const VerbResult run = Run();
    EXPECT_EQ(run.exit_status, kExitOk) << run.errors;
    EXPECT_EQ(Published(2), (std::set<std::string>{"A", "B"}));
    std::map<std::string, Letter> letters = LettersByOffset();
    ASSERT_EQ(letters.size(), 4u);
    const Letter& noise = letters["3"];
    EXPECT_LT(noise.size, limit);
    EXPECT_GT(noise.size, limit / 2);
    EXPECT_EQ(noise.headers.at("error.original_size"), "1048441");
    EXPECT_EQ(noise.headers.at("error.original_xxh3").size(), 16u);
    EXPECT_EQ(noise.headers.at("error.cut"), "value");
    EXPECT_EQ(noise.headers.at("error.topic"), config_.events_topic);
    EXPECT_EQ(noise.headers.at("error.partition"), "0");
    TearDown();
  }
}

TEST_F(RunBrokerTest, MissingTopicsAreNamed) {
  CreateAllBut({TopicRole::kKpis, TopicRole::kPartials, TopicRole::kDeadLetters});
  const VerbResult run = Run();
  EXPECT_EQ(run.exit_status, kExitFailed);
  for (const TopicRole role : {TopicRole::kKpis, TopicRole::kPartials, TopicRole::kDeadLetters}) {
    EXPECT_THAT(run.errors, HasSubstr(absl::StrCat("topic ", TopicsOf(config_).at(role), " (", KeyOf(role),
                                                   "): there is no such topic; repair: keyfold topics --create")));
  }
  EXPECT_THAT(run.errors, Not(HasSubstr(config_.events_topic)));
}

TEST_F(RunBrokerTest, ATopicThatWouldLoseRecordsIsRefused) {
  CreateAllBut({}, {{TopicRole::kKpis, {{"cleanup.policy", "delete"}}}});
  const VerbResult run = Run();
  EXPECT_EQ(run.exit_status, kExitFailed);
  EXPECT_THAT(run.errors, HasSubstr(config_.kpis_topic + " (topics.kpis): cleanup.policy is 'delete'"));
}

TEST_F(RunBrokerTest, ATopicThatIsDeletedMeanwhileEndsIt) {
  CreateAllBut({});
  Send({Account(0, "A")});
  absl::Status deleted = absl::UnknownError("not asked");
  std::atomic<bool> ended = false;
  std::thread deletes([&] {
    EXPECT_EQ(Published(1), std::set<std::string>{"A"});
    deleted = DeleteTopic(connection_, config_.kpis_topic);
    // Until the broker has let go of the topic, it still takes what is published there.
    for (int i = 0; !ended; ++i) {
      Send({Account(0, absl::StrCat("B", i))});
      absl::SleepFor(absl::Milliseconds(200));
    }
  });
  const VerbResult run = Run({});  // without an end of its own
  ended = true;
  deletes.join();
  EXPECT_TRUE(deleted.ok()) << deleted;
  EXPECT_EQ(run.exit_status, kExitFailed);
  EXPECT_THAT(run.errors, HasSubstr(absl::StrCat("there is no topic ", config_.kpis_topic, " (topics.kpis)")));
  EXPECT_THAT(run.errors, HasSubstr("keyfold topics --create"));
}

}  // namespace
}  // namespace keyfold
