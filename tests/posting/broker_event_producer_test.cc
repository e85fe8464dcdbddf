// Posted events on a real Kafka: what is accepted is there, as `keyfold produce` would have sent it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "kafka/broker_world.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"
#include "posting/event_producer.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using Status = PostedStatus;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr int32_t kPartitions = 3;

PostedEvent Valid(const std::string& account, const std::string& value) {
  PostedEvent event;
  event.status = Status::kValid;
  event.account_id = account;
  event.value = value;
  return event;
}

class EventProducerBrokerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::StatusOr<KafkaConnection> connection = TestConnection();
    ASSERT_TRUE(connection.ok()) << connection.status();
    connection_ = *connection;
    topic_ = UniqueName("posted");
    const absl::Status created = CreateTopics(
        connection_, {{.name = topic_, .partitions = kPartitions, .config = {{"max.message.bytes", "2000"}}}});
    ASSERT_TRUE(created.ok()) << created;
    KafkaConnection plain = connection_;
    plain.properties["compression.type"] = "none";  // so that what is too large is so
    plain.properties["batch.size"] = "1000";        // and several that are not do not become so together
    auto producer = EventProducer::Start(plain, topic_, {.bytes_max = 1'000'000, .wait_max = absl::Seconds(30)});
    ASSERT_TRUE(producer.ok()) << producer.status();
    producer_ = *std::move(producer);
  }
  void TearDown() override {
    producer_ = nullptr;
    if (topic_.empty()) return;
    EXPECT_TRUE(DeleteTopic(connection_, topic_).ok());
  }

  std::vector<PostedEvent> Send(std::vector<PostedEvent> events) {
    std::vector<PostedEvent> answered;
    absl::Notification done;
    producer_->Send(std::move(events), [&](std::vector<PostedEvent> told) {
      answered = std::move(told);
      done.Notify();
    });
    EXPECT_TRUE(done.WaitForNotificationWithTimeout(absl::Minutes(1)));
    return answered;
  }

  // "partition key value header=value …" of every record of an account, and of control events without the partition.
  std::vector<std::string> Records() const {
    std::vector<std::string> records;
    const absl::Status read = ReadTopic(connection_, topic_, [&](const Record& record) {
      std::string text = absl::StrCat(std::string(record.key.value_or("-")), " ", std::string(*record.value));
      for (const RecordHeader& header : record.headers) absl::StrAppend(&text, " ", header.name, "=", *header.value);
      records.push_back(std::move(text));
      partition_of_[std::string(record.key.value_or("-"))].push_back(record.partition);
    });
    EXPECT_TRUE(read.ok()) << read;
    return records;
  }

  KafkaConnection connection_;
  std::string topic_;
  std::unique_ptr<EventProducer> producer_;
  mutable std::map<std::string, std::vector<int32_t>> partition_of_;
};

TEST_F(EventProducerBrokerTest, WhatIsAcceptedIsThereInItsOrder) {
  PostedEvent traced = Valid("A1", "one");
  traced.traceparent = kTrace;
  PostedEvent wrong;
  wrong.reason = "wrong";
  const std::vector<PostedEvent> answered = Send({traced, wrong, Valid("A1", "two")});
  ASSERT_EQ(answered.size(), 3u);
  EXPECT_EQ(answered[0].status, Status::kAccepted) << answered[0].reason;
  EXPECT_EQ(answered[1].status, Status::kRejected);
  EXPECT_EQ(answered[2].status, Status::kAccepted) << answered[2].reason;
  EXPECT_THAT(Records(), ElementsAre(absl::StrCat("A1 one content-type=application/protobuf traceparent=", kTrace),
                                     "A1 two content-type=application/protobuf"));
  EXPECT_EQ(producer_->counts().accepted, 2);
}

TEST_F(EventProducerBrokerTest, ControlEventsGoToEveryPartition) {
  const std::vector<PostedEvent> answered = Send({Valid("", "rate")});
  EXPECT_EQ(answered.at(0).status, Status::kAccepted) << answered[0].reason;
  EXPECT_EQ(Records(), std::vector<std::string>(kPartitions, "- rate content-type=application/protobuf"));
  std::vector<int32_t> partitions = partition_of_["-"];
  std::sort(partitions.begin(), partitions.end());
  EXPECT_THAT(partitions, ElementsAre(0, 1, 2));
}

TEST_F(EventProducerBrokerTest, WhatIsTooLargeForTheTopicIsNotAccepted) {
  const std::vector<PostedEvent> answered = Send({Valid("A1", std::string(5'000, 'x'))});
  EXPECT_EQ(answered.at(0).status, Status::kUnacknowledged);
  EXPECT_NE(answered[0].reason, "");
  EXPECT_EQ(Send({Valid("A1", "small")}).at(0).status, Status::kAccepted);
}

TEST_F(EventProducerBrokerTest, ManyRequestsAtOnceAreToldEachForItself) {
  constexpr int kRequests = 200;
  std::vector<std::vector<PostedEvent>> answered(kRequests);
  std::vector<absl::Notification> done(kRequests);
  for (int i = 0; i < kRequests; ++i) {
    producer_->Send(
        {Valid(absl::StrCat("A", i), absl::StrCat(i, "a")), Valid(absl::StrCat("A", i), absl::StrCat(i, "b"))},
        [&, i](std::vector<PostedEvent> told) {
          answered[static_cast<size_t>(i)] = std::move(told);
          done[static_cast<size_t>(i)].Notify();
        });
  }
  for (int i = 0; i < kRequests; ++i) {
    ASSERT_TRUE(done[static_cast<size_t>(i)].WaitForNotificationWithTimeout(absl::Minutes(1)));
    const std::vector<PostedEvent>& told = answered[static_cast<size_t>(i)];
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].status, Status::kAccepted);
    EXPECT_EQ(told[0].value, absl::StrCat(i, "a"));
    EXPECT_EQ(told[1].value, absl::StrCat(i, "b"));
  }
  EXPECT_EQ(Records().size(), 2u * kRequests);
}

}  // namespace
}  // namespace keyfold
