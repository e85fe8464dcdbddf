#include "formula/formula.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "absl/status/status.h"

namespace keyfold {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// Knows sum(revenue, t12m) = slot 0, sum(orders, t12m) = slot 1, the definitions `margin` and `gone`, and `clv.rate`.
class Names final : public FormulaNames {
 public:
  absl::StatusOr<uint16_t> BaseSlot(std::string_view measure, std::string_view window) override {
    if (window != "t12m") return absl::NotFoundError("unknown window '" + std::string(window) + "'");
    if (measure == "revenue") return 0;
    if (measure == "orders") return 1;
    return absl::NotFoundError("unknown measure '" + std::string(measure) + "'");
  }
  absl::StatusOr<uint16_t> HistogramSlot(std::string_view, std::string_view) override { return 0; }
  absl::StatusOr<ForecastSlots> ForecastComponents() override { return ForecastSlots{2, 14, 26}; }
  absl::StatusOr<uint16_t> DefinitionIndex(std::string_view id) override {
    if (id == "margin") return 0;
    if (id == "gone") return 1;
    return absl::NotFoundError("unknown name '" + std::string(id) + "'");
  }
  absl::StatusOr<double> Parameter(std::string_view name) override {
    if (name == "clv.rate") return 0.9;
    return absl::NotFoundError("unknown parameter");
  }
};

class FormulaTest : public ::testing::Test {
 protected:
  FormulaTest() : base_(38), incomplete_(38), histograms_(1), values_{30, kUndefined} {
    base_[0] = 1000;
    base_[1] = 8;
  }

  double Evaluate(const std::string& text) {
    Names names;
    const absl::StatusOr<Formula> formula = Formula::Compile(text, names);
    EXPECT_TRUE(formula.ok()) << text << ": " << formula.status();
    if (!formula.ok()) return kUndefined;
    FormulaInputs inputs;
    inputs.base = base_;
    inputs.incomplete = incomplete_;
    inputs.histograms = histograms_;
    inputs.values = values_;
    inputs.day = 20'000;
    inputs.end_of_day = 1.75e9;
    inputs.money_unit = 100;
    return formula->Evaluate(inputs);
  }

  static std::string ErrorOf(const std::string& text) {
    Names names;
    return std::string(Formula::Compile(text, names).status().message());
  }

