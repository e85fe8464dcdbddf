#include "lines/without_effect_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Event(const std::string& id, const std::string& day, const std::string& payload) {
  return R"({"event_id":")" + id + R"(","account_id":"A1","occurred_at":")" + day + R"(T10:00:00.5Z",)" + payload +
         "}\n";
}

TEST(WithoutEffectReportTest, FoldCountsAndListsThem) {
  const TestFile events(Event("1", "2026-01-01", R"("risk_flagged":{"risk_id":"R","severity":"LOW"})") +
                        Event("2", "2026-01-02", R"("risk_cleared":{"risk_id":"R"})") +
                        Event("4", "2026-01-04", R"("risk_cleared":{"risk_id":"R"})") +
                        Event("3", "2026-01-03", R"("risk_cleared":{"risk_id":"R"})") +
                        Event("5", "2026-01-05", R"("order_delivered":{"order_id":"O"})"));
  const TestFile listed;
  const VerbResult result = RunVerb({"fold", events.path(), "--without-effect", listed.path()});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_THAT(result.errors, HasSubstr("3 events are without effect:\n  1 order_delivered: never_founded\n"
                                       "  2 risk_cleared: already_cleared\n"));
  const std::string text = listed.Read();
  EXPECT_THAT(text, HasSubstr(R"({"account_id":"A1","entity_kind":"order","entity_id":"O","event_id":"5",)"
                              R"("type":"order_delivered","reason":"never_founded",)"
                              R"("occurred_at":"2026-01-05T10:00:00.500Z"})"));
  EXPECT_LT(text.find(R"("event_id":"3")"), text.find(R"("event_id":"4")"));
  EXPECT_THAT(RunVerb({"fold", events.path()}).errors, HasSubstr("3 events are without effect"));
}

TEST(WithoutEffectReportTest, NothingIsSaidWhereThereAreNone) {
  const TestFile events(Event("1", "2026-01-01", R"("account_opened":{})"));
  const TestFile listed("from before");
  EXPECT_THAT(RunVerb({"fold", events.path(), "--without-effect", listed.path()}).errors,
              Not(HasSubstr("without effect")));
  EXPECT_EQ(listed.Read(), "");
}

TEST(WithoutEffectReportTest, AFileThatCannotBeWrittenIsTold) {
  const VerbResult result = RunVerb({"fold", "/dev/null", "--without-effect", "/nowhere/at/all"});
  EXPECT_NE(result.exit_status, 0);
  EXPECT_THAT(result.errors, HasSubstr("cannot write /nowhere/at/all"));
}

TEST(WithoutEffectReportTest, AFileThatIsReadIsNotOverwritten) {
  const TestFile events(Event("1", "2026-01-01", R"("account_opened":{})"));
  const VerbResult result = RunVerb({"fold", events.path(), "--without-effect", events.path()});
  EXPECT_EQ(result.exit_status, kExitUsage);
  EXPECT_THAT(result.errors, HasSubstr("--without-effect: " + events.path() + " is a file that is read"));
  EXPECT_NE(events.Read(), "");
}

}  // namespace
}  // namespace keyfold
