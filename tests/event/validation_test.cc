// Ids, instants and enums, with the nearest accepted and the nearest refused value (docs/events.md, "Wrong input").
#include "event/validation.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "event/validation_cases.h"

namespace keyfold {
namespace {

using ::keyfold::testing::Bytes;
using ::keyfold::testing::Case;
using ::keyfold::testing::EventJson;
using ::keyfold::testing::EventMessage;
using ::keyfold::testing::ExamplePayloads;
using ::keyfold::testing::ExpectAll;
using ::keyfold::testing::kMoney;
using ::keyfold::testing::kTooLong;
using ::keyfold::testing::Problem;
using ::keyfold::testing::Umlauts;

TEST(ValidationTest, EveryPayloadHasARuleAndAValidExample) {
  std::set<std::string> examples;
  for (const auto& [payload, fields] : ExamplePayloads()) {
    EXPECT_EQ(Problem(EventJson(payload, fields)), "") << payload;
    examples.insert(payload);
  }
  const auto* payloads = v1::AccountEvent::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    EXPECT_TRUE(IsPayloadNumber(payloads->field(i)->number())) << payloads->field(i)->name();
    EXPECT_TRUE(examples.contains(std::string(payloads->field(i)->name()))) << payloads->field(i)->name();
  }
  EXPECT_EQ(static_cast<int>(examples.size()), payloads->field_count());
  for (uint32_t number = 0; number < 300; ++number) {
    const auto* const field = v1::AccountEvent::descriptor()->FindFieldByNumber(static_cast<int>(number));
    const bool is_payload = field != nullptr && field->containing_oneof() == payloads;
    EXPECT_EQ(IsPayloadNumber(number), is_payload) << number;
  }
  for (uint32_t number : {1u << 29, 0xFFFFFFFFu}) EXPECT_FALSE(IsPayloadNumber(number)) << number;
}

TEST(ValidationTest, Envelope) {
  const auto event = [](const std::string& envelope, const std::string& payload) {
    return Problem("{" + envelope + ", \"" + payload + "\": {}}");
  };
  const std::string time = R"("occurred_at": "2025-03-03T10:00:00Z")";
  const std::string ids = R"("event_id": "e", "account_id": "a")";
  const auto with_ids = [&](const std::string& event_id, const std::string& account_id) {
    return R"("event_id": ")" + event_id + R"(", "account_id": ")" + account_id + "\", " + time;
  };
  EXPECT_EQ(event(with_ids(Bytes(128), Umlauts(64)), "account_churned"), "");
  EXPECT_EQ(event(with_ids(Bytes(129), "a"), "account_churned"), "event_id: " + kTooLong);
  EXPECT_EQ(event(with_ids("e", Umlauts(64) + "x"), "account_churned"), "account_id: " + kTooLong);
  EXPECT_EQ(event(with_ids("", "a"), "account_churned"), "event_id: missing");
  EXPECT_EQ(event(with_ids("e", ""), "account_churned"), "account_id: missing");
  EXPECT_EQ(event(with_ids("e", ""), "clock_advanced"), "");
  EXPECT_EQ(event(with_ids("", ""), "clock_advanced"), "event_id: missing");
  EXPECT_EQ(event(with_ids("e", "a"), "clock_advanced"), "account_id: not empty in a control payload");
  EXPECT_EQ(event(ids, "account_churned"), "occurred_at: missing");
  const std::string correlated = ids + ", " + time + R"(, "correlation_id": ")";
  EXPECT_EQ(event(correlated + Bytes(128) + "\"", "account_churned"), "");
  EXPECT_EQ(event(correlated + Bytes(129) + "\"", "account_churned"), "correlation_id: " + kTooLong);
  EXPECT_EQ(event(ids + ", " + time + R"(, "revision": 4294967295, "source": ")" + Bytes(1000) + "\"",  // no limit
                  "account_churned"),
            "");
  EXPECT_EQ(Problem("{" + ids + ", " + time + "}"), "payload: none");
}

