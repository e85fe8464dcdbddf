// Change records: as Debezium's own converters write them, and what is refused of others.
#include "event/change_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "event/connect_value.h"
#include "event/example_events.h"
#include "event/limits.h"
#include "event/record_files.h"

namespace keyfold {
namespace {

using ::keyfold::testing::KeptRecord;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Op = RowChange::Op;

KeptRecord FromDebezium(const std::string& name) { return testing::ReadRecords("debezium.jsonl").at(name); }

DecodedChange Decode(const std::string& value, std::optional<std::string> key = std::nullopt) {
  return DecodeChange(KeptRecord{std::move(key), value, {}}.View());
}

RowChange Changed(const DecodedChange& decoded) {
  const auto* const rejection = std::get_if<Rejection>(&decoded);
  EXPECT_EQ(rejection, nullptr) << rejection->message;
  return std::holds_alternative<RowChange>(decoded) ? std::get<RowChange>(decoded) : RowChange();
}

std::string WhyNot(const std::string& value) {
  const DecodedChange decoded = Decode(value);
  const auto* const rejection = std::get_if<Rejection>(&decoded);
  return rejection == nullptr ? "accepted" : std::string(RejectionCodeName(rejection->code)) + " " + rejection->message;
}

constexpr char kBefore[] =
    R"({"id":9007199254740993,"customer":"Birken \"Süd\"","net":"1234.50","tax":"-0.0001","rate":"12.5",)"
    R"("booked_on":"2026-06-01","printed_at":"2026-06-01T10:00:00.12","changed_at":"2026-06-01T10:00:00.123456",)"
    R"("opens":"08:30:00","created_at":"2026-06-01T08:00:00.5Z","scan":"AQID","tags":["a","b"],"weight":0.1,"paid":true})";
constexpr char kAfter[] =
    R"({"id":9007199254740993,"customer":"Birken \"Süd\"","net":"-1234567890.12",)"
    R"("tax":"-98765432109876543210.9876","rate":"-0.000000001",)"
    R"("booked_on":"2026-06-01","printed_at":"2026-06-01T10:00:00.12","changed_at":"1969-12-31T23:59:59.999999",)"
    R"("opens":"08:30:00","created_at":"2026-06-01T08:00:00.5Z","scan":"AQID","tags":["a","b"],"weight":0.1,"paid":true})";

TEST(ChangeRecordTest, ValuesAreWhatTheSchemaSays) {
  struct Case {
    const char* name;
    Op op;
    const char* before;
    const char* after;
    const char* position;
  };
  for (const Case& expected : {Case{"create", Op::kCreated, nullptr, kBefore, "\"lsn\":1}"},
                               Case{"update", Op::kUpdated, kBefore, kAfter, "\"lsn\":2}"},
                               Case{"delete", Op::kDeleted, kAfter, nullptr, "\"lsn\":3}"},
                               Case{"read", Op::kRead, nullptr, kBefore, "\"snapshot\":\"true\""}}) {
    const RowChange change = Changed(DecodeChange(FromDebezium(expected.name).View()));
    EXPECT_EQ(change.op, expected.op) << expected.name;
    EXPECT_EQ(change.before.value_or("-"), expected.before == nullptr ? "-" : expected.before) << expected.name;
    EXPECT_EQ(change.after.value_or("-"), expected.after == nullptr ? "-" : expected.after) << expected.name;
    EXPECT_EQ(change.key, R"({"id":9007199254740993})");
    EXPECT_EQ(change.table, "shop.public.invoices");
    EXPECT_THAT(change.source, HasSubstr(expected.position));
    EXPECT_TRUE(change.has_schema);
  }
}

TEST(ChangeRecordTest, WithoutASchemaNothingIsGuessed) {
  const RowChange change = Changed(DecodeChange(FromDebezium("update without schema").View()));
  EXPECT_EQ(change.op, Op::kUpdated);
  EXPECT_FALSE(change.has_schema);
  EXPECT_THAT(*change.after, HasSubstr(R"("net":"40Fm5ew=")"));
  EXPECT_THAT(*change.after, HasSubstr(R"("booked_on":20605)"));
  EXPECT_EQ(change.key, R"({"id":9007199254740993})");
}

