// Which records move a shard's time: no wrong clock takes it into the future for good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "state/commit_metadata.h"
#include "support/gathering.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kTwoDays = 2 * int64_t{86'400'000};

class ShardTimeTest : public ShardTest {
 protected:
  ShardTimeTest() { OpenBounded(); }

  void OpenBounded() { shard_ = *TryOpen(identity_, catalog_, kTwoDays); }

  void SetClock(std::string_view when) { now_ = absl::FromUnixMillis(Milliseconds(when)); }

  // An invoice of January 5th, in a record with this timestamp.
  int64_t AppendStamped(int64_t timestamp_ms, const std::string& account_id = "A0") {
    MemoryRecord record = RecordOf("2026-01-05", Invoice(account_id, "2026-01-05", 100));
    record.timestamp_ms = timestamp_ms;
    return Append(std::move(record));
  }

  void AppendGarbage(std::string_view timestamp) { Append({"A0", "\xff garbage", {}, Milliseconds(timestamp)}); }

  // After whatever came before, an honest record is folded, and its day is the shard's.
  void ExpectHonestRecordIsFolded() {
    Append("2026-01-05", Invoice("A1", "2026-01-05", 200));
    const auto offset = std::to_string(log_.size() - 1);
    FoldAll();
    EXPECT_THAT(Published(), ::testing::Contains("A1 @ 2026-01-05 by " + offset));
    EXPECT_EQ(shard_->meta().stream_time_ms(), Milliseconds("2026-01-05"));
  }
};

TEST_F(ShardTimeTest, AFirstRecordFromTheFarFutureIsADeadLetterAndMovesNoTime) {
  AppendStamped(Milliseconds("2099-01-01"));
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("dead letter"));
  ExpectHonestRecordIsFolded();
}

TEST_F(ShardTimeTest, ALaterRecordFromTheFarFutureIsADeadLetterAndMovesNoTime) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2036-01-05", Invoice("A1", "2026-01-05", 200));
  Append("2026-01-06", Invoice("A1", "2026-01-06", 300));
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("dead letter", "A1 @ 2026-01-05 by 0", "A1 @ 2026-01-06 by 2"));
  EXPECT_EQ(shard_->meta().stream_time_ms(), Milliseconds("2026-01-06"));
}

TEST_F(ShardTimeTest, SoIsAClockFromTheFarFuture) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2099-01-01", ClockAdvanced("2099-01-01"));
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("dead letter", "A1 @ 2026-01-05 by 0"));
  ExpectHonestRecordIsFolded();
}

TEST_F(ShardTimeTest, ARateFromTheFarFutureBeginsNoEpoch) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Append("2099-01-01", Rate("USD", "2026-01", 0.5));
  FoldAll();
  EXPECT_EQ(shard_->meta().epoch_offset(), 0);
  ExpectHonestRecordIsFolded();
}

TEST_F(ShardTimeTest, RecordsThatCannotBeReadMoveNoTime) {
  AppendGarbage("2026-01-06");
  Append("2026-01-06", At("2026-01-06", "invoice_issued {}"));  // invalid
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("dead letter", "dead letter"));
  ExpectHonestRecordIsFolded();
}

TEST_F(ShardTimeTest, AnErasureFromTheFarFutureIsObeyedAndMovesNoTime) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  Published();
  AppendErasure("2099-01-01", "A1");
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A1 gone"));
  ExpectHonestRecordIsFolded();
}

TEST_F(ShardTimeTest, StampsOutsideTheYearsAreInvalidAndMoveNoTime) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  for (int64_t stamp : {kMost, kMost - kTwoDays - 5, kMost - kTwoDays, int64_t{100'000'000'000'000'000},
                        Milliseconds("2200-12-31T23:59:59Z") + 1000, int64_t{-2}, kLeast, kLeast + 1}) {
    AppendStamped(stamp);
    FoldAll();
    const OutputRecord letter = PublishedOne();
    EXPECT_EQ(letter.topic, OutputTopic::kDeadLetters) << stamp;
    EXPECT_EQ(letter.headers.at(0).value, "invalid");
    EXPECT_EQ(letter.headers.at(1).value,
              absl::StrCat("record timestamp: ", stamp, " ms since 1970 is outside the years 1970-2200"));
  }
  AppendErasure("2026-01-05", "A0");
  log_.back().timestamp_ms = kMost;
  ExpectHonestRecordIsFolded();
}

TEST_F(ShardTimeTest, WithoutABoundStampsOutsideTheYearsAreInvalidToo) {
  disk_ = MemoryStore(MergeStored);
  Open();
  AppendStamped(std::numeric_limits<int64_t>::max());
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("dead letter"));
  AppendStamped(Milliseconds("2199-01-01"));
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A0 @ 2199-01-01 by 1"));
}

