// CloudEvents: as the official SDK writes them, and what is wrong with others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "event/decoder.h"
#include "event/example_events.h"
#include "event/limits.h"
#include "event/record_files.h"

namespace keyfold {
namespace {

using ::keyfold::testing::EuroDecoder;
using ::keyfold::testing::EventJson;
using ::keyfold::testing::EventMessage;
using ::keyfold::testing::KeptRecord;
using ::keyfold::testing::Verdict;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kOtherTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
constexpr char kStructured[] = "application/cloudevents+json";
constexpr char kBatch[] = "application/cloudevents-batch+json";

KeptRecord FromSdk(const std::string& name) { return testing::ReadRecords("cloud_events.jsonl").at(name); }

DecodedRecord Decode(const KeptRecord& record) { return EuroDecoder().Decode(record.View()); }
std::string VerdictOf(const KeptRecord& record) { return Verdict(Decode(record)); }

// A record in binary mode, with these headers beside what every CloudEvent has.
KeptRecord Binary(const std::string& value, std::vector<RecordHeader> more = {}) {
  KeptRecord record{"A1", value, {{"ce_specversion", "1.0"}, {"ce_id", "7"}, {"ce_source", "/crm"}, {"ce_type", "t"}}};
  for (RecordHeader& header : more) record.headers.push_back(std::move(header));
  return record;
}

KeptRecord Structured(const std::string& value, const std::string& type = kStructured) {
  return {"A1", value, {{"content-type", type}}};
}

std::string Attributes(const std::string& more) {
  return R"({"specversion": "1.0", "id": "7", "source": "/crm", "type": "t", )" + more + "}";
}

const v1::AccountEvent& Event(const DecodedRecord& decoded) { return *std::get<ValidEvent>(decoded); }

TEST(CloudEventTest, WhatTheEventSaysItselfHolds) {
  for (const std::string mode : {"binary", "structured"}) {
    const DecodedRecord decoded = Decode(FromSdk(mode + " whole"));
    ASSERT_EQ(Verdict(decoded), "valid") << mode;
    const v1::AccountEvent& event = Event(decoded);
    EXPECT_EQ(event.event_id(), "e1");
    EXPECT_EQ(event.source(), "crm");
    EXPECT_EQ(event.occurred_at().seconds(), 1'780'308'000);
    EXPECT_EQ(event.occurred_at().nanos(), 0);
    EXPECT_EQ(event.account_churned().reason(), "price \"ü\"");
    EXPECT_EQ(std::get<ValidEvent>(decoded).traceparent(), "");
  }
}

TEST(CloudEventTest, WhatTheEventDoesNotSayIsAsTheCloudEventHasIt) {
  for (const std::string mode : {"binary", "structured"}) {
    const DecodedRecord decoded = Decode(FromSdk(mode + " bare"));
    ASSERT_EQ(Verdict(decoded), "valid") << mode;
    const v1::AccountEvent& event = Event(decoded);
    EXPECT_EQ(event.event_id(), "/erp/eu#4711");
    EXPECT_EQ(event.source(), "/erp/eu");
    EXPECT_EQ(event.occurred_at().seconds(), 1'780'300'800);
    EXPECT_EQ(event.occurred_at().nanos(), 250'000'000);
    EXPECT_EQ(std::get<ValidEvent>(decoded).traceparent(), kTrace);
  }
}

TEST(CloudEventTest, DataMayBeProtobuf) {
  for (const std::string mode : {"binary", "structured"}) {
    google::protobuf::Arena arena;
    const KeptRecord record = FromSdk(mode + " protobuf");
    const DecodedRecord decoded = EuroDecoder().Decode(record.View(), &arena);
    ASSERT_EQ(Verdict(decoded), "valid") << mode;
    EXPECT_EQ(Event(decoded).event_id(), "e1");
    EXPECT_EQ(Event(decoded).invoice_cancelled().invoice_id(), "I_18");
    EXPECT_EQ(Event(decoded).source(), "/erp/eu");
    // The event is not what the bytes say: they must not be stored in its place.
    EXPECT_EQ(std::get<ValidEvent>(decoded).protobuf(), "");
  }
}

TEST(CloudEventTest, ABatchIsSeveralEvents) {
  const DecodedRecord decoded = Decode(FromSdk("batch"));
  ASSERT_TRUE(std::holds_alternative<EventList>(decoded));
  const auto& events = std::get<EventList>(decoded).events;
  ASSERT_EQ(events.size(), 3u);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(std::get<ValidEvent>(events[i])->event_id(), "/erp/eu#" + std::to_string(i + 1));
  }
}

TEST(CloudEventTest, OfABatchEachIsJudgedForItself) {
  const std::string good = Attributes("\"data\": " + EventJson("account_churned", ""));
  std::string other = good;
  other.replace(other.find("\"A1\""), 4, "\"A2\"");
  const std::string clock = Attributes("\"data\": " + EventJson("clock_advanced", ""));
  const DecodedRecord decoded = Decode(Structured("[" + good + "," + other + ",{}," + clock + ",5]", kBatch));
  ASSERT_TRUE(std::holds_alternative<EventList>(decoded)) << Verdict(decoded);
  std::vector<std::string> verdicts;
  for (const auto& each : std::get<EventList>(decoded).events) {
    const auto* const rejection = std::get_if<Rejection>(&each);
    verdicts.push_back(rejection == nullptr ? "valid" : rejection->message);
  }
  EXPECT_EQ(verdicts, (std::vector<std::string>{
                          "valid", "record key: 'A1' is not the account_id", "not a CloudEvent: specversion: missing",
                          "payload: a control payload in a batch", "not a CloudEvent: it is no object"}));
}

TEST(CloudEventTest, ABatchHasALimitAndIsAList) {
  const std::string one = "{}";
  std::string many = "[" + one;
  for (size_t i = 1; i < kEventsPerRecordMax; ++i) many += "," + one;
  EXPECT_TRUE(std::holds_alternative<EventList>(Decode(Structured(many + "]", kBatch))));
  EXPECT_EQ(VerdictOf(Structured(many + "," + one + "]", kBatch)), "too_large 1001 events, the limit is 1000");
  EXPECT_EQ(VerdictOf(Structured("[]", kBatch)), "undecodable not a batch of CloudEvents: it is empty");
  EXPECT_EQ(VerdictOf(Structured("{}", kBatch)), "undecodable not a batch of CloudEvents: it is no list");
  EXPECT_EQ(VerdictOf(Structured("[{]", kBatch)), "undecodable not a CloudEvent: it is no JSON");
  EXPECT_EQ(VerdictOf(Structured(std::string(kRecordBytesMax + 1, ' '), kBatch)),
            "too_large 1048577 bytes, the limit is 1048576");
}

TEST(CloudEventTest, BinaryModeSaysWhatIsMissing) {
  const std::string bare = R"({"account_id": "A1", "account_churned": {}})";
  EXPECT_EQ(VerdictOf(Binary(bare)), "invalid occurred_at: missing");
  EXPECT_EQ(VerdictOf(Binary(bare, {{"ce_time", "2026-06-01T10:00:00+02:00"}})), "valid");
  EXPECT_THAT(VerdictOf(Binary(bare, {{"ce_time", "yesterday"}})),
              StartsWith("invalid occurred_at: missing, and the CloudEvent's time 'yesterday' is not an RFC 3339"));
  EXPECT_THAT(VerdictOf(Binary(bare, {{"ce_time", "infinite-future"}})), StartsWith("invalid occurred_at: "));
  EXPECT_EQ(VerdictOf(Binary(bare, {{"ce_specversion", "0.3"}})),
            "undecodable not a CloudEvent: specversion: '0.3' is not 1.0");
  EXPECT_EQ(VerdictOf(Binary(bare, {{"ce_id", ""}})), "undecodable not a CloudEvent: id: missing");
  EXPECT_EQ(VerdictOf(Binary(bare, {{"ce_source", ""}})), "undecodable not a CloudEvent: source: missing");
  EXPECT_EQ(VerdictOf(Binary(bare, {{"ce_type", ""}})), "undecodable not a CloudEvent: type: missing");
  EXPECT_EQ(VerdictOf(Binary(bare, {{"ce_source", "\xff"}})), "undecodable not a CloudEvent: source: '?' is not UTF-8");
  EXPECT_THAT(VerdictOf(Binary(bare, {{"ce_id", std::string(200, 'x')}})),
              StartsWith("invalid event_id: missing, and the CloudEvent's source and id, '/crm#xxx"));
  EXPECT_THAT(VerdictOf(Binary(std::string(kRecordBytesMax + 1, ' '), {{"ce_id", ""}})), StartsWith("too_large "));
  EXPECT_THAT(VerdictOf(Binary("not JSON")), StartsWith("undecodable not a Protobuf AccountEvent"));
}

// Not an erasure: a producer that has no data to send must not make an account forgotten.
TEST(CloudEventTest, WithoutDataItErasesNothing) {
  KeptRecord record = Binary("");
  record.value = std::nullopt;
  EXPECT_THAT(VerdictOf(record), StartsWith("invalid payload: a CloudEvent without data"));
  EXPECT_EQ(VerdictOf(Structured(Attributes("\"subject\": \"A1\""))), "undecodable not a CloudEvent: data: missing");
  EXPECT_EQ(VerdictOf(Structured(Attributes("\"data\": null"))), "undecodable not a CloudEvent: data: missing");
}

TEST(CloudEventTest, StructuredModeReadsItsDataAsItsTypeSays) {
  const std::string event = EventJson("account_churned", "");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("data": )" + event, "valid"},
      {R"("datacontenttype": "application/json; charset=utf-8", "data": )" + event, "valid"},
      {R"("datacontenttype": "application/vnd.acme+json", "data": )" + event, "valid"},
      {R"("data": "a text")", "undecodable not JSON of an AccountEvent: a single value where an event"},
      {R"("datacontenttype": "application/protobuf", "data": "a text")", "undecodable not a Protobuf AccountEvent"},
      {R"("datacontenttype": "application/protobuf", "data": {})", "undecodable not a Protobuf AccountEvent"},
      {R"("datacontenttype": "application/protobuf", "data_base64": "****")",
       "undecodable not a CloudEvent: data_base64: not Base64"},
      {R"("data_base64": "e30=", "data": {})", "undecodable not a CloudEvent: it has data and data_base64"},
      {R"("data_base64": "e30=")", "invalid payload: none"},
      {R"("datacontenttype": "application/cloudevents+json", "data": {})",
       "undecodable its content type is not one of "},
      {R"("data": {"account_id": 5})", "undecodable not JSON of an AccountEvent: account_id: a number where a text"},
  };
  for (const auto& [members, verdict] : cases) {
    EXPECT_THAT(VerdictOf(Structured(Attributes(members))), StartsWith(verdict)) << members;
  }
  EXPECT_THAT(VerdictOf(Structured("{}", "application/cloudevents+avro")),
              HasSubstr("application/cloudevents-batch+json"));
  std::string deep;
  for (size_t i = 0; i < kJsonDepthMax; ++i) deep += "[";
  EXPECT_EQ(VerdictOf(Structured(deep)), "undecodable not a CloudEvent: it is no JSON");
}

// Amounts of 64 bits pass through a document that holds them.
TEST(CloudEventTest, NothingOfTheDataIsLost) {
  const std::string event =
      EventJson("cost_booked", R"("cost_id": "a\"\\\u0001ü", "kind": "SALES",)"
                               R"( "amount": {"currency_code": "EUR", "minor": -999999999999999})");
  const DecodedRecord decoded = Decode(Structured(Attributes("\"data\": " + event)));
  ASSERT_EQ(Verdict(decoded), "valid");
  v1::AccountEvent expected = EventMessage(event);
  expected.set_source("/crm");
  EXPECT_EQ(Event(decoded).SerializeAsString(), expected.SerializeAsString());
}

TEST(CloudEventTest, TheTraceIsThatOfTheLastSender) {
  const std::string event = EventJson("account_churned", "");
  const auto trace_of = [&](std::vector<RecordHeader> headers, bool cloud_event) {
    KeptRecord record{"A1", event, headers};
    if (cloud_event) record = Binary(event, headers);
    const DecodedRecord decoded = Decode(record);
    EXPECT_EQ(Verdict(decoded), "valid");
    return std::get<ValidEvent>(decoded).traceparent();
  };
  EXPECT_EQ(trace_of({{"traceparent", kTrace}}, false), kTrace);
  EXPECT_EQ(trace_of({{"traceparent", kTrace}}, true), kTrace);
  EXPECT_EQ(trace_of({{"ce_traceparent", kTrace}}, true), kTrace);
  EXPECT_EQ(trace_of({{"ce_traceparent", kTrace}}, false), "");
  EXPECT_EQ(trace_of({{"ce_traceparent", kTrace}, {"traceparent", kOtherTrace}}, true), kOtherTrace);
  // What is no trace is as if it were not there.
  EXPECT_EQ(trace_of({{"ce_traceparent", kTrace}, {"traceparent", "x"}}, true), kTrace);
  for (const char* bad : {"", "00", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                          "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}) {
    EXPECT_EQ(trace_of({{"traceparent", bad}}, false), "") << bad;
  }
}

}  // namespace
}  // namespace keyfold
