// What the sink says of brokers that refuse, told by librdkafka's mock brokers. Needs no broker.
#include "kafka/update_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include "kafka/event_log.h"
#include "kafka/handles.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

// Of Kafka's protocol.
constexpr int16_t kProduceRequest = 0;
constexpr int16_t kAddPartitionsRequest = 24;

class UpdateSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<ClientHandle> host = NewClient({.bootstrap = "127.0.0.1:1", .properties = {}},
                                                  {.kind = ClientKind::kProducer, .defaults = {}, .required = {}});
    ASSERT_TRUE(host.ok()) << host.status();
    host_ = *std::move(host);
    cluster_.reset(rd_kafka_mock_cluster_new(host_.get(), 1));
    const KafkaConnection connection = {rd_kafka_mock_cluster_bootstraps(cluster_.get()), {}};
    KafkaEventLogOptions log_options;
    log_options.connection = connection;
    log_options.topic = "events";
    log_options.group_id = "group";
    absl::StatusOr<std::unique_ptr<KafkaEventLog>> log = KafkaEventLog::Create(log_options);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
    KafkaUpdateSinkOptions options;
    options.connection = connection;
    options.transactional_id = "sink";
    sink_ = std::make_unique<KafkaUpdateSink>(options, log_.get());
  }

  // Publishes one record to each topic of the accounts' stage, while the brokers answer the next request of that kind
  // with an error.
  CommitResult CommitWhere(int16_t request, rd_kafka_resp_err_t error) {
    const absl::Status reset = sink_->Reset();
    EXPECT_TRUE(reset.ok()) << reset;
    EXPECT_TRUE(sink_->Begin().ok());
    for (const OutputTopic topic : topics_) {
      OutputRecord record;
      record.topic = topic;
      record.key = "key";
      record.value = "value";
      EXPECT_TRUE(sink_->Publish(std::move(record)).ok());
    }
    rd_kafka_mock_push_request_errors(cluster_.get(), request, 1, error);
    return sink_->Commit({});
  }

  struct DestroyCluster {
    void operator()(rd_kafka_mock_cluster_t* cluster) const { rd_kafka_mock_cluster_destroy(cluster); }
  };

  ClientHandle host_;
  std::unique_ptr<rd_kafka_mock_cluster_t, DestroyCluster> cluster_;
  std::unique_ptr<KafkaEventLog> log_;
  std::unique_ptr<KafkaUpdateSink> sink_;
  std::vector<OutputTopic> topics_ = {OutputTopic::kAccountKpis, OutputTopic::kDeadLetters};
};

// The brokers refuse the transaction's topics together: the next attempt finds out which of them it is.
TEST_F(UpdateSinkTest, ATopicThatMayNotBeWrittenToIsNamed) {
  const CommitResult first = CommitWhere(kAddPartitionsRequest, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  EXPECT_EQ(first.outcome, CommitOutcome::kAborted);
  EXPECT_TRUE(absl::IsAborted(first.status)) << first.status;
  EXPECT_THAT(std::string(first.status.message()), HasSubstr("authorization failed"));

  const CommitResult second = CommitWhere(kAddPartitionsRequest, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  EXPECT_EQ(second.outcome, CommitOutcome::kAborted);
  EXPECT_TRUE(absl::IsPermissionDenied(second.status)) << second.status;
  EXPECT_THAT(std::string(second.status.message()), HasSubstr("writing to account-kpis: "));
  EXPECT_THAT(std::string(second.status.message()), HasSubstr("Write on the output topics"));
}

TEST_F(UpdateSinkTest, ALetterThatIsTooLargeIsToldFromAnotherRecord) {
  topics_ = {OutputTopic::kDeadLetters};
  const CommitResult letter = CommitWhere(kProduceRequest, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_EQ(letter.outcome, CommitOutcome::kAborted);
  EXPECT_TRUE(absl::IsOutOfRange(letter.status)) << letter.status;
  EXPECT_THAT(std::string(letter.status.message()), HasSubstr("delivering to account-events.dead-letters["));

  topics_ = {OutputTopic::kAccountKpis};
  const CommitResult other = CommitWhere(kProduceRequest, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_EQ(other.outcome, CommitOutcome::kAborted);
  EXPECT_TRUE(absl::IsInvalidArgument(other.status)) << other.status;
  EXPECT_THAT(std::string(other.status.message()), HasSubstr("raise max.message.bytes of account-kpis"));
}

}  // namespace
}  // namespace keyfold
