// How good a flag is as a warning: over all accounts and month ends, how often it was up before an outcome, and how
// often in vain.
#ifndef KEYFOLD_ASK_BACKTEST_H_
#define KEYFOLD_ASK_BACKTEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "account/measure.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"
#include "formula/formula.h"

namespace keyfold {

// What the flag is to warn of: a day on which the account's contributions to a measure are not 0 altogether, or of one
// sign. A customer that is lost is {kCustomer, -1}.
struct BacktestOutcome {
  Measure measure;
  int sign = 0;  // -1: falls only, 1: rises only, 0: both
};

// "customer", "-customer", "+customer"; nullopt: there is no such measure.
std::optional<BacktestOutcome> ParseOutcome(std::string_view text);

// Month ends of accounts, by whether the flag was up and whether an outcome came within the horizon.
struct BacktestCounts {
  int64_t true_positives = 0;
  int64_t false_positives = 0;
  int64_t true_negatives = 0;
  int64_t false_negatives = 0;

  void Add(bool flagged, bool came);
  double precision() const;  // of those where it was up, how many were followed by an outcome; NaN: it never was
  double recall() const;     // of those that were followed by an outcome, where it was up; NaN: none was

  friend bool operator==(const BacktestCounts&, const BacktestCounts&) = default;
};

// A comparison of a KPI with a constant.
struct ScoreComparison {
  uint16_t kpi;
  Formula::Op op;  // kLess, kLessEqual, kGreater or kGreaterEqual
  double constant;

  bool Holds(double score, double threshold) const;
};

// The first one in a formula; nullopt: it has none.
std::optional<ScoreComparison> FindScoreComparison(const Catalog& catalog, const Formula& formula);

struct BacktestThreshold {
  double threshold = 0;  // as formulas see it
  BacktestCounts counts;
};

struct Backtest {
  int64_t accounts = 0;            // with a month end that counts
  std::optional<Day> first, last;  // of those
  BacktestCounts counts;
  int64_t outcomes = 0;                  // that came within the horizon after a month end that counts
  int64_t warned = 0;                    // of those, with the flag up at one of them
  std::optional<double> lead_days;       // median of those: from the month end since which it was up without a break
  std::optional<ScoreComparison> score;  // what the thresholds are of
  std::vector<BacktestThreshold> thresholds;  // ascending: the constant, and the deciles of the score
};

// Counts every month end from an account's first contribution on that lies a horizon before the latest day of the
// shards at least and at which the account is a customer. All is computed with what is known now. Memory: a score and a
// bit for each of these. `flag` is a definition; undefined is not up. REQUIRES: horizon_days > 0.
absl::StatusOr<Backtest> AskBacktest(const ProjectionReader& reader, uint16_t flag, const BacktestOutcome& outcome,
                                     int horizon_days);

}  // namespace keyfold

#endif  // KEYFOLD_ASK_BACKTEST_H_
