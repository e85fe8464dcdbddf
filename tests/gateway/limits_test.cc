#include "gateway/limits.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace keyfold {
namespace {

TEST(RequestRatesTest, TwoSecondsWorthMayComeAtOnce) {
  RequestRates rates;
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(rates.Take("a", 10, 1'000).has_value()) << i;
  EXPECT_EQ(rates.Take("a", 10, 1'000), 100);
  EXPECT_FALSE(rates.Take("b", 10, 1'000).has_value());  // another key has its own
  EXPECT_FALSE(rates.Take("a", 10, 1'100).has_value());
  EXPECT_EQ(rates.Take("a", 10, 1'100), 100);
}

TEST(RequestRatesTest, KeysThatAreSilentAreForgotten) {
  RequestRates rates;
  for (int i = 0; i < 100; ++i) rates.Take(std::to_string(i), 1, 1'000);
  EXPECT_EQ(rates.size(), 100U);
  rates.Take("last", 1, 60'000);
  EXPECT_EQ(rates.size(), 1U);
}

RC_GTEST_PROP(RequestRatesProperty, NoMoreThanTheRatePass, ()) {
  const int64_t rate = *rc::gen::inRange<int64_t>(1, 50);
  const auto steps = *rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 300));
  RequestRates rates;
  int64_t now_ms = 5'000;
  int64_t passed = 0;
  for (const int64_t step : steps) {
    now_ms += step;
    for (int i = 0; i < 5; ++i) {
      const std::optional<int64_t> wait_ms = rates.Take("a", rate, now_ms);
      if (!wait_ms.has_value()) ++passed;
      if (wait_ms.has_value()) RC_ASSERT(*wait_ms > 0);
    }
  }
  RC_ASSERT(passed * 1'000 <= (now_ms - 5'000 + 2'000) * rate + 1'000);
}

TEST(OpenCountsTest, CountsOfAKeyAndInAll) {
  OpenCounts counts;
  EXPECT_TRUE(counts.Take("a", 2, 3));
  EXPECT_TRUE(counts.Take("a", 2, 3));
  EXPECT_FALSE(counts.Take("a", 2, 3));
  EXPECT_TRUE(counts.Take("b", 2, 3));
  EXPECT_FALSE(counts.Take("c", 2, 3));
  EXPECT_EQ(counts.total(), 3);
  counts.Release("a");
  EXPECT_TRUE(counts.Take("c", 2, 3));
  EXPECT_FALSE(counts.Take("d", 0, 9));
}

}  // namespace
}  // namespace keyfold
