#include "gateway/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AuditLine Line(const std::string& path) {
  return {.time = absl::FromUnixMillis(1'780'000'000'123),
          .remote = "192.0.2.1",
          .method = "GET",
          .path = path,
          .status = 200};
}

std::string Content(const std::string& file) {
  std::ostringstream content;
  content << std::ifstream(file).rdbuf();
  return content.str();
}

class AuditLogTest : public ::testing::Test {
 protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    std::remove(file_.c_str());
    std::remove(moved_.c_str());
  }

  const std::string file_ = testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string moved_ = file_ + ".1";
};

TEST_F(AuditLogTest, ALineSaysWhoAskedForWhat) {
  AuditLine line = Line("/v1/accounts");
  line.token_id = "5b1e";
  line.query = {{"kpis", "nps"}, {"access_token", "kf_1_x"}, {"ApiKey", "secret"}};
  line.bytes = 12;
  line.ms = 3;
  EXPECT_EQ(FormatAuditLine(line),
            "{\"time\":\"2026-05-28T20:26:40.123Z\",\"token\":\"5b1e\",\"remote\":\"192.0.2.1\",\"method\":\"GET\","
            "\"path\":\"/v1/accounts\",\"query\":\"kpis=nps&access_token=***&ApiKey=***\",\"status\":200,\"bytes\":12,"
            "\"ms\":3}\n");
  line.stream = "closed";
  EXPECT_THAT(FormatAuditLine(line), HasSubstr(",\"stream\":\"closed\"}"));
}

TEST_F(AuditLogTest, LinesAreAppendedAndWrittenAtTheEnd) {
  (*AuditLog::Open(file_))->Append(Line("/1"));
  std::unique_ptr<AuditLog> log = std::move(*AuditLog::Open(file_));
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&log] {
      for (int line = 0; line < 250; ++line) log->Append(Line("/2"));
    });
  }
  for (std::thread& writer : writers) writer.join();
  log = nullptr;
  const std::string content = Content(file_);
  EXPECT_EQ(std::count(content.begin(), content.end(), '\n'), 1'001);
  EXPECT_THAT(content, HasSubstr("\"/1\""));
}

TEST_F(AuditLogTest, AFileThatWasMovedIsMadeAnew) {
  std::unique_ptr<AuditLog> log = std::move(*AuditLog::Open(file_));
  ASSERT_EQ(std::rename(file_.c_str(), moved_.c_str()), 0);
  log->Append(Line("/after"));
  log = nullptr;
  EXPECT_THAT(Content(file_), HasSubstr("\"/after\""));
  EXPECT_THAT(Content(moved_), Not(HasSubstr("\"/after\"")));
}

TEST_F(AuditLogTest, AFileThatCannotBeOpenedIsNamed) {
  const absl::Status status = AuditLog::Open("/nowhere/audit.log").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/audit.log"));
}

// Every write to it fails as on a full disk.
TEST_F(AuditLogTest, AFullDiskStopsNobody) {
  std::unique_ptr<AuditLog> log = std::move(*AuditLog::Open("/dev/full"));
  AuditLine line = Line("/" + std::string(10'000, 'a'));
  for (int i = 0; i < 1'000; ++i) log->Append(line);  // 10 MB: more than may wait
  log = nullptr;
}

}  // namespace
}  // namespace keyfold
