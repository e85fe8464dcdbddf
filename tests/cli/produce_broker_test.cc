// `keyfold topics` and `keyfold produce` against a broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "event/decoder.h"
#include "event/limits.h"
#include "kafka/broker_world.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"
#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

class ProduceBrokerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto connection = TestConnection();
    if (!connection.ok()) GTEST_SKIP() << connection.status().message();
    connection_ = *connection;
  }

  VerbResult Run(const std::string& verb, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), verb);
    for (const std::string& more : std::vector<std::string>{
             "--kafka", absl::StrCat("bootstrap.servers=", connection_.bootstrap), "--topics.events", events_,
             "--topics.kpis", kpis_, "--topics.rollup_kpis", rollup_kpis_, "--topics.alerts", alerts_,
             "--topics.partials", partials_, "--topics.catalog", catalog_, "--topics.dead_letters", dead_letters_}) {
      arguments.push_back(more);
    }
    return RunVerb(arguments);
  }

  KafkaConnection connection_;
  const std::string events_ = UniqueName("produce-events");
  const std::string kpis_ = UniqueName("produce-kpis");
  const std::string rollup_kpis_ = UniqueName("produce-rollup-kpis");
  const std::string alerts_ = UniqueName("produce-alerts");
  const std::string partials_ = UniqueName("produce-partials");
  const std::string catalog_ = UniqueName("produce-catalog");
  const std::string dead_letters_ = UniqueName("produce-dead-letters");
};

TEST_F(ProduceBrokerTest, TopicsAreMissedCreatedAndFoundInOrder) {
  const VerbResult missing = Run("topics", {});
  EXPECT_EQ(missing.exit_status, kExitFailed);
  EXPECT_THAT(missing.out, HasSubstr(absl::StrCat(events_, ": there is no such topic")));
  const VerbResult created = Run("topics", {"--create", "--partitions", "3", "--replication", "1"});
  EXPECT_EQ(created.exit_status, kExitOk) << created.out << created.errors;
  EXPECT_EQ(Run("topics", {}).exit_status, kExitOk);
}

TEST_F(ProduceBrokerTest, PartialsHaveAsManyPartitionsAsTheEventsThatAreThere) {
  ASSERT_TRUE(CreateTopics(connection_, {{.name = events_, .partitions = 3}}).ok());
  EXPECT_EQ(Run("topics", {"--create", "--partitions", "2"}).exit_status, kExitOk);
  const auto described = DescribeTopics(connection_, {partials_, rollup_kpis_, kpis_});
  ASSERT_TRUE(described.ok()) << described.status();
  EXPECT_EQ((*described)[0].partitions, 3);
  EXPECT_EQ((*described)[0].config.at("cleanup.policy"), "compact");
  EXPECT_EQ((*described)[1].partitions, 2);
  EXPECT_EQ((*described)[1].config.at("cleanup.policy"), "compact");
  EXPECT_EQ((*described)[2].partitions, 2);
}

TEST_F(ProduceBrokerTest, SameNameTwiceIsRefused) {
  EXPECT_EQ(RunVerb({"topics", "--kafka", absl::StrCat("bootstrap.servers=", connection_.bootstrap), "--topics.events",
                     "x", "--topics.kpis", "x"})
                .exit_status,
            kExitUsage);
}

TEST_F(ProduceBrokerTest, ProduceNeedsATopic) {
  const TestFile file(R"({"erase_account":"A"})");
  const VerbResult result = Run("produce", {file.path()});
  EXPECT_EQ(result.exit_status, kExitFailed);
  EXPECT_THAT(result.errors, HasSubstr("there is no topic"));
}

TEST_F(ProduceBrokerTest, SampleArrivesInOrderAndControlEventsEverywhere) {
  ASSERT_EQ(Run("topics", {"--create", "--partitions", "3"}).exit_status, kExitOk);
  const TestFile file;
  RunVerb({"sample", "--accounts", "20", "--events", "1000", "--erasures", "2", "--out", file.path()});
  const VerbResult produced = Run("produce", {file.path(), "--partitions-check"});
  ASSERT_EQ(produced.exit_status, kExitOk) << produced.errors;
  std::map<std::string, std::vector<std::string>> sent;
  const Decoder decoder(*Currency::Parse("EUR"));
  int control = 0;
  std::istringstream lines(file.Read());
  for (std::string line; std::getline(lines, line);) {
    const DecodedRecord record = decoder.DecodeJsonLine(line);
    if (const auto* const erasure = std::get_if<Erasure>(&record)) {
      sent[erasure->account_id].push_back("erased");
    } else if (const v1::AccountEvent& event = *std::get<ValidEvent>(record); event.account_id().empty()) {
      ++control;
    } else {
      sent[event.account_id()].push_back(event.SerializeAsString());
    }
  }
  std::map<std::string, std::vector<std::string>> arrived;
  std::map<int32_t, int> control_by_partition;
  ASSERT_TRUE(ReadTopic(connection_, events_, [&](const Record& record) {
                if (!record.key.has_value()) {
                  ++control_by_partition[record.partition];
                } else {
                  arrived[std::string(*record.key)].emplace_back(record.value.value_or("erased"));
                }
              }).ok());
  EXPECT_EQ(arrived, sent);
  EXPECT_EQ(control_by_partition, (std::map<int32_t, int>{{0, control}, {1, control}, {2, control}}));
}

