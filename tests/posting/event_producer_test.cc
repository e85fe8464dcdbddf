// Posted events while no broker answers: nothing is accepted, nothing hangs, nothing grows.
#include "posting/event_producer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace keyfold {
namespace {

using Status = PostedStatus;

std::vector<PostedEvent> Events() {
  PostedEvent valid;
  valid.line = 1;
  valid.status = Status::kValid;
  valid.account_id = "A1";
  valid.value = "v";
  PostedEvent rejected;
  rejected.line = 2;
  return {valid, rejected};
}

std::unique_ptr<EventProducer> StartWithoutBroker(absl::Duration wait_max = absl::Seconds(1)) {
  KafkaConnection connection;
  connection.bootstrap = "127.0.0.1:1";
  connection.properties = {{"message.timeout.ms", "300000"}, {"log_level", "0"}};
  auto producer = EventProducer::Start(connection, "events", {.bytes_max = 100, .wait_max = wait_max});
  EXPECT_TRUE(producer.ok()) << producer.status();
  return *std::move(producer);
}

// What becomes of posted events, once.
struct Outcome {
  std::function<void(std::vector<PostedEvent>)> Done() {
    return [this](std::vector<PostedEvent> events) {
      answered = std::move(events);
      done.Notify();
    };
  }
  std::vector<PostedEvent> answered;
  absl::Notification done;
};

TEST(EventProducerTest, WhatNoBrokerTakesIsUnacknowledgedInTime) {
  const auto producer = StartWithoutBroker();
  Outcome outcome;
  producer->Send(Events(), outcome.Done());
  ASSERT_TRUE(outcome.done.WaitForNotificationWithTimeout(absl::Seconds(30)));
  ASSERT_EQ(outcome.answered.size(), 2u);
  EXPECT_EQ(outcome.answered[0].status, Status::kUnacknowledged);
  EXPECT_NE(outcome.answered[0].reason, "");
  EXPECT_EQ(outcome.answered[1].status, Status::kRejected);
  const IntakeCounts counts = producer->counts();
  EXPECT_EQ(counts.accepted, 0);
  EXPECT_EQ(counts.rejected, 1);
  EXPECT_EQ(counts.unacknowledged, 1);
}

TEST(EventProducerTest, ControlEventsAreUnacknowledgedToo) {
  const auto producer = StartWithoutBroker();
  std::vector<PostedEvent> events = Events();
  events[0].account_id.clear();
  Outcome outcome;
  producer->Send(std::move(events), outcome.Done());
  ASSERT_TRUE(outcome.done.WaitForNotificationWithTimeout(absl::Seconds(30)));
  EXPECT_EQ(outcome.answered[0].status, Status::kUnacknowledged);
  EXPECT_NE(outcome.answered[0].reason, "");
}

TEST(EventProducerTest, StoppingAnswersWhatWaits) {
  const auto producer = StartWithoutBroker(absl::Hours(1));
  Outcome waits;
  producer->Send(Events(), waits.Done());
  producer->Stop();
  ASSERT_TRUE(waits.done.HasBeenNotified());
  EXPECT_EQ(waits.answered[0].status, Status::kUnacknowledged);
  Outcome late;
  producer->Send(Events(), late.Done());
  ASSERT_TRUE(late.done.HasBeenNotified());
  EXPECT_EQ(late.answered[0].status, Status::kUnacknowledged);
}

TEST(EventProducerTest, WhereNothingIsToBeSentTheAnswerComesAtOnce) {
  const auto producer = StartWithoutBroker(absl::Hours(1));
  std::vector<PostedEvent> events = Events();
  events.erase(events.begin());
  Outcome outcome;
  producer->Send(std::move(events), outcome.Done());
  EXPECT_TRUE(outcome.done.HasBeenNotified());
}

TEST(EventProducerTest, RoomIsBoundedAndComesBack) {
  const auto producer = StartWithoutBroker();
  std::shared_ptr<void> first = producer->Claim(60);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(producer->Claim(41), nullptr);
  std::shared_ptr<void> second = producer->Claim(40);
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(producer->counts().refused, 1);
  const std::shared_ptr<void> copy = first;
  first = nullptr;
  EXPECT_EQ(producer->Claim(60), nullptr) << "a copy still holds it";
  second = nullptr;
  EXPECT_NE(producer->Claim(40), nullptr);
}

TEST(EventProducerTest, OneRequestThatIsLargerThanTheRoomPassesAlone) {
  const auto producer = StartWithoutBroker();
  EXPECT_NE(producer->Claim(101), nullptr);
}

}  // namespace
}  // namespace keyfold
