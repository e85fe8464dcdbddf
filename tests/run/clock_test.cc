#include "run/clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "event/decoder.h"
#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Calendar In(const char* zone) {
  const absl::StatusOr<Calendar> calendar = Calendar::Create(zone, 1);
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return *calendar;
}

// "2026-11-23T00:00:00+01:00"
absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

Day On(const char* date) { return *ParseDay(date); }

// --- what is due -----------------------------------------------------------------------------------------------------

TEST(TurnAtTest, TodaysMidnightIsDueUntilItIsWritten) {
  const Calendar berlin = In("Europe/Berlin");
  const absl::Time noon = At("2026-11-23T12:00:00+01:00");
  EXPECT_EQ(TurnAt(berlin, noon, std::nullopt).due, On("2026-11-23"));
  EXPECT_EQ(TurnAt(berlin, noon, On("2026-11-22")).due, On("2026-11-23"));
  EXPECT_EQ(TurnAt(berlin, noon, On("2026-11-23")).due, std::nullopt);
}

TEST(TurnAtTest, ADayBeginsAtItsFirstInstant) {
  const Calendar berlin = In("Europe/Berlin");
  const absl::Time midnight = At("2026-11-24T00:00:00+01:00");
  EXPECT_EQ(TurnAt(berlin, midnight - absl::Nanoseconds(1), On("2026-11-23")).due, std::nullopt);
  EXPECT_EQ(TurnAt(berlin, midnight, On("2026-11-23")).due, On("2026-11-24"));
}

TEST(TurnAtTest, OfSeveralMissedMidnightsOnlyTheLastIsDue) {
  EXPECT_EQ(TurnAt(In("Europe/Berlin"), At("2026-11-23T12:00:00+01:00"), On("2026-10-01")).due, On("2026-11-23"));
}

TEST(TurnAtTest, AWallClockThatIsPutBackMakesNothingDue) {
  const Calendar berlin = In("Europe/Berlin");
  for (const char* const earlier : {"2026-11-22T23:59:59+01:00", "2026-11-01T00:00:00+01:00"}) {
    EXPECT_EQ(TurnAt(berlin, At(earlier), On("2026-11-23")).due, std::nullopt) << earlier;
  }
  EXPECT_EQ(TurnAt(berlin, At("2026-11-24T00:00:00+01:00"), On("2026-11-23")).due, On("2026-11-24"));
}

TEST(TurnAtTest, AClockThatWasNeverSetWritesNothing) {
  EXPECT_EQ(TurnAt(In("UTC"), absl::UnixEpoch() + absl::Hours(3), std::nullopt).due, std::nullopt);
  EXPECT_EQ(TurnAt(In("Europe/Berlin"), absl::UnixEpoch(), std::nullopt).due, std::nullopt);
  EXPECT_EQ(TurnAt(In("UTC"), At("1970-01-02T00:00:00Z"), std::nullopt).due, On("1970-01-02"));
}

TEST(TurnAtTest, WaitsForTheNextMidnightButLooksEveryMinute) {
  const Calendar berlin = In("Europe/Berlin");
  const auto wait = [&](const char* now, const char* written) { return TurnAt(berlin, At(now), On(written)).wait; };
  EXPECT_EQ(wait("2026-11-23T12:00:00+01:00", "2026-11-23"), absl::Minutes(1));
  EXPECT_EQ(wait("2026-11-23T23:59:30+01:00", "2026-11-23"), absl::Seconds(30));
  EXPECT_EQ(wait("2026-11-23T23:59:59.75+01:00", "2026-11-22"), absl::Milliseconds(250));
  // Put back by a minute: the midnight of the 24th is there, so the next is the 25th's.
  EXPECT_EQ(wait("2026-11-23T23:59:30+01:00", "2026-11-24"), absl::Minutes(1));
  // Days of 23 and of 25 hours.
  EXPECT_EQ(wait("2026-03-29T23:59:50+02:00", "2026-03-29"), absl::Seconds(10));
  EXPECT_EQ(wait("2026-10-25T23:59:50+01:00", "2026-10-25"), absl::Seconds(10));
}

// --- a whole calendar ------------------------------------------------------------------------------------------------

// Looks as often as TurnAt() asks for, though at most every `stride`, and tells when each midnight was found due.
std::map<Day, absl::Time> Walk(const Calendar& calendar, absl::Time from, absl::Time to, absl::Duration stride) {
  std::map<Day, absl::Time> found;
  std::optional<Day> written;
  for (absl::Time now = from; now < to;) {
    const ClockTurn turn = TurnAt(calendar, now, written);
    if (turn.due.has_value()) {
      EXPECT_TRUE(!written.has_value() || *turn.due > *written) << FormatDay(*turn.due);
      EXPECT_LE(calendar.StartOf(*turn.due), absl::ToUnixSeconds(now)) << FormatDay(*turn.due);
      written = turn.due;
      found.emplace(*turn.due, now);
    }
    EXPECT_GT(turn.wait, absl::ZeroDuration());
    now += turn.wait < absl::Minutes(1) ? turn.wait : stride;
  }
  return found;
}

