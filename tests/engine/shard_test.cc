// A batch: what is published of it, and where it ends. Given a log, when it is folded, then ...
#include <gmock/gmock.h>

#include <map>

#include "engine/account_shard.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::map<std::string, double> KpisOf(const v1::KpiUpdate& update) {
  return {update.kpis().begin(), update.kpis().end()};
}

std::vector<std::string> ChangedOf(const v1::KpiUpdate& update) {
  std::vector<std::string> ids;
  for (const v1::KpiChange& change : update.changed()) ids.push_back(change.id());
  return ids;
}

// --- what an update holds --------------------------------------------------------------------------------------------

TEST_F(ShardTest, FirstUpdateHoldsEveryValueChangedFromNothing) {
  Append("2026-01-05", Opened("A1"));
  Append("2026-01-05", Invoice("A1", "2026-01-05", 12'34));
  FoldAll();
  const v1::KpiUpdate update = UpdateOne();
  const auto queried = QueryAccount(SharedStore(disk_), catalog_, "A1", std::nullopt);
  ASSERT_TRUE(queried.ok() && queried->has_value());
  std::vector<std::string> ids;
  for (const auto& [id, value] : (*queried)->values.kpis) ids.push_back(id);
  EXPECT_EQ(KpisOf(update),
            (std::map<std::string, double>((*queried)->values.kpis.begin(), (*queried)->values.kpis.end())));
  EXPECT_EQ(ChangedOf(update), ids);  // in the order of the catalogue
  for (const v1::KpiChange& change : update.changed()) EXPECT_FALSE(change.has_from()) << change.id();
  EXPECT_EQ(KpiOf(update, "revenue_ytd"), 12.34);
  EXPECT_EQ(update.as_of(), "2026-01-05");
  EXPECT_EQ(update.catalog_hash(), catalog_.hash());
  EXPECT_EQ(update.source_partition(), kPartition);
  EXPECT_EQ(update.source_offset(), 1);
  EXPECT_THAT(update.missing_rates(), IsEmpty());
}

TEST_F(ShardTest, NextUpdateSaysWhatChangedAndFromWhat) {
  Append("2026-01-05", Opened("A1"));
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  const std::map<std::string, double> before = KpisOf(UpdateOne());
  Append("2026-01-05", Invoice("A1", "2026-01-05", 250));
  FoldAll();
  const v1::KpiUpdate update = UpdateOne();
  std::map<std::string, double> undone = KpisOf(update);
  for (const v1::KpiChange& change : update.changed()) {
    ASSERT_TRUE(undone.contains(change.id()));
    EXPECT_NE(undone[change.id()], change.from());
    undone[change.id()] = change.from();
  }
  EXPECT_EQ(undone, before);
  EXPECT_THAT(ChangedOf(update), ::testing::Contains("revenue_ytd"));
  EXPECT_THAT(ChangedOf(update), ::testing::Not(::testing::Contains("customers")));
}

TEST_F(ShardTest, AccountsOfABatchAreEachPublishedOnce) {
  Append("2026-01-05", Opened("B"));
  Append("2026-01-05", Opened("A"));
  Append("2026-01-05", Invoice("B", "2026-01-05", 1));
  EXPECT_EQ(FoldBatch(), 3u);
  EXPECT_THAT(Published(), ElementsAre("A @ 2026-01-05 by 1", "B @ 2026-01-05 by 2"));
}

TEST_F(ShardTest, UnchangedValuesPublishNothing) {
  Append("2026-01-05", Opened("A1"));
  FoldAll();
  Published();
  Append("2026-01-05", At("2026-01-05", "order_delivered { order_id: 'never placed' }"));
  Append("2026-01-05", Opened("A1"));  // a duplicate
  FoldAll();
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_EQ(shard_->next_offset(), 3);
}

TEST_F(ShardTest, CorrelationIdOfTheLastChangeIsCarriedThrough) {
  v1::AccountEvent first = Opened("A1");
  first.set_correlation_id("c1");
  v1::AccountEvent second = Invoice("A1", "2026-01-05", 100);
  second.set_correlation_id("c2");
  Append("2026-01-05", first);
  Append("2026-01-05", second);
  Append("2026-01-05", first);  // a duplicate, which causes nothing
  FoldAll();
  const v1::KpiUpdate update = UpdateOne();
  EXPECT_EQ(update.correlation_id(), "c2");
  EXPECT_EQ(update.source_offset(), 1);
}

TEST_F(ShardTest, MissingRatesAreListed) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100, "USD"));
  Append("2026-01-05", Invoice("A1", "2026-01-05", 200, "EUR"));
  FoldAll();
  const v1::KpiUpdate update = UpdateOne();
  EXPECT_THAT(update.missing_rates(), ElementsAre("USD"));
  EXPECT_EQ(KpiOf(update, "revenue_ytd"), 2.0);
}

