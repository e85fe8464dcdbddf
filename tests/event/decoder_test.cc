// Formats, their detection, keys, sizes and what a lenient parser must not let through.
#include "event/decoder.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "event/example_events.h"
#include "event/limits.h"

namespace keyfold {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::keyfold::testing::ConfluentFrame;
using ::keyfold::testing::DecodeBytes;
using ::keyfold::testing::EventJson;
using ::keyfold::testing::EventMessage;
using ::keyfold::testing::ExamplePayloads;
using ::keyfold::testing::IsControlPayload;
using ::keyfold::testing::LineVerdict;
using ::keyfold::testing::Verdict;
using ::testing::EndsWith;
using ::testing::StartsWith;

const std::string kZero(1, '\0');

std::string Churned(const std::string& more = "") { return EventJson("account_churned", "", more); }
std::string ChurnedProtobuf() { return EventMessage(Churned()).SerializeAsString(); }

std::string VerdictOf(const std::string& value, std::optional<std::string> content_type = std::nullopt) {
  return Verdict(DecodeBytes("A1", value, std::move(content_type)));
}

// The event that a line or record was decoded to.
v1::AccountEvent Decoded(const DecodedRecord& decoded) {
  EXPECT_EQ(Verdict(decoded), "valid");
  return std::holds_alternative<ValidEvent>(decoded) ? *std::get<ValidEvent>(decoded) : v1::AccountEvent();
}

// A Protobuf field of a length-delimited type.
std::string Field(int number, const std::string& bytes) {
  std::string field;
  for (size_t varint : {static_cast<size_t>(number) << 3 | 2, bytes.size()}) {
    for (; varint >= 0x80; varint >>= 7) field += static_cast<char>(varint | 0x80);
    field += static_cast<char>(varint);
  }
  return field + bytes;
}

TEST(DecoderTest, AllFormatsOfAllPayloadsAgree) {
  for (const auto& [payload, fields] : ExamplePayloads()) {
    const std::string json = EventJson(payload, fields, R"("source": "crm", "revision": 3, "correlation_id": "c")");
    const v1::AccountEvent event = EventMessage(json);
    std::string camel_case;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(event, &camel_case).ok());
    const std::string protobuf = event.SerializeAsString();
    const std::optional<std::string_view> key =
        IsControlPayload(payload) ? std::nullopt : std::optional<std::string_view>("A1");
    for (const std::string& bytes : {json, camel_case, protobuf, ConfluentFrame(protobuf)}) {
      EXPECT_TRUE(MessageDifferencer::Equals(Decoded(DecodeBytes(key, bytes)), event)) << payload;
    }
    EXPECT_TRUE(MessageDifferencer::Equals(Decoded(testing::EuroDecoder().DecodeJsonLine(json)), event)) << payload;
  }
}

TEST(DecoderTest, ContentTypeDecidesBeforeTheFirstByte) {
  const std::string json = Churned();
  const std::string protobuf = ChurnedProtobuf();
  for (const std::string type : {"application/json", "Application/JSON; charset=utf-8", " text/json "}) {
    EXPECT_EQ(VerdictOf(json, type), "valid") << type;
    EXPECT_EQ(VerdictOf("\n" + json, type), "valid") << type;
    EXPECT_THAT(VerdictOf(protobuf, type), StartsWith("undecodable ")) << type;
  }
  for (const std::string type :
       {"application/protobuf", "application/x-protobuf", "application/vnd.google.protobuf;x=y"}) {
    EXPECT_EQ(VerdictOf(protobuf, type), "valid") << type;
    EXPECT_EQ(VerdictOf(ConfluentFrame(protobuf), type), "valid") << type;
    EXPECT_THAT(VerdictOf(json, type), StartsWith("undecodable ")) << type;
  }
  for (const std::string type : {"application/octet-stream", "", "nonsense"}) {
    for (const std::string& bytes : {json, protobuf, ConfluentFrame(protobuf)})
      EXPECT_EQ(VerdictOf(bytes, type), "valid");
  }
  EXPECT_THAT(VerdictOf(json, "application/cloudevents+json"), StartsWith("undecodable "));
}