TEST(ChangeRecordTest, ARowAloneIsARow) {
  const RowChange with_schema = Changed(DecodeChange(FromDebezium("row").View()));
  EXPECT_EQ(with_schema.op, Op::kRow);
  EXPECT_EQ(with_schema.after, kBefore);
  EXPECT_EQ(with_schema.source, "");
  const RowChange plain = Changed(Decode(R"({"id": 1, "payload": {"op": "c"}, "amount": 1234567890123456789012.5})"));
  EXPECT_EQ(plain.after, R"({"id":1,"payload":{"op":"c"},"amount":1234567890123456789012.5})");
}

TEST(ChangeRecordTest, WhatTheDatabaseDoesNotTellIsLeftOut) {
  const RowChange change = Changed(DecodeChange(FromDebezium("unavailable").View()));
  EXPECT_EQ(change.before, std::nullopt);
  EXPECT_THAT(*change.after, Not(HasSubstr("customer")));
  EXPECT_THAT(*change.after, HasSubstr(R"("net":"0.00","tax":"0.0000","rate":"100")"));
  const RowChange plain = Changed(
      Decode(R"({"op": "u", "before": null, "after": {"a": 1, "scan": "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="}})"));
  EXPECT_EQ(plain.after, R"({"a":1})");
}

TEST(ChangeRecordTest, TombstonesSayNothing) {
  EXPECT_TRUE(std::holds_alternative<RowTombstone>(DecodeChange(KeptRecord{R"({"id":1})", std::nullopt, {}}.View())));
  EXPECT_TRUE(std::holds_alternative<RowTombstone>(Decode(R"({"schema": null, "payload": null})")));
}

TEST(ChangeRecordTest, WhatIsNoChangeIsRefused) {
  const DecodedChange truncated = DecodeChange(FromDebezium("truncate").View());
  ASSERT_TRUE(std::holds_alternative<Rejection>(truncated));
  EXPECT_EQ(std::get<Rejection>(truncated).message, "op: 't' is no change of a row");
  EXPECT_EQ(WhyNot("[]"), "undecodable not a change record: it is no JSON object");
  EXPECT_EQ(WhyNot("\x01"), "undecodable not a change record: it is no JSON object");
  EXPECT_EQ(WhyNot(R"({"schema": null, "payload": 5})"), "undecodable not a change record: its payload is no object");
  EXPECT_EQ(WhyNot(R"({"op": "c", "before": null})"), "invalid after: missing");
  EXPECT_EQ(WhyNot(R"({"op": "c", "after": 5})"), "invalid after: no object");
  EXPECT_EQ(WhyNot(R"({"op": "d", "before": [], "after": null})"), "invalid before: no object");
  EXPECT_EQ(WhyNot(R"({"op": "c", "after": {}, "source": 5})"), "invalid source: no object");
  EXPECT_EQ(WhyNot(R"({"op": "d", "after": {}})"), "invalid after: a row that was deleted has none");
  EXPECT_EQ(WhyNot(std::string(kRecordBytesMax + 1, ' ')), "too_large 1048577 bytes, the limit is 1048576");
  const DecodedChange bad_key = Decode("{}", R"({"schema": {"type": "struct"}, "payload": {"id": 1}})");
  ASSERT_TRUE(std::holds_alternative<Rejection>(bad_key));
  EXPECT_EQ(std::get<Rejection>(bad_key).message, "record key: no object as its schema says");
  EXPECT_EQ(Changed(Decode("{}", "a text")).key, "");
}

// A record whose one column has this schema and value.
std::string OneColumn(const std::string& schema, const std::string& value) {
  return R"({"schema": {"type": "struct", "fields": [{"field": "x", )" + schema + R"(}]}, "payload": {"x": )" + value +
         "}}";
}

constexpr char kDecimal[] = R"("type": "bytes", "name": "org.apache.kafka.connect.data.Decimal")";
constexpr char kScale2[] = R"(, "parameters": {"scale": "2"})";

