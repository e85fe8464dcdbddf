#include "event/json_inspection.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "event/example_events.h"

namespace keyfold {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::keyfold::testing::EventJson;
using ::keyfold::testing::EventMessage;
using ::keyfold::testing::ExamplePayloads;
using ::keyfold::testing::LineVerdict;

std::vector<std::string> Texts(const std::vector<JsonFinding>& findings) {
  std::vector<std::string> texts;
  for (const JsonFinding& finding : findings) texts.push_back(ToString(finding));
  return texts;
}

std::vector<std::string> Unknown(const std::string& json) { return Texts(FindUnknownFields(json, 10)); }
std::vector<std::string> Inspected(const std::string& json) { return Texts(InspectJson(json, 10)); }

using Strings = std::vector<std::string>;

std::string Invoice(const std::string& line) {
  return EventJson("invoice_issued", R"("invoice_id": "I", "lines": [{"sale_type": "BASE"}, )" + line + "]");
}

TEST(FindUnknownFieldsTest, EveryExampleHasNone) {
  for (const auto& [payload, fields] : ExamplePayloads()) {
    const std::string json = EventJson(payload, fields, R"("source": "x", "revision": 1, "correlation_id": "c")");
    EXPECT_EQ(Unknown(json), Strings()) << json;
    std::string camel_case;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(EventMessage(json), &camel_case).ok());
    EXPECT_EQ(Unknown(camel_case), Strings()) << camel_case;
  }
}

TEST(FindUnknownFieldsTest, NamesPathAndTheNearestName) {
  EXPECT_EQ(Unknown(Invoice(R"({"net": {"currency_code": "EUR", "minro": 1}})")),
            Strings{"invoice_issued.lines[1].net.minro: there is no such field, did you mean minor?"});
  EXPECT_EQ(Unknown(Invoice(R"({"nett": {"minro": 1}})")),
            Strings{"invoice_issued.lines[1].nett: there is no such field, did you mean net?"});
  EXPECT_EQ(Unknown(EventJson("account_churned", "", R"("correlationID": "x", "far_off": {"minro": [1, {"a": 2}]})")),
            (Strings{"correlationID: there is no such field, did you mean correlation_id?",
                     "far_off: there is no such field"}));
}

TEST(FindUnknownFieldsTest, WhereNoneIsNearItListsThoseThatThereAre) {
  EXPECT_EQ(Unknown(Invoice(R"({"net": {"amount": 1}})")),
            Strings{"invoice_issued.lines[1].net.amount: there is no such field, there are currency_code, minor"});
  EXPECT_EQ(Unknown(EventJson("account_reactivated", R"("reason": "x")")),
            Strings{"account_reactivated.reason: there is no such field, there are none here"});
}

TEST(FindUnknownFieldsTest, KeepsToItsLimitAndToFields) {
  const std::string json = EventJson("account_churned", "", R"("aaaa": 1, "bbbb": 2, "cccc": 3)");
  EXPECT_EQ(FindUnknownFields(json, 2).size(), 2u);
  EXPECT_EQ(Unknown(EventJson("risk_flagged", R"("severity": "WRONG")")), Strings());
}

TEST(FindUnknownFieldsTest, JsonThatOnlyProtobufTakes) {
  const std::string known = R"({event_id: 'e', 'account_churned': {}})";
  const std::string unknown = R"({event_id: 'e', 'account_churned': {}, more: 1})";
  EXPECT_EQ(Unknown(known), Strings());
  EXPECT_EQ(Unknown(unknown), Strings{"a field that there is not, in what is no standard JSON"});
}

TEST(InspectJsonTest, ValuesThatCannotBeRead) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("revision": 1.5)", "revision: 1.5 is not an integer"},
      {R"("revision": "x")", "revision: 'x' is not an integer"},
      {R"("retracted": 1)", "retracted: a number where true or false is expected: 1"},
      {R"("retracted": [])", "retracted: a list where true or false is expected"},
      {R"("source": 5)", "source: a number where a text is expected, in quotes: 5"},
      {R"("source": true)", "source: true or false where a text is expected"},
      {R"("source": {})", "source: an object where a text is expected"},
      {R"("occurred_at": {})", "occurred_at: an object where a text is expected"},
      {R"("occurred_at": "")", "occurred_at: '' is not an RFC 3339 timestamp such as 2026-06-01T10:00:00Z"},
      {R"("account_opened": [])", "account_opened: a list where an object is expected"},
      {R"("account_opened": 5)", "account_opened: a number where an object is expected: 5"},
      {R"("account_opened": "x")", "account_opened: a text where an object is expected: 'x'"},
      {R"("risk_flagged": {"severity": "low"})",
       "risk_flagged.severity: 'low' is none of LOW, MEDIUM, HIGH, CRITICAL, did you mean LOW?"},
      {R"("invoice_issued": {"lines": {}})", "invoice_issued.lines: an object where a list is expected"},
      {R"("invoice_issued": {"lines": "x"})", "invoice_issued.lines: a single value where a list is expected"},
      {R"("invoice_issued": {"lines": [{}, "x"]})", "invoice_issued.lines[1]: a text where an object is expected: 'x'"},
      {R"("meeting_held": {"stakeholder_ids": ["a", 5]})",
       "meeting_held.stakeholder_ids[1]: a number where a text is expected, in quotes: 5"},
      {R"("meeting_held": {"stakeholder_ids": [["a"]]})",
       "meeting_held.stakeholder_ids[0]: a list where a text is expected"},
  };
  for (const auto& [member, finding] : cases) EXPECT_EQ(Inspected("{" + member + "}"), Strings{finding});
}

