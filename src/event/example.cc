#include "event/example.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "event/exact_json.h"
#include "event/validation.h"
#include "google/protobuf/descriptor.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {
namespace {

#define KEYFOLD_EUR(minor) R"({"currency_code":"EUR","minor":)" #minor "}"
#define KEYFOLD_LINES                                                                                     \
  R"("lines":[{"line_id":"1","product_id":"P-20","category":"pumps","sale_type":"BASE","quantity":2000,)" \
  R"("net":)" KEYFOLD_EUR(123400) R"(,"cost":)" KEYFOLD_EUR(81000) "}]"
#define KEYFOLD_ATTRIBUTES \
  R"("name":"Birken Foods","segment":"ENTERPRISE","region":"DACH","industry":"food","parent_id":"BIRKEN-GROUP")"

struct Example {
  const char* type;
  const char* fields;
};

constexpr Example kExamples[] = {
    {"account_opened", KEYFOLD_ATTRIBUTES},
    {"account_classified", KEYFOLD_ATTRIBUTES},
    {"manager_assigned", R"("manager_id":"M7")"},
    {"key_account_designated", R"("tier":"STRATEGIC")"},
    {"key_account_released", R"("reason":"potential used up")"},
    {"account_churned", R"("reason":"price")"},
    {"account_reactivated", ""},
    {"potential_assessed", R"("annual_potential":)" KEYFOLD_EUR(50000000) R"(,"strategic_importance":70)"},
    {"plan_approved",
     R"("plan_id":"PL-2026","start_date":"2026-01-01","end_date":"2028-12-31","baseline_revenue":)" KEYFOLD_EUR(
         40000000) R"(,"target_growth":0.25,"min_margin":0.3)"},
    {"plan_closed", R"("plan_id":"PL-2026")"},
    {"order_placed", R"("order_id":"O-4711",)" KEYFOLD_LINES R"(,"promised_date":"2026-06-30")"},
    {"order_changed", R"("order_id":"O-4711",)" KEYFOLD_LINES R"(,"promised_date":"2026-07-10")"},
    {"order_cancelled", R"("order_id":"O-4711","reason":"duplicate")"},
    {"order_delivered", R"("order_id":"O-4711")"},
    {"invoice_issued", R"("invoice_id":"I-815","order_id":"O-4711",)" KEYFOLD_LINES},
    {"invoice_cancelled", R"("invoice_id":"I-815")"},
    {"credit_note_issued", R"("credit_note_id":"CN-3","invoice_id":"I-815",)" KEYFOLD_LINES},
    {"cost_booked", R"("cost_id":"C-99","kind":"LOGISTICS","amount":)" KEYFOLD_EUR(4500)},
    {"meeting_scheduled", R"("meeting_id":"MT-1","kind":"EXECUTIVE_REVIEW","scheduled_for":"2026-07-01T09:00:00Z")"},
    {"meeting_held",
     R"("meeting_id":"MT-1","kind":"EXECUTIVE_REVIEW","stakeholder_ids":["ST-1","ST-2"],"duration_minutes":90)"},
    {"meeting_cancelled", R"("meeting_id":"MT-1")"},
    {"stakeholder_identified", R"("stakeholder_id":"ST-1","role":"DECISION_MAKER")"},
    {"stakeholder_updated", R"("stakeholder_id":"ST-1","role":"CHAMPION")"},
    {"stakeholder_left", R"("stakeholder_id":"ST-1")"},
    {"escalation_opened", R"("escalation_id":"E-12","severity":"HIGH","department":"LOGISTICS")"},
    {"escalation_acknowledged", R"("escalation_id":"E-12")"},
    {"escalation_resolved", R"("escalation_id":"E-12")"},
    {"escalation_reopened", R"("escalation_id":"E-12")"},
    {"contract_signed",
     R"("contract_id":"K-5","start_date":"2026-01-01","end_date":"2026-12-31","annual_value":)" KEYFOLD_EUR(12000000)},
    {"contract_amended",
     R"("contract_id":"K-5","effective_date":"2026-07-01","end_date":"2027-06-30","annual_value":)" KEYFOLD_EUR(
         13500000)},
    {"contract_renewed",
     R"("contract_id":"K-5","start_date":"2027-01-01","end_date":"2027-12-31","annual_value":)" KEYFOLD_EUR(13500000)},
    {"contract_terminated", R"("contract_id":"K-5","effective_date":"2026-09-30","reason":"insourcing")"},
    {"quote_issued", R"("quote_id":"Q-8","amount":)" KEYFOLD_EUR(990000) R"(,"valid_until":"2026-06-30")"},
    {"quote_revised", R"("quote_id":"Q-8","amount":)" KEYFOLD_EUR(950000) R"(,"valid_until":"2026-07-15")"},
    {"quote_accepted", R"("quote_id":"Q-8")"},
    {"quote_rejected", R"("quote_id":"Q-8","reason":"budget")"},
    {"opportunity_created",
     R"("opportunity_id":"OP-31","sale_type":"CROSS_SELL","stage":"qualified","amount":)" KEYFOLD_EUR(
         2500000) R"(,"probability":40,"expected_close":"2026-09-30")"},
    {"opportunity_updated", R"("opportunity_id":"OP-31","stage":"proposal","amount":)" KEYFOLD_EUR(
                                2750000) R"(,"probability":60,"expected_close":"2026-10-15")"},
    {"opportunity_won", R"("opportunity_id":"OP-31","amount":)" KEYFOLD_EUR(2700000)},
    {"opportunity_lost", R"("opportunity_id":"OP-31","reason":"competitor")"},
    {"opportunity_reopened", R"("opportunity_id":"OP-31","reason":"new budget")"},
    {"forecast_submitted", R"("period":"2026-07","revenue":)" KEYFOLD_EUR(3500000)},
    {"survey_answered", R"("response_id":"R-77","kind":"NPS","score":9,"stakeholder_id":"ST-1")"},
    {"initiative_started", R"("initiative_id":"IN-2","kind":"CO_DEVELOPMENT","title":"Lighter packaging")"},
    {"initiative_milestone_reached", R"("initiative_id":"IN-2","title":"First sample")"},
    {"initiative_completed", R"("initiative_id":"IN-2")"},
    {"initiative_cancelled", R"("initiative_id":"IN-2")"},
    {"risk_flagged", R"("risk_id":"RI-4","severity":"CRITICAL","kind":"single source")"},
    {"risk_cleared", R"("risk_id":"RI-4")"},
    {"clock_advanced", ""},
    {"fx_rate_set", R"("currency_code":"USD","month":"2026-06","rate":0.92)"},
};

#undef KEYFOLD_ATTRIBUTES
#undef KEYFOLD_LINES
#undef KEYFOLD_EUR

bool IsControl(const std::string& type) { return type == "clock_advanced" || type == "fx_rate_set"; }

}  // namespace

