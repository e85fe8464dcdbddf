#include "cli/verbs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(VerbsTest, MistypedArgumentsNameWhatWasMeant) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"validte", "x.jsonl"}, "; validte, did you mean validate?\n"},
      {{"fold", "x.jsonl", "--as-off", "2026-01-01"}, "; --as-off, did you mean --as-of?\n"},
      {{"fold", "x.jsonl", "--dead-leters=y"}, "; --dead-leters=y, did you mean --dead-letters?\n"},
      {{"run", "--publish.garantee", "exactly_once"}, "; --publish.garantee, did you mean --publish.guarantee?\n"},
  };
  for (const auto& [arguments, message] : cases) {
    const VerbResult result = RunVerb(arguments);
    EXPECT_EQ(result.exit_status, kExitUsage);
    EXPECT_THAT(result.errors, StartsWith("keyfold: "));
    EXPECT_THAT(result.errors, HasSubstr(message));
  }
  EXPECT_THAT(RunVerb({"fold", "x.jsonl", "--colour"}).errors, Not(HasSubstr("did you mean")));
  EXPECT_EQ(RunVerb({"fold"}).exit_status, kExitUsage);
  EXPECT_EQ(RunVerb({}).exit_status, kExitUsage);
}

TEST(VerbsTest, HelpIsNoFailure) {
  const VerbResult result = RunVerb({"validate", "--help"});
  EXPECT_EQ(result.exit_status, kExitOk);
  EXPECT_THAT(result.out, HasSubstr("--allow-unknown-fields"));
  EXPECT_THAT(result.out, HasSubstr("Not checked:"));
}

}  // namespace
}  // namespace keyfold