TEST(TurnAtTest, EveryMidnightOfAYearIsFoundWhenItBegins) {
  for (const char* const zone : {"Europe/Berlin", "UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"}) {
    const Calendar calendar = In(zone);
    const absl::Time from = absl::FromUnixSeconds(calendar.StartOf(On("2026-01-01")));
    const auto found = Walk(calendar, from, from + 365 * absl::Hours(24), absl::Minutes(1));
    EXPECT_EQ(found.size(), 365u) << zone;
    for (const auto& [day, when] : found) {
      EXPECT_EQ(when, absl::FromUnixSeconds(calendar.StartOf(day))) << zone << " " << FormatDay(day);
    }
  }
}

TEST(TurnAtTest, AMidnightThatIsSkippedIsTheFirstInstantAfterTheGap) {
  // Brazil put its clocks forward at midnight: that day began at one.
  const auto found =
      Walk(In("America/Sao_Paulo"), At("2018-11-03T12:00:00-03:00"), At("2018-11-05T12:00:00-02:00"), absl::Minutes(1));
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.at(On("2018-11-04")), At("2018-11-04T01:00:00-02:00"));
  EXPECT_EQ(found.at(On("2018-11-05")), At("2018-11-05T00:00:00-02:00"));
}

TEST(TurnAtTest, ADayThatIsSkippedHasNoMidnight) {
  // Samoa crossed the date line: the 29th was followed by the 31st.
  const auto found =
      Walk(In("Pacific/Apia"), At("2011-12-29T12:00:00-10:00"), At("2012-01-01T12:00:00+14:00"), absl::Minutes(1));
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.count(On("2011-12-30")), 0u);
  EXPECT_EQ(found.at(On("2011-12-31")), At("2011-12-31T00:00:00+14:00"));
}

TEST(TurnAtTest, ADayThatBeginsTwiceIsWrittenOnce) {
  // Newfoundland put its clocks back from a minute past midnight to the evening before.
  const Calendar calendar = In("America/St_Johns");
  const auto found =
      Walk(calendar, At("2010-11-06T12:00:00-02:30"), At("2010-11-08T12:00:00-03:30"), absl::Seconds(20));
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.at(On("2010-11-07")), At("2010-11-07T00:00:00-02:30"));
  EXPECT_EQ(found.at(On("2010-11-08")), At("2010-11-08T00:00:00-03:30"));
  // Begun in the hour between, it does not spin.
  EXPECT_EQ(TurnAt(calendar, At("2010-11-06T23:30:00-03:30"), On("2010-11-06")).wait, absl::Minutes(1));
}

// --- the record ------------------------------------------------------------------------------------------------------

TEST(CheckMidnightTest, TheBrokersClockMayBeSlowByMinutesOnly) {
  const Calendar calendar = *Calendar::Create("Europe/Berlin", 1);
  const Day day = *ParseDay("2026-06-02");
  const absl::Time start = absl::FromUnixSeconds(calendar.StartOf(day));
  EXPECT_TRUE(CheckMidnight(calendar, day, start + absl::Hours(30)).ok());
  EXPECT_TRUE(CheckMidnight(calendar, day, start - absl::Minutes(10)).ok());
  const absl::Status status = CheckMidnight(calendar, day, start - absl::Minutes(10) - absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("2026-06-02"), HasSubstr("2026-06-01T21:49:59Z")));
}

TEST(MidnightEventTest, IsAValidEventOfTheDaysFirstInstant) {
  const std::string value = MidnightEvent(In("Europe/Berlin"), On("2026-11-23")).SerializeAsString();
  Record record;
  record.value = value;
  const DecodedRecord decoded = Decoder(*Currency::Parse("EUR")).Decode(record);
  ASSERT_TRUE(std::holds_alternative<ValidEvent>(decoded)) << std::get<Rejection>(decoded).message;
  const v1::AccountEvent& event = *std::get<ValidEvent>(decoded);
  EXPECT_TRUE(event.has_clock_advanced());
  EXPECT_EQ(event.event_id(), "clock:2026-11-23");
  EXPECT_EQ(event.account_id(), "");
  EXPECT_EQ(absl::FromUnixSeconds(event.occurred_at().seconds()), At("2026-11-23T00:00:00+01:00"));
  EXPECT_EQ(event.occurred_at().nanos(), 0);
}