// --- where a batch ends ----------------------------------------------------------------------------------------------

TEST_F(ShardTest, ARecordThatMovesTheDayBeginsABatch) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 1));
  Append("2026-01-05T22:59:59Z", Invoice("A2", "2026-01-05", 1));
  Append("2026-01-05T23:00:00Z", Invoice("A1", "2026-01-05", 2));  // midnight in Berlin
  EXPECT_EQ(FoldBatch(), 2u);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-05 by 0", "A2 @ 2026-01-05 by 1"));
  EXPECT_EQ(FoldBatch(), 1u);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-06 by 2"));
}

TEST_F(ShardTest, ARejectedRecordMovesNoTime) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 1));
  Append({"A1", "not an event", {}, Milliseconds("2026-01-06")});
  Append("2026-01-06", Invoice("A1", "2026-01-05", 2));
  EXPECT_EQ(FoldBatch(), 2u);
  EXPECT_THAT(Published(), ElementsAre("dead letter", "A1 @ 2026-01-05 by 0"));
  EXPECT_EQ(FoldBatch(), 1u);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-06 by 2"));
}

TEST_F(ShardTest, ARateBetweenAccountRecordsBeginsABatch) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100, "USD"));
  Append("2026-01-05", Rate("USD", "2026-01", 2));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100, "USD"));
  EXPECT_EQ(FoldBatch(), 1u);
  EXPECT_EQ(KpiOf(UpdateOne(), "revenue_ytd"), 0.0);
  EXPECT_EQ(FoldBatch(), 2u);
  EXPECT_EQ(KpiOf(UpdateOne(), "revenue_ytd"), 2.0);
}

TEST_F(ShardTest, RatesBeforeAccountRecordsAreOfTheirBatch) {
  Append("2026-01-05", Rate("USD", "2026-01", 2));
  Append("2026-01-05", Rate("JPY", "2026-01", 3));
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100, "USD"));
  EXPECT_EQ(FoldBatch(), 3u);
  EXPECT_EQ(KpiOf(UpdateOne(), "revenue_ytd"), 2.0);
}

// --- time ------------------------------------------------------------------------------------------------------------

TEST_F(ShardTest, ClockAdvancedMovesTheDayAndTouchesNoAccount) {
  Append("2026-01-31", Invoice("A1", "2026-01-31", 100));
  FoldAll();
  Published();
  const int64_t tick = Append("2026-02-01", ClockAdvanced("2026-02-01"));
  FoldBatch();
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_TRUE(shard_->sweeping());
  SweepSlice(10);
  const v1::KpiUpdate update = UpdateOne();
  EXPECT_EQ(update.as_of(), "2026-02-01");
  EXPECT_EQ(update.source_offset(), tick);
  EXPECT_EQ(KpiOf(update, "revenue_mtd"), 0.0);
  // Never a duplicate, and no entity of its own.
  Append("2026-02-02", ClockAdvanced("2026-02-01"));
  FoldAll();
  EXPECT_EQ(shard_->counts().duplicates, 0);
  EXPECT_EQ(QueryAccount(SharedStore(disk_), catalog_, "", std::nullopt)->has_value(), false);
}

TEST_F(ShardTest, StreamTimeNeverGoesBack) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 1));
  Append("2026-01-03", Invoice("A1", "2026-01-05", 2));
  Append("2025-12-31", Invoice("A2", "2026-01-05", 3));
  EXPECT_EQ(FoldBatch(), 3u);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-05 by 1", "A2 @ 2026-01-05 by 2"));
  EXPECT_EQ(shard_->meta().stream_time_ms(), Milliseconds("2026-01-05"));
}

