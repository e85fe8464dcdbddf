// A valid event of every payload, and the ways to publish it.
#ifndef KEYFOLD_TESTS_EVENT_EXAMPLE_EVENTS_H_
#define KEYFOLD_TESTS_EVENT_EXAMPLE_EVENTS_H_

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/decoder.h"
#include "keyfold/record.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold::testing {

inline constexpr char kMoney[] = R"({"currency_code": "EUR", "minor": 1234})";
inline constexpr char kLine[] =
    R"({"line_id": "1", "product_id": "P1", "category": "c", "sale_type": "UP_SELL", "quantity": 2500,)"
    R"( "net": {"currency_code": "JPY", "minor": "700"}, "cost": {"currency_code": "JPY", "minor": 400}})";

// Payload name and its fields as JSON, all of them set.
inline std::vector<std::pair<std::string, std::string>> ExamplePayloads() {
  const std::string money = kMoney;
  const std::string lines = std::string("\"lines\": [") + kLine + ", " + kLine + "]";
  const std::string attributes =
      R"("name": "ACME", "segment": "ENT", "region": "EMEA", "industry": "steel", "parent_id": "G1")";
  return {
      {"account_opened", attributes},
      {"account_classified", attributes},
      {"manager_assigned", R"("manager_id": "M1")"},
      {"key_account_designated", R"("tier": "STRATEGIC")"},
      {"key_account_released", R"("reason": "r")"},
      {"account_churned", R"("reason": "price")"},
      {"account_reactivated", ""},
      {"potential_assessed", R"("annual_potential": )" + money + R"(, "strategic_importance": 70)"},
      {"plan_approved",
       R"("plan_id": "PL", "start_date": "2025-01-01", "end_date": "2025-12-31", "baseline_revenue": )" + money +
           R"(, "target_growth": 0.25, "min_margin": 0.3)"},
      {"plan_closed", R"("plan_id": "PL")"},
      {"order_placed", R"("order_id": "O", "promised_date": "2025-04-01", )" + lines},
      {"order_changed", R"("order_id": "O", "promised_date": "2025-04-02", )" + lines},
      {"order_cancelled", R"("order_id": "O", "reason": "r")"},
      {"order_delivered", R"("order_id": "O")"},
      {"invoice_issued", R"("invoice_id": "I", "order_id": "O", )" + lines},
      {"invoice_cancelled", R"("invoice_id": "I")"},
      {"credit_note_issued", R"("credit_note_id": "CN", "invoice_id": "I", )" + lines},
      {"cost_booked", R"("cost_id": "C", "kind": "SALES", "amount": )" + money},
      {"meeting_scheduled", R"("meeting_id": "M", "kind": "NEGOTIATION", "scheduled_for": "2025-03-04T10:00:00.5Z")"},
      {"meeting_held",
       R"("meeting_id": "M", "kind": "OPERATIONAL", "stakeholder_ids": ["S1", "S2"], "duration_minutes": 30)"},
      {"meeting_cancelled", R"("meeting_id": "M")"},
      {"stakeholder_identified", R"("stakeholder_id": "S", "role": "CHAMPION")"},
      {"stakeholder_updated", R"("stakeholder_id": "S", "role": "BLOCKER")"},
      {"stakeholder_left", R"("stakeholder_id": "S")"},
      {"escalation_opened", R"("escalation_id": "E", "severity": "HIGH", "department": "LOGISTICS")"},
      {"escalation_acknowledged", R"("escalation_id": "E")"},
      {"escalation_resolved", R"("escalation_id": "E")"},
      {"escalation_reopened", R"("escalation_id": "E")"},
      {"contract_signed",
       R"("contract_id": "K", "start_date": "2025-01-01", "end_date": "2025-12-31", "annual_value": )" + money},
      {"contract_amended",
       R"("contract_id": "K", "effective_date": "2025-02-01", "end_date": "2026-12-31", "annual_value": )" + money},
      {"contract_renewed",
       R"("contract_id": "K", "start_date": "2026-02-01", "end_date": "2026-12-31", "annual_value": )" + money},
      {"contract_terminated", R"("contract_id": "K", "effective_date": "2025-06-30", "reason": "r")"},
      {"quote_issued", R"("quote_id": "Q", "valid_until": "2025-05-31", "amount": )" + money},
      {"quote_revised", R"("quote_id": "Q", "valid_until": "2025-06-30", "amount": )" + money},
      {"quote_accepted", R"("quote_id": "Q")"},
      {"quote_rejected", R"("quote_id": "Q", "reason": "r")"},
      {"opportunity_created", R"("opportunity_id": "OP", "sale_type": "BASE", "stage": "lead", "probability": 0, )"
                              R"("expected_close": "2025-09-30", "amount": )" +
                                  money},
      {"opportunity_updated",
       R"("opportunity_id": "OP", "stage": "won", "probability": 100, "expected_close": "2025-10-31", "amount": )" +
           money},
      {"opportunity_won", R"("opportunity_id": "OP", "amount": )" + money},
      {"opportunity_lost", R"("opportunity_id": "OP", "reason": "r")"},
      {"opportunity_reopened", R"("opportunity_id": "OP", "reason": "r")"},
      {"forecast_submitted", R"("period": "2025-07", "revenue": )" + money},
      {"survey_answered", R"("response_id": "R", "kind": "NPS", "score": 0, "stakeholder_id": "S")"},
      {"initiative_started", R"("initiative_id": "IN", "kind": "CO_DEVELOPMENT", "title": "t")"},
      {"initiative_milestone_reached", R"("initiative_id": "IN", "title": "t")"},
      {"initiative_completed", R"("initiative_id": "IN")"},
      {"initiative_cancelled", R"("initiative_id": "IN")"},
      {"risk_flagged", R"("risk_id": "RI", "severity": "CRITICAL", "kind": "supply")"},
      {"risk_cleared", R"("risk_id": "RI")"},
      {"clock_advanced", ""},
      {"fx_rate_set", R"("currency_code": "USD", "month": "2025-01", "rate": 0.92)"},
  };
}

