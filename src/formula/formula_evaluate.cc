#include <algorithm>
#include <cmath>

#include "account/contribution.h"
#include "base/undefined.h"
#include "formula/formula.h"

namespace keyfold {
namespace {

double Finite(double value) { return std::isfinite(value) ? value : kUndefined; }

double Truth(bool value) { return value ? 1 : 0; }

bool AnyUndefined(std::span<const double> arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](double value) { return std::isnan(value); });
}

double WeightedMean(std::span<const double> arguments) {
  double sum = 0;
  double weights = 0;
  for (size_t i = 0; i + 1 < arguments.size(); i += 2) {
    if (std::isnan(arguments[i + 1])) continue;
    sum += arguments[i] * arguments[i + 1];
    weights += arguments[i];
  }
  return Finite(sum / weights);
}

// The value of the first bin whose cumulated count reaches max(1, ceil(q n)).
double Quantile(const Histogram& histogram, double q) {
  int64_t total = 0;
  for (const auto& [bin, count] : histogram) total += count;
  if (total <= 0) return kUndefined;
  const double rank = std::max(1.0, std::ceil(q * static_cast<double>(total)));
  int64_t cumulated = 0;
  for (const auto& [bin, count] : histogram) {
    cumulated += count;
    if (static_cast<double>(cumulated) >= rank) return ResolutionBinSeconds(bin);
  }
  return kUndefined;
}

// Sums over the closed months that have a forecast which could be converted.
double SumForecast(const FormulaInputs& inputs, const ForecastSlots& slots, ForecastSum what) {
  double sum = 0;
  for (int month = 0; month < kForecastMonths; ++month) {
    const bool forecast_known = inputs.base[slots.forecast_months + month] > 0;
    if (!forecast_known || inputs.incomplete[slots.forecast + month] != 0) continue;
    const double forecast = inputs.base[slots.forecast + month];
    const double actual = inputs.base[slots.revenue + month];
    switch (what) {
      case ForecastSum::kError:
        sum += std::abs(forecast - actual);
        break;
      case ForecastSum::kActual:
        sum += actual;
        break;
      case ForecastSum::kDeviation:
        sum += forecast - actual;
        break;
      case ForecastSum::kAbsolutePercentageError:
        if (actual != 0) sum += std::round(1'000'000 * std::abs(forecast - actual) / std::abs(actual));
        break;
      case ForecastSum::kPercentageMonths:
        sum += std::isnan(actual) ? kUndefined : Truth(actual != 0);
        break;
    }
  }
  return Finite(sum);
}

double Apply(Formula::Op op, std::span<const double> arguments) {
  using Op = Formula::Op;
  if (op == Op::kCoalesce) {
    const auto defined = std::find_if_not(arguments.begin(), arguments.end(), [](double v) { return std::isnan(v); });
    return defined == arguments.end() ? kUndefined : *defined;
  }
  if (op == Op::kWeightedMean) return WeightedMean(arguments);
  if (op == Op::kDefined) return Truth(!std::isnan(arguments[0]));
  if (op == Op::kIf) return arguments[0] != 0 && !std::isnan(arguments[0]) ? arguments[1] : arguments[2];
  if (AnyUndefined(arguments)) return kUndefined;
  switch (op) {
    case Op::kMin:
      return *std::min_element(arguments.begin(), arguments.end());
    case Op::kMax:
      return *std::max_element(arguments.begin(), arguments.end());
    case Op::kClamp:
      return std::min(std::max(arguments[0], arguments[1]), arguments[2]);
    case Op::kAbs:
      return std::abs(arguments[0]);
    case Op::kRound:
      return std::round(arguments[0]);
    default:
      return kUndefined;
  }
}

double ApplyBinary(Formula::Op op, double a, double b) {
  using Op = Formula::Op;
  const bool defined = !std::isnan(a) && !std::isnan(b);
  switch (op) {
    case Op::kAdd:
      return Finite(a + b);
    case Op::kSubtract:
      return Finite(a - b);
    case Op::kMultiply:
      return Finite(a * b);
    case Op::kDivide:
      return Finite(a / b);
    case Op::kLess:
      return Truth(a < b);
    case Op::kLessEqual:
      return Truth(a <= b);
    case Op::kGreater:
      return Truth(a > b);
    case Op::kGreaterEqual:
      return Truth(a >= b);
    case Op::kEqual:
      return Truth(a == b);
    case Op::kNotEqual:
      return Truth(defined && a != b);
    case Op::kAnd:
      return defined ? Truth(a != 0 && b != 0) : kUndefined;
    case Op::kOr:
      return defined ? Truth(a != 0 || b != 0) : kUndefined;
    default:
      return kUndefined;
  }
}

}  // namespace

double Formula::Evaluate(const FormulaInputs& inputs) const {
  double stack[kStackMax];
  size_t top = 0;  // one past the last value
  for (const Instruction& instruction : code_) {
    switch (instruction.op) {
      case Op::kConstant:
        stack[top++] = instruction.constant;
        break;
      case Op::kBase:
        stack[top++] = inputs.base[instruction.index];
        break;
      case Op::kComplete:
        stack[top++] = Truth(inputs.incomplete[instruction.index] == 0);
        break;
      case Op::kDefinition:
        stack[top++] = inputs.values[instruction.index];
        break;
      case Op::kDay:
        stack[top++] = inputs.day;
        break;
      case Op::kEndOfDay:
        stack[top++] = inputs.end_of_day;
        break;
      case Op::kMoneyUnit:
        stack[top++] = inputs.money_unit;
        break;
      case Op::kQuantile:
        stack[top++] = Quantile(inputs.histograms[instruction.index], instruction.constant);
        break;
      case Op::kForecast:
        stack[top++] = SumForecast(inputs, forecast_, static_cast<ForecastSum>(instruction.constant));
        break;
      case Op::kNegate:
        stack[top - 1] = -stack[top - 1];
        break;
      case Op::kNot:
        stack[top - 1] = std::isnan(stack[top - 1]) ? kUndefined : Truth(stack[top - 1] == 0);
        break;
      case Op::kIf:
      case Op::kMin:
      case Op::kMax:
      case Op::kClamp:
      case Op::kAbs:
      case Op::kRound:
      case Op::kCoalesce:
      case Op::kWeightedMean:
      case Op::kDefined:
        top -= instruction.index;
        stack[top] = Apply(instruction.op, {stack + top, instruction.index});
        ++top;
        break;
      default:
        --top;
        stack[top - 1] = ApplyBinary(instruction.op, stack[top - 1], stack[top]);
        break;
    }
  }
  return stack[0];
}

}  // namespace keyfold
