// Two processes with the name of one: exactly one stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kafka/event_log.h"
#include "kafka/process_name.h"
#include "run/broker_projection.h"
#include "run/from_config.h"
#include "run/instance.h"
#include "run/projection.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class InstanceBrokerTest : public BrokerProjectionTest {
 protected:
  void SetUp() override {
    BrokerProjectionTest::SetUp();
    config_.kafka["session.timeout.ms"] = "1500";
    config_.kafka["heartbeat.interval.ms"] = "300";
  }

  // A member of the group under our name, of a process that calls itself so.
  std::unique_ptr<KafkaEventLog> Join(const std::string& client_id) {
    KafkaEventLogOptions options;
    Config config = config_;
    config.kafka["client.id"] = client_id;
    options.connection = *ConnectionOf(config);
    options.topic = config.events_topic;
    options.group_id = GroupOf(config);
    options.group_instance_id = MemberNameOf(config, 0, 1);
    auto log = KafkaEventLog::Create(options);
    EXPECT_TRUE(log.ok()) << log.status();
    while (!(*log)->joined()) EXPECT_TRUE((*log)->Poll({}).ok());
    return *std::move(log);
  }

  absl::Status Claim() { return InstanceClaim::Take(config_, stop_).status(); }

  // Until what runs has published an account that is sent now.
  void AwaitRun(const std::string& account) {
    Produce({account});
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (!Published(config_.kpis_topic).contains(account)) {
      ASSERT_LT(absl::Now(), deadline) << account << " is not published";
      absl::SleepFor(absl::Milliseconds(20));
    }
  }

  static absl::Status PollUntilPutOut(KafkaEventLog& log) {
    absl::Status status;
    while (status.ok()) status = log.Poll({}).status();
    return status;
  }

  std::atomic<bool> stop_ = false;
};

TEST_F(InstanceBrokerTest, ANameIsHadOnceOnAHostAndAtOnceWhenItIsFree) {
  auto claim = InstanceClaim::Take(config_, stop_);
  ASSERT_TRUE(claim.ok()) << claim.status();
  const absl::Status refused = Claim();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), AllOf(HasSubstr(absl::StrCat("the process ", getpid(), " of this host")),
                                                    HasSubstr(absl::StrCat("'", name_, "'")), HasSubstr("`instance`")));
  Config other = config_;
  other.instance = "other";
  EXPECT_TRUE(InstanceClaim::Take(other, stop_).ok());
  *claim = nullptr;
  EXPECT_TRUE(Claim().ok());
}

TEST_F(InstanceBrokerTest, ALivingProcessOfAnotherHostKeepsTheName) {
  ASSERT_EQ(CreateTopicsOf(config_, 1).exit_status, kExitOk);
  const std::unique_ptr<KafkaEventLog> log = Join("keyfold@elsewhere:7");
  std::atomic<bool> refused = false;
  std::thread lives([&] {
    while (!refused) EXPECT_TRUE(log->Poll({}).ok());
  });
  const absl::Status status = Claim();
  refused = true;
  lives.join();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("keyfold@elsewhere:7 (127.0.0.1)"), HasSubstr(name_)));
}

TEST_F(InstanceBrokerTest, ADeadOneIsWaitedForIfItsHostIsNotThisOne) {
  ASSERT_EQ(CreateTopicsOf(config_, 1).exit_status, kExitOk);
  Join("keyfold@elsewhere:7");  // and it is gone, without a word: static members leave no group
  EXPECT_EQ(Claim(), absl::OkStatus());
  Join(absl::StrCat("keyfold@", HostName(), ":999999999"));
  config_.kafka["session.timeout.ms"] = "200000";  // it would wait for so long
  EXPECT_EQ(Claim(), absl::OkStatus());
}

// It may have been put out by itself, where an answer was lost with a broker.
TEST_F(InstanceBrokerTest, AMemberThatIsPutOutOnceJoinsAgain) {
  ASSERT_EQ(CreateTopicsOf(config_, 1).exit_status, kExitOk);
  std::thread run([this] { EXPECT_EQ(RunProjection(config_, {}, stop_), absl::OkStatus()); });
  AwaitRun("A1");
  const std::unique_ptr<KafkaEventLog> namesake = Join("keyfold@elsewhere:7");
  const absl::Status put_out = PollUntilPutOut(*namesake);
  EXPECT_TRUE(absl::IsAlreadyExists(put_out)) << put_out;
  EXPECT_THAT(std::string(put_out.message()),
              AllOf(HasSubstr("'" + MemberNameOf(config_, 0, 1) + "'"), HasSubstr("`instance`")));
  AwaitRun("A2");
  stop_ = true;
  run.join();
}

TEST_F(InstanceBrokerTest, OfTwoThatPutOutEachOtherOneEndsAndSaysWhy) {
  ASSERT_EQ(CreateTopicsOf(config_, 1).exit_status, kExitOk);
  absl::Status status;
  std::atomic<bool> ended = false;
  std::thread run([&] {
    status = RunProjection(config_, {}, stop_);
    ended = true;
  });
  AwaitRun("A1");
  while (!ended) {
    const std::unique_ptr<KafkaEventLog> namesake = Join("keyfold@elsewhere:7");
    while (!ended && namesake->Poll({}).ok()) {
    }
  }
  run.join();
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("Give each process a name of its own"));
}

}  // namespace
}  // namespace keyfold
