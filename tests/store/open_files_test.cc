#include "store/open_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(OpenFilesTest, ShardsShareWhatTheProcessMayOpen) {
  EXPECT_EQ(*TableFilesPerShard(1'000'000, 16), 256);
  EXPECT_EQ(*TableFilesPerShard(1024, 16), (1024 - 200) / 16 - 6);
  EXPECT_EQ(*TableFilesPerShard(200 + 26 * 400, 400), 20);
  EXPECT_EQ(*TableFilesPerShard(1024, 0), 256);
}

TEST(OpenFilesTest, TooFewAreRefusedWithWhatIsNeeded) {
  const absl::Status status = TableFilesPerShard(1024, 400).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("400 shards need 10600 open files"), HasSubstr("1024"), HasSubstr("LimitNOFILE=10600")));
  EXPECT_TRUE(TableFilesPerShard(10'600, 400).ok());
  EXPECT_FALSE(TableFilesPerShard(10'599, 400).ok());
  EXPECT_FALSE(TableFilesPerShard(64, 1).ok());
}

TEST(OpenFilesTest, TheSoftLimitIsLifted) {
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit lowered{before.rlim_max / 2, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lowered), 0);
  EXPECT_EQ(LiftOpenFilesLimit(), static_cast<int64_t>(before.rlim_max));
  rlimit after;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace keyfold