TEST(InspectJsonTest, ValuesOfOtherFormsThatProtobufTakes) {
  EXPECT_EQ(Inspected(R"({"revision": "7", "source": null, "occurred_at": "2025-03-03T10:00:00.5+05:45",
                          "meeting_held": {"kind": 2, "stakeholder_ids": null}})"),
            Strings());
  EXPECT_EQ(Inspected(R"({"opportunity_created": {"probability": 10.0, "amount": {"minor": "1200"}}})"), Strings());
}

TEST(InspectJsonTest, WhatIsNoObject) {
  EXPECT_EQ(Inspected("[]"), Strings{"a list where an event, which is an object, is expected"});
  EXPECT_EQ(Inspected("5"), Strings{"a single value where an event, which is an object, is expected"});
  EXPECT_EQ(Inspected("null"), Strings{"null where an event, which is an object, is expected"});
  EXPECT_EQ(Inspected(""), Strings());
  EXPECT_EQ(Inspected(R"({"revisoin": 1, )"),
            Strings{"revisoin: there is no such field, did you mean revision?"});  // up to where it is broken
}

// A field that the message has, and where it is: "invoice_issued.lines[0].net" and "minor".
struct Place {
  std::string parent;
  std::string name;
};

void CollectPlaces(const Message& message, const std::string& parent, std::vector<Place>& places) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    places.push_back({parent, field->name()});
    if (field->message_type() == nullptr || field->message_type()->full_name() == "google.protobuf.Timestamp") continue;
    const std::string path = parent + (parent.empty() ? "" : ".") + field->name();
    if (!field->is_repeated()) {
      CollectPlaces(message.GetReflection()->GetMessage(message, field), path, places);
      continue;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      CollectPlaces(message.GetReflection()->GetRepeatedMessage(message, field, i),
                    path + "[" + std::to_string(i) + "]", places);
    }
  }
}

// The name with one slip of the hand.
std::string Mistyped(std::string name) {
  const auto at = *rc::gen::inRange<size_t>(0, name.size() - 1);
  const char letter = *rc::gen::elementOf(std::string("qxz7"));
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return name.insert(at, 1, letter);
    case 1:
      return name.erase(at, 1);
    case 2:
      name[at] = letter;
      return name;
    default:
      std::swap(name[at], name[at + 1]);
      return name;
  }
}

// Puts `mistyped` in the place of the n-th `"name":` of the JSON, counted as the places of that name are.
std::string Rename(std::string json, const std::string& name, size_t n, const std::string& mistyped) {
  const std::string key = "\"" + name + "\":";
  size_t at = json.find(key);
  for (; n > 0; --n) at = json.find(key, at + 1);
  return json.replace(at, key.size(), "\"" + mistyped + "\":");
}

TEST(FindUnknownFieldsPropertyTest, AMistypedNameIsFoundWithItsPathAndTheRightName) {
  EXPECT_TRUE(rc::check("one slip in one name of a valid event", [] {
    const auto [payload, fields] = *rc::gen::elementOf(ExamplePayloads());
    const v1::AccountEvent event = EventMessage(EventJson(payload, fields, R"("source": "x", "revision": 1)"));
    std::vector<Place> places;
    CollectPlaces(event, "", places);
    const auto chosen = *rc::gen::inRange<size_t>(0, places.size());
    const Place place = places[chosen];
    const std::string mistyped = Mistyped(place.name);
    RC_PRE(place.name.size() > 2 && mistyped != place.name);
    const auto same_name = [&](const Place& other) { return other.name == place.name; };
    const auto before = static_cast<size_t>(std::count_if(places.begin(), places.begin() + chosen, same_name));
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string json;
    RC_ASSERT(google::protobuf::util::MessageToJsonString(event, &json, options).ok());
    const std::vector<std::string> found = Unknown(Rename(json, place.name, before, mistyped));
    const std::string path = place.parent + (place.parent.empty() ? "" : ".") + mistyped;
    RC_ASSERT(found == Strings{path + ": there is no such field, did you mean " + place.name + "?"});
  }));
}

}  // namespace
}  // namespace keyfold
