// What a rejection says: what is wrong, and what would be right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "event/decoder.h"
#include "event/example_events.h"

namespace keyfold {
namespace {

using ::keyfold::testing::DecodeBytes;
using ::keyfold::testing::EventJson;
using ::keyfold::testing::EventMessage;
using ::keyfold::testing::LineVerdict;
using ::keyfold::testing::Verdict;
using ::testing::StartsWith;

std::string AccountChurned() { return EventJson("account_churned", ""); }

TEST(DecoderMessagesTest, SaysWhatWouldBeRight) {
  const std::string time = R"({"event_id": "e", "account_id": "a", "account_churned": {}, "occurred_at": )";
  const std::string known = "LOW, MEDIUM, HIGH, CRITICAL";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {EventJson("account_churnd", ""),
       "invalid payload: none (account_churnd: there is no such field, did you mean account_churned?)"},
      {EventJson("order_delivered", R"("oder_id": "O")"),
       "invalid order_id: missing (order_delivered.oder_id: there is no such field, did you mean order_id?)"},
      {EventJson("cost_booked", R"("cost_id": "C", "kind": "SALES", "amount": {"currency": "EUR", "minor": 1})"),
       "invalid amount.currency_code: unknown currency '' (cost_booked.amount.currency: there is no such field, there "
       "are currency_code, minor)"},
      {EventJson("cost_booked",
                 R"("cost_id": "C", "kind": "SALES", "amount": {"currency_code": "EUR", "amount": 1234})"),
       "invalid amount.minor: missing, in the minor unit: 1234 for EUR 12.34 (cost_booked.amount.amount: there is no "
       "such "
       "field, there are currency_code, minor)"},
      {EventJson("risk_flagged", R"("risk_id": "R", "severity": "HIHG", "other": 1)", R"("other": 1)"),
       "invalid severity: missing or unknown, it is one of " + known + " (risk_flagged.severity: 'HIHG' is none of " +
           known + ", did you mean HIGH?; risk_flagged.other: there is no such field, there are risk_id, severity"},
      {time + "\"2025-01-01 00:00:00\"}",
       "undecodable not JSON of an AccountEvent: occurred_at: '2025-01-01 00:00:00' is not an RFC 3339 timestamp such "
       "as "
       "2026-06-01T10:00:00Z"},
      {time + "1767225600}", "undecodable not JSON of an AccountEvent: occurred_at: 1767225600 is not an RFC 3339 "},
      {EventJson("account_churned", R"("reason": 17)"),
       "undecodable not JSON of an AccountEvent: account_churned.reason: a number where a text is expected, in quotes: "
       "17"},
      {"[" + AccountChurned() + "]",
       "undecodable not JSON of an AccountEvent: a list where an event, which is an object, is expected"},
      {"A1;2025-01-01;EUR",
       "undecodable not JSON of an AccountEvent: it begins with '{', this with 'A1;2025-01-01;EUR'"},
      {"\xef\xbb\xbf" + AccountChurned(), "undecodable not JSON, it begins as UTF-8 with a byte order mark (EF BB BF)"},
      {"\xff\xfe{", "undecodable not JSON, it begins as UTF-16 (byte order mark FF FE)"},
      {"\x1f\x8b\x08", "undecodable not JSON, it begins as gzip"},
  };
  for (const auto& [json, verdict] : cases) EXPECT_THAT(LineVerdict(json), StartsWith(verdict));
  EXPECT_EQ(Verdict(DecodeBytes("A1", "\xef\xbb\xbf" + AccountChurned())),
            "undecodable not a Protobuf AccountEvent, it begins as UTF-8 with a byte order mark (EF BB BF)");
  const std::string of_a_newer_version = EventMessage(R"({"event_id": "e"})").SerializeAsString() + "\x9a\x06" + '\0';
  EXPECT_EQ(Verdict(DecodeBytes("A1", of_a_newer_version)), "invalid payload: none (field 99 is not known here)");
}

}  // namespace
}  // namespace keyfold
