// `keyfold clock` and the ticker against a broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/calendar.h"
#include "event/decoder.h"
#include "kafka/broker_world.h"
#include "kafka/brokers_clock.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"
#include "run/clock.h"
#include "run/topics.h"
#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

constexpr char kZone[] = "America/St_Johns";  // its midnights are those of no zone that a program takes by accident
constexpr absl::Duration kPatience = absl::Seconds(60);

class ClockBrokerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto connection = TestConnection();
    if (!connection.ok()) GTEST_SKIP() << connection.status().message();
    connection_ = *connection;
    first_day_ = Today();
  }

  Day Today() const { return calendar_.DayOf(absl::ToUnixSeconds(absl::Now())); }

  void CreateTopic(int32_t partitions) {
    ASSERT_TRUE(CreateTopics(connection_, {{.name = topic_, .partitions = partitions}}).ok());
  }

  ClockTopics Topics() const { return {connection_, topic_, partials_, topic_ + ".clock"}; }

  void CreateStampedTopic(const std::string& name) {
    ASSERT_TRUE(CreateTopics(connection_, {SpecificationOf(TopicRole::kPartials, name, 1, 1)}).ok());
  }

  VerbResult WriteOnce() {
    return RunVerb({"clock", "--once", "--time_zone", kZone, "--kafka",
                    absl::StrCat("bootstrap.servers=", connection_.bootstrap), "--topics.events", topic_,
                    "--topics.partials", partials_});
  }

  // How many records each partition holds. Each must be a midnight of a day on which this test ran.
  std::map<int32_t, int> Count() {
    std::map<int32_t, int> counts;
    const absl::Status status = ReadTopic(connection_, topic_, [&](const Record& record) {
      ++counts[record.partition];
      EXPECT_FALSE(record.key.has_value());
      const DecodedRecord decoded = Decoder(*Currency::Parse("EUR")).Decode(record);
      ASSERT_TRUE(std::holds_alternative<ValidEvent>(decoded)) << std::get<Rejection>(decoded).message;
      const v1::AccountEvent& event = *std::get<ValidEvent>(decoded);
      const Day day = calendar_.DayOf(record.timestamp_ms / 1000);
      EXPECT_TRUE(event.has_clock_advanced());
      EXPECT_EQ(record.timestamp_ms, calendar_.StartOf(day) * 1000);
      EXPECT_EQ(event.occurred_at().seconds() * 1000, record.timestamp_ms);
      EXPECT_EQ(event.event_id(), "clock:" + FormatDay(day));
      EXPECT_GE(day, first_day_);
      EXPECT_LE(day, Today());
    });
    EXPECT_TRUE(status.ok()) << status;
    return counts;
  }

  const Calendar calendar_ = *Calendar::Create(kZone, 1);
  const std::string topic_ = UniqueName("clock-events");
  const std::string partials_ = UniqueName("clock-partials");
  KafkaConnection connection_;
  Day first_day_ = 0;
};

TEST_F(ClockBrokerTest, OncePutsOneMidnightIntoEachPartitionAndTwiceIsHarmless) {
  CreateTopic(3);
  const VerbResult once = WriteOnce();
  EXPECT_EQ(once.exit_status, kExitOk) << once.errors;
  EXPECT_EQ(Count(), (std::map<int32_t, int>{{0, 1}, {1, 1}, {2, 1}}));
  EXPECT_EQ(WriteOnce().exit_status, kExitOk);
  EXPECT_EQ(Count(), (std::map<int32_t, int>{{0, 2}, {1, 2}, {2, 2}}));
}

TEST_F(ClockBrokerTest, ATopicThatIsNotThereIsNamed) {
  const VerbResult result = WriteOnce();
  EXPECT_EQ(result.exit_status, kExitFailed);
  EXPECT_THAT(result.errors, HasSubstr(absl::StrCat("there is no topic ", topic_)));
}

TEST_F(ClockBrokerTest, BrokersThatAreGoneAreATransientError) {
  connection_.bootstrap = "127.0.0.1:1";
  const absl::Status status = WriteMidnight(Topics(), calendar_, 20'000, [] { return false; });
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) << status;
}

// As from a machine whose clock is ahead by years.
TEST_F(ClockBrokerTest, AMidnightThatTheBrokersHaveNotReachedIsNotWritten) {
  CreateTopic(1);
  CreateStampedTopic(partials_);
  const absl::Status status = WriteMidnight(Topics(), calendar_, Today() + 1826, [] { return false; });
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(FormatDay(Today() + 1826)));
  EXPECT_TRUE(Count().empty());
  EXPECT_TRUE(WriteMidnight(Topics(), calendar_, Today(), [] { return false; }).ok());
  EXPECT_EQ(Count(), (std::map<int32_t, int>{{0, 1}}));
  // Nothing of the questions is to be seen.
  int records = 0;
  EXPECT_TRUE(ReadTopic(connection_, partials_, [&](const Record& /*record*/) { ++records; }).ok());
  EXPECT_EQ(records, 0);
}

TEST_F(ClockBrokerTest, TheBrokersTellTheTimeByATopicThatTheyStamp) {
  CreateTopic(1);
  CreateStampedTopic(partials_);
  const absl::Time before = absl::Now();
  const absl::StatusOr<absl::Time> told = ReadBrokersClock(connection_, partials_, topic_ + ".clock");
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_GE(*told, before - absl::Milliseconds(1));  // they are on this machine, and tell milliseconds
  EXPECT_LE(*told, absl::Now());
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadBrokersClock(connection_, topic_, topic_ + ".clock").status()));
}

TEST_F(ClockBrokerTest, TheTickerOutlivesErrorsAndWritesWhenElected) {
  // The topic is not there when it begins.
  const std::atomic<bool> stop = false;
  std::atomic<int> asked = 0;
  std::atomic<int> asked_in_vain = 0;
  {
    const ClockTicker ticker(
        Topics(), calendar_,
        [&] {
          if (++asked > 1) return true;
          ++asked_in_vain;
          return false;
        },
        stop);
    const absl::Time deadline = absl::Now() + kPatience;
    while (asked < 3 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(10));
    ASSERT_GE(asked, 3) << "it has failed once, and goes on";
    CreateTopic(2);
    while (Count().size() < 2 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(10));
  }  // ends though `stop` is not set
  EXPECT_EQ(asked_in_vain, 1);
  for (const auto& [partition, count] : Count()) EXPECT_LE(count, Today() - first_day_ + 1) << partition;
  EXPECT_EQ(Count().size(), 2u);
}

TEST_F(ClockBrokerTest, ATickerThatIsNotElectedWritesNothing) {
  CreateTopic(1);
  std::atomic<bool> stop = false;
  std::atomic<int> asked = 0;
  {
    const ClockTicker ticker(
        Topics(), calendar_, [&] { return ++asked < 0; }, stop);
    const absl::Time deadline = absl::Now() + kPatience;
    while (asked < 2 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(10));
    stop = true;
  }
  EXPECT_GE(asked, 2);
  EXPECT_TRUE(Count().empty());
}

}  // namespace
}  // namespace keyfold