TEST_F(ShardTimeTest, ARecordWithoutATimestampMovesNoTime) {
  AppendStamped(-1);
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A0 @ 1970-01-01 by 0"));
  EXPECT_EQ(shard_->meta().stream_time_ms(), -1);
  ExpectHonestRecordIsFolded();
}

TEST_F(ShardTimeTest, AFirstRecordFromLongAgoDoesNotBarThoseOfToday) {
  AppendStamped(0);
  ExpectHonestRecordIsFolded();
}

TEST_F(ShardTimeTest, AHistoryWithLongGapsIsTaken) {
  for (const char* day : {"2023-01-10", "2024-09-01", "2026-01-05"}) Append(day, Invoice("A1", day, 100));
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2023-01-10 by 0", "A1 @ 2024-09-01 by 1", "A1 @ 2026-01-05 by 2"));
}

TEST_F(ShardTimeTest, RecordsMayBeAheadOfAClockThatIsSlowAsFarAsTimeHasCome) {
  SetClock("2021-01-01");
  AppendStamped(Milliseconds("2021-01-01"));
  FoldAll();
  SetClock("2026-01-01");
  AppendStamped(Milliseconds("2026-01-03"));  // by the whole bound
  FoldAll();
  SetClock("2021-01-01");
  AppendStamped(Milliseconds("2026-01-05"));
  AppendStamped(Milliseconds("2026-01-07T12:00:01Z"));
  FoldAll();
  EXPECT_EQ(shard_->meta().stream_time_ms(), Milliseconds("2026-01-05"));
  EXPECT_EQ(shard_->counts().rejected, 1);
}

TEST_F(ShardTimeTest, TheReasonNamesAllTimes) {
  AppendStamped(Milliseconds("2036-01-05"));
  FoldAll();
  EXPECT_EQ(PublishedOne().headers.at(1).value,
            "record timestamp: 2036-01-05T12:00:00Z is more than 2 days ahead of this machine's clock, "
            "2026-01-05T12:00:00Z");
  Append("2026-01-04", Invoice("A1", "2026-01-04", 100));
  FoldAll();
  Published();
  AppendStamped(Milliseconds("2036-01-05"));
  FoldAll();
  const OutputRecord letter = PublishedOne();
  EXPECT_EQ(letter.headers.at(0).value, "invalid");
  EXPECT_EQ(letter.headers.at(1).value,
            "record timestamp: 2036-01-05T12:00:00Z is more than 2 days ahead of this machine's clock, "
            "2026-01-05T12:00:00Z, and of the records before it, which have reached 2026-01-04T12:00:00Z");
}

TEST_F(ShardTimeTest, AClockThatGoesBackChangesNothing) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  Published();
  Append("2026-01-03", ClockAdvanced("2026-01-03"));
  FoldAll();
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_EQ(shard_->meta().stream_time_ms(), Milliseconds("2026-01-05"));
}

TEST_F(ShardTimeTest, TheClockIsReadOnceABatchAtMost) {
  int looks = 0;
  shard_ = *AccountShard::Open(Gathering(std::make_unique<SharedStore>(disk_)), catalog_, format_, identity_,
                               {kTwoDays, nullptr, [&] {
                                  ++looks;
                                  return now_;
                                }});
  for (int i = 0; i < 3; ++i) AppendStamped(Milliseconds("2036-01-05"));
  FoldBatch();
  EXPECT_EQ(looks, 1);
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldBatch();
  EXPECT_EQ(looks, 2);
  Append("2026-01-05", Invoice("A1", "2026-01-05", 200));
  FoldBatch();
  EXPECT_EQ(looks, 2);
}

// What was refused is refused again though the clock has reached its stamp, and what was taken is taken by a machine
// whose clock is years behind.
TEST_F(ShardTimeTest, ALostShardDecidesAsTheCommitSays) {
  AppendStamped(Milliseconds("2026-01-05"), "A1");
  AppendStamped(Milliseconds("2026-01-08"), "A2");
  AppendStamped(Milliseconds("2026-01-07"), "A3");
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("dead letter", "A1 @ 2026-01-05 by 0", "A3 @ 2026-01-07 by 2"));
  const OffsetCommit commit = commit_;
  const auto contents = disk_.contents();

  for (const char* later : {"2036-01-01", "2021-01-01"}) {
    SetClock(later);
    disk_ = MemoryStore(MergeStored);
    OpenBounded();
    shard_->BeginReplay({commit.next_offset, commit.metadata});
    while (shard_->next_offset() < commit.next_offset) FoldBatch();
    while (!*shard_->FinishReplay(1'000, [] { return false; })) {
    }
    EXPECT_EQ(disk_.contents(), contents) << later;
  }
}

}  // namespace
}  // namespace keyfold
