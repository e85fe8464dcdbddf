#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "formula/formula.h"
#include "formula/name_characters.h"

namespace keyfold {
namespace {

constexpr int kNestingMax = 64;

struct Function {
  std::string_view name;
  Formula::Op op;
  int arguments_min;
  int arguments_max;
};

constexpr int kAnyNumber = 32;

// Functions of values. Those that take names (sum, complete, quantile, forecast_sum) are compiled one by one.
constexpr Function kFunctions[] = {
    {"if", Formula::Op::kIf, 3, 3},
    {"min", Formula::Op::kMin, 2, kAnyNumber},
    {"max", Formula::Op::kMax, 2, kAnyNumber},
    {"clamp", Formula::Op::kClamp, 3, 3},
    {"abs", Formula::Op::kAbs, 1, 1},
    {"round", Formula::Op::kRound, 1, 1},
    {"coalesce", Formula::Op::kCoalesce, 1, kAnyNumber},
    {"wmean", Formula::Op::kWeightedMean, 2, kAnyNumber},
    {"defined", Formula::Op::kDefined, 1, 1},
};

constexpr std::pair<std::string_view, ForecastSum> kForecastSums[] = {
    {"error", ForecastSum::kError},
    {"actual", ForecastSum::kActual},
    {"deviation", ForecastSum::kDeviation},
    {"absolute_percentage_error", ForecastSum::kAbsolutePercentageError},
    {"percentage_months", ForecastSum::kPercentageMonths},
};

}  // namespace

// Recursive descent; emits code in evaluation order.
class FormulaCompiler {
 public:
  FormulaCompiler(std::string_view text, FormulaNames& names) : text_(text), names_(names) {}

  absl::StatusOr<Formula> Compile() && {
    KEYFOLD_RETURN_IF_ERROR(Or());
    SkipSpaces();
    if (at_ != text_.size()) return Error(absl::StrCat("unexpected '", std::string(text_.substr(at_, 1)), "'"));
    return std::move(formula_);
  }

 private:
  absl::Status Error(absl::string_view message) const {
    return absl::InvalidArgumentError(absl::StrCat("column ", at_ + 1, ": ", message));
  }

  void SkipSpaces() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  bool Take(std::string_view token) {
    SkipSpaces();
    if (text_.substr(at_, token.size()) != token) return false;
    if (IsNameStart(token[0]) && at_ + token.size() < text_.size() && IsNamePart(text_[at_ + token.size()])) {
      return false;  // "order" is not "or"
    }
    at_ += token.size();
    return true;
  }

  absl::Status Expect(std::string_view token) {
    if (Take(token)) return absl::OkStatus();
    return Error(absl::StrCat("expected '", std::string(token), "'"));
  }

  // Appends an instruction that takes `pops` values off the stack and leaves one.
  absl::Status Emit(Formula::Instruction instruction, int pops) {
    depth_ += 1 - pops;
    if (depth_ > Formula::kStackMax) return Error("too many values at once");
    formula_.code_.push_back(instruction);
    return absl::OkStatus();
  }

  // One level of left-associative binary operators.
  struct Binary {
    std::string_view token;
    Formula::Op op;
  };
  absl::Status LeftAssociative(std::span<const Binary> operators, absl::Status (FormulaCompiler::*next)()) {
    KEYFOLD_RETURN_IF_ERROR((this->*next)());
    while (true) {
      const auto* match = std::find_if(operators.data(), operators.data() + operators.size(),
                                       [this](const Binary& binary) { return Take(binary.token); });
      if (match == operators.data() + operators.size()) return absl::OkStatus();
      KEYFOLD_RETURN_IF_ERROR((this->*next)());
      KEYFOLD_RETURN_IF_ERROR(Emit({match->op}, 2));
    }
  }

  absl::Status Or() {
    static constexpr Binary kOperators[] = {{"or", Formula::Op::kOr}};
    if (++nesting_ > kNestingMax) return Error("nested too deeply");
    KEYFOLD_RETURN_IF_ERROR(LeftAssociative(kOperators, &FormulaCompiler::And));
    --nesting_;
    return absl::OkStatus();
  }

  absl::Status And() {
    static constexpr Binary kOperators[] = {{"and", Formula::Op::kAnd}};
    return LeftAssociative(kOperators, &FormulaCompiler::Not);
  }