inline bool IsControlPayload(std::string_view payload) {
  return payload == "clock_advanced" || payload == "fx_rate_set";
}

// The JSON of an event with this payload; `more` are further members of the envelope.
inline std::string EventJson(const std::string& payload, const std::string& fields, const std::string& more = "") {
  return R"({"event_id": "e1", "occurred_at": "2025-03-03T10:00:00+05:45", )" +
         std::string(IsControlPayload(payload) ? "" : R"("account_id": "A1", )") + (more.empty() ? "" : more + ", ") +
         "\"" + payload + "\": {" + fields + "}}";
}

// The same as a message, read without the code under test.
inline v1::AccountEvent EventMessage(const std::string& json) {
  v1::AccountEvent event;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &event).ok()) << json;
  return event;
}

inline Decoder EuroDecoder() { return Decoder(*Currency::Parse("EUR")); }

// Decodes a record; the views need to live only during the call.
inline DecodedRecord DecodeBytes(std::optional<std::string_view> key, std::optional<std::string_view> value,
                                 std::optional<std::string> content_type = std::nullopt) {
  Record record;
  record.key = key;
  record.value = value;
  if (content_type.has_value()) record.headers = {{"content-type", *std::move(content_type)}};
  return EuroDecoder().Decode(record);
}

// "valid", "erasure ID", "list", or "CODE MESSAGE".
inline std::string Verdict(const DecodedRecord& decoded) {
  if (std::holds_alternative<ValidEvent>(decoded)) return "valid";
  if (const auto* erasure = std::get_if<Erasure>(&decoded)) return "erasure " + erasure->account_id;
  if (std::holds_alternative<EventList>(decoded)) return "list";
  const auto& rejection = std::get<Rejection>(decoded);
  return std::string(RejectionCodeName(rejection.code)) + " " + rejection.message;
}

inline std::string LineVerdict(std::string_view json) { return Verdict(EuroDecoder().DecodeJsonLine(json)); }

// The frame of Confluent's serializers around Protobuf bytes.
inline std::string ConfluentFrame(const std::string& protobuf, const std::string& indexes = std::string(1, '\0')) {
  return std::string("\0\0\0\1\2", 5) + indexes + protobuf;
}

}  // namespace keyfold::testing

#endif  // KEYFOLD_TESTS_EVENT_EXAMPLE_EVENTS_H_
