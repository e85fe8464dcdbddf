#include "feed/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kInvoices[] = R"yaml(name: crm
source: json
columns: {total: decimal}
account: customer
key: [id, "coalesce(__op, '-')"]
skip: {a draft: status = "draft"}
rows:
  - when: not (__deleted = "true") and not (__before.status = "sent")
    invoice_issued:
      at: at
      invoice_id: id
      lines: {line_id: "1", sale_type: BASE, quantity: 1, net: {EUR: total}}
  - when: __deleted = "true"
    invoice_cancelled: {at: at, invoice_id: id}
)yaml";

Currency Euro() { return Currency::Parse("EUR").value(); }

Input Mapped(const std::string& yaml = kInvoices) {
  return Input("crm.invoices", Euro(), DocumentMapper::Parse(yaml, "m.yaml").value());
}

Record RecordOf(std::optional<std::string_view> key, std::optional<std::string_view> value,
                std::vector<RecordHeader> headers = {}) {
  Record record;
  record.partition = 3;
  record.offset = 14;
  record.key = key;
  record.value = value;
  record.headers = std::move(headers);
  return record;
}

std::string HeaderOf(const OutputRecord& output, const std::string& name) {
  for (const RecordHeader& header : output.headers) {
    if (header.name == name) return header.value.value_or("");
  }
  return "";
}

// "A1 crm:invoice_issued:7:c" of an event, "dead letter: <reason>" of one.
std::vector<std::string> Described(const FedRecord& fed) {
  std::vector<std::string> texts;
  for (const OutputRecord& output : fed.outputs) {
    if (output.topic == OutputTopic::kDeadLetters) {
      texts.push_back("dead letter: " + HeaderOf(output, "error.message"));
      continue;
    }
    v1::AccountEvent event;
    EXPECT_TRUE(output.value.has_value() && event.ParseFromString(*output.value));
    EXPECT_EQ(HeaderOf(output, "content-type"), "application/protobuf");
    EXPECT_EQ(output.key, event.account_id());
    texts.push_back(absl::StrCat(*output.key, " ", event.event_id()));
  }
  return texts;
}

TEST(InputTest, DocumentsBecomeEventsUnderTheirAccounts) {
  const Input input = Mapped();
  const FedRecord one = input.Take(
      RecordOf("any key", R"({"id": 7, "customer": "A1", "at": "2025-03-03", "total": 5})", {{"traceparent", kTrace}}));
  EXPECT_THAT(Described(one), ElementsAre("A1 crm:invoice_issued:7:-"));
  EXPECT_EQ(HeaderOf(one.outputs[0], "traceparent"), kTrace);
  EXPECT_EQ(one.counts.records, 1);
  EXPECT_EQ(one.counts.events, 1);
  const FedRecord several =
      input.Take(RecordOf(std::nullopt, R"([{"id": 1, "customer": "A2", "at": "2025-03-03", "total": 5},
    {"status": "draft"}, {"id": 2, "customer": "A1", "at": "2025-03-03", "total": "x"},
    {"id": 3, "customer": "A1", "at": "2025-03-03", "total": 6}])"));
  EXPECT_THAT(Described(several), ElementsAre("A2 crm:invoice_issued:1:-", "A1 crm:invoice_issued:3:-",
                                              AllOf(HasSubstr("dead letter: row 3: total "), HasSubstr("'x'"))));
  EXPECT_EQ(several.counts.events, 2);
  EXPECT_EQ(several.counts.rejected, 1);
  EXPECT_EQ(several.counts.left_out, 1);
  // Confluent's serializer for JSON.
  const std::string framed =
      std::string("\0\0\0\0\7", 5) + R"({"id": 7, "customer": "A1", "at": "2025-03-03", "total": 5})";
  EXPECT_THAT(Described(input.Take(RecordOf("k", framed))), ElementsAre("A1 crm:invoice_issued:7:-"));
}

