#include "importing/sent_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Unit = SentEvents::Unit;

v1::AccountEvent Won(const std::string& account, const std::string& opportunity, int64_t minor, int64_t seconds = 100) {
  v1::AccountEvent event;
  event.set_event_id("crm:opportunity_won:" + opportunity);
  event.set_account_id(account);
  event.mutable_occurred_at()->set_seconds(seconds);
  event.mutable_opportunity_won()->set_opportunity_id(opportunity);
  event.mutable_opportunity_won()->mutable_amount()->set_currency_code("EUR");
  event.mutable_opportunity_won()->mutable_amount()->set_minor(minor);
  return event;
}

v1::AccountEvent Opened(const std::string& account, int64_t seconds, const std::string& name) {
  v1::AccountEvent event;
  event.set_event_id("crm:account_opened:" + account);
  event.set_account_id(account);
  event.mutable_occurred_at()->set_seconds(seconds);
  event.mutable_account_opened()->set_name(name);
  return event;
}

std::string ToText(const v1::AccountEvent& event) {
  std::string text = absl::StrCat(event.account_id(), " r", event.revision());
  if (event.retracted()) absl::StrAppend(&text, " retracted");
  if (event.has_opportunity_won()) absl::StrAppend(&text, " won ", event.opportunity_won().opportunity_id());
  if (event.opportunity_won().has_amount()) absl::StrAppend(&text, " ", event.opportunity_won().amount().minor());
  if (event.has_account_opened()) {
    absl::StrAppend(&text, " opened ", event.account_opened().name(), "@", event.occurred_at().seconds());
  }
  return text;
}

class SentEventsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(::testing::TempDir()) / "sent_events_test";
    std::filesystem::remove_all(directory_);
    Reopen();
  }
  void TearDown() override {
    sent_ = nullptr;
    std::filesystem::remove_all(directory_);
  }

  // As a process that is started again finds it.
  void Reopen() {
    sent_ = nullptr;
    sent_ = SentEvents::Open(directory_.string(), "topic t of cluster c", "crm").value();
  }

  std::vector<std::string> Plan(Unit unit, const std::string& key, std::vector<v1::AccountEvent> events,
                                bool complete = true) {
    std::vector<std::string> texts;
    const std::vector<v1::AccountEvent> planned = sent_->Plan(unit, key, std::move(events), complete).value();
    for (const v1::AccountEvent& event : planned) texts.push_back(ToText(event));
    return texts;
  }

  // As it is where nothing goes wrong.
  std::vector<std::string> Send(const std::string& key, std::vector<v1::AccountEvent> events) {
    std::vector<std::string> planned = Plan(Unit::kRows, key, std::move(events));
    EXPECT_TRUE(sent_->Store().ok());
    EXPECT_TRUE(sent_->Delivered().ok());
    return planned;
  }

  std::filesystem::path directory_;
  std::unique_ptr<SentEvents> sent_;
};

TEST_F(SentEventsTest, TheSameAgainIsNotSent) {
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 500)}), ElementsAre("A1 r0 won O1 500"));
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 500)}), IsEmpty());
  Reopen();
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 500)}), IsEmpty());
}

TEST_F(SentEventsTest, WhatHasChangedIsTheNextRevision) {
  Send("O1", {Won("A1", "O1", 500)});
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 700)}), ElementsAre("A1 r1 won O1 700"));
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 500)}), ElementsAre("A1 r2 won O1 500"));
}

TEST_F(SentEventsTest, ARevisionThatTheMappingSaysIsTheLeast) {
  const auto won = [](int64_t minor, uint32_t revision, bool retracted = false) {
    v1::AccountEvent event = Won("A1", "O1", minor);
    event.set_revision(revision);
    event.set_retracted(retracted);
    return event;
  };
  EXPECT_THAT(Send("O1", {won(500, 4)}), ElementsAre("A1 r4 won O1 500"));
  EXPECT_THAT(Send("O1", {won(500, 6)}), IsEmpty());
  EXPECT_THAT(Send("O1", {won(700, 6)}), ElementsAre("A1 r6 won O1 700"));
  EXPECT_THAT(Send("O1", {won(800, 6)}), ElementsAre("A1 r7 won O1 800"));
  EXPECT_THAT(Send("O1", {won(800, 9, true)}), ElementsAre("A1 r8 retracted won O1"));
  EXPECT_THAT(Send("O1", {won(800, 9, true)}), IsEmpty());
  EXPECT_THAT(Send("O2", {won(800, 9, true)}), IsEmpty());
}

TEST_F(SentEventsTest, WhatIsNotSaidAnyMoreIsRetractedAndMayComeBack) {
  Send("O1", {Won("A1", "O1", 500)});
  EXPECT_THAT(Send("O1", {}), ElementsAre("A1 r1 retracted won O1"));
  EXPECT_THAT(Send("O1", {}), IsEmpty());
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 500)}), ElementsAre("A1 r2 won O1 500"));
}

