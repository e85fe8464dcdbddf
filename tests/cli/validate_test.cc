#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_verb.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kLines[] =
    R"({"event_id":"e1","account_id":"A","occurred_at":"2025-01-01T00:00:00Z","order_delivered":{"order_id":"O"}})"
    "\n\n"
    R"({"event_id":"e2","account_id":"A","occurred_at":"2025-01-01T00:00:00Z","order_delivered":{"order_id":""}})"
    "\n"
    R"({"erase_account":"A"})"
    "\n"
    "{not JSON\n";

TEST(ValidateTest, PrintsEachRejectedLine) {
  const TestFile file(kLines);
  const VerbResult result = RunVerb({"validate", file.path()});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_THAT(result.out, StartsWith("3: invalid: order_id: "));
  EXPECT_THAT(result.out, HasSubstr("\n5: undecodable: "));
  EXPECT_EQ(result.errors, "1 valid events, 1 erasures, 2 rejected (1 undecodable, 1 invalid)\n");
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

TEST(SampleVerbTest, RefusesDatesThatAreNone) {
  EXPECT_EQ(RunVerb({"sample", "--from", "2024-13-01"}).exit_status, kExitUsage);
  EXPECT_EQ(RunVerb({"sample", "--zipf", "1", "--uniform"}).exit_status, kExitUsage);
}

}  // namespace
}  // namespace keyfold