TEST(ChangeRecordTest, ValuesThatDoNotFitTheirSchemaAreRefused) {
  const std::string decimal = kDecimal;
  const std::vector<std::vector<std::string>> cases = {
      {decimal, "\"AeI6\"", "x: a decimal of unknown scale"},
      {decimal + R"(, "parameters": {"scale": "two"})", "\"AeI6\"", "x: a decimal of unknown scale"},
      {decimal + R"(, "parameters": {"scale": "1001"})", "\"AeI6\"", "x: a decimal without bytes, or of too many"},
      {decimal + kScale2, "\"12.34\"", "x: a decimal that is not Base64"},
      {decimal + kScale2, "\"\"", "x: a decimal without bytes, or of too many"},
      {decimal + kScale2, "{}", "x: a decimal that is not Base64"},
      {R"("type": "struct", "name": "io.debezium.data.VariableScaleDecimal")", "5", "x: no decimal with its scale"},
      {R"("type": "struct", "name": "io.debezium.data.VariableScaleDecimal")", R"({"value": "AQ=="})",
       "x: a decimal of unknown scale"},
      {R"("type": "int32", "name": "io.debezium.time.Date")", "\"2026-01-01\"", "x: no whole number"},
      {R"("type": "int32", "name": "io.debezium.time.Date")", "4000001", "x: 4000001 is out of range"},
      {R"("type": "int64", "name": "io.debezium.time.Date")", "-9223372036854775808",
       "x: -9223372036854775808 is out of range"},
      {R"("type": "int32", "name": "io.debezium.time.Time")", "86400000", "x: 86400000 is out of range"},
      {R"("type": "int32", "name": "io.debezium.time.Time")", "-1", "x: -1 is out of range"},
      {R"("type": "int64", "name": "io.debezium.time.Timestamp")", "1.5", "x: no whole number"},
      {R"("type": "struct", "fields": [])", R"({"y": 1})", "x: y: not in the schema"},
      {R"("type": "struct")", "{}", "x: no object as its schema says"},
      {R"("type": "array")", "[]", "x: no list as its schema says"},
      {R"("type": "map", "values": {"type": "string"})", "[]", "x: a map whose keys are no texts"},
      {R"("name": "y")", "1", "x: a schema without a type"},
  };
  for (const auto& one : cases) EXPECT_EQ(WhyNot(OneColumn(one[0], one[1])), "invalid " + one[2]);
}

