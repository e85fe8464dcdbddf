// A flag as a warning: what was planted is found.
#include "ask/backtest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "ask/projection_world.h"

namespace keyfold {
namespace {

using ::testing::DoubleNear;

constexpr BacktestOutcome kLost{Measure::kCustomer, -1};

class BacktestTest : public ::testing::Test {
 protected:
  void Open(const std::string& account_id) { world_.Add(Opened(account_id, "2025-01-10"), kToday); }
  void Answer(const std::string& account_id, const char* day, int nps) {
    Add(account_id, day, absl::StrCat("survey_answered { response_id: '", day, "' kind: NPS score: ", nps, " }"));
  }
  // Health is 40 from then on.
  void Annoy(const std::string& account_id, const char* day) {
    Answer(account_id, day, 0);
    Add(account_id, day, "survey_answered { response_id: 'C' kind: CSAT score: 1 }");
  }
  void Churn(const std::string& account_id, const char* day) { Add(account_id, day, "account_churned {}"); }
  void Add(const std::string& account_id, const char* day, const std::string& payload) {
    world_.Add(At(day, payload, {.account_id = account_id}), kToday);
  }

  Backtest Ask(const char* flag, const BacktestOutcome& outcome = kLost, int horizon_days = 90) {
    const ProjectionReader reader = world_.Open();
    absl::StatusOr<Backtest> backtest =
        AskBacktest(reader, *world_.catalog().FindDefinition(flag), outcome, horizon_days);
    EXPECT_TRUE(backtest.ok()) << backtest.status();
    return *std::move(backtest);
  }

  static constexpr char kToday[] = "2026-01-01";
  ProjectionWorld world_;
};

TEST_F(BacktestTest, EveryMonthEndCountsOnce) {
  Open("A1");  // unhappy from the end of June on, lost in October
  Annoy("A1", "2025-06-20");
  Churn("A1", "2025-10-10");
  const Backtest backtest = Ask("at_risk");
  // January to May: down and nothing comes; June: up, and ninety days later it is still there; July to September: up.
  EXPECT_EQ(backtest.counts, (BacktestCounts{3, 1, 5, 0}));
  EXPECT_EQ(backtest.accounts, 1);
  EXPECT_EQ(backtest.first, ParseDay("2025-01-31"));
  EXPECT_EQ(backtest.last, ParseDay("2025-09-30"));
  EXPECT_EQ(backtest.outcomes, 1);
  EXPECT_EQ(backtest.warned, 1);
  EXPECT_EQ(backtest.lead_days, *ParseDay("2025-10-10") - *ParseDay("2025-06-30"));
}

TEST_F(BacktestTest, WhatWasGreenUntilTheEndIsMissed) {
  Open("A1");
  Answer("A1", "2025-02-01", 10);
  Churn("A1", "2025-05-15");
  const Backtest backtest = Ask("at_risk");
  EXPECT_EQ(backtest.counts, (BacktestCounts{0, 0, 1, 3}));
  EXPECT_EQ(backtest.outcomes, 1);
  EXPECT_EQ(backtest.warned, 0);
  EXPECT_EQ(backtest.lead_days, std::nullopt);
  EXPECT_TRUE(std::isnan(backtest.counts.precision()));
  EXPECT_EQ(backtest.counts.recall(), 0);
}

// What comes after the last day is not known: it must not count as if nothing had come.
TEST_F(BacktestTest, MonthEndsWhoseHorizonIsNotOverDoNotCount) {
  Open("A1");
  EXPECT_EQ(Ask("at_risk").last, ParseDay("2025-09-30"));
  EXPECT_EQ(Ask("at_risk", kLost, 120).last, ParseDay("2025-08-31"));
  const Backtest nothing = Ask("at_risk", kLost, 400);
  EXPECT_EQ(nothing.first, std::nullopt);
  EXPECT_EQ(nothing.accounts, 0);
}

TEST_F(BacktestTest, AnOutcomeMayBeARiseOrBoth) {
  Open("A1");
  Churn("A1", "2025-04-10");
  Add("A1", "2025-06-10", "account_reactivated {}");
  EXPECT_EQ(Ask("at_risk").outcomes, 1);
  EXPECT_EQ(Ask("at_risk", {Measure::kCustomer, 1}).outcomes, 1);  // after a month end at which it was a customer
  EXPECT_EQ(Ask("at_risk", {Measure::kCustomer, 0}).outcomes, 2);
  EXPECT_EQ(ParseOutcome("-customer")->sign, -1);
  EXPECT_EQ(ParseOutcome("+customer")->sign, 1);
  EXPECT_EQ(ParseOutcome("churned_key")->sign, 0);
  EXPECT_EQ(ParseOutcome("-"), std::nullopt);
  EXPECT_EQ(ParseOutcome("customers"), std::nullopt);
}

// Forty accounts: ten get unhappy four months before they go, five go without a warning, five are unhappy and stay.
TEST_F(BacktestTest, FindsWhatWasPlanted) {
  for (int i = 0; i < 40; ++i) {
    const std::string id = absl::StrCat("A", i);
    Open(id);
    if (i < 10 || i >= 35) {
      Annoy(id, "2025-03-20");
    } else {
      Answer(id, "2025-01-15", 9);
    }
    if (i < 15) Churn(id, "2025-07-15");
  }
  const Backtest backtest = Ask("at_risk");
  EXPECT_EQ(backtest.accounts, 40);
  EXPECT_EQ(backtest.outcomes, 15);
  EXPECT_EQ(backtest.warned, 10);
  EXPECT_EQ(backtest.lead_days, *ParseDay("2025-07-15") - *ParseDay("2025-03-31"));
  // April to June precede the outcomes by less than the horizon.
  EXPECT_EQ(backtest.counts.true_positives, 3 * 10);
  EXPECT_EQ(backtest.counts.false_negatives, 3 * 5);
  EXPECT_EQ(backtest.counts.false_positives, 10 + 7 * 5);  // March, and those who stay
  EXPECT_THAT(backtest.counts.recall(), DoubleNear(2.0 / 3, 1e-9));
  // The flag is the comparison at its constant, as no severe risk is open; a higher threshold finds no less.
  ASSERT_TRUE(backtest.score.has_value());
  EXPECT_EQ(world_.catalog().definitions()[backtest.score->kpi].id, "health_score");
  EXPECT_EQ(backtest.score->constant, 50);
  bool constant_seen = false;
  double recall_before = 0;
  for (const BacktestThreshold& by : backtest.thresholds) {
    EXPECT_GE(by.counts.recall(), recall_before);
    recall_before = by.counts.recall();
    if (by.threshold != 50) continue;
    constant_seen = true;
    EXPECT_EQ(by.counts, backtest.counts);
  }
  EXPECT_TRUE(constant_seen);
}

TEST_F(BacktestTest, AComparisonIsFoundInTheFormula) {
  const auto found = [this](const char* flag) {
    const Catalog& catalog = world_.catalog();
    return FindScoreComparison(catalog, catalog.definitions()[*catalog.FindDefinition(flag)].formula);
  };
  EXPECT_EQ(found("revenue_falling")->op, Formula::Op::kLess);
  EXPECT_EQ(found("revenue_falling")->constant, -0.1);
  EXPECT_EQ(found("contract_due")->op, Formula::Op::kGreater);
  EXPECT_FALSE(found("nps_detractors").has_value());  // of a sum, which is no KPI
}

}  // namespace
}  // namespace keyfold
