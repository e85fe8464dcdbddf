// The expressions of a mapping: the catalogue's operators over the columns of a row, with exact decimals, compiled
// once.
//
//   expression := or                       or  := and { "or" and }      and := not { "and" not }
//   not        := "not" not | comparison
//   comparison := sum [ ("="|"=="|"!="|"<"|"<="|">"|">=") sum ]   false where a side is nothing, but for "" = nothing
//   sum        := product { ("+"|"-") product }                   product := unary { ("*"|"/") unary }
//   unary      := "-" unary | primary
//   primary    := number | "text" | name | name "[" expression "]" [ "." name ] | function "(" arguments ")"
//               | "(" expression ")"
//   name       := words of letters, digits, "_" and ".", with spaces between them: Close Date, customer.id
//
// Types are known when it is compiled; a text becomes a number or a time where one is needed.
#ifndef KEYFOLD_EXPRESSION_EXPRESSION_H_
#define KEYFOLD_EXPRESSION_EXPRESSION_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "expression/dates.h"
#include "expression/decimal.h"
#include "expression/tables.h"
#include "expression/value.h"

namespace keyfold {

// How the text of a column is read.
struct ColumnFormat {
  ValueType type = ValueType::kText;
  bool integer = false;
  NumberFormat numbers;
  std::vector<DateFormat> dates;
  absl::TimeZone zone;
  std::vector<std::string> empty;  // texts that mean nothing
};

// A row of a file, or whatever else has named texts. The views live as long as it is used.
struct MappedRow {
  std::vector<std::string_view> cells;  // by slot; empty: nothing is there
  int64_t line = 0;                     // where it begins, from 1
  int32_t file = 0;
};

enum class ExpressionOp : uint8_t {
  kConstant,
  kColumn,
  kRowNumber,
  kLookup,
  kValueTable,
  kToNumber,
  kToTime,
  kToText,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kNegate,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kNot,
  kIf,
  kCoalesce,
  kDefined,
  kMin,
  kMax,
  kAbs,
  kRound,
  kOneOf,
  kLower,
  kUpper,
  kStarts,
  kEnds,
  kContains,
  kStrip,
  kStripStart,
  kStripEnd,
  kLeft,
  kRight,
  kReplace,
  kConcat,
  kPart,
  kUnpad,
  kId18,
  kNumber,
  kDate,
  kAddDays,
  kAddMonths,
  kSeconds,
  kMinRows,
  kMaxRows,
  kSum,
  kCount,
  kAny,
  kAll,
  kFirst,
  kLast,
  kBefore,
  kChanged,
  kBecomes,
  kFirstTime,
};

struct ExpressionNode {
  ExpressionOp op = ExpressionOp::kConstant;
  ValueType type = ValueType::kText;
  uint16_t slot = 0;   // of a column; of a column of a lookup
  uint16_t table = 0;  // of a lookup
  Value constant;
  std::shared_ptr<const ColumnFormat> format;  // of a conversion
  std::shared_ptr<const ValueTable> values;
  std::shared_ptr<const std::string> owned_text;  // of a constant
  std::vector<ExpressionNode> arguments;
  std::string text;  // as it stands in the mapping: for messages
};

// What is looked at when an expression is evaluated: this decides what it may say.
enum class ExpressionScope : uint8_t {
  kRow,       // a row alone, before rows are brought together
  kGroup,     // the rows of a key or an account together: a column must be the same in all of them
  kLine,      // one of these rows
  kSnapshot,  // one of the rows of a record, in the order of time
};

// What names in an expression are.
class ExpressionNames {
 public:
  virtual ~ExpressionNames() = default;

  struct Column {
    uint16_t slot = 0;
    std::shared_ptr<const ColumnFormat> format;
  };
  // NotFound: the message says why not.
  virtual absl::StatusOr<Column> FindColumn(std::string_view name) = 0;
  // nullptr: there is no such table in the mapping.
  virtual std::shared_ptr<const ValueTable> FindValues(std::string_view name) = 0;
  struct Lookup {
    uint16_t table = 0;
    uint16_t column = 0;
  };
  virtual absl::StatusOr<Lookup> FindLookup(std::string_view name, std::string_view column) = 0;
  // How texts become numbers and times where their column does not say it.
  virtual std::shared_ptr<const ColumnFormat> DefaultFormat() = 0;
  // Whether rows have an order, so that there is a first one.
  virtual bool has_order() const = 0;
};

// Why something could not be computed, or an event not be made.
struct MappingProblem {
  std::string column;  // or the expression
  std::string reason;  // the same for all rows that have it: they are counted by it
  std::string value;   // of this row
};

// Counts of what was done without anything being wrong: roundings, defaults, lookups without a result.
using MappingNotes = std::map<std::string, int64_t>;

// What an evaluation needs beside the expression. Not thread-safe.
struct Evaluation {
  static constexpr size_t kWhole = SIZE_MAX;

  std::span<const MappedRow> rows;  // of the unit, in their order
  size_t at = kWhole;               // the row that is looked at; kWhole: all of them
  std::span<const LookupTable> lookups;
  MappingNotes* notes = nullptr;
  std::deque<std::string> scratch;  // texts that were computed
  MappingProblem problem;           // after Evaluate() returned false
  size_t problem_at = kWhole;       // the row that has it; kWhole: all of them together

  // The rows that have a problem each, where several were looked at and nothing else is wrong.
  std::map<size_t, MappingProblem> bad_rows;

  // Notes why there is no value. Always false.
  bool Fail(MappingProblem what) {
    problem = std::move(what);
    problem_at = at;
    return false;
  }
  bool Fail(const ExpressionNode& node, std::string_view reason, std::string value = {}) {
    return Fail({node.text, std::string(reason), std::move(value)});
  }
};

// Immutable, thread-safe, cheap to move.
class Expression {
 public:
  // InvalidArgument with the position ("column 17: ...") where the text is none, a name is unknown, types do not fit,
  // or something is said that the scope does not have.
  static absl::StatusOr<Expression> Compile(std::string_view text, ExpressionScope scope, ExpressionNames& names);

  // A text that is always the same.
  static Expression OfText(std::string text);

  // Converted to `type`, if that is possible: a text to anything but a condition, anything but a condition to a text.
  absl::StatusOr<Expression> As(ValueType type, const std::shared_ptr<const ColumnFormat>& format) &&;

  // False: the problem says why.
  bool Evaluate(Evaluation& evaluation, Value& value) const;

  ValueType type() const { return root_.type; }
  bool is_constant() const;
  const std::string& text() const { return root_.text; }

 private:
  explicit Expression(ExpressionNode root) : root_(std::move(root)) {}

  ExpressionNode root_;
};

// Whether a text begins like the call of a function: "coalesce(a, b)". Somebody may have meant one.
bool LooksLikeCall(std::string_view text);

// A text as a time or a number, as its column has it; false: it is none, `problem` says so.
bool ConvertText(std::string_view text, const ColumnFormat& format, ValueType type, Value& value,
                 MappingProblem& problem);

// Wraps `node` so that it is of `type`.
absl::StatusOr<ExpressionNode> Converted(ExpressionNode node, ValueType type,
                                         const std::shared_ptr<const ColumnFormat>& format);

bool EvaluateNode(const ExpressionNode& node, Evaluation& evaluation, Value& value);

// Functions of values, without a look at other rows. In expression_functions.cc.
bool CallFunction(const ExpressionNode& node, std::span<const Value> arguments, Evaluation& evaluation, Value& value);

}  // namespace keyfold

#endif  // KEYFOLD_EXPRESSION_EXPRESSION_H_
