#include "rights/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "rights/digest.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);

class TokensTest : public ::testing::Test {
 protected:
  void SetUp() override { std::remove(file_.c_str()); }
  void TearDown() override { std::remove(file_.c_str()); }

  // Adds a token to the file; returns what its owner gets.
  std::string Add(TokenRecord record) {
    std::string token;
    const absl::Status status = EditTokens(file_, [&](std::vector<TokenRecord>& records) {
      token = MakeToken(record);
      records.push_back(record);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return token;
  }

  std::unique_ptr<Tokens> Open() {
    absl::StatusOr<std::unique_ptr<Tokens>> tokens = Tokens::Open(file_);
    EXPECT_TRUE(tokens.ok()) << tokens.status();
    return *std::move(tokens);
  }

  void Write(const std::string& text) { std::ofstream(file_, std::ios::trunc) << text; }

  std::string Content() {
    std::ostringstream content;
    content << std::ifstream(file_).rdbuf();
    return content.str();
  }

  const std::string file_ = testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(TokensTest, ANameStandsForTheOnlyTokenInForceThatHasIt) {
  Add({.name = "anna", .groups = {"manager:M7"}});
  Add({.name = "anna", .revoked = kNow});
  Add({.name = "berta"});
  Add({.name = "berta"});
  const std::unique_ptr<Tokens> tokens = Open();
  ASSERT_TRUE(tokens->FindByName("anna", kNow).has_value());
  EXPECT_EQ(tokens->FindByName("anna", kNow)->groups, std::set<std::string>({"manager:M7"}));
  EXPECT_FALSE(tokens->FindByName("berta", kNow).has_value());
  EXPECT_FALSE(tokens->FindByName("", kNow).has_value());
}

TEST_F(TokensTest, ATokenIsIssuedForItsDaysAndRevokedOnce) {
  TokenRecord record{.name = "Nord", .roles = {Role::kReader}, .groups = {"*"}};
  const absl::StatusOr<std::string> token = IssueToken(file_, /*days=*/2, kNow, record);
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_TRUE(Open()->Find(*token, kNow + absl::Hours(47)).has_value());
  EXPECT_FALSE(Open()->Find(*token, kNow + absl::Hours(48)).has_value());
  EXPECT_TRUE(RevokeToken(file_, record.id, kNow + absl::Hours(1)).ok());
  EXPECT_TRUE(RevokeToken(file_, record.id, kNow + absl::Hours(2)).ok());
  EXPECT_EQ((*ReadTokens(file_))[0].revoked, kNow + absl::Hours(1));
  EXPECT_TRUE(absl::IsNotFound(RevokeToken(file_, "1234", kNow)));
  TokenRecord idle{.name = "idle"};
  EXPECT_TRUE(absl::IsInvalidArgument(IssueToken(file_, 0, kNow, idle).status()));
}

TEST_F(TokensTest, ATokenLetsItsOwnerIn) {
  const std::string token = Add({.name = "Nord", .roles = {Role::kReader}, .groups = {"manager:M7"}, .created = kNow});
  const std::optional<TokenRecord> found = Open()->Find(token, kNow);
  ASSERT_TRUE(found.has_value());
  const Principal who = PrincipalOf(*found);
  EXPECT_EQ(who.name, "Nord");
  EXPECT_TRUE(who.Is(Role::kReader));
  EXPECT_FALSE(who.Is(Role::kProducer));
  EXPECT_TRUE(who.Sees("manager:M7"));
  EXPECT_FALSE(who.Sees("manager:M8"));
}

TEST_F(TokensTest, WhatIsNotTheTokenDoesNot) {
  const std::string token = Add({.name = "a", .created = kNow});
  const std::unique_ptr<Tokens> tokens = Open();
  std::string wrong_secret = token;
  wrong_secret.back() = token.back() == 'A' ? 'B' : 'A';
  std::string wrong_id = token;
  wrong_id[3] = token[3] == '0' ? '1' : '0';
  for (const std::string& wrong :
       {std::string(), std::string("kf_"), std::string("kf__"), token.substr(0, token.size() - 1), token + "A",
        wrong_secret, wrong_id, token.substr(3), std::string("x") + token, token.substr(0, 20) + "0000"}) {
    EXPECT_FALSE(tokens->Find(wrong, kNow).has_value()) << wrong;
  }
}

TEST_F(TokensTest, ExpiredAndRevokedOnesDoNot) {
  const std::string expiring = Add({.created = kNow, .expires = kNow + absl::Seconds(1)});
  const std::string revoked = Add({.created = kNow, .revoked = kNow});
  const std::unique_ptr<Tokens> tokens = Open();
  EXPECT_TRUE(tokens->Find(expiring, kNow).has_value());
  EXPECT_FALSE(tokens->Find(expiring, kNow + absl::Seconds(1)).has_value());
  EXPECT_FALSE(tokens->Find(revoked, kNow).has_value());
}

TEST_F(TokensTest, NobodySeesWhatWasNotGivenToHim) {
  const auto sees_all = [](std::set<Role> roles, std::set<std::string> groups) {
    return PrincipalOf({.roles = std::move(roles), .groups = std::move(groups)}).sees_all;
  };
  EXPECT_FALSE(sees_all({Role::kReader}, {}));
  EXPECT_FALSE(sees_all({Role::kReader, Role::kProducer}, {"portfolio:all"}));
  EXPECT_TRUE(sees_all({Role::kReader}, {"*"}));
  EXPECT_TRUE(sees_all({Role::kAdmin}, {}));
}

TEST_F(TokensTest, TheFileHoldsNoTokenAndIsItsOwnersOnly) {
  const std::string token = Add({.name = "a", .created = kNow});
  EXPECT_THAT(Content(), Not(HasSubstr(token)));
  EXPECT_THAT(Content(), Not(HasSubstr(token.substr(token.rfind('_')))));
  EXPECT_THAT(Content(), HasSubstr(Sha256Hex(token)));
  struct stat status {};
  ASSERT_EQ(stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(TokensTest, WhatIsWrittenIsRead) {
  TokenRecord record = {.id = "i1",
                        .name = "Dash \"Süd\"",
                        .sha256 = std::string(64, 'a'),
                        .roles = {Role::kReader, Role::kAdmin},
                        .groups = {"manager:M7", "*"},
                        .created = kNow,
                        .expires = kNow + absl::Hours(1),
                        .revoked = kNow + absl::Hours(2),
                        .requests_per_second = 20,
                        .streams = 3};
  const auto read = ParseTokens(FormatTokens({record}));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_THAT(*read, SizeIs(1));
  EXPECT_EQ(FormatTokens(*read), FormatTokens({record}));
  EXPECT_EQ((*read)[0].expires, record.expires);
  EXPECT_EQ((*read)[0].streams, 3);
  EXPECT_EQ(PrincipalOf((*read)[0]), PrincipalOf(record));
}

TEST_F(TokensTest, WhatIsWrongIsNamed) {
  const auto complaint = [](const std::string& token) {
    return std::string(ParseTokens("{\"tokens\": [" + token + "]}").status().message());
  };
  const std::string hash = "\"sha256\": \"" + std::string(64, 'a') + "\"";
  EXPECT_EQ(complaint("{" + hash + "}"), "tokens[0]: id: a text is expected");
  EXPECT_EQ(complaint("{\"id\": \"a\", \"sha256\": \"12\"}"), "tokens[0]: sha256: 64 hexadecimal digits is expected");
  EXPECT_EQ(complaint("{\"id\": \"a\", " + hash + ", \"roles\": [\"root\"]}"),
            "tokens[0]: roles: of reader, producer, metrics and admin is expected");
  EXPECT_EQ(complaint("{\"id\": \"a\", " + hash + ", \"groups\": \"*\"}"), "tokens[0]: groups: a list is expected");
  EXPECT_EQ(complaint("{\"id\": \"a\", " + hash + ", \"expires\": \"soon\"}"),
            "tokens[0]: expires: a time such as 2026-06-01T10:00:00Z is expected");
  EXPECT_EQ(complaint("{\"id\": \"a\", " + hash + ", \"limits\": {\"streams\": -1}}"),
            "tokens[0]: streams: a number up to 1000000 is expected");
  EXPECT_EQ(complaint("{\"id\": \"a\", " + hash + "}, {\"id\": \"a\", " + hash + "}"),
            "tokens[1]: its id is another one's, too");
  for (const char* text : {"", "[]", "{}", "{\"tokens\": 3}", "{\"tokens\": [", "null"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTokens(text).status())) << text;
  }
}

TEST_F(TokensTest, AFileThatChangesIsReadAgain) {
  const std::string first = Add({.created = kNow});
  const std::unique_ptr<Tokens> tokens = Open();
  const std::string second = Add({.created = kNow});
  EXPECT_FALSE(tokens->Find(second, kNow).has_value());
  tokens->Refresh();
  EXPECT_TRUE(tokens->Find(first, kNow).has_value());
  EXPECT_TRUE(tokens->Find(second, kNow).has_value());
}

TEST_F(TokensTest, ABrokenFileLeavesTheTokensBefore) {
  const std::string token = Add({.created = kNow});
  const std::unique_ptr<Tokens> tokens = Open();
  Write("{\"tokens\": [");
  tokens->Refresh();
  EXPECT_TRUE(tokens->Find(token, kNow).has_value());
  std::remove(file_.c_str());
  tokens->Refresh();
  EXPECT_TRUE(tokens->Find(token, kNow).has_value());
  Write("{\"tokens\": []}");
  tokens->Refresh();
  EXPECT_FALSE(tokens->Find(token, kNow).has_value());
}

TEST_F(TokensTest, AServerDoesNotStartWithABrokenFile) {
  EXPECT_TRUE(absl::IsNotFound(Tokens::Open(file_).status()));
  Write("{}");
  const absl::Status status = Tokens::Open(file_).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(file_));
}

TEST_F(TokensTest, RightsHoldAsLongAsTheyAreTheSame) {
  const std::string token = Add({.roles = {Role::kReader}, .groups = {"manager:M7"}, .created = kNow});
  const std::unique_ptr<Tokens> tokens = Open();
  const Principal who = PrincipalOf(*tokens->Find(token, kNow));
  EXPECT_TRUE(tokens->StillHolds(who, kNow));
  ASSERT_TRUE(EditTokens(file_, [](std::vector<TokenRecord>& records) {
                records[0].groups = {"manager:M8"};
                return absl::OkStatus();
              }).ok());
  EXPECT_TRUE(tokens->StillHolds(who, kNow));
  tokens->Refresh();
  EXPECT_FALSE(tokens->StillHolds(who, kNow));
}

TEST_F(TokensTest, WhoEditsAtTheSameTimeLosesNothing) {
  constexpr int kEditors = 8;
  std::vector<std::thread> editors;
  for (int i = 0; i < kEditors; ++i) {
    editors.emplace_back([this] {
      for (int edit = 0; edit < 5; ++edit) Add({.created = kNow});
    });
  }
  for (std::thread& editor : editors) editor.join();
  EXPECT_THAT(*ParseTokens(Content()), SizeIs(kEditors * 5));
}

TEST_F(TokensTest, AnEditThatFailsChangesNothing) {
  Add({.created = kNow});
  const std::string before = Content();
  const absl::Status status = EditTokens(file_, [](std::vector<TokenRecord>& records) {
    records.clear();
    return absl::NotFoundError("none");
  });
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(Content(), before);
}

TEST(DigestTest, IsSha256) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(DigestTest, EqualBytesAreEqual) {
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualInConstantTime("abc", "ab"));
  EXPECT_NE(RandomBytes(32), RandomBytes(32));
}

}  // namespace
}  // namespace keyfold