TEST(ValidationTest, Instants) {
  const std::string outside = "occurred_at: not an instant within 1970-2200";
  const auto at = [](int64_t seconds, int32_t nanos) {
    v1::AccountEvent event = EventMessage(EventJson("account_churned", ""));
    event.mutable_occurred_at()->set_seconds(seconds);
    event.mutable_occurred_at()->set_nanos(nanos);
    return Validate(event, *Currency::Parse("EUR")).problem;
  };
  constexpr int64_t kStartOf2201 = 7'289'654'400;  // date -ud 2201-01-01 +%s
  EXPECT_EQ(at(0, 0), "");
  EXPECT_EQ(at(-1, 999'999'999), outside);
  EXPECT_EQ(at(0, -1), outside);
  EXPECT_EQ(at(0, 999'999'999), "");
  EXPECT_EQ(at(0, 1'000'000'000), outside);
  EXPECT_EQ(at(kStartOf2201 - 1, 999'999'999), "");
  EXPECT_EQ(at(kStartOf2201, 0), outside);
  EXPECT_EQ(at(INT64_MIN, 0), outside);
  EXPECT_EQ(at(INT64_MAX, INT32_MAX), outside);
  const std::string meeting = R"("meeting_id": "M", "kind": "NEGOTIATION", "scheduled_for": )";
  ExpectAll({
      {"meeting_scheduled", meeting + R"("2200-12-31T23:59:59.999999999Z")", ""},
      {"meeting_scheduled", meeting + R"("2201-01-01T00:59:59+01:00")", ""},
      {"meeting_scheduled", meeting + R"("2201-01-01T00:00:00Z")", "scheduled_for: not an instant within 1970-2200"},
      {"meeting_scheduled", meeting + R"("1970-01-01T00:00:00+00:01")",
       "scheduled_for: not an instant within 1970-2200"},
      {"meeting_scheduled", meeting + "null", "scheduled_for: missing"},
  });
}

// What names the entity may be neither absent nor, where it is an id, too long.
TEST(ValidationTest, EntityKeys) {
  int keys = 0;
  for (const auto& [payload, fields] : ExamplePayloads()) {
    const google::protobuf::FieldDescriptor* field =
        v1::AccountEvent::descriptor()->FindFieldByName(payload)->message_type()->FindFieldByNumber(1);
    const bool is_key = field != nullptr && field->name().ends_with("_id") && payload != "manager_assigned" &&
                        !payload.starts_with("plan_");
    if (!is_key) continue;
    ++keys;
    for (const bool retracted : {false, true}) {
      v1::AccountEvent event = EventMessage(EventJson(payload, fields));
      event.set_retracted(retracted);
      google::protobuf::Message* message =
          event.GetReflection()->MutableMessage(&event, v1::AccountEvent::descriptor()->FindFieldByName(payload));
      const auto problem_with = [&](const std::string& id) {
        message->GetReflection()->SetString(message, field, id);
        return Validate(event, *Currency::Parse("EUR")).problem;
      };
      EXPECT_EQ(problem_with(Bytes(128)), "");
      EXPECT_EQ(problem_with(Bytes(129)), std::string(field->name()) + ": " + kTooLong);
      EXPECT_EQ(problem_with(""), std::string(field->name()) + ": missing");
    }
  }
  EXPECT_GE(keys, 38);
}

TEST(ValidationTest, OtherIdsAndAttributes) {
  const std::string line = R"("lines": [{"sale_type": "BASE", "net": )" + std::string(kMoney);
  const std::string survey = R"("response_id": "R", "kind": "NPS", "score": 1, "stakeholder_id": )";
  ExpectAll({
      {"account_opened", R"("segment": ")" + Umlauts(64) + R"(", "name": ")" + Bytes(1000) + "\"", ""},
      {"account_opened", R"("segment": ")" + Umlauts(64) + "x\"", "segment: " + kTooLong},
      {"account_opened", R"("region": ")" + Bytes(129) + "\"", "region: " + kTooLong},
      {"account_opened", R"("industry": ")" + Bytes(129) + "\"", "industry: " + kTooLong},
      {"account_opened", R"("parent_id": ")" + Bytes(129) + "\"", "parent_id: " + kTooLong},
      {"account_classified", R"("segment": ")" + Bytes(129) + "\"", "segment: " + kTooLong},
      {"account_classified", R"("region": ")" + Bytes(129) + "\"", "region: " + kTooLong},
      {"account_classified", R"("industry": ")" + Bytes(129) + "\"", "industry: " + kTooLong},
      {"account_classified", R"("parent_id": ")" + Bytes(129) + "\"", "parent_id: " + kTooLong},
      {"account_classified", R"("industry": ")" + Bytes(128) + R"(", "parent_id": ")" + Bytes(128) + "\"", ""},
      {"manager_assigned", "", ""},
      {"manager_assigned", R"("manager_id": ")" + Bytes(128) + "\"", ""},
      {"manager_assigned", R"("manager_id": ")" + Bytes(129) + "\"", "manager_id: " + kTooLong},
      {"plan_closed", R"("plan_id": ")" + Bytes(128) + "\"", ""},
      {"plan_closed", R"("plan_id": ")" + Bytes(129) + "\"", "plan_id: " + kTooLong},
      {"invoice_issued", R"("invoice_id": "I", "order_id": ")" + Bytes(128) + "\"", ""},
      {"invoice_issued", R"("invoice_id": "I", "order_id": ")" + Bytes(129) + "\"", "order_id: " + kTooLong},
      {"credit_note_issued", R"("credit_note_id": "C", "invoice_id": ")" + Bytes(129) + "\"",
       "invoice_id: " + kTooLong},
      {"order_placed", R"("order_id": "O", )" + line + R"(, "line_id": ")" + Bytes(129) + "\"}]",
       "lines[0].line_id: " + kTooLong},
      {"order_placed", R"("order_id": "O", )" + line + R"(, "product_id": ")" + Bytes(129) + "\"}]",
       "lines[0].product_id: " + kTooLong},
      {"order_placed", R"("order_id": "O", )" + line + R"(, "category": ")" + Bytes(129) + "\"}]", ""},
      {"survey_answered", survey + "\"" + Bytes(128) + "\"", ""},
      {"survey_answered", survey + "\"" + Bytes(129) + "\"", "stakeholder_id: " + kTooLong},
      {"meeting_held", R"("meeting_id": "M", "kind": "NEGOTIATION", "stakeholder_ids": ["S", "S"])", ""},
      {"meeting_held", R"("meeting_id": "M", "kind": "NEGOTIATION", "stakeholder_ids": ["S", ""])",
       "stakeholder_ids[1]: missing"},
      {"meeting_held", R"("meeting_id": "M", "kind": "NEGOTIATION", "stakeholder_ids": [")" + Bytes(129) + "\"]",
       "stakeholder_ids[0]: " + kTooLong},
  });
  EXPECT_EQ(ValidateId("record key", Bytes(128)), "");
  EXPECT_EQ(ValidateId("record key", Bytes(129)), "record key: " + kTooLong);
  EXPECT_EQ(ValidateId("record key", ""), "record key: missing");
}