TEST(InputTest, ADeadLetterIsTheRecordAsItCame) {
  const FedRecord fed = Mapped().Take(RecordOf("k", "{nothing", {{"h", "x"}}));
  ASSERT_EQ(fed.outputs.size(), 1u);
  const OutputRecord& letter = fed.outputs[0];
  EXPECT_EQ(letter.topic, OutputTopic::kDeadLetters);
  EXPECT_EQ(letter.key, "k");
  EXPECT_EQ(letter.value, "{nothing");
  EXPECT_EQ(HeaderOf(letter, "h"), "x");
  EXPECT_EQ(HeaderOf(letter, "error.code"), "undecodable");
  EXPECT_EQ(HeaderOf(letter, "error.topic"), "crm.invoices");
  EXPECT_EQ(HeaderOf(letter, "error.partition"), "3");
  EXPECT_EQ(HeaderOf(letter, "error.offset"), "14");
  EXPECT_EQ(fed.counts.rejected, 1);
  EXPECT_EQ(fed.counts.events, 0);
  EXPECT_THAT(Described(Mapped().Take(RecordOf("k", "[{]"))), ElementsAre(HasSubstr("dead letter: ")));
  EXPECT_THAT(Described(Mapped("name: x\nsource: {type: json, records: rows}\naccount: a\nkey: k\n"
                               "rows: [{account_churned: {at: t}}]\n")
                            .Take(RecordOf("k", "{}"))),
              ElementsAre("dead letter: there is nothing at rows"));
}

constexpr char kRow[] = R"({"id": 7, "customer": "A1", "at": "2025-03-03", "total": "5.00", "status": "sent"})";
constexpr char kDraft[] = R"({"id": 7, "customer": "A1", "at": "2025-03-03", "total": "5.00", "status": "open"})";

std::string Change(const std::string& op, const std::string& before, const std::string& after) {
  return absl::StrCat(R"({"op": ")", op, R"(", "before": )", before, R"(, "after": )", after,
                      R"(, "source": {"db": "shop", "table": "invoices", "ts_ms": 1}})");
}

TEST(InputTest, ChangesOfRows) {
  const Input input = Mapped();
  const auto described = [&input](const std::string& value) { return Described(input.Take(RecordOf("{}", value))); };
  EXPECT_THAT(described(Change("c", "null", kRow)), ElementsAre("A1 crm:invoice_issued:7:c"));
  EXPECT_THAT(described(Change("r", "null", kRow)), ElementsAre("A1 crm:invoice_issued:7:r"));
  EXPECT_THAT(described(Change("u", kDraft, kRow)), ElementsAre("A1 crm:invoice_issued:7:u"));
  EXPECT_THAT(described(Change("u", kRow, kRow)), IsEmpty());  // by its `when`: it was so before
  EXPECT_THAT(described(Change("d", kRow, "null")), ElementsAre("A1 crm:invoice_cancelled:7:d"));
  EXPECT_THAT(described(Change("u", kRow, "null")), ElementsAre("dead letter: after: missing"));
  EXPECT_THAT(described(Change("t", "null", "null")), ElementsAre(HasSubstr("dead letter: op: 't'")));
  const FedRecord tombstone = input.Take(RecordOf(R"({"id": 7})", std::nullopt));
  EXPECT_THAT(tombstone.outputs, IsEmpty());
  EXPECT_EQ(tombstone.counts.empty, 1);
  // A deletion of which the database tells the key only.
  EXPECT_THAT(Described(input.Take(
                  RecordOf(R"({"id": 7, "customer": "A1", "at": "2025-03-04"})", Change("d", "null", "null")))),
              ElementsAre("A1 crm:invoice_cancelled:7:d"));
}

// A change of a row is a correction of what was said of it, where the table knows versions.
TEST(InputTest, VersionsOfARowAreRevisions) {
  const Input input = Mapped(R"yaml(name: crm
source: json
account: a
key: id
rows:
  - survey_answered:
      at: t
      response_id: id
      kind: CSAT
      score: points
      revision: "= 2 * number(version) + if(__deleted = 'true', 1, 0)"
      retracted: __deleted = "true"
)yaml");
  const auto event = [&input](const char* op, const char* before, const char* after) {
    const FedRecord fed = input.Take(RecordOf("{}", Change(op, before, after)));
    v1::AccountEvent made;
    EXPECT_TRUE(fed.outputs.size() == 1 && made.ParseFromString(*fed.outputs[0].value));
    return absl::StrCat(made.event_id(), " ", made.revision(), made.retracted() ? " gone " : " ",
                        made.survey_answered().score());
  };
  constexpr char kFirst[] = R"({"id": 7, "a": "A1", "t": "2025-03-03", "points": 3, "version": 1})";
  constexpr char kSecond[] = R"({"id": 7, "a": "A1", "t": "2025-03-03", "points": 4, "version": 2})";
  EXPECT_EQ(event("c", "null", kFirst), "crm:survey_answered:7 2 3");
  EXPECT_EQ(event("u", kFirst, kSecond), "crm:survey_answered:7 4 4");
  EXPECT_EQ(event("d", kSecond, "null"), "crm:survey_answered:7 5 gone 0");
}