TEST_F(ShardTest, RecordsWithoutTimestampDoNotMoveTime) {
  MemoryRecord record = RecordOf("2026-01-05", Invoice("A1", "2026-01-05", 1));
  record.timestamp_ms = -1;
  Append(record);
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("A1 @ 1970-01-01 by 0"));  // no time has passed yet
  Append("2026-01-05", Invoice("A1", "2026-01-05", 2));
  record.value = Invoice("A1", "2026-01-05", 3).SerializeAsString();
  Append(record);
  EXPECT_EQ(FoldBatch(), 2u);
  EXPECT_THAT(Published(), ElementsAre("A1 @ 2026-01-05 by 2"));
}

// --- dead letters and counts -----------------------------------------------------------------------------------------

TEST_F(ShardTest, DeadLettersAreTheRecordAndWhy) {
  const std::vector<RecordHeader> headers = {{"content-type", "application/json"}, {"trace", std::nullopt}};
  Append({"A1", "{", headers, 1234});
  FoldAll();
  const OutputRecord letter = PublishedOne();
  EXPECT_EQ(letter.topic, OutputTopic::kDeadLetters);
  EXPECT_EQ(letter.key, "A1");
  EXPECT_EQ(letter.value, "{");
  EXPECT_EQ(letter.timestamp_ms, 1234);
  ASSERT_EQ(letter.headers.size(), 7u);
  EXPECT_EQ(letter.headers[0], headers[0]);
  EXPECT_EQ(letter.headers[1], headers[1]);
  EXPECT_EQ(letter.headers[2], (RecordHeader{"error.code", "undecodable"}));
  EXPECT_EQ(letter.headers[3].name, "error.message");
  EXPECT_NE(letter.headers[3].value.value_or(""), "");
  EXPECT_EQ(letter.headers[4], (RecordHeader{"error.topic", "events"}));
  EXPECT_EQ(letter.headers[5], (RecordHeader{"error.partition", "3"}));
  EXPECT_EQ(letter.headers[6], (RecordHeader{"error.offset", "0"}));
}

TEST_F(ShardTest, DeadLettersOfRecordsWithoutKeyOrValueHaveNone) {
  Append({std::nullopt, std::nullopt, {}, 1});
  FoldAll();
  const OutputRecord letter = PublishedOne();
  EXPECT_EQ(letter.topic, OutputTopic::kDeadLetters);
  EXPECT_EQ(letter.key, std::nullopt);
  EXPECT_EQ(letter.value, std::nullopt);
}

TEST_F(ShardTest, ConflictsAndDuplicatesAreCounted) {
  v1::AccountEvent invoice = Invoice("A1", "2026-01-05", 100);
  invoice.set_revision(1);
  v1::AccountEvent conflict = invoice;
  conflict.set_source("elsewhere");
  v1::AccountEvent lower = invoice;
  lower.set_revision(0);
  for (const v1::AccountEvent& event : {invoice, invoice, conflict, lower}) Append("2026-01-05", event);
  AppendErasure("2026-01-05", "A2");
  FoldAll();
  EXPECT_EQ(shard_->counts().records, 5);
  EXPECT_EQ(shard_->counts().applied, 1);
  EXPECT_EQ(shard_->counts().duplicates, 1);
  EXPECT_EQ(shard_->counts().superseded, 1);
  EXPECT_EQ(shard_->counts().rejected, 1);
  EXPECT_EQ(shard_->counts().erasures, 1);
  EXPECT_EQ(shard_->counts().updates, 1);
  ASSERT_EQ(outputs_.size(), 2u);
  EXPECT_EQ(outputs_[0].headers[0], (RecordHeader{"error.code", "conflict"}));
  EXPECT_THAT(outputs_[0].headers[1].value.value_or(""), HasSubstr(invoice.event_id()));
  EXPECT_EQ(ParseUpdate(*outputs_[1].value).source_offset(), 0);
}

}  // namespace
}  // namespace keyfold
