// A follower reads up to where its topic ends at a moment that its owner chooses, whatever stands at the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kafka/broker_world.h"
#include "kafka/producer.h"
#include "kafka/topic_follower.h"
#include "kafka/topics.h"
#include "support/eventually.h"

namespace keyfold {
namespace {

constexpr absl::Duration kReadingMax = absl::Seconds(30);

class FollowerBrokerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto connection = TestConnection();
    if (!connection.ok()) GTEST_SKIP() << connection.status().message();
    connection_ = *connection;
    ASSERT_TRUE(CreateTopics(connection_, {{.name = topic_, .partitions = 2}}).ok());
  }

  // Records in partition 0, in a transaction; committed or aborted. Its end is answered before its marker is in the
  // log.
  void Transact(int records, bool commits) {
    auto producer = KafkaProducer::Create(connection_, {{"transactional.id", UniqueName("follower")}});
    ASSERT_TRUE(producer.ok()) << producer.status();
    rd_kafka_t* const client = (*producer)->client();
    ASSERT_EQ(rd_kafka_init_transactions(client, 10'000), nullptr);
    ASSERT_EQ(rd_kafka_begin_transaction(client), nullptr);
    for (int i = 0; i < records; ++i) {
      ASSERT_TRUE((*producer)->Produce(topic_, {.partition = 0, .key = "k", .value = absl::StrCat(++written_)}).ok());
    }
    ASSERT_TRUE((*producer)->Flush(kReadingMax).ok());
    ASSERT_EQ(commits ? rd_kafka_commit_transaction(client, 10'000) : rd_kafka_abort_transaction(client, 10'000),
              nullptr);
    end_ += records + 1;
    ASSERT_TRUE(Eventually([this] {
      const auto follower = TopicFollower::Open(connection_, {{topic_, {}}});
      return follower.ok() && (*follower)->left() == end_;
    }));
  }

  // How many records come until nothing is left.
  size_t ReadToEnd(TopicFollower& follower) {
    size_t count = 0;
    const absl::Time deadline = absl::Now() + kReadingMax;
    while (follower.left() > 0 && absl::Now() < deadline) {
      const absl::StatusOr<std::vector<FollowedRecord>> records = follower.Poll(100, absl::Milliseconds(20));
      EXPECT_TRUE(records.ok()) << records.status();
      if (!records.ok()) break;
      count += records->size();
    }
    EXPECT_EQ(follower.left(), 0);
    return count;
  }

  KafkaConnection connection_;
  const std::string topic_ = UniqueName("followed");
  int written_ = 0;
  int64_t end_ = 0;  // of partition 0
};

TEST_F(FollowerBrokerTest, ReadsUpToTheEndThatItHasLookedFor) {
  Transact(5, /*commits=*/true);
  auto follower = TopicFollower::Open(connection_, {{topic_, {}}});
  ASSERT_TRUE(follower.ok()) << follower.status();
  EXPECT_EQ((*follower)->left(), 6);  // with the marker
  EXPECT_EQ(ReadToEnd(**follower), 5u);
  EXPECT_TRUE((*follower)->caught_up());
  Transact(3, /*commits=*/true);
  EXPECT_TRUE((*follower)->caught_up());  // with what it knew
  ASSERT_EQ((*follower)->LookForEnds(), absl::OkStatus());
  EXPECT_EQ(ReadToEnd(**follower), 3u);
  Transact(4, /*commits=*/false);
  ASSERT_EQ((*follower)->LookForEnds(), absl::OkStatus());
  EXPECT_EQ((*follower)->left(), 5);
  EXPECT_EQ(ReadToEnd(**follower), 0u);
  ASSERT_EQ((*follower)->LookForEnds(), absl::OkStatus());
  EXPECT_TRUE((*follower)->caught_up());
}

TEST_F(FollowerBrokerTest, ATopicThatWasMadeAnewIsNoticed) {
  Transact(5, /*commits=*/true);
  auto follower = TopicFollower::Open(connection_, {{topic_, {}}});
  ASSERT_TRUE(follower.ok()) << follower.status();
  EXPECT_EQ(ReadToEnd(**follower), 5u);
  ASSERT_TRUE(DeleteTopic(connection_, topic_).ok());
  absl::Status created;
  const absl::Time deadline = absl::Now() + kReadingMax;
  do {  // until the brokers have forgotten the old one
    absl::SleepFor(absl::Milliseconds(100));
    created = CreateTopics(connection_, {{.name = topic_, .partitions = 2}});
  } while (!created.ok() && absl::Now() < deadline);
  ASSERT_EQ(created, absl::OkStatus());
  const absl::Status status = (*follower)->LookForEnds();
  EXPECT_TRUE(absl::IsFailedPrecondition(status) || absl::IsNotFound(status)) << status;
}

}  // namespace
}  // namespace keyfold