std::vector<std::string> EventTypes() {
  const google::protobuf::Descriptor& event = *v1::AccountEvent::descriptor();
  std::vector<const google::protobuf::FieldDescriptor*> payloads;
  for (int i = 0; i < event.field_count(); ++i) {
    if (IsPayloadNumber(static_cast<uint32_t>(event.field(i)->number()))) payloads.push_back(event.field(i));
  }
  std::sort(payloads.begin(), payloads.end(), [](auto* a, auto* b) { return a->number() < b->number(); });
  std::vector<std::string> types;
  types.reserve(payloads.size());
  for (const auto* payload : payloads) types.push_back(payload->name());
  return types;
}

absl::StatusOr<std::string> ExampleEvent(const std::string& type, const std::string& account_id,
                                         absl::Time occurred_at) {
  const auto* const example =
      std::find_if(std::begin(kExamples), std::end(kExamples), [&](const Example& one) { return one.type == type; });
  if (example == std::end(kExamples)) {
    const std::vector<std::string> types = EventTypes();
    const std::vector<std::string_view> names(types.begin(), types.end());
    return absl::InvalidArgumentError(absl::StrCat("there is no event type ", type, DidYouMean(type, names)));
  }
  JsonValue account;
  account.kind = JsonValue::Kind::kText;
  account.text = account_id;
  return absl::StrCat(R"({"event_id":"new-)", type, "-", absl::ToUnixMillis(occurred_at), R"(",)",
                      IsControl(type) ? "" : absl::StrCat(R"("account_id":)", WriteJson(account), ","),
                      R"("occurred_at":")", absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", occurred_at, absl::UTCTimeZone()),
                      R"(","source":"example","revision":0,"retracted":false,"correlation_id":"trace-1",")", type,
                      R"(":{)", example->fields, "}}");
}

}  // namespace keyfold
