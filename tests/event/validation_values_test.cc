// Amounts, dates and numbers, and what a retracted event may leave out (docs/events.md, "Wrong input").
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "event/validation.h"
#include "event/validation_cases.h"

namespace keyfold {
namespace {

using ::keyfold::testing::Bytes;
using ::keyfold::testing::Case;
using ::keyfold::testing::EventJson;
using ::keyfold::testing::ExpectAll;
using ::keyfold::testing::kMoney;
using ::keyfold::testing::kNoDate;
using ::keyfold::testing::kNoMinor;
using ::keyfold::testing::Money;
using ::keyfold::testing::Problem;

// Payloads with one Money: the fields before it, its name, whether it may be absent.
struct MoneyCase {
  std::string payload, fields, field;
  bool optional;
};

TEST(ValidationValuesTest, MoneyOfPayloads) {
  const std::vector<MoneyCase> cases = {
      {"potential_assessed", R"("strategic_importance": 1)", "annual_potential", false},
      {"plan_approved", R"("plan_id": "P", "start_date": "2025-01-01", "end_date": "2025-12-31")", "baseline_revenue",
       false},
      {"cost_booked", R"("cost_id": "C", "kind": "SALES")", "amount", false},
      {"contract_signed", R"("contract_id": "K", "start_date": "2025-01-01")", "annual_value", false},
      {"contract_amended", R"("contract_id": "K", "effective_date": "2025-01-01")", "annual_value", true},
      {"contract_renewed", R"("contract_id": "K", "end_date": "2025-01-01")", "annual_value", true},
      {"quote_issued", R"("quote_id": "Q", "valid_until": "2025-01-01")", "amount", false},
      {"quote_revised", R"("quote_id": "Q")", "amount", true},
      {"opportunity_created", R"("opportunity_id": "O", "sale_type": "BASE", "probability": 1)", "amount", false},
      {"opportunity_updated", R"("opportunity_id": "O")", "amount", true},
      {"opportunity_won", R"("opportunity_id": "O")", "amount", true},
      {"forecast_submitted", R"("period": "2025-01")", "revenue", false},
  };
  for (const MoneyCase& c : cases) {
    const auto with = [&](const std::string& code, const std::string& minor) {
      return Problem(EventJson(c.payload, c.fields + ", \"" + c.field + "\": " + Money(code, minor)));
    };
    EXPECT_EQ(Problem(EventJson(c.payload, c.fields)), c.optional ? "" : c.field + ": missing") << c.payload;
    EXPECT_EQ(with("JPY", "0"), "");
    EXPECT_EQ(with("EUR", "1000000000000000"), "");
    EXPECT_EQ(with("EUR", "-1000000000000000"), "");
    EXPECT_EQ(with("EUR", "1000000000000001"), c.field + ".minor: 1000000000000001 is beyond 10^15");
    EXPECT_EQ(with("EUR", "-1000000000000001"), c.field + ".minor: -1000000000000001 is beyond 10^15");
    EXPECT_EQ(with("EUR", "\"-9223372036854775808\""), c.field + ".minor: -9223372036854775808 is beyond 10^15");
    const std::string no_minor = c.field + ".minor: " + kNoMinor;
    EXPECT_EQ(with("EUR", "null"), no_minor);
    EXPECT_EQ(Problem(EventJson(c.payload, c.fields + ", \"" + c.field + R"(": {"currency_code": "EUR"})")), no_minor);
    for (const std::string code : {"", "eur", "EU", "EURO", "QQQ", "DEM", "E R", "\u00fcX"}) {
      EXPECT_TRUE(with(code, "1").starts_with(c.field + ".currency_code: unknown currency '")) << code;
    }
  }
}

TEST(ValidationValuesTest, Lines) {
  const auto line = [](const std::string& net, const std::string& cost) {
    return R"({"sale_type": "BASE")" + (net.empty() ? "" : R"(, "net": )" + net) +
           (cost.empty() ? "" : R"(, "cost": )" + cost) + "}";
  };
  const std::string good = line(kMoney, "");
  for (const auto& [payload, key] : std::vector<std::pair<std::string, std::string>>{
           {"order_placed", "order_id"},
           {"order_changed", "order_id"},
           {"invoice_issued", "invoice_id"},
           {"credit_note_issued", "credit_note_id"},
       }) {
    const auto with = [&](const std::string& lines) {
      return Problem(EventJson(payload, "\"" + key + R"(": "1", "lines": [)" + lines + "]"));
    };
    const bool negative_is_wrong = payload == "credit_note_issued";
    EXPECT_EQ(with(""), "");
    EXPECT_EQ(with(good + ", " + line(Money("USD", "1"), Money("EUR", "0"))), "");
    EXPECT_EQ(with(good + ", " + line("", kMoney)), "lines[1].net: missing");
    EXPECT_EQ(with(good + ", " + line(Money("eur", "1"), "")), "lines[1].net.currency_code: unknown currency 'eur'");
    EXPECT_EQ(with(line(kMoney, Money("", "1"))), "lines[0].cost.currency_code: unknown currency ''");
    EXPECT_EQ(with(line(kMoney, Money("EUR", "1000000000000001"))),
              "lines[0].cost.minor: 1000000000000001 is beyond 10^15");
    EXPECT_EQ(with(good + ", " + line(R"({"currency_code": "EUR"})", "")), "lines[1].net.minor: " + kNoMinor);
    EXPECT_EQ(with(line(kMoney, R"({"currency_code": "EUR"})")), "lines[0].cost.minor: " + kNoMinor);
    EXPECT_EQ(with(line(Money("EUR", "-1"), "")), negative_is_wrong ? "lines[0].net.minor: negative" : "");
    EXPECT_EQ(with(line(kMoney, Money("EUR", "-1"))), negative_is_wrong ? "lines[0].cost.minor: negative" : "");
    EXPECT_EQ(with(R"({"net": )" + std::string(kMoney) + "}"),
              "lines[0].sale_type: missing or unknown, it is one of BASE, CROSS_SELL, UP_SELL, BUNDLE, RENEWAL");
    EXPECT_EQ(
        with(R"({"sale_type": 6, "net": )" + std::string(kMoney) + "}"),
        "lines[0].sale_type: unknown enum value 6, it is one of BASE, CROSS_SELL, UP_SELL, BUNDLE, RENEWAL (1-5)");
  }
}

TEST(ValidationValuesTest, Dates) {
  const std::string plan = R"("plan_id": "P", "baseline_revenue": )" + std::string(kMoney);
  const std::string contract = R"("contract_id": "K", "annual_value": )" + std::string(kMoney);
  const auto range = [](const std::string& start, const std::string& end) {
    return R"(, "start_date": ")" + start + R"(", "end_date": ")" + end + "\"";
  };
  ExpectAll({
      {"plan_approved", plan + range("2025-01-01", "2025-01-02"), ""},
      {"plan_approved", plan + range("2025-01-01", "2025-01-01"), "end_date: not after start_date"},
      {"plan_approved", plan + range("", "2025-01-01"), "start_date: missing"},
      {"plan_approved", plan + range("2025-01-01", ""), "end_date: missing"},
      {"contract_signed", contract + range("2025-01-01", "2025-01-01"), ""},
      {"contract_signed", contract + range("2025-01-01", "2024-12-31"), "end_date: before start_date"},
      {"contract_signed", contract + range("2025-01-01", ""), ""},
      {"contract_signed", contract + range("", "2025-01-01"), "start_date: missing"},
      {"contract_signed", contract + range("1970-01-01", "2200-12-31"), ""},
      {"contract_signed", contract + range("1970-01-01", "2201-01-01"), "end_date: " + kNoDate + "'2201-01-01'"},
      {"contract_signed", contract + range("1969-12-31", ""), "start_date: " + kNoDate + "'1969-12-31'"},
      {"contract_signed", contract + range("2025-02-29", ""), "start_date: " + kNoDate + "'2025-02-29'"},
      {"contract_signed", contract + range("2024-02-29", ""), ""},
      {"contract_signed", contract + range("2024-2-9", ""), "start_date: " + kNoDate + "'2024-2-9'"},
      {"contract_signed", contract + range("2024-02-29T00:00:00Z", ""),
       "start_date: " + kNoDate + "'2024-02-29T00:00:00Z'"},
      {"contract_amended", contract, "effective_date: missing"},
      {"contract_amended", contract + R"(, "effective_date": "2025-01-01", "end_date": "x")",
       "end_date: " + kNoDate + "'x'"},
      {"contract_renewed", contract, "end_date: missing"},
      {"contract_renewed", contract + R"(, "start_date": "2025-01-01")", "end_date: missing"},
      {"contract_renewed", contract + range("2025-01-01", "2025-01-01"), ""},
      {"contract_renewed", contract + range("2025-01-02", "2025-01-01"), "end_date: before start_date"},
      {"contract_renewed", contract + range("2025-1-1", "2025-01-01"), "start_date: " + kNoDate + "'2025-1-1'"},
      {"contract_terminated", R"("contract_id": "K")", "effective_date: missing"},
      {"quote_issued", R"("quote_id": "Q", "amount": )" + std::string(kMoney), "valid_until: missing"},
      {"quote_revised", R"("quote_id": "Q", "valid_until": "2025-00-01")", "valid_until: " + kNoDate + "'2025-00-01'"},
      {"order_placed", R"("order_id": "O")", ""},
      {"order_placed", R"("order_id": "O", "promised_date": "soon")", "promised_date: " + kNoDate + "'soon'"},
      {"order_changed", R"("order_id": "O", "promised_date": "2025-04-31")",
       "promised_date: " + kNoDate + "'2025-04-31'"},
      {"opportunity_updated", R"("opportunity_id": "O", "expected_close": " 2025-04-3")",
       "expected_close: " + kNoDate + "' 2025-04-3'"},
  });
}

TEST(ValidationValuesTest, Months) {
  const std::string revenue = R"("revenue": )" + std::string(kMoney) + R"(, "period": )";
  const std::string no_month = "not a month (YYYY-MM) within 1970-2200: ";
  ExpectAll({
      {"forecast_submitted", revenue + R"("1970-01")", ""},
      {"forecast_submitted", revenue + R"("2200-12")", ""},
      {"forecast_submitted", revenue + R"("2201-01")", "period: " + no_month + "'2201-01'"},
      {"forecast_submitted", revenue + R"("2025-13")", "period: " + no_month + "'2025-13'"},
      {"forecast_submitted", revenue + R"("2025-01-01")", "period: " + no_month + "'2025-01-01'"},
      {"forecast_submitted", revenue + R"("")", "period: missing"},
      {"fx_rate_set", R"("currency_code": "USD", "rate": 1)", "month: missing"},
      {"fx_rate_set", R"("currency_code": "USD", "rate": 1, "month": "2025-1")", "month: " + no_month + "'2025-1'"},
  });
}

TEST(ValidationValuesTest, Numbers) {
  const std::string opportunity = R"("opportunity_id": "O")";
  const std::string created = opportunity + R"(, "sale_type": "BASE", "amount": )" + std::string(kMoney);
  const std::string potential = R"("annual_potential": )" + std::string(kMoney);
  const std::string nps = R"("response_id": "R", "kind": "NPS")";
  const std::string csat = R"("response_id": "R", "kind": "CSAT")";
  ExpectAll({
      {"opportunity_created", created, "probability: missing"},
      {"opportunity_created", created + R"(, "probability": 0)", ""},
      {"opportunity_created", created + R"(, "probability": 100)", ""},
      {"opportunity_created", created + R"(, "probability": 101)", "probability: 101 is not within 0-100"},
      {"opportunity_created", created + R"(, "probability": -1)", "probability: -1 is not within 0-100"},
      {"opportunity_updated", opportunity, ""},
      {"opportunity_updated", opportunity + R"(, "probability": 101)", "probability: 101 is not within 0-100"},
      {"potential_assessed", potential + R"(, "strategic_importance": 100)", ""},
      {"potential_assessed", potential + R"(, "strategic_importance": 101)",
       "strategic_importance: 101 is not within 0-100"},
      {"potential_assessed", potential + R"(, "strategic_importance": -1)",
       "strategic_importance: -1 is not within 0-100"},
      {"survey_answered", nps, "score: missing"},
      {"survey_answered", nps + R"(, "score": -1)", "score: -1 is not within 0-10"},
      {"survey_answered", nps + R"(, "score": 0)", ""},
      {"survey_answered", nps + R"(, "score": 10)", ""},
      {"survey_answered", nps + R"(, "score": 11)", "score: 11 is not within 0-10"},
      {"survey_answered", csat, "score: missing"},
      {"survey_answered", csat + R"(, "score": 0)", "score: 0 is not within 1-5"},
      {"survey_answered", csat + R"(, "score": 1)", ""},
      {"survey_answered", csat + R"(, "score": 5)", ""},
      {"survey_answered", csat + R"(, "score": 6)", "score: 6 is not within 1-5"},
      {"meeting_held", R"("meeting_id": "M", "kind": 1, "duration_minutes": -5)", ""},  // no rule
  });
}

TEST(ValidationValuesTest, RatiosAndRates) {
  const std::string plan = R"("plan_id": "P", "start_date": "2025-01-01", "end_date": "2025-12-31", )"
                           R"("baseline_revenue": )" +
                           std::string(kMoney);
  const std::string usd = R"("month": "2025-01", "currency_code": "USD")";
  std::vector<Case> cases;
  for (const std::string field : {"target_growth", "min_margin"}) {
    for (const std::string good : {"0", "1000000", "-1000000", "-0.05"}) {
      cases.push_back({"plan_approved", plan + ", \"" + field + "\": " + good, ""});
    }
    for (const std::string bad : {"1000000.0000001", "-1000001", "\"NaN\"", "\"Infinity\"", "\"-Infinity\""}) {
      cases.push_back(
          {"plan_approved", plan + ", \"" + field + "\": " + bad, field + ": not within -1,000,000 ... 1,000,000"});
    }
  }
  for (const std::string good : {"1e-9", "1e9", "0.92"}) {
    cases.push_back({"fx_rate_set", usd + R"(, "rate": )" + good, ""});
  }
  for (const std::string bad : {"9.99e-10", "1000000000.1", "-1", "\"NaN\"", "\"Infinity\""}) {
    cases.push_back({"fx_rate_set", usd + R"(, "rate": )" + bad, "rate: not within 10^-9 ... 10^9"});
  }
  cases.push_back({"fx_rate_set", usd, "rate: missing"});
  const std::string rate = R"("month": "2025-01", "rate": 1, "currency_code": )";
  cases.push_back({"fx_rate_set", rate + R"("")", "currency_code: unknown currency ''"});
  cases.push_back({"fx_rate_set", rate + R"("usd")", "currency_code: unknown currency 'usd'"});
  cases.push_back({"fx_rate_set", rate + R"("EUR")", "currency_code: is the reporting currency, which needs no rate"});
  ExpectAll(cases);
}

TEST(ValidationValuesTest, RetractedNeedsOnlyItsKey) {
  const std::string retracted = R"("retracted": true, "revision": 1)";
  const auto problem = [&](const std::string& payload, const std::string& fields) {
    return Problem(EventJson(payload, fields, retracted));
  };
  EXPECT_EQ(problem("order_placed", R"("order_id": "O")"), "");
  EXPECT_EQ(problem("order_placed", R"("order_id": "O", "lines": [{}], "promised_date": "soon")"), "");
  EXPECT_EQ(problem("meeting_held", R"("meeting_id": "M", "stakeholder_ids": ["", ")" + Bytes(129) + "\"]"), "");
  EXPECT_EQ(problem("cost_booked", R"("cost_id": "C", "kind": 99)"), "");
  EXPECT_EQ(problem("account_opened", R"("segment": ")" + Bytes(129) + "\""), "");
  EXPECT_EQ(problem("cost_booked", R"("cost_id": "C", "amount": {"currency_code": "EUR"})"), "");
  EXPECT_EQ(problem("contract_renewed", R"("contract_id": "K", "start_date": "soon")"), "");
  EXPECT_EQ(problem("opportunity_reopened", R"("opportunity_id": "O")"), "");
  EXPECT_EQ(problem("opportunity_reopened", ""), "opportunity_id: missing");
  EXPECT_EQ(problem("plan_approved", ""), "");
  EXPECT_EQ(problem("forecast_submitted", R"("period": "2025-01")"), "");
  EXPECT_EQ(problem("forecast_submitted", ""), "period: missing");
  EXPECT_EQ(problem("fx_rate_set", R"("currency_code": "USD", "month": "2025-01")"), "");
  EXPECT_EQ(problem("fx_rate_set", R"("currency_code": "USD")"), "month: missing");
  EXPECT_EQ(problem("fx_rate_set", R"("currency_code": "QQQ", "month": "2025-01")"),
            "currency_code: unknown currency 'QQQ'");
  EXPECT_EQ(problem("order_placed", ""), "order_id: missing");
  EXPECT_EQ(Problem(R"({"event_id": "e", "account_id": "a", "retracted": true, "account_churned": {}})"),
            "occurred_at: missing");
  EXPECT_EQ(Problem(R"({"event_id": "e", "account_id": "a", "occurred_at": "2025-01-01T00:00:00Z", )"
                    R"("retracted": true})"),
            "payload: none");
}

TEST(ValidationValuesTest, QuotesOfBadValuesAreShortAndPrintable) {
  const std::string contract = R"("contract_id": "K", "annual_value": )" + std::string(kMoney) + R"(, "start_date": )";
  ExpectAll({
      {"contract_signed", contract + "\"" + Bytes(65) + "\"", "start_date: " + kNoDate + "'" + Bytes(64) + "...'"},
      {"contract_signed", contract + R"("a\nb\u0007c")", "start_date: " + kNoDate + "'a b?c'"},
      {"contract_signed", contract + R"("\u00fc")", "start_date: " + kNoDate + "'" + std::string(2, '?') + "'"},
  });
}

}  // namespace
}  // namespace keyfold