TEST(ValidationTest, Enums) {
  const std::vector<Case> enums = {
      // payload, the other fields, enum field
      {"key_account_designated", "", "tier"},
      {"cost_booked", R"("cost_id": "C", "amount": )" + std::string(kMoney), "kind"},
      {"meeting_scheduled", R"("meeting_id": "M", "scheduled_for": "2025-01-01T00:00:00Z")", "kind"},
      {"meeting_held", R"("meeting_id": "M")", "kind"},
      {"stakeholder_identified", R"("stakeholder_id": "S")", "role"},
      {"stakeholder_updated", R"("stakeholder_id": "S")", "role"},
      {"escalation_opened", R"("escalation_id": "E", "department": "SALES")", "severity"},
      {"escalation_opened", R"("escalation_id": "E", "severity": "LOW")", "department"},
      {"opportunity_created", R"("opportunity_id": "O", "probability": 1, "amount": )" + std::string(kMoney),
       "sale_type"},
      {"survey_answered", R"("response_id": "R", "score": 1)", "kind"},
      {"initiative_started", R"("initiative_id": "I")", "kind"},
      {"risk_flagged", R"("risk_id": "R")", "severity"},
  };
  for (const Case& c : enums) {
    const std::string& field = c.problem;
    const std::string start = c.fields + (c.fields.empty() ? "" : ", ");
    const auto* type =
        v1::AccountEvent::descriptor()->FindFieldByName(c.payload)->message_type()->FindFieldByName(field)->enum_type();
    for (int value = 1; value < type->value_count(); ++value) {
      EXPECT_EQ(Problem(EventJson(c.payload, start + "\"" + field + "\": " + std::to_string(value))), "");
    }
    std::string names;
    for (int i = 1; i < type->value_count(); ++i) names += (i > 1 ? ", " : "") + type->value(i)->name();
    const std::string none = field + ": missing or unknown, it is one of " + names;
    const std::string known = ", it is one of " + names + " (1-" + std::to_string(type->value_count() - 1) + ")";
    EXPECT_EQ(Problem(EventJson(c.payload, c.fields)), none);
    EXPECT_EQ(Problem(EventJson(c.payload, start + "\"" + field + "\": 0")), none);
    const std::string beyond = std::to_string(type->value_count());
    EXPECT_EQ(Problem(EventJson(c.payload, start + "\"" + field + "\": " + beyond)),
              field + ": unknown enum value " + beyond + known);
    EXPECT_EQ(Problem(EventJson(c.payload, start + "\"" + field + "\": -1")),
              field + ": unknown enum value -1" + known);
  }
}

}  // namespace
}  // namespace keyfold
