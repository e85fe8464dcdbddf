#include "sample/random_numbers.h"

#include <gtest/gtest.h>

#include <vector>

namespace keyfold {
namespace {

TEST(SampleRandomTest, IsSplitMix64) {
  SampleRandom random(1234567);  // the values are those of the reference implementation
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
}

TEST(SampleRandomTest, BelowReachesEveryValueAndNoOther) {
  SampleRandom random(1);
  std::vector<int> seen(7);
  for (int i = 0; i < 7'000; ++i) {
    const int64_t value = random.Below(7);
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 7);
    ++seen[static_cast<size_t>(value)];
  }
  for (int count : seen) EXPECT_NEAR(count, 1'000, 150);
}

TEST(SampleRandomTest, SkewedKeepsTheMean) {
  SampleRandom random(2);
  int64_t sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const int64_t value = random.Skewed(1'000'000);
    ASSERT_GE(value, 0);
    ASSERT_LE(value, 4'000'000);
    sum += value;
  }
  EXPECT_NEAR(static_cast<double>(sum) / 100'000, 1'000'000, 20'000);
}

TEST(ZipfTableTest, FrequenciesFallWithTheRank) {
  SampleRandom random(3);
  const ZipfTable table(100, 1.0);
  std::vector<int> seen(100);
  for (int i = 0; i < 100'000; ++i) ++seen[table.Pick(random, 100)];
  const double harmonic_100 = 5.18737751763962;
  EXPECT_NEAR(seen[0], 100'000 / harmonic_100, 600);
  EXPECT_NEAR(seen[1], 100'000 / harmonic_100 / 2, 500);
  EXPECT_NEAR(seen[9], 100'000 / harmonic_100 / 10, 250);
}

TEST(ZipfTableTest, ExponentZeroMakesAllAlike) {
  SampleRandom random(4);
  const ZipfTable table(10, 0);
  std::vector<int> seen(10);
  for (int i = 0; i < 100'000; ++i) ++seen[table.Pick(random, 10)];
  for (int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

TEST(ZipfTableTest, PicksOnlyBelowTheEnd) {
  SampleRandom random(5);
  const ZipfTable table(10, 0.5);
  for (int i = 0; i < 1'000; ++i) ASSERT_LT(table.Pick(random, 3), 3u);
  EXPECT_EQ(table.Pick(random, 1), 0u);
}

TEST(ZipfTableTest, ExtremeExponentLeavesEveryRankItsChance) {
  SampleRandom random(6);
  const ZipfTable table(1'000'000, 10);
  EXPECT_LT(table.Pick(random, 1'000'000), 1'000'000u);
}

}  // namespace
}  // namespace keyfold