  std::vector<double> base_;
  std::vector<uint8_t> incomplete_;
  std::vector<Histogram> histograms_;
  std::vector<double> values_;
};

TEST_F(FormulaTest, Arithmetic) {
  EXPECT_EQ(Evaluate("1 + 2 * 3 - 4 / 2"), 5);
  EXPECT_EQ(Evaluate("(1 + 2) * -3"), -9);
  EXPECT_EQ(Evaluate("10 - 3 - 2"), 5);
  EXPECT_EQ(Evaluate("1e3 + .5"), 1000.5);
  EXPECT_EQ(Evaluate("sum(revenue, t12m) / sum(orders, t12m)"), 125);
  EXPECT_EQ(Evaluate("margin * clv.rate"), 27);
  EXPECT_EQ(Evaluate("D + money_unit"), 20'100);
  EXPECT_EQ(Evaluate("end_of_day"), 1.75e9);
}

TEST_F(FormulaTest, ComparisonsAndLogic) {
  EXPECT_EQ(Evaluate("1 < 2 and not 2 < 1"), 1);
  EXPECT_EQ(Evaluate("1 >= 2 or 3 = 3"), 1);
  EXPECT_EQ(Evaluate("1 != 1 or 2 <= 1 or 1 > 1"), 0);
  EXPECT_EQ(Evaluate("if(margin > 10, 1, 2)"), 1);
}

TEST_F(FormulaTest, Functions) {
  EXPECT_EQ(Evaluate("min(3, 1, 2) + max(3, 1, 2) * 10"), 31);
  EXPECT_EQ(Evaluate("clamp(5, 0, 1) + clamp(-5, 0, 1) + clamp(0.5, 0, 1)"), 1.5);
  EXPECT_EQ(Evaluate("abs(-2)"), 2);
  EXPECT_EQ(Evaluate("round(2.5) + round(-2.5) * 10"), -27);
  EXPECT_EQ(Evaluate("wmean(2, 50, 1, gone, 1, 80)"), 60);
  EXPECT_EQ(Evaluate("coalesce(gone, 7, 8)"), 7);
  EXPECT_EQ(Evaluate("defined(gone) + 2 * defined(margin)"), 2);
}

TEST_F(FormulaTest, UndefinedIsContagious) {
  for (const char* text : {"1 / 0", "0 / 0", "gone + 1", "min(gone, 1)", "max(1, gone)", "clamp(gone, 0, 1)",
                           "clamp(1, gone, 2)", "abs(gone)", "round(gone)", "-gone", "not gone", "gone and 1",
                           "coalesce(gone, 1 / 0)", "wmean(1, gone)", "1e300 * 1e300", "undefined"}) {
    EXPECT_TRUE(std::isnan(Evaluate(text))) << text;
  }
}

TEST_F(FormulaTest, UndefinedComparesFalseAndTakesTheElseBranch) {
  for (const char* text : {"gone < 1", "gone > 1", "gone = gone", "gone != 1", "1 >= gone"}) {
    EXPECT_EQ(Evaluate(text), 0) << text;
  }
  EXPECT_EQ(Evaluate("if(gone, 1, 2)"), 2);
  EXPECT_EQ(Evaluate("if(0, gone, 2)"), 2);
}

TEST_F(FormulaTest, QuantileTakesTheFirstBinThatReachesTheRank) {
  histograms_[0] = {{10, 1}, {20, 2}, {30, 1}};
  const auto bin = [](int n) { return 2 * std::pow(1.01 / 0.99, n) / (1.01 / 0.99 + 1); };
  EXPECT_DOUBLE_EQ(Evaluate("quantile(resolution_hist, t12m, 0)"), bin(10));
  EXPECT_DOUBLE_EQ(Evaluate("quantile(resolution_hist, t12m, 0.25)"), bin(10));
  EXPECT_DOUBLE_EQ(Evaluate("quantile(resolution_hist, t12m, 0.26)"), bin(20));
  EXPECT_DOUBLE_EQ(Evaluate("quantile(resolution_hist, t12m, 0.9)"), bin(30));
  histograms_[0].clear();
  EXPECT_TRUE(std::isnan(Evaluate("quantile(resolution_hist, t12m, 0.5)")));
}

TEST_F(FormulaTest, ForecastSumsSkipMonthsWithoutAForecastOrARate) {
  // Month 1: forecast 100, actual 80. Month 2: no forecast. Month 3: forecast without a rate. Month 4: nothing sold.
  base_[2] = 100, base_[14] = 1, base_[26] = 80;
  base_[27] = 55;
  base_[4] = 10, base_[16] = 1, incomplete_[4] = 1, base_[28] = 70;
  base_[5] = 40, base_[17] = 1;
  EXPECT_EQ(Evaluate("forecast_sum(error)"), 60);
  EXPECT_EQ(Evaluate("forecast_sum(actual)"), 80);
  EXPECT_EQ(Evaluate("forecast_sum(deviation)"), 60);
  EXPECT_EQ(Evaluate("forecast_sum(absolute_percentage_error)"), 250'000);
  EXPECT_EQ(Evaluate("forecast_sum(percentage_months)"), 1);
}

TEST_F(FormulaTest, CompleteTellsWhetherARateWasMissing) {
  EXPECT_EQ(Evaluate("complete(revenue, t12m)"), 1);
  incomplete_[0] = 1;
  EXPECT_EQ(Evaluate("complete(revenue, t12m)"), 0);
}

TEST_F(FormulaTest, ErrorsNameThePlaceAndTheReason) {
  EXPECT_EQ(ErrorOf("1 +"), "column 4: the formula ends too early");
  EXPECT_EQ(ErrorOf("1 2"), "column 3: unexpected '2'");
  EXPECT_EQ(ErrorOf("(1"), "column 3: expected ')'");
  EXPECT_EQ(ErrorOf("frob(1)"), "column 6: unknown function 'frob'");
  EXPECT_EQ(ErrorOf("margni"), "column 7: unknown name 'margni'");
  EXPECT_EQ(ErrorOf("sum(revnue, t12m)"), "column 17: unknown measure 'revnue'");
  EXPECT_EQ(ErrorOf("sum(revenue, last week)"), "column 23: unknown window 'last week'");
  EXPECT_EQ(ErrorOf("if(1, 2)"), "column 9: if does not take 2 arguments");
  EXPECT_EQ(ErrorOf("wmean(1, 2, 3)"), "column 15: wmean does not take 3 arguments");
  EXPECT_EQ(ErrorOf("quantile(resolution_hist, t12m, 2)"), "column 34: a quantile is between 0 and 1");
  EXPECT_EQ(ErrorOf("forecast_sum(weather)"), "column 21: forecast_sum knows no 'weather'");
}

TEST_F(FormulaTest, DepthIsBounded) {
  EXPECT_NE(ErrorOf(std::string(1000, '(') + "1" + std::string(1000, ')')), "");
  EXPECT_NE(ErrorOf(std::string(100'000, '-') + "1"), "");
  std::string wide = "1";
  for (int i = 0; i < 100; ++i) wide += " + 1";
  EXPECT_EQ(Evaluate(wide), 101);
}

}  // namespace
}  // namespace keyfold