  absl::Status Not() {
    if (++nesting_ > kNestingMax) return Error("nested too deeply");
    const bool negated = Take("not");
    KEYFOLD_RETURN_IF_ERROR(negated ? Not() : Comparison());
    --nesting_;
    return negated ? Emit({Formula::Op::kNot}, 1) : absl::OkStatus();
  }

  absl::Status Comparison() {
    static constexpr Binary kOperators[] = {
        {"<=", Formula::Op::kLessEqual}, {">=", Formula::Op::kGreaterEqual}, {"!=", Formula::Op::kNotEqual},
        {"<", Formula::Op::kLess},       {">", Formula::Op::kGreater},       {"=", Formula::Op::kEqual},
    };
    KEYFOLD_RETURN_IF_ERROR(Sum());
    for (const Binary& binary : kOperators) {
      if (!Take(binary.token)) continue;
      KEYFOLD_RETURN_IF_ERROR(Sum());
      return Emit({binary.op}, 2);
    }
    return absl::OkStatus();
  }

  absl::Status Sum() {
    static constexpr Binary kOperators[] = {{"+", Formula::Op::kAdd}, {"-", Formula::Op::kSubtract}};
    return LeftAssociative(kOperators, &FormulaCompiler::Product);
  }

  absl::Status Product() {
    static constexpr Binary kOperators[] = {{"*", Formula::Op::kMultiply}, {"/", Formula::Op::kDivide}};
    return LeftAssociative(kOperators, &FormulaCompiler::Unary);
  }

  absl::Status Unary() {
    if (++nesting_ > kNestingMax) return Error("nested too deeply");
    const bool negated = Take("-");
    KEYFOLD_RETURN_IF_ERROR(negated ? Unary() : Primary());
    --nesting_;
    return negated ? Emit({Formula::Op::kNegate}, 1) : absl::OkStatus();
  }

  absl::Status Primary() {
    if (Take("(")) {
      KEYFOLD_RETURN_IF_ERROR(Or());
      return Expect(")");
    }
    SkipSpaces();
    if (at_ < text_.size() && IsNumberPart(text_[at_])) {
      KEYFOLD_ASSIGN_OR_RETURN(const double number, Number());
      return Constant(number);
    }
    KEYFOLD_ASSIGN_OR_RETURN(const std::string_view name, Name());
    if (Take("(")) return Call(name);
    return Variable(name);
  }

  absl::StatusOr<double> Number() {
    SkipSpaces();
    size_t end = at_;
    while (end < text_.size() && IsNumberPart(text_[end])) ++end;
    if (end < text_.size() && text_[end] == 'e') {
      ++end;
      if (end < text_.size() && (text_[end] == '-' || text_[end] == '+')) ++end;
      while (end < text_.size() && absl::ascii_isdigit(text_[end])) ++end;
    }
    double value = 0;
    if (!absl::SimpleAtod(std::string(text_.substr(at_, end - at_)), &value) || !std::isfinite(value)) {
      return Error("expected a number");
    }
    at_ = end;
    return value;
  }

  absl::StatusOr<std::string_view> Name() {
    SkipSpaces();
    size_t end = at_;
    if (end < text_.size() && IsNameStart(text_[end])) {
      while (end < text_.size() && IsNamePart(text_[end])) ++end;
    }
    if (end == at_) return Error(at_ == text_.size() ? "the formula ends too early" : "expected a value");
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    return name;
  }

  absl::Status Constant(double value) { return Emit({Formula::Op::kConstant, 0, value}, 0); }

  absl::Status Variable(std::string_view name) {
    if (name == "D") return Emit({Formula::Op::kDay}, 0);
    if (name == "end_of_day") return Emit({Formula::Op::kEndOfDay}, 0);
    if (name == "money_unit") return Emit({Formula::Op::kMoneyUnit}, 0);
    if (name == "undefined") return Constant(std::numeric_limits<double>::quiet_NaN());
    if (name.find('.') != std::string_view::npos) {
      const absl::StatusOr<double> value = names_.Parameter(name);
      return value.ok() ? Constant(*value) : Error(value.status().message());
    }
    const absl::StatusOr<uint16_t> definition = names_.DefinitionIndex(name);
    if (!definition.ok()) return Error(definition.status().message());
    return Emit({Formula::Op::kDefinition, *definition}, 0);
  }

