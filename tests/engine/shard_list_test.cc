// Records around events: several of them in one, and the trace that leads from an event to what it changes.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kOtherTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class ShardListTest : public ShardTest {
 protected:
  // A batch of CloudEvents under an account's key.
  static MemoryRecord Batch(const std::string& timestamp, const std::string& account_id,
                            const std::vector<v1::AccountEvent>& events) {
    std::string list;
    for (const v1::AccountEvent& event : events) {
      std::string data;
      EXPECT_TRUE(google::protobuf::util::MessageToJsonString(event, &data).ok());
      absl::StrAppend(&list, list.empty() ? "[" : ",",
                      R"({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": )", data, "}");
    }
    return {account_id, list + "]", {{"content-type", "application/cloudevents-batch+json"}}, Milliseconds(timestamp)};
  }

  static MemoryRecord Traced(const v1::AccountEvent& event, const std::string& trace) {
    MemoryRecord record = RecordOf("2026-01-05", event);
    record.headers.push_back({"traceparent", trace});
    return record;
  }

  static std::vector<std::string> TracesOf(const std::vector<OutputRecord>& outputs) {
    std::vector<std::string> traces;
    for (const OutputRecord& output : outputs) {
      traces.emplace_back(output.headers.empty() ? "none" : output.headers.front().value.value_or("null"));
      EXPECT_LE(output.headers.size(), 1u);
    }
    return traces;
  }
};

TEST_F(ShardListTest, SeveralEventsOfARecordAreOneUpdate) {
  Append(Batch("2026-01-05", "A1", {Invoice("A1", "2026-01-05", 100), Invoice("A1", "2026-01-04", 200)}));
  EXPECT_EQ(FoldBatch(), 1u);
  EXPECT_EQ(KpiOf(UpdateOne(), "revenue_ytd"), 3.0);
  EXPECT_EQ(shard_->counts().applied, 2);
  EXPECT_EQ(shard_->counts().records, 1);
  EXPECT_EQ(Stored("A1", {EntityKind::kInvoice, "I2026-01-05100"}).events(0).offset(), 0);
}

TEST_F(ShardListTest, WhatIsWrongWithSomeIsOneLetterAndTheOthersCount) {
  const v1::AccountEvent known = Invoice("A1", "2026-01-01", 100);
  v1::AccountEvent conflict = known;
  conflict.set_correlation_id("c");
  conflict.mutable_occurred_at()->set_nanos(1);
  conflict.set_source("s");
  v1::AccountEvent nameless = Invoice("A1", "2026-01-02", 100);
  nameless.mutable_invoice_issued()->clear_invoice_id();
  Append("2026-01-05", known);
  FoldAll();
  Published();

  Append(Batch("2026-01-05", "A1",
               {Invoice("A1", "2026-01-03", 700), conflict, nameless, Invoice("A2", "2026-01-03", 1)}));
  EXPECT_EQ(FoldBatch(), 1u);
  ASSERT_EQ(outputs_.size(), 2u);
  const OutputRecord letter = outputs_.front();
  EXPECT_EQ(letter.topic, OutputTopic::kDeadLetters);
  EXPECT_EQ(letter.value, log_.back().value);
  EXPECT_EQ(letter.headers.at(1).name, "error.code");
  EXPECT_EQ(letter.headers.at(1).value, "conflict");
  EXPECT_EQ(letter.headers.at(2).value,
            absl::StrCat("event 2: event_id '", known.event_id(),
                         "' revision 0 was seen with other content; event 3: "
                         "invalid, invoice_id: missing; event 4: invalid, record key: 'A1' is not the account_id "
                         "(3 of 4 events; the others were folded)"));
  EXPECT_EQ(KpiOf(ParseUpdate(*outputs_.back().value), "revenue_ytd"), 8.0);
  EXPECT_EQ(shard_->counts().rejected, 1);
  EXPECT_EQ(shard_->counts().applied, 2);

  // Sent again it changes nothing.
  outputs_.clear();
  Append(log_.back());
  FoldAll();
  EXPECT_THAT(Published(), ElementsAre("dead letter"));
  EXPECT_EQ(shard_->counts().duplicates, 1);
}