TEST(MidnightEventTest, IsTheSameWhoeverMakesIt) {
  const Calendar calendar = In("Asia/Tokyo");
  EXPECT_EQ(MidnightEvent(calendar, 20'000).SerializeAsString(), MidnightEvent(calendar, 20'000).SerializeAsString());
  EXPECT_NE(MidnightEvent(calendar, 20'000).SerializeAsString(), MidnightEvent(calendar, 20'001).SerializeAsString());
}

// --- ticking ---------------------------------------------------------------------------------------------------------

// Writes into memory, and fails as told.
class Writer {
 public:
  Clock NewClock() {
    return Clock(In("Europe/Berlin"), [this](Day day) {
      ++attempts_;
      if (!failures_.empty()) {
        const absl::Status status = failures_.back();
        failures_.pop_back();
        return status;
      }
      written_.push_back(FormatDay(day));
      return absl::OkStatus();
    });
  }

  void FailNext(std::vector<absl::Status> failures) { failures_ = std::move(failures); }

  const std::vector<std::string>& written() const { return written_; }
  int attempts() const { return attempts_; }

 private:
  std::vector<absl::Status> failures_;
  std::vector<std::string> written_;
  int attempts_ = 0;
};

TEST(ClockTest, WritesEachMidnightOnceAndCatchesUpWithOne) {
  Writer writer;
  Clock clock = writer.NewClock();
  for (const char* const now :
       {"2026-11-23T12:00:00+01:00", "2026-11-23T12:01:00+01:00", "2026-11-24T00:00:00+01:00",
        "2026-11-23T23:59:59+01:00", "2026-11-24T00:00:01+01:00", "2026-11-29T08:00:00+01:00"}) {
    EXPECT_TRUE(clock.Tick(At(now)).ok());
  }
  EXPECT_THAT(writer.written(), ElementsAre("2026-11-23", "2026-11-24", "2026-11-29"));
}

TEST(ClockTest, WhatCouldNotBeWrittenIsStillDue) {
  Writer writer;
  writer.FailNext({absl::UnavailableError("no brokers")});
  Clock clock = writer.NewClock();
  EXPECT_TRUE(absl::IsUnavailable(clock.Tick(At("2026-11-23T12:00:00+01:00")).status()));
  EXPECT_THAT(writer.written(), IsEmpty());
  EXPECT_TRUE(clock.Tick(At("2026-11-23T12:00:01+01:00")).ok());
  EXPECT_THAT(writer.written(), ElementsAre("2026-11-23"));
}

bool IsUnavailable(const absl::Status& status) { return absl::IsUnavailable(status); }

TEST(RunClockTest, TriesAgainUntilItIsWrittenThenStops) {
  Writer writer;
  writer.FailNext({absl::UnavailableError("second"), absl::UnavailableError("first")});
  Clock clock = writer.NewClock();
  const auto stopped = [&] { return !writer.written().empty(); };
  EXPECT_TRUE(RunClock(clock, {stopped, [] { return true; }, IsUnavailable}).ok());
  EXPECT_EQ(writer.attempts(), 3);
}

TEST(RunClockTest, EndsWithAnErrorThatIsNotWorthRetrying) {
  Writer writer;
  writer.FailNext({absl::PermissionDeniedError("may not write"), absl::UnavailableError("first")});
  Clock clock = writer.NewClock();
  const absl::Status status = RunClock(clock, {[] { return false; }, [] { return true; }, IsUnavailable});
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_EQ(writer.attempts(), 2);
}

TEST(RunClockTest, WritesNothingBeforeItIsElected) {
  Writer writer;
  Clock clock = writer.NewClock();
  int asked = 0;
  int attempts_before = 0;
  const auto elected = [&] {
    attempts_before = writer.attempts();
    return ++asked == 2;
  };
  EXPECT_TRUE(RunClock(clock, {[&] { return !writer.written().empty(); }, elected, IsUnavailable}).ok());
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(attempts_before, 0);
  EXPECT_EQ(writer.attempts(), 1);
}

TEST(RunClockTest, DoesNothingOnceStopped) {
  Writer writer;
  Clock clock = writer.NewClock();
  EXPECT_TRUE(RunClock(clock, {[] { return true; }, [] { return true; }, IsUnavailable}).ok());
  EXPECT_EQ(writer.attempts(), 0);
}

TEST(ClockVerbTest, NeedsBrokersAndAZone) {
  EXPECT_THAT(RunVerb({"clock", "--once"}).errors, HasSubstr("no brokers"));
  const VerbResult result =
      RunVerb({"clock", "--once", "--kafka", "bootstrap.servers=127.0.0.1:1", "--time_zone", "Europe/Nowhere"});
  EXPECT_EQ(result.exit_status, kExitUsage);
  EXPECT_THAT(result.errors, HasSubstr("Europe/Nowhere"));
}

}  // namespace
}  // namespace keyfold