TEST(InputTest, WhatAMappingSeesOfAChange) {
  const Input input = Mapped(R"yaml(name: seen
source: json
account: a
key: [__op, __deleted, __table, __source.ts_ms, "coalesce(__before.a, '-')"]
rows: [{account_churned: {at: t}}]
)yaml");
  EXPECT_THAT(Described(input.Take(RecordOf("{}", Change("u", R"({"a": "A0"})", R"({"a": "A1", "t": "2025-03-03"})")))),
              ElementsAre("A1 seen:account_churned:u:false:shop.invoices:1:A0"));
}

TEST(InputTest, EventsOfTheContractGoOnAsTheyAre) {
  const Input input("erp.events", Euro());
  const std::string json =
      R"({"event_id": "e1", "account_id": "A1", "occurred_at": "2025-03-03T10:00:00Z", "account_churned": {}})";
  const FedRecord event = input.Take(RecordOf("order 7", json, {{"content-type", "application/json"}, {"x", "y"}}));
  ASSERT_EQ(event.outputs.size(), 1u);
  EXPECT_EQ(event.outputs[0].topic, kFedEvents);
  EXPECT_EQ(event.outputs[0].key, "A1");
  EXPECT_EQ(event.outputs[0].value, json);
  EXPECT_EQ(HeaderOf(event.outputs[0], "x"), "y");
  EXPECT_EQ(event.counts.events, 1);

  const FedRecord erasure = input.Take(RecordOf("A1", std::nullopt));
  ASSERT_EQ(erasure.outputs.size(), 1u);
  EXPECT_EQ(erasure.outputs[0].key, "A1");
  EXPECT_EQ(erasure.outputs[0].value, std::nullopt);

  const std::string batch =
      absl::StrCat(R"([{"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": )", json, "}]");
  const FedRecord events =
      input.Take(RecordOf(std::nullopt, batch, {{"content-type", "application/cloudevents-batch+json"}}));
  ASSERT_EQ(events.outputs.size(), 1u);
  EXPECT_EQ(events.outputs[0].key, "A1");
  EXPECT_EQ(events.counts.events, 1);

  const auto letter = [&input](std::optional<std::string_view> key, std::optional<std::string_view> value) {
    const FedRecord fed = input.Take(RecordOf(key, value));
    EXPECT_EQ(fed.counts.rejected, 1);
    return fed.outputs.size() == 1 ? HeaderOf(fed.outputs[0], "error.message") : "";
  };
  EXPECT_THAT(letter("A1", "{}"), HasSubstr("payload: none"));
  EXPECT_THAT(letter("A1", "\xff"), testing::Not(IsEmpty()));
  EXPECT_THAT(letter(std::nullopt, std::nullopt), HasSubstr("key"));
}

TEST(InputTest, EventsOfNoAccountHaveNoKey) {
  const Input events("erp.events", Euro());
  const FedRecord event =
      events.Take(RecordOf("A1", R"({"event_id": "r", "occurred_at": "2025-03-03T10:00:00Z", "fx_rate_set":
    {"currency_code": "USD", "month": "2025-03", "rate": 0.9}})"));
  ASSERT_THAT(event.outputs, testing::SizeIs(1));
  EXPECT_EQ(event.outputs[0].topic, kFedEvents);
  EXPECT_EQ(event.outputs[0].key, std::nullopt);
  EXPECT_EQ(event.counts.events, 1);
  const Input input = Mapped(
      "name: rates\nsource: json\nkey: c\nrows: [{fx_rate_set: {at: at, currency_code: c, month: at, rate: r}}]\n");
  const FedRecord rate = input.Take(RecordOf("USD", R"({"c": "USD", "at": "2025-03-01", "r": 0.9})"));
  ASSERT_THAT(rate.outputs, testing::SizeIs(1));
  EXPECT_EQ(rate.outputs[0].topic, kFedEvents);
  EXPECT_EQ(rate.outputs[0].key, std::nullopt);
}

}  // namespace
}  // namespace keyfold
