#include "run/clock.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "config/config.h"
#include "kafka/brokers_clock.h"
#include "kafka/producer.h"
#include "kafka/topics.h"
#include "keyfold/record.h"
#include "run/backoff.h"
#include "run/from_config.h"
#include "run/instance.h"
#include "run/topics.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

bool IsStampedByBrokers(const TopicDescription& topic) {
  return topic.exists && SettingOf(topic, kTimestampType) == kStampedByBrokers;
}

// How many partitions the topic has, into which the day's midnight may be written.
absl::StatusOr<int32_t> PrepareMidnight(const ClockTopics& topics, const Calendar& calendar, Day day) {
  constexpr absl::Duration kAnswerWait = absl::Seconds(5);
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TopicDescription> found,
                           DescribeTopics(topics.connection, {topics.partials, topics.events}, kAnswerWait));
  const TopicDescription& events = found[1];
  if (!events.exists) return NoTopic(topics.events);
  const auto stamped = std::find_if(found.begin(), found.end(), &IsStampedByBrokers);
  if (stamped != found.end()) {
    KEYFOLD_ASSIGN_OR_RETURN(const absl::Time brokers_now,
                             ReadBrokersClock(topics.connection, stamped->name, topics.transactional_id));
    KEYFOLD_RETURN_IF_ERROR(CheckMidnight(calendar, day, brokers_now));
  }
  return events.partitions;
}

// Counts what it has slept instead of asking the wall clock, which may be set meanwhile.
void SleepUnlessStopped(absl::Duration wait, const std::function<bool()>& stopped) {
  constexpr absl::Duration kSlice = absl::Milliseconds(50);
  for (absl::Duration left = wait; left > absl::ZeroDuration() && !stopped(); left -= kSlice) {
    absl::SleepFor(std::min(left, kSlice));
  }
}

}  // namespace

ClockTurn TurnAt(const Calendar& calendar, absl::Time now, std::optional<Day> written) {
  constexpr absl::Duration kLongestWait = absl::Minutes(1);
  const int64_t now_seconds = absl::ToUnixSeconds(now);
  const Day today = calendar.DayOf(now_seconds);
  ClockTurn turn;
  // A machine whose clock has not been set stands in 1970; no event may be earlier than that.
  if (calendar.StartOf(today) > 0 && (!written.has_value() || today > *written)) turn.due = today;
  const Day next = std::max(today, written.value_or(today)) + 1;
  turn.wait = std::min(absl::FromUnixSeconds(calendar.StartOf(next)) - now, kLongestWait);
  // A clock that is put back just after midnight: tomorrow began already, and will begin again.
  if (turn.wait <= absl::ZeroDuration()) turn.wait = kLongestWait;
  return turn;
}

v1::AccountEvent MidnightEvent(const Calendar& calendar, Day day) {
  v1::AccountEvent event;
  event.set_event_id(absl::StrCat("clock:", FormatDay(day)));
  event.mutable_occurred_at()->set_seconds(calendar.StartOf(day));
  event.mutable_clock_advanced();
  return event;
}

ClockTopics ClockTopicsOf(const KafkaConnection& connection, const Config& config) {
  return {connection, config.events_topic, config.partials_topic,
          absl::StrCat(GroupOf(config), ".clock.", InstanceOf(config))};
}

absl::Status CheckMidnight(const Calendar& calendar, Day day, absl::Time brokers_now) {
  constexpr absl::Duration kDifferenceMax = absl::Minutes(10);
  if (absl::FromUnixSeconds(calendar.StartOf(day)) <= brokers_now + kDifferenceMax) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the midnight of ", FormatDay(day), " is not written: this machine's clock has reached it, but the ",
                   "brokers' stands at ", FormatInstant(brokers_now), ": set the clock that is wrong"));
}

absl::Status WriteMidnight(const ClockTopics& topics, const Calendar& calendar, Day day,
                           const std::function<bool()>& stopped) {
  constexpr absl::Duration kDeliveryMax = absl::Seconds(30);
  KEYFOLD_ASSIGN_OR_RETURN(const int32_t partitions, PrepareMidnight(topics, calendar, day));
  // A new producer each time: one that is a day old has lost its connections.
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(topics.connection));
  const v1::AccountEvent event = MidnightEvent(calendar, day);
  const std::string value = event.SerializeAsString();
  const std::vector<RecordHeader> headers = {{"content-type", "application/protobuf"}};
  ProducerRecord record;
  record.value = value;
  record.headers = &headers;
  record.timestamp_ms = event.occurred_at().seconds() * 1000;
  for (int32_t partition = 0; partition < partitions; ++partition) {
    record.partition = partition;
    KEYFOLD_RETURN_IF_ERROR(producer->Produce(topics.events, record));
  }
  KEYFOLD_RETURN_IF_ERROR(producer->Flush(kDeliveryMax, stopped));
  KEYFOLD_RETURN_IF_ERROR(producer->failures().first);
  spdlog::info("clock: the midnight of {} is in all {} partitions of {}", FormatDay(day), partitions, topics.events);
  return absl::OkStatus();
}

Clock::Clock(const Calendar& calendar, std::function<absl::Status(Day)> write)
    : calendar_(calendar), write_(std::move(write)) {}

absl::StatusOr<absl::Duration> Clock::Tick(absl::Time now) {
  const ClockTurn turn = TurnAt(calendar_, now, written_);
  if (turn.due.has_value()) {
    KEYFOLD_RETURN_IF_ERROR(write_(*turn.due));
    written_ = turn.due;
  }
  return turn.wait;
}

absl::Status RunClock(Clock& clock, const ClockQuestions& questions) {
  constexpr absl::Duration kElectionInterval = absl::Seconds(1);
  Backoff backoff(questions.stopped);
  while (!questions.stopped()) {
    if (!questions.elected()) {
      SleepUnlessStopped(kElectionInterval, questions.stopped);
      continue;
    }
    const absl::StatusOr<absl::Duration> wait = clock.Tick(absl::Now());
    if (wait.ok()) {
      backoff.Reset();
      SleepUnlessStopped(std::min(*wait, kElectionInterval), questions.stopped);
      continue;
    }
    if (questions.stopped()) break;
    if (!questions.worth_retrying(wait.status())) return wait.status();
    spdlog::warn("clock: {}; trying again", std::string(wait.status().message()));
    backoff.Wait();
  }
  return absl::OkStatus();
}

ClockTicker::ClockTicker(const ClockTopics& topics, const Calendar& calendar, std::function<bool()> elected,
                         const std::atomic<bool>& stop)
    : thread_([this, topics, calendar, elected = std::move(elected), &stop] {
        const auto stopped = [this, &stop] { return closing_.load() || stop.load(); };
        Clock clock(calendar, [&](Day day) { return WriteMidnight(topics, calendar, day, stopped); });
        const auto always = [](const absl::Status& /*status*/) { return true; };
        RunClock(clock, {stopped, elected, always}).IgnoreError();  // there is none: each is worth retrying
      }) {}

ClockTicker::~ClockTicker() {
  closing_ = true;
  thread_.join();
}

}  // namespace keyfold