TEST_F(SentEventsTest, ARateOfAnotherMonthIsAnotherFact) {
  const auto rate = [](const char* month) {
    v1::AccountEvent event;
    event.set_event_id("ecb:fx_rate_set:1");
    event.mutable_occurred_at()->set_seconds(100);
    event.mutable_fx_rate_set()->set_currency_code("USD");
    event.mutable_fx_rate_set()->set_month(month);
    event.mutable_fx_rate_set()->set_rate(0.9);
    return event;
  };
  Send("1", {rate("2026-01")});
  const std::vector<v1::AccountEvent> planned = sent_->Plan(Unit::kRows, "1", {rate("2026-02")}, true).value();
  ASSERT_THAT(planned, testing::SizeIs(2));
  EXPECT_EQ(planned[0].fx_rate_set().month(), "2026-02");
  EXPECT_TRUE(planned[1].retracted());
  EXPECT_EQ(planned[1].fx_rate_set().currency_code(), "USD");
  EXPECT_EQ(planned[1].fx_rate_set().month(), "2026-01");
}

// Rows that were rejected say nothing about what there is.
TEST_F(SentEventsTest, NothingIsTakenBackForRowsThatWereRejected) {
  Send("O1", {Won("A1", "O1", 500)});
  EXPECT_THAT(Plan(Unit::kRows, "O1", {Opened("A1", 100, "x")}, /*complete=*/false), ElementsAre("A1 r0 opened x@100"));
  EXPECT_THAT(Plan(Unit::kRows, "O1", {}, /*complete=*/true), ElementsAre("A1 r1 retracted won O1"));
}

// An event_id belongs to an entity of an account: elsewhere it is another fact.
TEST_F(SentEventsTest, AFactThatMovesIsRetractedWhereItWas) {
  Send("O1", {Won("A1", "O1", 500)});
  EXPECT_THAT(Send("O1", {Won("A2", "O1", 500)}), ElementsAre("A2 r0 won O1 500", "A1 r1 retracted won O1"));
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 500)}), ElementsAre("A1 r2 won O1 500", "A2 r1 retracted won O1"));
}

// Killed after it was stored: whether the brokers have it nobody knows.
TEST_F(SentEventsTest, WhatMayNotHaveArrivedIsSentAgain) {
  EXPECT_THAT(Plan(Unit::kRows, "O1", {Won("A1", "O1", 500)}), ElementsAre("A1 r0 won O1 500"));
  ASSERT_TRUE(sent_->Store().ok());
  Reopen();
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 500)}), ElementsAre("A1 r0 won O1 500"));
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 500)}), IsEmpty());
}

TEST_F(SentEventsTest, WhatMayHaveArrivedIsNotRepeatedWithOtherContent) {
  Plan(Unit::kRows, "O1", {Won("A1", "O1", 500)});
  ASSERT_TRUE(sent_->Store().ok());
  Reopen();
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 700)}), ElementsAre("A1 r1 won O1 700"));
}

TEST_F(SentEventsTest, WhatWasOnlyPlannedIsPlannedAgain) {
  Plan(Unit::kRows, "O1", {Won("A1", "O1", 500)});
  Reopen();
  EXPECT_THAT(Send("O1", {Won("A1", "O1", 700)}), ElementsAre("A1 r0 won O1 700"));
}

TEST_F(SentEventsTest, ARetractionThatMayNotHaveArrivedIsSentAgain) {
  Send("O1", {Won("A1", "O1", 500)});
  EXPECT_THAT(Plan(Unit::kRows, "O1", {}), ElementsAre("A1 r1 retracted won O1"));
  ASSERT_TRUE(sent_->Store().ok());
  Reopen();
  EXPECT_THAT(Send("O1", {}), ElementsAre("A1 r1 retracted won O1"));
  EXPECT_THAT(Send("O1", {}), IsEmpty());
}

TEST_F(SentEventsTest, OnceOnlyMovesToEarlierTimes) {
  const auto send = [&](v1::AccountEvent event) {
    std::vector<std::string> planned = Plan(Unit::kOnce, "A1", {std::move(event)});
    EXPECT_TRUE(sent_->Store().ok());
    EXPECT_TRUE(sent_->Delivered().ok());
    return planned;
  };
  EXPECT_THAT(send(Opened("A1", 200, "Acme")), ElementsAre("A1 r0 opened Acme@200"));
  EXPECT_THAT(send(Opened("A1", 300, "Acme Inc")), IsEmpty());
  EXPECT_THAT(send(Opened("A1", 100, "Acme")), ElementsAre("A1 r1 opened Acme@100"));
}

TEST_F(SentEventsTest, ADirectoryIsOfOneTopic) {
  sent_ = nullptr;
  const absl::Status refused = SentEvents::Open(directory_.string(), "topic u of cluster c", "crm").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("keeps what was sent to topic t of cluster c"));
}

// What is kept would say that all of it was sent.
TEST_F(SentEventsTest, ATopicThatWasMadeAnewIsNoticed) {
  EXPECT_TRUE(sent_->CheckEnd(0).ok());
  ASSERT_TRUE(sent_->NoteEnd(7).ok());
  Reopen();
  EXPECT_TRUE(sent_->CheckEnd(7).ok());
  EXPECT_THAT(std::string(sent_->CheckEnd(6).message()), HasSubstr("it was made anew"));
}

}  // namespace
}  // namespace keyfold