TEST_F(ProduceBrokerTest, EveryLineThatIsNotTooLargeIsSent) {
  ASSERT_EQ(Run("topics", {"--create", "--partitions", "1"}).exit_status, kExitOk);
  // As large as a record may be, and of a kind that does not compress.
  const std::string begin =
      R"({"event_id":"e","account_id":"A","occurred_at":"2026-06-01T10:00:00Z","account_opened":{"name":")";
  const std::string end = "\"}}";
  std::mt19937 random(1);
  std::string name(kRecordBytesMax - begin.size() - end.size(), 0);
  for (char& letter : name) letter = static_cast<char>('#' + random() % 56);
  const TestFile file(begin + name + end + "\n");
  for (const char* const as : {"protobuf", "json"}) {
    const VerbResult produced = Run("produce", {file.path(), "--as", as});
    EXPECT_EQ(produced.exit_status, kExitOk) << as << produced.errors.substr(0, 1'000);
  }
  int arrived = 0;
  ASSERT_TRUE(ReadTopic(connection_, events_, [&](const Record& record) {
                arrived += record.value->size() > name.size() ? 1 : 0;
              }).ok());
  EXPECT_EQ(arrived, 2);
}

TEST_F(ProduceBrokerTest, RejectedLinesAreNotSentUnlessAskedFor) {
  ASSERT_EQ(Run("topics", {"--create", "--partitions", "1"}).exit_status, kExitOk);
  const TestFile file("{\"account_id\":\"A\"}\n{broken\n{\"erase_account\":\"B\"}\n");
  const VerbResult careful = Run("produce", {file.path()});
  EXPECT_EQ(careful.exit_status, kExitFailed);  // not everything was sent
  EXPECT_THAT(careful.errors, HasSubstr("line 1: invalid: "));
  EXPECT_THAT(careful.errors, HasSubstr("line 2: undecodable: "));
  EXPECT_EQ(Run("produce", {file.path(), "--send-invalid"}).exit_status, kExitOk);
  std::vector<std::optional<std::string>> values;
  ASSERT_TRUE(ReadTopic(connection_, events_, [&](const Record& record) {
                values.push_back(record.value.has_value() ? std::optional<std::string>(*record.value) : std::nullopt);
              }).ok());
  EXPECT_EQ(values,
            (std::vector<std::optional<std::string>>{std::nullopt, "{\"account_id\":\"A\"}", "{broken", std::nullopt}));
}

TEST_F(ProduceBrokerTest, NamesTheLineThatWasNotDelivered) {
  ASSERT_TRUE(CreateTopics(connection_, {{.name = events_, .config = {{"max.message.bytes", "10000"}}}}).ok());
  const std::string start =
      R"({"event_id":"e","account_id":"A","occurred_at":"2025-01-01T00:00:00Z","account_opened":)";
  const TestFile file(start + "{}}\n" + start + R"({"name":")" + std::string(20'000, 'x') + "\"}}\n" + start + "{}}\n");
  const VerbResult result =
      Run("produce", {file.path(), "--kafka", "batch.num.messages=1", "--kafka", "compression.type=none"});
  EXPECT_EQ(result.exit_status, kExitFailed);
  EXPECT_THAT(result.errors, HasSubstr("sent 2 records from 3 lines"));
  EXPECT_THAT(result.errors, HasSubstr("\nnot delivered: line 2: delivering to "));
}

TEST_F(ProduceBrokerTest, UnknownFieldsAreRefusedUnlessAllowed) {
  ASSERT_EQ(Run("topics", {"--create", "--partitions", "1"}).exit_status, kExitOk);
  const TestFile file(
      R"({"event_id":"e","account_id":"A","occurred_at":"2025-01-01T00:00:00Z","order_delivered":{"order_id":"O"},"souce":"x"})");
  const VerbResult refused = Run("produce", {file.path()});
  EXPECT_EQ(refused.exit_status, kExitFailed);
  EXPECT_THAT(refused.errors, HasSubstr("line 1: invalid: souce: there is no such field, did you mean source?\n"));
  EXPECT_THAT(refused.errors, HasSubstr("sent 0 records from 1 lines"));
  const VerbResult allowed = Run("produce", {file.path(), "--allow-unknown-fields"});
  EXPECT_EQ(allowed.exit_status, kExitOk);
  EXPECT_THAT(allowed.errors, HasSubstr("line 1: ignored: souce: "));
  EXPECT_THAT(allowed.errors, HasSubstr("sent 1 records from 1 lines"));
}

}  // namespace
}  // namespace keyfold