TEST(ChangeRecordTest, ValuesOfEveryKind) {
  const std::vector<std::vector<std::string>> cases = {
      {std::string(kDecimal) + R"(, "parameters": {"scale": 2})", "\"AeI6\"", "\"1234.50\""},
      {std::string(kDecimal) + kScale2, "12.30", "\"12.30\""},  // decimal.format=NUMERIC
      {std::string(kDecimal) + kScale2, "null", "null"},
      {R"("type": "map", "values": {)" + std::string(kDecimal) + kScale2 + "}", R"({"a": "AQ=="})", R"({"a":"0.01"})"},
      {R"("type": "array", "items": {"type": "int32", "name": "org.apache.kafka.connect.data.Date"})", "[-1, 0]",
       R"(["1969-12-31","1970-01-01"])"},
      {R"("type": "int64", "name": "io.debezium.time.NanoTimestamp")", "1780308000000000001",
       "\"2026-06-01T10:00:00.000000001\""},
      {R"("type": "int64", "name": "org.apache.kafka.connect.data.Timestamp")", "1780308000000",
       "\"2026-06-01T10:00:00\""},
      {R"("type": "int64", "name": "io.debezium.time.NanoTime")", "86399999999999", "\"23:59:59.999999999\""},
      {R"("type": "int64", "name": "org.apache.kafka.connect.data.Time")", "1", "\"00:00:00.001\""},
      {R"("type": "double")", "1e300", "1e300"},
      {R"("type": "int32", "name": "io.debezium.time.Year")", "2026", "2026"},
      {R"("type": "string", "name": "io.debezium.data.Json")", R"("{\"a\": 1}")", R"("{\"a\": 1}")"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(Changed(Decode(OneColumn(one[0], one[1]))).after, "{\"x\":" + one[2] + "}") << one[0];
  }
}

TEST(ChangeRecordTest, DecimalsAreExact) {
  const auto text = [](std::string_view bytes, int scale) { return DecimalText(bytes, scale).value_or("none"); };
  const std::string zero(1, '\0');
  EXPECT_EQ(text(zero, 0), "0");
  EXPECT_EQ(text(zero, 3), "0.000");
  EXPECT_EQ(text(zero, -3), "0");
  EXPECT_EQ(text("\x7f", 0), "127");
  EXPECT_EQ(text("\x80", 0), "-128");
  EXPECT_EQ(text("\xff", 0), "-1");
  EXPECT_EQ(text("\x80" + zero, 2), "-327.68");
  EXPECT_EQ(text("\xff" + zero, 1), "-25.6");
  EXPECT_EQ(text(zero + "\xff", 1), "25.5");
  EXPECT_EQ(text("\x05", -2), "500");
  EXPECT_EQ(text("\x05", 1), "0.5");
  EXPECT_EQ(text("\x7f" + std::string(15, '\xff'), 0), "170141183460469231731687303715884105727");
  EXPECT_EQ(text("\x80" + std::string(15, '\0'), 38), "-1.70141183460469231731687303715884105728");
  EXPECT_EQ(text("", 0), "none");
  EXPECT_EQ(text(std::string(kDecimalBytesMax + 1, '\1'), 0), "none");
  EXPECT_NE(text(std::string(kDecimalBytesMax, '\1'), kDecimalScaleMax), "none");
  EXPECT_EQ(text("\1", kDecimalScaleMax + 1), "none");
  EXPECT_EQ(text("\1", -kDecimalScaleMax - 1), "none");
  EXPECT_EQ(text("\1", std::numeric_limits<int>::min()), "none");
}

// A change is no event: what would be needed is said.
TEST(ChangeRecordTest, OnATopicOfEventsItIsRefused) {
  for (const auto& [name, verdict] : std::vector<std::pair<std::string, std::string>>{
           {"update", "invalid payload: none, but a change 'u' of shop.public.invoices"},
           {"delete without schema", "undecodable not an AccountEvent but a change 'd' of shop.public.invoices"},
           {"row", "invalid payload: none, but a row of a database"}}) {
    const KeptRecord record = FromDebezium(name);
    EXPECT_EQ(testing::Verdict(testing::EuroDecoder().Decode(record.View())), verdict + ": its topic needs a mapping");
  }
  EXPECT_THAT(testing::LineVerdict(R"({"op": "c"})"), StartsWith("invalid payload: none (op: there is no such field"));
}

// What DecodeKey() says: the text, or "! <why not>".
std::string KeyText(const std::string& key) {
  const std::variant<std::string, Rejection> decoded = DecodeKey(key);
  const auto* const rejection = std::get_if<Rejection>(&decoded);
  return rejection == nullptr ? std::get<std::string>(decoded) : "! " + rejection->message;
}

TEST(ChangeRecordTest, AKeyIsTheOneValueThatItNames) {
  const std::string frame("\0\0\0\0\7", 5);
  const std::pair<std::string, std::string> cases[] = {
      {"A1", "A1"},
      {"0017", "0017"},
      {" A 1", " A 1"},
      {"17", "17"},
      {"17.50", "17.50"},
      {"\"A1\"", "A1"},
      {"\"0017\"", "0017"},
      {"null", "null"},
      {"[1]", "[1]"},
      {"{A1", "{A1"},
      {R"({"id":17})", "17"},
      {R"({"id":"A1"})", "A1"},
      {R"({"vip":true})", "true"},
      {R"({"schema":{"type":"string","optional":false},"payload":"A1"})", "A1"},
      {R"({"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"}]},"payload":{"id":17}})",
       "17"},
      {R"({"schema":{"type":"struct","fields":[{"type":"bytes","optional":false,"field":"id",)"
       R"("name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}}]},"payload":{"id":"AfQ="}})",
       "5.00"},
      {frame + R"({"id":17})", "17"},
      {frame + "\"A1\"", "A1"},
      {"", "! the record key is no text"},
      {"\xff", "! the record key is no text"},
      {frame + "\"", "! the record key is no text"},
  };
  for (const auto& [key, text] : cases) EXPECT_EQ(KeyText(key), text) << key;
  for (const char* const several : {R"({"id":1,"country":"DE"})", "{}", R"({"id":null})", R"({"id":{"x":1}})"}) {
    EXPECT_THAT(KeyText(several), AllOf(StartsWith("! record key: "), HasSubstr("does not name one value"))) << several;
  }
}

}  // namespace
}  // namespace keyfold
