// What `fold` says on standard error, and what files it takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Event(const std::string& id, const std::string& time, const std::string& more = "") {
  return R"({"event_id":")" + id + R"(","account_id":"A","occurred_at":")" + time + R"(","cost_booked":{"cost_id":")" +
         id + R"(","kind":"SALES","amount":{"currency_code":"EUR","minor":100}})" + more + "}";
}

std::string Summary(int folded) {
  return "folded " + std::to_string(folded) + " events, 0 duplicates, 0 superseded, 0 erasures, 0 rejected\n";
}

TEST(FoldVerbTest, NamesRejectedLinesWithoutADeadLetterFile) {
  const TestFile file(Event("e", "yesterday"));
  const VerbResult result = RunVerb({"fold", file.path()});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_THAT(result.errors, StartsWith("line 1: undecodable: not JSON of an AccountEvent: occurred_at: 'yesterday' is "
                                        "not an RFC 3339 timestamp such as 2026-06-01T10:00:00Z\n"));
  EXPECT_THAT(result.errors, EndsWith(" 1 rejected (1 undecodable)\n"));
  EXPECT_EQ(RunVerb({"fold", "--strict", file.path()}).exit_status, kExitFailed);
}

TEST(FoldVerbTest, IgnoresUnknownFieldsButSaysSo) {
  const TestFile file(Event("e", "2025-01-01T00:00:00Z", R"(,"soucre":"x")"));
  const VerbResult result = RunVerb({"fold", "--strict", file.path()});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_EQ(result.errors, "line 1: ignored: soucre: there is no such field, did you mean source?\n" + Summary(1));
}

TEST(FoldVerbTest, NamesTheRecordThatSetTheDateWhereItIsFarAheadOfTheOthers) {
  const TestFile file(Event("e1", "2026-06-01T09:00:00Z") + "\n" + Event("fast", "2066-06-01T09:00:00Z") + "\n" +
                      Event("e2", "2026-06-03T09:00:00Z") + "\n" + Event("e3", "2026-06-02T09:00:00Z") + "\n");
  const VerbResult result = RunVerb({"fold", file.path()});
  EXPECT_THAT(result.out, HasSubstr(R"("as_of":"2066-06-01")"));
  EXPECT_EQ(result.errors,
            "the date is that of line 2, event_id fast, of 2066-06-01T09:00:00+00:00, which is 14609 days after the "
            "median of the others; --as-of chooses another date\n" +
                Summary(4));
  EXPECT_EQ(RunVerb({"fold", file.path(), "--as-of", "2026-06-30"}).errors, Summary(4));
}

TEST(FoldVerbTest, ARecordAloneIsAheadOfNothing) {
  const TestFile one(Event("e", "2066-06-01T09:00:00Z"));
  EXPECT_EQ(RunVerb({"fold", one.path()}).errors, Summary(1));
  const TestFile none;
  EXPECT_EQ(RunVerb({"fold", none.path()}).errors, Summary(0));
}

// --- files -----------------------------------------------------------------------------------------------------------

TEST(FoldVerbTest, AByteOrderMarkAndCrlfAreTaken) {
  const TestFile marked("\xef\xbb\xbf" + Event("e1", "2025-01-01T00:00:00Z") + "\r\n\r\n" +
                        Event("e2", "2025-01-01T00:00:00Z") + "\r\n");
  const TestFile second("\xef\xbb\xbf" + Event("e3", "2025-01-01T00:00:00Z") + "\r\n");
  EXPECT_EQ(RunVerb({"fold", marked.path(), second.path()}).errors, Summary(3));
  const TestFile wrong("{\r\n");
  const TestFile dead_letters;
  RunVerb({"fold", wrong.path(), "--dead-letters", dead_letters.path()});
  EXPECT_THAT(dead_letters.Read(), HasSubstr(R"("record":"{"})"));
}

TEST(FoldVerbTest, AByteOrderMarkWithinAFileIsNone) {
  const TestFile file(Event("e1", "2025-01-01T00:00:00Z") + "\n\xef\xbb\xbf" + Event("e2", "2025-01-01T00:00:00Z"));
  EXPECT_THAT(RunVerb({"fold", file.path()}).errors,
              StartsWith("line 2: undecodable: not JSON, it begins as UTF-8 with a byte order mark (EF BB BF)\n"));
}

TEST(FoldVerbTest, FilesThatAreNoTextAreRefusedAsAWhole) {
  const std::string zero(1, '\0');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\xff\xfe{" + zero, "UTF-16 (byte order mark FF FE): iconv -f UTF-16 -t UTF-8 makes one"},
      {"\xfe\xff" + zero + "{", "UTF-16 (byte order mark FE FF): iconv"},
      {"{" + zero + "\"" + zero, "UTF-16 without a byte order mark: iconv"},
      {"\x1f\x8b\x08", "gzip: gzip -dc makes one"},
      {"\x28\xb5\x2f\xfd", "zstd: zstd -dc makes one"},
  };
  const TestFile good(Event("e", "2025-01-01T00:00:00Z"));
  for (const auto& [content, message] : cases) {
    const TestFile file(content);
    const VerbResult result = RunVerb({"fold", good.path(), file.path()});
    EXPECT_EQ(result.exit_status, kExitFailed);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.errors, StartsWith("keyfold: " + file.path() + " is no text in UTF-8, it begins as "));
    EXPECT_THAT(result.errors, HasSubstr(message));
  }
}

TEST(FoldVerbTest, FilesThatCannotBeReadAreNamedBeforeAnythingIsDone) {
  const TestFile letters("kept");
  const TestFile wrong("{broken\n");
  const VerbResult missing = RunVerb({"fold", wrong.path(), "/nowhere/at/all", "--dead-letters", letters.path()});
  EXPECT_EQ(letters.Read(), "kept");
  EXPECT_EQ(missing.exit_status, kExitFailed);
  EXPECT_EQ(missing.errors, "keyfold: cannot read /nowhere/at/all: No such file or directory\n");
  const std::string directory = std::filesystem::temp_directory_path().string();
  const VerbResult folder = RunVerb({"validate", wrong.path(), directory});
  EXPECT_EQ(folder.exit_status, kExitFailed);
  EXPECT_EQ(folder.errors, "keyfold: cannot read " + directory + ": it is a directory\n");
  const VerbResult unwritable = RunVerb({"fold", wrong.path(), "--dead-letters", "/nowhere/at/all"});
  EXPECT_EQ(unwritable.exit_status, kExitFailed);
  EXPECT_EQ(unwritable.errors, "keyfold: cannot write /nowhere/at/all: No such file or directory\n");
}

TEST(FoldVerbTest, DeadLettersDoNotOverwriteWhatIsRead) {
  const TestFile file("{broken\n");
  const VerbResult result = RunVerb({"fold", file.path(), "--dead-letters", file.path()});
  EXPECT_EQ(result.exit_status, kExitUsage);
  EXPECT_EQ(result.errors, "keyfold: --dead-letters: " + file.path() + " is a file that is read\n");
  EXPECT_EQ(file.Read(), "{broken\n");
}

TEST(FoldVerbTest, OtherTextIsRejectedLineByLine) {
  const TestFile csv("account_id,amount\nA,5\n");
  const VerbResult result = RunVerb({"fold", csv.path()});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_THAT(result.errors, HasSubstr("line 1: undecodable: not JSON of an AccountEvent: it begins with '{'"));
  EXPECT_THAT(result.errors, HasSubstr("2 rejected (2 undecodable)"));
  EXPECT_THAT(result.errors, Not(HasSubstr("and ")));
}

}  // namespace
}  // namespace keyfold