  absl::Status Call(std::string_view name) {
    if (name == "sum") return CallOnComponent(Formula::Op::kBase);
    if (name == "complete") return CallOnComponent(Formula::Op::kComplete);
    if (name == "quantile") return CallQuantile();
    if (name == "forecast_sum") return CallForecastSum();
    for (const Function& function : kFunctions) {
      if (function.name == name) return CallOnValues(function);
    }
    std::vector<std::string_view> known = {"sum", "complete", "quantile", "forecast_sum"};
    for (const Function& function : kFunctions) known.push_back(function.name);
    return Error(absl::StrCat("unknown function '", std::string(name), "'", DidYouMean(name, known)));
  }

  absl::Status CallOnValues(const Function& function) {
    int arguments = 0;
    do {
      KEYFOLD_RETURN_IF_ERROR(Or());
      ++arguments;
    } while (Take(","));
    KEYFOLD_RETURN_IF_ERROR(Expect(")"));
    const bool pairs = function.op == Formula::Op::kWeightedMean;
    if (arguments < function.arguments_min || arguments > function.arguments_max || (pairs && arguments % 2 != 0)) {
      return Error(absl::StrCat(std::string(function.name), " does not take ", arguments, " arguments"));
    }
    return Emit({function.op, static_cast<uint16_t>(arguments)}, arguments);
  }

  // "measure, window": the window is what stands up to the next comma or parenthesis.
  struct MeasureAndWindow {
    std::string_view measure;
    std::string_view window;
  };
  absl::StatusOr<MeasureAndWindow> TakeMeasureAndWindow() {
    MeasureAndWindow result;
    KEYFOLD_ASSIGN_OR_RETURN(result.measure, Name());
    KEYFOLD_RETURN_IF_ERROR(Expect(","));
    SkipSpaces();
    const size_t end = std::min(text_.find_first_of(",()", at_), text_.size());
    result.window = text_.substr(at_, end - at_);
    at_ = end;
    while (!result.window.empty() && result.window.back() == ' ') result.window.remove_suffix(1);
    return result;
  }

  absl::Status CallOnComponent(Formula::Op op) {
    KEYFOLD_ASSIGN_OR_RETURN(const MeasureAndWindow component, TakeMeasureAndWindow());
    const absl::StatusOr<uint16_t> slot = names_.BaseSlot(component.measure, component.window);
    if (!slot.ok()) return Error(slot.status().message());
    KEYFOLD_RETURN_IF_ERROR(Expect(")"));
    return Emit({op, *slot}, 0);
  }

  absl::Status CallQuantile() {
    KEYFOLD_ASSIGN_OR_RETURN(const MeasureAndWindow component, TakeMeasureAndWindow());
    const absl::StatusOr<uint16_t> slot = names_.HistogramSlot(component.measure, component.window);
    if (!slot.ok()) return Error(slot.status().message());
    KEYFOLD_RETURN_IF_ERROR(Expect(","));
    KEYFOLD_ASSIGN_OR_RETURN(const double q, Number());
    if (q > 1) return Error("a quantile is between 0 and 1");
    KEYFOLD_RETURN_IF_ERROR(Expect(")"));
    return Emit({Formula::Op::kQuantile, *slot, q}, 0);
  }

  absl::Status CallForecastSum() {
    KEYFOLD_ASSIGN_OR_RETURN(const std::string_view what, Name());
    const auto* sum = std::find_if(std::begin(kForecastSums), std::end(kForecastSums),
                                   [what](const auto& entry) { return entry.first == what; });
    if (sum == std::end(kForecastSums)) {
      std::vector<std::string_view> known;
      for (const auto& [name, code] : kForecastSums) known.push_back(name);
      return Error(absl::StrCat("forecast_sum knows no '", std::string(what), "'", DidYouMean(what, known)));
    }
    KEYFOLD_RETURN_IF_ERROR(Expect(")"));
    const absl::StatusOr<ForecastSlots> slots = names_.ForecastComponents();
    if (!slots.ok()) return Error(slots.status().message());
    formula_.forecast_ = *slots;
    return Emit({Formula::Op::kForecast, 0, static_cast<double>(sum->second)}, 0);
  }

  std::string_view text_;
  FormulaNames& names_;
  size_t at_ = 0;
  int depth_ = 0;
  int nesting_ = 0;
  Formula formula_;
};

absl::StatusOr<Formula> Formula::Compile(std::string_view text, FormulaNames& names) {
  return FormulaCompiler(text, names).Compile();
}

}  // namespace keyfold