TEST_F(ShardListTest, OfManyProblemsTheFirstAreNamed) {
  std::vector<v1::AccountEvent> events(7);
  for (v1::AccountEvent& event : events) event.set_event_id("e");
  Append(Batch("2026-01-05", "A1", events));
  EXPECT_EQ(FoldBatch(), 1u);
  ASSERT_EQ(outputs_.size(), 1u);
  const std::string message = *outputs_.front().headers.at(2).value;
  EXPECT_THAT(message, HasSubstr("event 5: payload: none"));
  EXPECT_THAT(message, HasSubstr("; … (7 of 7 events"));
  EXPECT_EQ(message.find("event 6"), std::string::npos);
}

TEST_F(ShardListTest, ARecordOfTheFutureIsRefusedAsAWhole) {
  shard_ = *TryOpen(identity_, catalog_, /*ahead_ms_max=*/86'400'000);
  Append(Batch("2026-03-05", "A1", {Invoice("A1", "2026-01-05", 100), Invoice("A1", "2026-01-04", 200)}));
  EXPECT_EQ(FoldBatch(), 1u);
  EXPECT_THAT(Published(), ElementsAre("dead letter"));
  EXPECT_EQ(shard_->counts().applied, 0);
}

TEST_F(ShardListTest, TheTraceGoesOnInWhatTheEventChanges) {
  Append(Traced(Opened("A1"), kTrace));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100));
  FoldAll();
  EXPECT_THAT(TracesOf(outputs_), ElementsAre(kTrace, "none"));
  outputs_.clear();

  // That of the last event of the batch which changed something; an alert has it, too.
  Append(Traced(Invoice("A1", "2026-01-05", 100), kTrace));
  Append(Traced(At("2026-01-05", "escalation_opened { escalation_id: 'E' severity: CRITICAL department: SUPPORT }"),
                kOtherTrace));
  Append(Traced(Invoice("A1", "2026-01-05", 100), kTrace));  // a duplicate
  alerts_.clear();
  EXPECT_EQ(FoldBatch(), 3u);
  EXPECT_THAT(TracesOf(outputs_), ElementsAre(kOtherTrace));
  ASSERT_FALSE(alerts_.empty());
  for (const std::string& trace : TracesOf(alerts_)) EXPECT_EQ(trace, kOtherTrace);

  // What follows it does not.
  outputs_.clear();
  Append("2026-01-05", Invoice("A1", "2026-01-05", 200));
  FoldBatch();
  EXPECT_THAT(TracesOf(outputs_), ElementsAre("none"));
  Append(Traced(Invoice("A1", "2026-01-05", 300), kTrace));
  AppendErasure("2026-01-05", "A1");
  outputs_.clear();
  FoldBatch();
  EXPECT_THAT(TracesOf(outputs_), ElementsAre("none"));
  EXPECT_THAT(Published(), ElementsAre("A1 gone"));
}

// Folded again from the log, in other batches, the same record has the same headers.
TEST_F(ShardListTest, AReplayPublishesTheSameTrace) {
  Append(Traced(Opened("A1"), kOtherTrace));
  Append(Traced(Invoice("A1", "2026-01-05", 100), kTrace));
  const MemoryStore before = disk_;
  FoldBatch();
  const std::vector<std::string> traces = TracesOf(outputs_);
  EXPECT_THAT(traces, ElementsAre(kTrace));
  outputs_.clear();
  disk_ = before;
  Open();
  for (int64_t offset = 0; offset < 2; ++offset) {
    const Record record = RecordAt(offset);
    ASSERT_TRUE(shard_->Fold(std::span(&record, 1)).ok());
    Commit();
  }
  ASSERT_EQ(outputs_.size(), 2u);
  EXPECT_EQ(TracesOf(outputs_).back(), kTrace);
}

}  // namespace
}  // namespace keyfold
