// Needs no broker.
#include "kafka/client.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <map>
#include <string>

#include "kafka/assignment.h"
#include "kafka/event_log.h"
#include "kafka/kafka_status.h"

namespace keyfold {
namespace {

TEST(NewClient, RefusesPropertiesThatExactlyOnceRestsOn) {
  KafkaEventLogOptions options;
  options.group_id = "keyfold.test";
  for (const auto& [name, value] : std::map<std::string, std::string>{{"isolation.level", "read_uncommitted"},
                                                                      {"auto.offset.reset", "latest"},
                                                                      {"enable.auto.commit", "true"},
                                                                      {"no.such.property", "1"}}) {
    options.connection = {.bootstrap = "127.0.0.1:1", .properties = {{name, value}}};
    const absl::Status status = KafkaEventLog::Create(options).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name << ": " << status;
    EXPECT_NE(status.message().find(name), absl::string_view::npos) << status;
  }
}

TEST(NewClient, PassesPropertiesThrough) {
  const KafkaConnection connection{.bootstrap = "127.0.0.1:1", .properties = {{"client.rack", "r1"}}};
  EXPECT_TRUE(NewClient(connection, {}).ok());
}

TEST(WaitMilliseconds, RoundsUpAndStaysInRange) {
  EXPECT_EQ(WaitMilliseconds(absl::Microseconds(1)), 1);
  EXPECT_EQ(WaitMilliseconds(absl::Milliseconds(20)), 20);
  EXPECT_EQ(WaitMilliseconds(-absl::Seconds(1)), 0);
  EXPECT_EQ(WaitMilliseconds(absl::InfiniteDuration()), std::numeric_limits<int>::max());
}

TEST(KafkaStatus, TellsWhatCanBeDone) {
  EXPECT_TRUE(KafkaStatus(RD_KAFKA_RESP_ERR_NO_ERROR, "x").ok());
  EXPECT_TRUE(absl::IsUnavailable(KafkaStatus(RD_KAFKA_RESP_ERR__TRANSPORT, "x")));
  EXPECT_TRUE(absl::IsAborted(KafkaStatus(RD_KAFKA_RESP_ERR__FENCED, "x")));
  EXPECT_TRUE(absl::IsPermissionDenied(KafkaStatus(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, "x")));
  EXPECT_EQ(KafkaStatus(RD_KAFKA_RESP_ERR__TIMED_OUT, "waiting", "too long").message(),
            "waiting: too long [_TIMED_OUT]");
  EXPECT_TRUE(absl::IsOutOfRange(KafkaStatus(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "x")));
}

TEST(KafkaStatus, BrokersInTroubleAreToBeTriedAgain) {
  for (const rd_kafka_resp_err_t code : {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_UNKNOWN,
                                         RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
                                         RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, RD_KAFKA_RESP_ERR__WAIT_CACHE}) {
    EXPECT_TRUE(absl::IsUnavailable(KafkaStatus(code, "x"))) << code;
  }
}

// With another producer or member it goes on.
TEST(KafkaStatus, ClientsThatAreOfNoUseAnyMoreAreAborted) {
  for (const rd_kafka_resp_err_t code :
       {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
        RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED,
        RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, RD_KAFKA_RESP_ERR__PURGE_QUEUE}) {
    EXPECT_TRUE(absl::IsAborted(KafkaStatus(code, "x"))) << code;
  }
}

TEST(KafkaStatus, SaysWhatTheOperatorHasToDo) {
  for (const auto& [code, remedy] : std::map<rd_kafka_resp_err_t, std::string>{
           {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "Write on the output topics"},
           {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, "Read on the consumer group"},
           {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, "Write on the transactional id"},
           {RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, "offset.metadata.max.bytes"}}) {
    EXPECT_NE(KafkaStatus(code, "x").message().find(remedy), absl::string_view::npos) << code;
  }
}

TEST(Assignment, ReportsEachChangeOnceAndHidesWhatCameAndWent) {
  Assignment assignment;
  PollResult result;
  assignment.Assign(1);
  assignment.Assign(2);
  assignment.Revoke(2);
  EXPECT_FALSE(assignment.Owns(1)) << "the owner does not know yet";
  assignment.Report(&result);
  EXPECT_EQ(result.assigned, std::vector<int32_t>{1});
  EXPECT_TRUE(result.revoked.empty());
  EXPECT_TRUE(assignment.Owns(1));

  assignment.Revoke(1);
  assignment.Assign(1);
  EXPECT_FALSE(assignment.Owns(1)) << "lost in between";
  assignment.Report(&result);
  EXPECT_EQ(result.revoked, std::vector<int32_t>{1});
  EXPECT_EQ(result.assigned, std::vector<int32_t>{1});
  assignment.Report(&result);
  EXPECT_TRUE(result.revoked.empty() && result.assigned.empty());
}

}  // namespace
}  // namespace keyfold
