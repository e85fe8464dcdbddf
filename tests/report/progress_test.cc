#include "report/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace keyfold {
namespace {

TEST(ProgressBarTest, ShowsShareCountRateAndTimeLeft) {
  const ProgressState state{.done = 1'234'567, .total = 2'469'134, .elapsed = absl::Seconds(20)};
  EXPECT_EQ(ProgressBar(state, "records"),
            "[###############...............]  50 %  1,234,567 records  61,728/s  ETA 0:20");
}

TEST(ProgressBarTest, WithoutATotalOnlyCountAndRate) {
  EXPECT_EQ(ProgressBar({.done = 999, .total = 0, .elapsed = absl::Seconds(1)}, "records"), "999 records  999/s");
}

TEST(ProgressBarTest, TimeLeftIsUnknownBeforeAnythingIsDone) {
  EXPECT_EQ(ProgressBar({.done = 0, .total = 10, .elapsed = absl::Seconds(1)}, "x"),
            "[..............................]   0 %  0 x  0/s  ETA ?");
}

TEST(ProgressBarTest, StaysWithinItsWidth) {
  const std::string full = ProgressBar({.done = 30, .total = 10, .elapsed = absl::Seconds(1)}, "x");
  EXPECT_EQ(full, "[##############################] 100 %  30 x  30/s  ETA 0:00");
}

TEST(ProgressLineTest, IsPlain) {
  EXPECT_EQ(ProgressLine({.done = 100, .total = 1'000'000, .elapsed = absl::Seconds(1)}, "records"),
            "100 of 1000000 records (0 %), 100/s, 2:46:39 left");
  EXPECT_EQ(ProgressLine({.done = 100, .total = 0, .elapsed = absl::Seconds(2)}, "records"), "100 records, 50/s");
}

TEST(ProgressTest, BarIsRedrawnInPlaceAndEnded) {
  std::ostringstream out;
  {
    Progress progress(out, "records", /*bar=*/true);
    progress.SetTotal(10);
    progress.Advance(10);
    progress.Show();
  }
  EXPECT_EQ(out.str().substr(0, 4), "\r\033[K");
  EXPECT_EQ(out.str().back(), '\n');
}

TEST(ProgressTest, QuickWorkSaysNothing) {
  std::ostringstream out;
  {
    Progress progress(out, "records", /*bar=*/false);
    for (int i = 0; i < 200; ++i) progress.Advance();
    EXPECT_EQ(progress.done(), 200);
  }
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace keyfold