TEST(DecoderTest, TheLastContentTypeWithAValueCounts) {
  Record record;
  record.key = "A1";
  const std::string protobuf = ChurnedProtobuf();
  record.value = protobuf;
  record.headers = {{"Content-Type", "application/json"},
                    {"content-type", "application/protobuf"},
                    {"content-type", std::nullopt},
                    {"other", "application/json"}};
  EXPECT_EQ(Verdict(testing::EuroDecoder().Decode(record)), "valid");
  record.headers.pop_back();
  record.headers.push_back({"content-type", "application/json"});
  EXPECT_THAT(Verdict(testing::EuroDecoder().Decode(record)), StartsWith("undecodable "));
}

TEST(DecoderTest, FirstByteTellsTheFormat) {
  EXPECT_EQ(VerdictOf(" \t\r\n" + Churned()), "valid");
  EXPECT_THAT(VerdictOf(""), StartsWith("invalid payload: none"));  // an empty Protobuf message
  EXPECT_THAT(VerdictOf("hello world"), StartsWith("undecodable "));
  EXPECT_THAT(VerdictOf("{"), StartsWith("undecodable "));
  EXPECT_THAT(VerdictOf(ChurnedProtobuf() + "\x0a"), StartsWith("undecodable "));
}

TEST(DecoderTest, ConfluentFrames) {
  const std::string protobuf = ChurnedProtobuf();
  EXPECT_EQ(VerdictOf(ConfluentFrame(protobuf)), "valid");
  EXPECT_EQ(VerdictOf(ConfluentFrame(protobuf, "\x02" + kZero)), "valid");          // [0]
  EXPECT_EQ(VerdictOf(ConfluentFrame(protobuf, "\x02\x66")), "valid");              // [51]
  EXPECT_EQ(VerdictOf(ConfluentFrame(protobuf, "\x04\xd8\x04" + kZero)), "valid");  // [300, 0]
  for (const std::string& bad : std::vector<std::string>{
           kZero, std::string(4, '\0'), std::string(5, '\0'),         // no indexes
           ConfluentFrame("", "\x02"),                                // an index is missing
           ConfluentFrame(protobuf, "\x01"),                          // -1 indexes
           ConfluentFrame(protobuf, "\x02\x01"),                      // index -1
           ConfluentFrame(protobuf, "\x42" + std::string(33, '\0')),  // 33 levels
           ConfluentFrame(protobuf, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
           ConfluentFrame("", std::string(12, '\xff')),
           ConfluentFrame(Churned()),  // JSON within
       }) {
    EXPECT_THAT(VerdictOf(bad), StartsWith("undecodable "));
  }
  EXPECT_EQ(VerdictOf(ConfluentFrame(protobuf, "\x40" + std::string(32, '\0'))), "valid");
}

TEST(DecoderTest, SizeIsCheckedFirst) {
  std::string json = Churned() + " ";
  json.resize(kRecordBytesMax, ' ');
  EXPECT_EQ(VerdictOf(json), "valid");
  EXPECT_EQ(LineVerdict(json), "valid");
  json += ' ';
  EXPECT_EQ(VerdictOf(json), "too_large 1048577 bytes, the limit is 1048576");
  EXPECT_EQ(LineVerdict(json), "too_large 1048577 bytes, the limit is 1048576");
  EXPECT_THAT(VerdictOf(std::string(kRecordBytesMax + 1, 'x')), StartsWith("too_large "));
  EXPECT_THAT(VerdictOf(std::string(kRecordBytesMax, '\xff')), StartsWith("undecodable "));
}

TEST(DecoderTest, KeyIsTheAccount) {
  const std::string event = ChurnedProtobuf();
  EXPECT_EQ(Verdict(DecodeBytes("A1", event)), "valid");
  EXPECT_EQ(Verdict(DecodeBytes("A2", event)), "invalid record key: 'A2' is not the account_id");
  EXPECT_EQ(Verdict(DecodeBytes("", event)), "invalid record key: '' is not the account_id");
  EXPECT_EQ(Verdict(DecodeBytes(std::nullopt, event)), "invalid record key: missing");
  const std::string clock = EventMessage(EventJson("clock_advanced", "")).SerializeAsString();
  for (const std::optional<std::string_view> key : {std::optional<std::string_view>(), {"clock"}, {""}}) {
    EXPECT_EQ(Verdict(DecodeBytes(key, clock)), "valid");
  }
}

TEST(DecoderTest, NullValueErasesItsKey) {
  EXPECT_EQ(Verdict(DecodeBytes("A1", std::nullopt)), "erasure A1");
  EXPECT_EQ(Verdict(DecodeBytes(std::string(128, 'k'), std::nullopt)), "erasure " + std::string(128, 'k'));
  EXPECT_EQ(Verdict(DecodeBytes(std::string(129, 'k'), std::nullopt)), "invalid record key: longer than 128 bytes");
  EXPECT_EQ(Verdict(DecodeBytes("", std::nullopt)), "invalid record key: missing");
  EXPECT_EQ(Verdict(DecodeBytes(std::nullopt, std::nullopt)), "invalid record key: missing");
  // No account has an id that is not UTF-8.
  for (const char* key : {"A\xff", "\x80", "\xc0\x80", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf0\x9f\x98", "\xf5\x80\x80\x80"}) {
    EXPECT_THAT(Verdict(DecodeBytes(key, std::nullopt)), StartsWith("invalid record key: '"));
    EXPECT_THAT(Verdict(DecodeBytes(key, std::nullopt)), EndsWith("' is not UTF-8"));
  }
  for (const char* key : {"\x7f", "\xc2\x80", "Z\xc3\xbcrich", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
                          "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(Verdict(DecodeBytes(key, std::nullopt)), std::string("erasure ") + key);
  }
}

TEST(DecoderTest, EraseAccountIsACommandOfLinesOnly) {
  EXPECT_EQ(LineVerdict(R"({"erase_account": "A1"})"), "erasure A1");
  EXPECT_EQ(LineVerdict(R"( { "\u0065rase_account" : "\u00fc" } )"), "erasure \u00fc");
  EXPECT_EQ(LineVerdict(R"({"erase_account": ")" + std::string(128, 'k') + "\"}"), "erasure " + std::string(128, 'k'));
  EXPECT_EQ(LineVerdict(R"({"erase_account": ")" + std::string(129, 'k') + "\"}"),
            "invalid erase_account: longer than 128 bytes");
  EXPECT_EQ(LineVerdict(R"({"erase_account": ""})"), "invalid erase_account: missing");
  for (const std::string value : {"5", "null", "true", "[\"A1\"]", "{}"}) {
    EXPECT_EQ(LineVerdict(R"({"erase_account": )" + value + "}"), "invalid erase_account: not a string") << value;
  }
  EXPECT_THAT(LineVerdict(R"({"erase_account": "A1", "reason": "x"})"), StartsWith("invalid payload: none ("));
  EXPECT_THAT(LineVerdict(R"({"erase_account": "A1", "erase_account": "A2"})"), StartsWith("invalid payload: none ("));
  EXPECT_THAT(LineVerdict(R"({"eraseAccount": "A1"})"), StartsWith("invalid payload: none ("));
  EXPECT_EQ(LineVerdict("{}"), "invalid payload: none");
  EXPECT_THAT(LineVerdict(R"({"erase_account": "A1"} x)"), StartsWith("undecodable "));
  EXPECT_EQ(LineVerdict(Churned(R"("erase_account": "A2")")), "valid");
  EXPECT_THAT(VerdictOf(R"({"erase_account": "A1"})"), StartsWith("invalid payload: none ("));
}

TEST(DecoderTest, TwoPayloadsInProtobufAreRefused) {
  const std::string event = ChurnedProtobuf();
  const std::string clock = Field(80, "");
  const std::string order = Field(26, Field(1, "O"));
  EXPECT_EQ(VerdictOf(event + order), "invalid payload: more than one");
  EXPECT_EQ(VerdictOf(clock + event), "invalid payload: more than one");
  EXPECT_EQ(VerdictOf(event + Field(21, "")), "invalid payload: more than one");  // would be merged
  EXPECT_EQ(VerdictOf(ConfluentFrame(event + order)), "invalid payload: more than one");
  // A payload's number with another wire type, or within an unknown group, is an unknown field. (Number 26 takes two
  // bytes of tag: 208 | wire type, 1.)
  EXPECT_EQ(VerdictOf(event + "\xd0\x01\x05"), "valid");
  EXPECT_EQ(VerdictOf(event + "\xd1\x01"
                              "12345678"),
            "valid");
  EXPECT_EQ(VerdictOf(event + "\xd5\x01"
                              "1234"),
            "valid");
  EXPECT_EQ(VerdictOf(event + "\xd3\x01" + order + clock + "\xd4\x01"), "valid");
  EXPECT_EQ(VerdictOf(event + "\xd3\x01\xd4\x01" + order), "invalid payload: more than one");
  EXPECT_EQ(VerdictOf(event + Field(200, order)), "valid");
}

TEST(DecoderTest, UnknownFieldsAreDroppedAtEveryDepth) {
  const std::string unknown = Field(1000, "x");
  for (const bool retracted : {false, true}) {
    for (const auto& [payload, fields] : ExamplePayloads()) {
      const v1::AccountEvent clean =
          EventMessage(EventJson(payload, fields, retracted ? R"("retracted": true)" : R"("revision": 1)"));
      const std::string key = clean.account_id();
      // Appends the unknown field to one message after the other.
      std::vector<std::string> variants = {clean.SerializeAsString() + unknown};
      v1::AccountEvent event = clean;
      event.mutable_occurred_at()->MergeFromString(unknown);
      variants.push_back(event.SerializeAsString());
      event = clean;
      const auto* field = v1::AccountEvent::descriptor()->FindFieldByName(payload);
      google::protobuf::Message* message = event.GetReflection()->MutableMessage(&event, field);
      message->MergeFromString(unknown);
      variants.push_back(event.SerializeAsString());
      for (int i = 0; i < field->message_type()->field_count(); ++i) {
        event = clean;
        const auto* inner = field->message_type()->field(i);
        if (inner->message_type() == nullptr) continue;
        message = event.GetReflection()->MutableMessage(&event, field);
        (inner->is_repeated() ? message->GetReflection()->MutableRepeatedMessage(message, inner, 1)
                              : message->GetReflection()->MutableMessage(message, inner))
            ->MergeFromString(unknown);
        variants.push_back(event.SerializeAsString());
      }
      for (const std::string& bytes : variants) {
        ASSERT_NE(bytes, clean.SerializeAsString());
        EXPECT_EQ(Decoded(DecodeBytes(key, bytes)).SerializeAsString(), clean.SerializeAsString()) << payload;
      }
    }
  }
}

TEST(DecoderTest, UnknownFieldsOfMoneyInLinesAreDropped) {
  const std::string euro = Field(1, "EUR") + "\x10\x01";
  const std::string money = euro + Field(1000, "x");
  for (int number : {6, 7}) {  // net, cost
    const std::string line = "\x20\x01" + Field(6, euro) + Field(number, money);
    v1::AccountEvent envelope = EventMessage(Churned());
    envelope.clear_payload();
    const std::string event = envelope.SerializeAsString() + Field(26, Field(1, "O") + Field(2, line));
    const v1::AccountEvent decoded = Decoded(DecodeBytes("A1", event));
    EXPECT_EQ(decoded.order_placed().lines(0).net().currency_code(), "EUR");
    EXPECT_EQ(decoded.order_placed().lines(0).net().minor(), 1);
    EXPECT_EQ(decoded.SerializeAsString().find("\xc2\x3e"), std::string::npos);  // the tag of field 1000
  }
}

TEST(DecoderTest, ProtobufStringsAreUtf8) {
  v1::AccountEvent envelope = EventMessage(Churned());
  envelope.clear_payload();
  const std::string start = envelope.SerializeAsString();
  EXPECT_EQ(VerdictOf(start + Field(21, Field(1, "\xc3\xbc"))), "valid");
  EXPECT_THAT(VerdictOf(start + Field(21, Field(1, "\xc3"))), StartsWith("undecodable "));
  EXPECT_THAT(VerdictOf(start + Field(21, Field(1, "\xed\xa0\x80"))), StartsWith("undecodable "));  // a surrogate
}

TEST(DecoderTest, ProtobufTimestampsAndEnumsThatJsonCannotSay) {
  v1::AccountEvent event = EventMessage(Churned());
  event.mutable_occurred_at()->set_nanos(1'000'000'000);
  EXPECT_EQ(VerdictOf(event.SerializeAsString()), "invalid occurred_at: not an instant within 1970-2200");
  event = EventMessage(EventJson("risk_flagged", R"("risk_id": "R", "severity": 5)"));
  EXPECT_EQ(VerdictOf(event.SerializeAsString()),
            "invalid severity: unknown enum value 5, it is one of LOW, MEDIUM, HIGH, CRITICAL (1-4)");
}

struct JsonCase {
  std::string json;
  std::string verdict;  // its start
};

TEST(DecoderTest, JsonThatIsRefused) {
  const std::string usd = R"("currency_code": "USD", "month": "2025-01", "rate": )";
  const std::string cost = R"("cost_id": "C", "kind": "SALES", "amount": {"currency_code": "EUR", "minor": )";
  const std::vector<JsonCase> cases = {
      {"", "undecodable "},
      {"null", "undecodable "},
      {"17", "undecodable "},
      {"[" + Churned() + "]", "undecodable "},
      {Churned() + Churned(), "undecodable "},
      {Churned() + " x", "undecodable "},
      {Churned().substr(0, 40), "undecodable "},
      {EventJson("account_churned", R"("reason": "\ud800")"), "undecodable "},
      {EventJson("account_churned", "\"reason\": \"\xff\""), "undecodable "},
      {EventJson("account_churned", "", "\"unknown\": \"\xc3\""), "undecodable "},
      {EventJson("account_churned", R"("reason": 17)"), "undecodable "},
      {EventJson("account_churned", "", R"("revision": -1)"), "undecodable "},
      {EventJson("account_churned", "", R"("revision": 4294967296)"), "undecodable "},
      {EventJson("account_churned", "", R"("retracted": 1)"), "undecodable "},
      {EventJson("account_churned", "", R"("account_reactivated": {})"), "undecodable "},  // two payloads
      {EventJson("account_churned", "", R"("accountChurned": {})"), "undecodable "},
      {EventJson("account_churned", "", R"("clock_advanced": {})"), "undecodable "},
      {EventJson("fx_rate_set", usd + "NaN"), "undecodable "},
      {EventJson("fx_rate_set", usd + "1e400"), "undecodable "},
      {EventJson("cost_booked", cost + "9223372036854775808}"), "undecodable "},
      {EventJson("cost_booked", cost + "1.5}"), "undecodable "},
      {EventJson("risk_flagged", R"("risk_id": "R", "severity": "BANANA")"), "invalid severity: missing or unknown"},
      {EventJson("risk_flagged", R"("risk_id": "R", "severity": "high")"), "invalid severity: missing or unknown"},
      {EventJson("risk_flagged", R"("risk_id": "R", "severity": null)"), "invalid severity: missing or unknown"},
      {EventJson("risk_flagged", R"("risk_id": "R", "severity": 9)"), "invalid severity: unknown enum value 9"},
      {EventJson("account_exploded", ""), "invalid payload: none"},
      {R"({"event_id": "e", "account_id": "a", "occurred_at": "2025-01-01T00:00:00Z", "account_churned": null})",
       "invalid payload: none"},
      {R"({"event_id": "e", "account_id": "a", "occurred_at": "2025-01-01T00:00:00", "account_churned": {}})",
       "undecodable "},
      {R"({"event_id": "e", "account_id": "a", "occurred_at": "2025-02-29T00:00:00Z", "account_churned": {}})",
       "undecodable "},
      {std::string(kRecordBytesMax, '['), "undecodable "},
      // Takes a parser of generic JSON minutes where it is not kept away.
      {R"({"unknown": )" + std::string(500'000, '[') + std::string(500'000, ']') + "}", "invalid payload: none"},
      {R"({"erase_account": )" + std::string(2'000, '[') + std::string(2'000, ']') + "}", "invalid payload: none"},
  };
  for (const JsonCase& c : cases) {
    const std::string verdict = LineVerdict(c.json);
    EXPECT_THAT(verdict, StartsWith(c.verdict)) << c.json.substr(0, 300);
    EXPECT_LT(verdict.size(), 700u);
    EXPECT_TRUE(std::all_of(verdict.begin(), verdict.end(), [](char ch) { return ch >= ' ' && ch <= '~'; }));
  }
}

TEST(DecoderTest, JsonThatIsTaken) {
  const v1::AccountEvent plain = EventMessage(Churned());
  for (const std::string& json : std::vector<std::string>{
           "  " + Churned() + " \r",
           Churned(R"("unknown": {"account_reactivated": [{"event_id": "x"}, null]})"),
           Churned(R"("account_reactivated": null, "source": null)"),
           Churned(R"("revision": "0", "retracted": false)"),
           R"({"eventId": "e1", "occurredAt": "2025-03-03T04:15:00.000Z", "accountId": "A1", "accountChurned": {}})",
       }) {
    EXPECT_TRUE(MessageDifferencer::Equals(Decoded(testing::EuroDecoder().DecodeJsonLine(json)), plain)) << json;
  }
  const std::string nanos =
      R"({"event_id": "e", "account_id": "a", "occurred_at": "2025-01-01T05:45:00.123456789+05:45", "account_churned": {}})";
  const v1::AccountEvent event = Decoded(testing::EuroDecoder().DecodeJsonLine(nanos));
  EXPECT_EQ(event.occurred_at().seconds(), 1'735'689'600);  // 2025-01-01T00:00:00Z
  EXPECT_EQ(event.occurred_at().nanos(), 123'456'789);
}

TEST(DecoderTest, ReportingCurrencyIsTheDecodersOwn) {
  const std::string euro = EventJson("fx_rate_set", R"("currency_code": "EUR", "month": "2025-01", "rate": 1.1)");
  EXPECT_THAT(LineVerdict(euro), StartsWith("invalid currency_code: is the reporting currency"));
  EXPECT_EQ(Verdict(Decoder(*Currency::Parse("USD")).DecodeJsonLine(euro)), "valid");
}

TEST(DecoderTest, WithAnArenaTheEventLiesOnIt) {
  google::protobuf::Arena arena;
  Record record;
  const std::string line = Churned();
  record.key = "A1";
  record.value = line;
  const DecodedRecord decoded = testing::EuroDecoder().Decode(record, &arena);
  ASSERT_TRUE(std::holds_alternative<ValidEvent>(decoded));
  EXPECT_EQ(std::get<ValidEvent>(decoded)->event_id(), "e1");
  EXPECT_EQ(std::get<ValidEvent>(decoded)->GetArena(), &arena);
}

TEST(DecoderTest, RejectionCodeNames) {
  EXPECT_EQ(RejectionCodeName(RejectionCode::kTooLarge), "too_large");
  EXPECT_EQ(RejectionCodeName(RejectionCode::kUndecodable), "undecodable");
  EXPECT_EQ(RejectionCodeName(RejectionCode::kInvalid), "invalid");
  EXPECT_EQ(RejectionCodeName(RejectionCode::kConflict), "conflict");
}

}  // namespace
}  // namespace keyfold
