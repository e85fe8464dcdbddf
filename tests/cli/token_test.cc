// keyfold token make, list and revoke.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "rights/tokens.h"
#include "support/run_verb.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TokenVerbTest : public ::testing::Test {
 protected:
  TokenVerbTest() { std::remove(file_.path().c_str()); }

  VerbResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "token");
    arguments.insert(arguments.end(), {"--gateway.tokens_file", file_.path()});
    return RunVerb(arguments);
  }

  const TestFile file_;
};

TEST_F(TokenVerbTest, WhatIsMadeIsPrintedOnceAndLetsIn) {
  const VerbResult made =
      Run({"make", "--name", "Nord", "--group", "manager:M7", "--group", "region:N", "--streams", "2", "--days", "1"});
  ASSERT_EQ(made.exit_status, kExitOk) << made.errors;
  ASSERT_TRUE(made.out.ends_with("\n"));
  const std::string token = made.out.substr(0, made.out.size() - 1);
  EXPECT_THAT(made.errors, Not(HasSubstr(token)));
  const absl::Time now = absl::Now();
  const std::unique_ptr<Tokens> tokens = std::move(*Tokens::Open(file_.path()));
  const std::optional<TokenRecord> record = tokens->Find(token, now);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->name, "Nord");
  EXPECT_EQ(record->roles, std::set<Role>{Role::kReader});
  EXPECT_EQ(record->groups, (std::set<std::string>{"manager:M7", "region:N"}));
  EXPECT_EQ(record->streams, 2);
  EXPECT_FALSE(tokens->Find(token, now + absl::Hours(25)).has_value());
}

TEST_F(TokenVerbTest, WhatIsRevokedIsListedAndLetsNobodyIn) {
  const std::string token = Run({"make", "--name", "Nord", "--role", "admin", "--days", "0"}).out;
  const std::string id = token.substr(3, 16);
  const VerbResult before = Run({"list"});
  EXPECT_THAT(before.out,
              AllOf(HasSubstr(id + "  in force"), HasSubstr("never"), HasSubstr("admin"), HasSubstr("Nord")));
  EXPECT_FALSE(absl::StrContains(before.out, token.substr(20, 20)));
  EXPECT_EQ(Run({"revoke", id}).exit_status, kExitOk);
  EXPECT_THAT(Run({"list"}).out, HasSubstr(id + "  revoked 2"));
  EXPECT_FALSE((*Tokens::Open(file_.path()))->Find(token.substr(0, token.size() - 1), absl::Now()).has_value());
}

TEST_F(TokenVerbTest, WrongUsageIsNamed) {
  EXPECT_THAT(Run({"make", "--name", "a"}).errors, HasSubstr("a reader without groups sees nothing"));
  const VerbResult role = Run({"make", "--name", "a", "--role", "root"});
  EXPECT_EQ(role.exit_status, kExitUsage);
  EXPECT_THAT(role.errors, HasSubstr("'root' is none of reader, producer, metrics, admin"));
  EXPECT_EQ(Run({"make"}).exit_status, kExitUsage);
  EXPECT_EQ(Run({"revoke", "none"}).exit_status, kExitFailed);
  EXPECT_THAT(RunVerb({"token", "list"}).errors, HasSubstr("gateway.tokens_file"));
}

}  // namespace
}  // namespace keyfold
