#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "base/calendar.h"
#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kDelivered[] =
    R"({"event_id":"e1","account_id":"A","occurred_at":"2025-01-01T00:00:00Z","order_delivered":{"order_id":"O"}})";
constexpr char kMistyped[] =
    R"({"event_id":"e2","account_id":"A","occurred_at":"2025-01-01T00:00:00Z","order_placed":{"order_id":"O","promise_date":"2025-02-01"}})";
constexpr char kLines[] =
    R"({"event_id":"e1","account_id":"A","occurred_at":"2025-01-01T00:00:00Z","order_delivered":{"order_id":"O"}})"
    "\n\n"
    R"({"event_id":"e2","account_id":"A","occurred_at":"2025-01-01T00:00:00Z","order_delivered":{"order_id":""}})"
    "\n"
    R"({"erase_account":"A"})"
    "\n"
    "{not JSON\n";

TEST(ValidateTest, PrintsRejectedLinesAndASummary) {
  const TestFile file(kLines);
  const VerbResult result = RunVerb({"validate", file.path()});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.errors, HasSubstr("line 3: invalid: order_id: missing\n"));
  EXPECT_THAT(result.errors, HasSubstr("\nline 5: undecodable: "));
  EXPECT_THAT(result.errors, EndsWith("1 valid events, 1 erasures, 2 rejected (1 invalid, 1 undecodable)\n"));
}

TEST(ValidateTest, PrintsTheFirstOfEachCodeAndCountsTheRest) {
  std::string lines;
  for (int i = 1; i <= 12; ++i) lines += "{}\n";
  const TestFile file(lines + "{broken\n");
  const std::string errors = RunVerb({"validate", file.path()}).errors;
  EXPECT_THAT(errors, StartsWith("line 1: invalid: payload: none\nline 2: invalid: payload: none\n"));
  EXPECT_THAT(errors, HasSubstr("\nline 10: invalid: payload: none\nline 13: undecodable: "));
  EXPECT_THAT(errors, HasSubstr("\nand 2 more: invalid (--dead-letters FILE takes all of them)\n"));
  EXPECT_THAT(RunVerb({"validate", file.path(), "--dead-letters", "-"}).out,
              HasSubstr(R"({"line":12,"code":"invalid")"));
}

TEST(ValidateTest, UnknownFieldsAreRefusedWithPathAndLikelyName) {
  const TestFile file(std::string(kDelivered) + "\n" + kMistyped);
  const VerbResult refused = RunVerb({"validate", "--strict", file.path()});
  EXPECT_EQ(refused.exit_status, kExitFailed);
  EXPECT_EQ(refused.errors,
            "line 2: invalid: order_placed.promise_date: there is no such field, did you mean promised_date?\n"
            "1 valid events, 0 erasures, 1 rejected (1 invalid)\n");
  const VerbResult allowed = RunVerb({"validate", "--strict", "--allow-unknown-fields", file.path()});
  EXPECT_EQ(allowed.exit_status, kExitOk);
  EXPECT_EQ(allowed.errors,
            "line 2: ignored: order_placed.promise_date: there is no such field, did you mean promised_date?\n"
            "2 valid events, 0 erasures, 0 rejected\n");
}

TEST(ValidateTest, FindsConflictsAsFoldDoes) {
  std::string other = kDelivered;
  other.replace(other.find("\"O\""), 3, "\"P\"");  // another entity: the same event_id is another fact
  std::string later = kDelivered;
  later.replace(later.find("2025"), 4, "2026");
  const TestFile file(std::string(kDelivered) + "\n" + kDelivered + "\n" + other + "\n" + later + "\n");
  const std::string errors = RunVerb({"validate", file.path()}).errors;
  EXPECT_THAT(errors, StartsWith("line 4: conflict: "));
  EXPECT_THAT(errors, EndsWith("3 valid events, 0 erasures, 1 rejected (1 conflict)\n"));
}

TEST(ValidateTest, StrictFails) {
  const TestFile wrong(kLines);
  const TestFile right(R"({"erase_account":"A"})");
  EXPECT_EQ(RunVerb({"validate", "--strict", wrong.path()}).exit_status, kExitFailed);
  EXPECT_EQ(RunVerb({"validate", "--strict", right.path()}).exit_status, kExitOk);
}

TEST(ValidateTest, DeadLettersAreThoseOfFold) {
  const TestFile file(kLines);
  const TestFile from_validate;
  const TestFile from_fold;
  EXPECT_EQ(RunVerb({"validate", file.path(), "--dead-letters", from_validate.path()}).out, "");
  RunVerb({"fold", file.path(), "--dead-letters", from_fold.path()});
  EXPECT_THAT(from_validate.Read(), HasSubstr("{not JSON"));
  EXPECT_EQ(from_validate.Read(), from_fold.Read());
}

TEST(ValidateTest, RateOfTheReportingCurrencyIsWrong) {
  const TestFile file(
      R"({"event_id":"e","occurred_at":"2025-01-01T00:00:00Z","fx_rate_set":{"currency_code":"USD","month":"2025-01","rate":1.5}})");
  EXPECT_EQ(RunVerb({"validate", "--strict", file.path()}).exit_status, kExitOk);
  EXPECT_EQ(RunVerb({"validate", "--strict", file.path(), "--reporting_currency", "USD"}).exit_status, kExitFailed);
}

TEST(ValidateTest, MissingFileAndUnknownCurrency) {
  EXPECT_EQ(RunVerb({"validate", "/nowhere/at/all"}).exit_status, kExitFailed);
  const TestFile file(kLines);
  EXPECT_EQ(RunVerb({"validate", file.path(), "--reporting_currency", "XXY"}).exit_status, kExitUsage);
}

TEST(SampleVerbTest, WritesWhatValidateAccepts) {
  const TestFile file;
  EXPECT_EQ(
      RunVerb({"sample", "--accounts", "20", "--events", "2000", "--erasures", "3", "--out", file.path()}).exit_status,
      kExitOk);
  EXPECT_EQ(RunVerb({"validate", "--strict", file.path()}).errors, "1997 valid events, 3 erasures, 0 rejected\n");
}

TEST(SampleVerbTest, EndsTodayAndCoversTwoYearsUnlessToldOtherwise) {
  const auto sample = [](std::vector<std::string> days) {
    days.insert(days.begin(), {"sample", "--accounts", "5", "--events", "300"});
    return RunVerb(days).out;
  };
  EXPECT_EQ(sample({"--to", "2025-12-31"}), sample({"--from", "2024-01-01", "--to", "2025-12-31"}));
  const std::string today = FormatDay(static_cast<Day>(absl::ToUnixSeconds(absl::Now()) / 86'400));
  const std::string until_today = sample({});
  if (today == FormatDay(static_cast<Day>(absl::ToUnixSeconds(absl::Now()) / 86'400))) {  // not just midnight
    EXPECT_EQ(until_today, sample({"--to", today}));
  }
}

TEST(SampleVerbTest, RefusesDatesThatAreNone) {
  EXPECT_EQ(RunVerb({"sample", "--from", "2024-13-01"}).exit_status, kExitUsage);
  EXPECT_EQ(RunVerb({"sample", "--zipf", "1", "--uniform"}).exit_status, kExitUsage);
}

}  // namespace
}  // namespace keyfold
