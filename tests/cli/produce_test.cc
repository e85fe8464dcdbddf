#include "cli/produce.h"

#include <gtest/gtest.h>

#include <string>

namespace keyfold {
namespace {

constexpr char kEvent[] =
    R"({"event_id":"e","account_id":"A","occurred_at":"2025-01-01T00:00:00.25Z","future":1,"order_delivered":{"order_id":"O"}})";
constexpr char kRate[] =
    R"({"event_id":"e","occurred_at":"2025-01-01T00:00:00Z","fx_rate_set":{"currency_code":"USD","month":"2025-01","rate":1.5}})";
constexpr char kClock[] = R"({"event_id":"e","occurred_at":"2025-01-01T00:00:00Z","clock_advanced":{}})";

OutgoingRecord Outgoing(std::string_view line, WireFormat format, RecordTime time = RecordTime::kNow) {
  return RecordToSend(Decoder(*Currency::Parse("EUR")).DecodeJsonLine(line), line, format, time);
}

// What the engine makes of it.
DecodedRecord Decoded(const OutgoingRecord& outgoing) {
  Record record;
  record.key = outgoing.key;
  record.value = outgoing.value;
  record.headers = outgoing.headers;
  return Decoder(*Currency::Parse("EUR")).Decode(record);
}

TEST(ProduceTest, TheEngineReadsWhatIsSent) {
  for (const WireFormat format : {WireFormat::kProtobuf, WireFormat::kJson}) {
    for (const char* const line : {kEvent, kRate, kClock}) {
      const DecodedRecord decoded = Decoded(Outgoing(line, format));
      ASSERT_TRUE(std::holds_alternative<ValidEvent>(decoded)) << line;
      EXPECT_EQ(std::get<ValidEvent>(decoded)->event_id(), "e");
    }
  }
}

TEST(ProduceTest, KeyIsTheAccount) {
  EXPECT_EQ(Outgoing(kEvent, WireFormat::kProtobuf).key, "A");
  EXPECT_FALSE(Outgoing(kEvent, WireFormat::kProtobuf).every_partition);
}

TEST(ProduceTest, ControlEventsGoToEveryPartition) {
  EXPECT_TRUE(Outgoing(kRate, WireFormat::kProtobuf).every_partition);
  EXPECT_TRUE(Outgoing(kClock, WireFormat::kJson).every_partition);
  EXPECT_EQ(Outgoing(kRate, WireFormat::kProtobuf).key, std::nullopt);
}

TEST(ProduceTest, ErasureIsATombstone) {
  const OutgoingRecord record = Outgoing(R"({"erase_account":"A"})", WireFormat::kJson, RecordTime::kOccurredAt);
  EXPECT_EQ(record.key, "A");
  EXPECT_EQ(record.value, std::nullopt);
  EXPECT_EQ(record.timestamp_ms, -1);
  EXPECT_EQ(std::get<Erasure>(Decoded(record)).account_id, "A");
}

TEST(ProduceTest, JsonIsSentAsItIs) { EXPECT_EQ(Outgoing(kEvent, WireFormat::kJson).value, kEvent); }

TEST(ProduceTest, Timestamps) {
  EXPECT_EQ(Outgoing(kEvent, WireFormat::kProtobuf).timestamp_ms, -1);
  EXPECT_EQ(Outgoing(kEvent, WireFormat::kProtobuf, RecordTime::kOccurredAt).timestamp_ms, 1'735'689'600'250);
}

TEST(ProduceTest, InvalidLinesKeepTheirBytesAndTheirAccount) {
  const std::string line = R"({"account_id":"A","event_id":7})";
  EXPECT_EQ(RecordOfInvalidLine(line).key, "A");
  EXPECT_EQ(RecordOfInvalidLine(line).value, line);
  EXPECT_EQ(RecordOfInvalidLine(R"({"accountId":"B"})").key, "B");
  EXPECT_EQ(RecordOfInvalidLine(R"({"account_id":7})").key, std::nullopt);
  EXPECT_EQ(RecordOfInvalidLine("{broken").key, std::nullopt);
  EXPECT_EQ(RecordOfInvalidLine("[1]").key, std::nullopt);
  EXPECT_EQ(std::get<Rejection>(Decoded(RecordOfInvalidLine("{broken"))).code, RejectionCode::kUndecodable);
}

}  // namespace
}  // namespace keyfold
