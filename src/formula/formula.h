// The language of the KPI catalogue: arithmetic over components and other KPIs, compiled once into a short program for
// a stack machine. Doubles are evaluated in the written order. "Undefined" is NaN inside: division by zero and missing
// input make it, every operation hands it on, except coalesce, wmean, defined, and the condition of `if`.
//
//   expression := or
//   or         := and { "or" and }             and  := not { "and" not }        not := "not" not | comparison
//   comparison := sum [ ("<"|"<="|">"|">="|"="|"!=") sum ]      false when a side is undefined
//   sum        := product { ("+"|"-") product }                 product := unary { ("*"|"/") unary }
//   unary      := "-" unary | primary
//   primary    := number | name | function "(" arguments ")" | "(" expression ")"
#ifndef KEYFOLD_FORMULA_FORMULA_H_
#define KEYFOLD_FORMULA_FORMULA_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace keyfold {

// Counts by bin of resolution_hist, ascending by bin; no zero count.
using Histogram = std::vector<std::pair<int16_t, int64_t>>;

// Base components of the forecast and the months they cover (docs/kpis.md, "forecast_error"): consecutive slots, one
// per closed month.
struct ForecastSlots {
  uint16_t forecast = 0;
  uint16_t forecast_months = 0;
  uint16_t revenue = 0;
};
inline constexpr int kForecastMonths = 12;

// What a forecast function sums over the closed months that have a forecast.
enum class ForecastSum : uint8_t { kError, kActual, kDeviation, kAbsolutePercentageError, kPercentageMonths };

// What a formula reads. All spans are indexed by what FormulaNames handed out at compile time.
struct FormulaInputs {
  std::span<const double> base;           // base components; NaN: undefined
  std::span<const uint8_t> incomplete;    // base components that left an amount out for want of a rate
  std::span<const Histogram> histograms;  // histogram components
  std::span<const double> values;         // definitions (derived components and KPIs)
  double day = 0;                         // D, days since 1970-01-01
  double end_of_day = 0;                  // (D + 1 day, 00:00 in the zone), epoch seconds
  double money_unit = 1;                  // minor units in a major unit of the reporting currency
};

// Resolves the names in a formula while it is compiled. NotFound statuses become the formula's error.
class FormulaNames {
 public:
  virtual ~FormulaNames() = default;

  // The slot of sum(measure, window).
  virtual absl::StatusOr<uint16_t> BaseSlot(std::string_view measure, std::string_view window) = 0;
  // The slot of a histogram measure over a window.
  virtual absl::StatusOr<uint16_t> HistogramSlot(std::string_view measure, std::string_view window) = 0;
  virtual absl::StatusOr<ForecastSlots> ForecastComponents() = 0;
  // The index of a derived component or a KPI.
  virtual absl::StatusOr<uint16_t> DefinitionIndex(std::string_view id) = 0;
  // A parameter ("clv.retention").
  virtual absl::StatusOr<double> Parameter(std::string_view name) = 0;
};

// A compiled formula. Immutable; evaluation is thread-safe and allocates nothing.
class Formula {
 public:
  enum class Op : uint8_t {
    kConstant,
    kBase,
    kDefinition,
    kDay,
    kEndOfDay,
    kMoneyUnit,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kNegate,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kEqual,
    kNotEqual,
    kAnd,
    kOr,
    kNot,
    kIf,
    kMin,
    kMax,
    kClamp,
    kAbs,
    kRound,
    kCoalesce,
    kWeightedMean,
    kDefined,
    kComplete,
    kQuantile,
    kForecast,
  };
  struct Instruction {
    Op op;
    uint16_t index = 0;   // slot, definition, or number of arguments
    double constant = 0;  // kConstant; the q of kQuantile; the ForecastSum of kForecast
  };

  static constexpr int kStackMax = 64;

  // InvalidArgument with the position ("column 17: ...") where the text is not a formula or a name is unknown.
  static absl::StatusOr<Formula> Compile(std::string_view text, FormulaNames& names);

  // The value; NaN: undefined. Never infinite.
  double Evaluate(const FormulaInputs& inputs) const;

  const std::vector<Instruction>& code() const { return code_; }

 private:
  friend class FormulaCompiler;
  std::vector<Instruction> code_;
  ForecastSlots forecast_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FORMULA_FORMULA_H_
