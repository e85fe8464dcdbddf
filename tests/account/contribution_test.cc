#include "account/contribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Currency kEuro = Currency::Parse("EUR").value();

std::vector<std::string> Summed(Contributions contributions) {
  std::vector<std::string> texts;
  for (const Contribution& contribution : std::move(contributions).Summed()) texts.push_back(Describe(contribution));
  return texts;
}

TEST(ContributionsTest, SumsEachCellAndSortsThem) {
  Contributions contributions;
  contributions.Add(Measure::kRevenue, kEuro, 1, 5);
  contributions.Add(Measure::kOrders, 0, 1);
  contributions.Add(Measure::kRevenue, kEuro, 0, 7);
  contributions.Add(Measure::kRevenue, kEuro, 1, 6);
  contributions.AddToHistogram(3, 0, 1);
  contributions.AddToHistogram(-2, 0, 1);
  contributions.AddToHistogram(3, 0, 1);
  EXPECT_THAT(Summed(contributions),
              ElementsAre("orders +1 @ 1970-01-01", "revenue EUR +7 @ 1970-01-01", "revenue EUR +11 @ 1970-01-02",
                          "resolution_hist[-2] +1 @ 1970-01-01", "resolution_hist[3] +2 @ 1970-01-01"));
}

TEST(ContributionsTest, WhatCancelsOutIsLeftOut) {
  Contributions contributions;
  contributions.Add(Measure::kRevenue, kEuro, 1, 5);
  contributions.Add(Measure::kRevenue, kEuro, 1, -5);
  contributions.Add(Measure::kOrders, 1, 0);
  EXPECT_THAT(Summed(contributions), IsEmpty());
}

TEST(ContributionsTest, IntervalsRunFromTo) {
  Contributions contributions;
  contributions.AddInterval(Measure::kCustomer, 0, 2, 1);
  contributions.AddInterval(Measure::kRisksOpen, 1, std::nullopt, 1);
  contributions.AddInterval(Measure::kKeyAccount, 3, 3, 1);
  contributions.AddInterval(Measure::kKeyAccount, 3, 2, 1);
  EXPECT_THAT(Summed(contributions),
              ElementsAre("customer +1 @ 1970-01-01", "customer -1 @ 1970-01-03", "risks_open +1 @ 1970-01-02"));
}

TEST(ContributionsTest, AmountsAddModulo64Bits) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  Contributions contributions;
  contributions.Add(Measure::kRevenue, kEuro, 0, kMax);
  contributions.Add(Measure::kRevenue, kEuro, 0, 1);
  contributions.AddInterval(Measure::kPipeline, kEuro, 0, 1, kMin);
  const std::vector<Contribution> summed = std::move(contributions).Summed();
  ASSERT_EQ(summed.size(), 3u);
  for (const Contribution& contribution : summed) EXPECT_EQ(contribution.amount, kMin);
}

TEST(ResolutionBinTest, FollowsItsFormula) {
  EXPECT_EQ(ResolutionBin(-5), 0);
  EXPECT_EQ(ResolutionBin(0), 0);
  EXPECT_EQ(ResolutionBin(1), 0);
  EXPECT_EQ(ResolutionBin(2), 35);
  EXPECT_EQ(ResolutionBin(3600), 410);
  EXPECT_EQ(ResolutionBin(86400), 569);
}

TEST(ResolutionBinTest, ABinIsWithinOnePercentOfWhatFallsIntoIt) {
  for (int64_t seconds = 1; seconds < 8'000'000'000; seconds += 1 + seconds / 7) {
    const double value = ResolutionBinSeconds(ResolutionBin(seconds));
    EXPECT_LE(std::abs(value - static_cast<double>(seconds)), 0.0100001 * static_cast<double>(seconds)) << seconds;
  }
}

}  // namespace
}  // namespace keyfold
