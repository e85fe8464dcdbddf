#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "expression/expression.h"
#include "expression/expression_functions.h"
#include "expression/expression_text.h"

namespace keyfold {
namespace {

using Op = ExpressionOp;
using Node = ExpressionNode;

constexpr int kNestingMax = 64;
constexpr int kOperationsMax = 1'000;  // of one expression: a chain of them is as deep a tree

std::optional<ValueType> TypeOfLetter(char letter) {
  switch (letter) {
    case 't':
      return ValueType::kText;
    case 'n':
      return ValueType::kNumber;
    case 'd':
      return ValueType::kTime;
    case 'c':
      return ValueType::kTruth;
    default:
      return std::nullopt;  // any
  }
}

// The letter of argument number `index`.
char LetterOf(std::string_view arguments, size_t index) {
  std::string letters;
  for (const char c : arguments) {
    if (c != '?' && c != '*') letters.push_back(c);
  }
  return letters[std::min(index, letters.size() - 1)];
}

class Compiler {
 public:
  Compiler(std::string_view text, ExpressionScope scope, ExpressionNames& names)
      : text_(text), scope_(scope), names_(names), default_(names.DefaultFormat()) {}

  absl::StatusOr<Node> Compile() {
    KEYFOLD_ASSIGN_OR_RETURN(Node node, Or());
    text_.SkipSpaces();
    if (!text_.at_end()) return Error(absl::StrCat("unexpected '", std::string(text_.rest().substr(0, 1)), "'"));
    return node;
  }

 private:
  absl::Status Error(const std::string& message) const { return text_.Error(message); }

  absl::StatusOr<Node> To(Node node, ValueType type) const {
    absl::StatusOr<Node> converted = Converted(std::move(node), type, default_);
    return converted.ok() ? std::move(converted) : Error(std::string(converted.status().message()));
  }

  absl::StatusOr<Node> Make(Op op, ValueType type, size_t begin, Node a, Node b) {
    if (++operations_ > kOperationsMax) return Error(absl::StrCat("more than ", kOperationsMax, " operations"));
    Node node;
    node.op = op;
    node.type = type;
    node.arguments.push_back(std::move(a));
    node.arguments.push_back(std::move(b));
    node.text = text_.Since(begin);
    return node;
  }

  absl::StatusOr<Node> Or() {
    if (++nesting_ > kNestingMax) return Error("nested too deeply");
    const size_t begin = text_.at();
    KEYFOLD_ASSIGN_OR_RETURN(Node node, And());
    while (text_.Take("or")) {
      KEYFOLD_ASSIGN_OR_RETURN(Node left, To(std::move(node), ValueType::kTruth));
      KEYFOLD_ASSIGN_OR_RETURN(Node right, And());
      KEYFOLD_ASSIGN_OR_RETURN(right, To(std::move(right), ValueType::kTruth));
      KEYFOLD_ASSIGN_OR_RETURN(node, Make(Op::kOr, ValueType::kTruth, begin, std::move(left), std::move(right)));
    }
    --nesting_;
    return node;
  }

  absl::StatusOr<Node> And() {
    const size_t begin = text_.at();
    KEYFOLD_ASSIGN_OR_RETURN(Node node, Not());
    while (text_.Take("and")) {
      KEYFOLD_ASSIGN_OR_RETURN(Node left, To(std::move(node), ValueType::kTruth));
      KEYFOLD_ASSIGN_OR_RETURN(Node right, Not());
      KEYFOLD_ASSIGN_OR_RETURN(right, To(std::move(right), ValueType::kTruth));
      KEYFOLD_ASSIGN_OR_RETURN(node, Make(Op::kAnd, ValueType::kTruth, begin, std::move(left), std::move(right)));
    }
    return node;
  }

  absl::StatusOr<Node> Not() {
    if (++nesting_ > kNestingMax) return Error("nested too deeply");
    const size_t begin = text_.at();
    const bool negated = text_.Take("not");
    KEYFOLD_ASSIGN_OR_RETURN(Node node, negated ? Not() : Comparison());
    --nesting_;
    if (!negated) return node;
    KEYFOLD_ASSIGN_OR_RETURN(node, To(std::move(node), ValueType::kTruth));
    return Wrap(Op::kNot, ValueType::kTruth, begin, std::move(node));
  }

  Node Wrap(Op op, ValueType type, size_t begin, Node argument) const {
    Node node;
    node.op = op;
    node.type = type;
    node.arguments.push_back(std::move(argument));
    node.text = text_.Since(begin);
    return node;
  }

  absl::StatusOr<Node> Comparison() {
    static constexpr std::pair<std::string_view, Op> kOperators[] = {
        {"<=", Op::kLessEqual}, {">=", Op::kGreaterEqual}, {"!=", Op::kNotEqual}, {"==", Op::kEqual},
        {"<", Op::kLess},       {">", Op::kGreater},       {"=", Op::kEqual},
    };
    const size_t begin = text_.at();
    KEYFOLD_ASSIGN_OR_RETURN(Node left, Sum());
    for (const auto& [token, op] : kOperators) {
      if (!text_.Take(token)) continue;
      KEYFOLD_ASSIGN_OR_RETURN(Node right, Sum());
      std::vector<Node> sides;
      sides.push_back(std::move(left));
      sides.push_back(std::move(right));
      KEYFOLD_RETURN_IF_ERROR(Unify(sides, /*compared=*/true));
      const bool ordered = op != Op::kEqual && op != Op::kNotEqual;
      if (ordered && sides[0].type == ValueType::kText) {
        return Error(absl::StrCat("two texts have no order that is meant: give '", sides[0].text,
                                  "' a type under columns (decimal, integer or a date)"));
      }
      return Make(op, ValueType::kTruth, begin, std::move(sides[0]), std::move(sides[1]));
    }
    return left;
  }

  absl::StatusOr<Node> Sum() {
    const size_t begin = text_.at();
    KEYFOLD_ASSIGN_OR_RETURN(Node node, Product());
    while (true) {
      const bool plus = text_.Take("+");
      if (!plus && !text_.Take("-")) return node;
      KEYFOLD_ASSIGN_OR_RETURN(Node right, Product());
      KEYFOLD_ASSIGN_OR_RETURN(node, To(std::move(node), ValueType::kNumber));
      KEYFOLD_ASSIGN_OR_RETURN(right, To(std::move(right), ValueType::kNumber));
      KEYFOLD_ASSIGN_OR_RETURN(
          node, Make(plus ? Op::kAdd : Op::kSubtract, ValueType::kNumber, begin, std::move(node), std::move(right)));
    }
  }

  absl::StatusOr<Node> Product() {
    const size_t begin = text_.at();
    KEYFOLD_ASSIGN_OR_RETURN(Node node, Unary());
    while (true) {
      const bool times = text_.Take("*");
      if (!times && !text_.Take("/")) return node;
      KEYFOLD_ASSIGN_OR_RETURN(Node right, Unary());
      KEYFOLD_ASSIGN_OR_RETURN(node, To(std::move(node), ValueType::kNumber));
      KEYFOLD_ASSIGN_OR_RETURN(right, To(std::move(right), ValueType::kNumber));
      KEYFOLD_ASSIGN_OR_RETURN(node, Make(times ? Op::kMultiply : Op::kDivide, ValueType::kNumber, begin,
                                          std::move(node), std::move(right)));
    }
  }

  absl::StatusOr<Node> Unary() {
    if (++nesting_ > kNestingMax) return Error("nested too deeply");
    text_.SkipSpaces();
    const size_t begin = text_.at();
    const bool negated = text_.Take("-");
    KEYFOLD_ASSIGN_OR_RETURN(Node node, negated ? Unary() : Primary());
    --nesting_;
    if (!negated) return node;
    KEYFOLD_ASSIGN_OR_RETURN(node, To(std::move(node), ValueType::kNumber));
    return Wrap(Op::kNegate, ValueType::kNumber, begin, std::move(node));
  }

  absl::StatusOr<Node> Primary() {
    if (text_.Take("(")) {
      KEYFOLD_ASSIGN_OR_RETURN(Node node, Or());
      KEYFOLD_RETURN_IF_ERROR(text_.Expect(")"));
      return node;
    }
    text_.SkipSpaces();
    if (text_.at_end()) return Error("the expression ends too early");
    if (text_.at_number()) return Number();
    if (text_.next() == '"' || text_.next() == '\'') return Text(text_.next());
    if (!text_.at_name()) return Error("expected a value");
    const size_t begin = text_.at();
    const std::string_view name = text_.TakeName();
    if (text_.Take("(")) return Call(name, begin);
    if (text_.Take("[")) return Table(name, begin);
    return Variable(name, begin);
  }

  absl::StatusOr<Node> Number() {
    Node node;
    node.text = std::string(text_.TakeNumber());
    const std::optional<Decimal> number = Decimal::Parse(node.text);
    if (!number.has_value()) return Error("expected a number");
    node.type = ValueType::kNumber;
    node.constant = Value::OfNumber(*number);
    return node;
  }

  absl::StatusOr<Node> Text(char quote) {
    const size_t end = text_.rest().find(quote, 1);
    if (end == std::string_view::npos) return Error("a text that does not end");
    return Constant(std::string(text_.TakeBytes(end + 1).substr(1, end - 1)));
  }

  static Node Constant(std::string text) {
    Node node;
    node.owned_text = std::make_shared<const std::string>(std::move(text));
    node.constant = Value::OfText(*node.owned_text);
    node.text = absl::StrCat("\"", *node.owned_text, "\"");
    return node;
  }

  absl::StatusOr<Node> Variable(std::string_view name, size_t begin) {
    Node node;
    node.text = text_.Since(begin);
    if (name == "nothing") return node;
    if (name == "row") {
      if (scope_ != ExpressionScope::kLine) return Error("row, the number of a line, is only known among lines");
      node.op = Op::kRowNumber;
      node.type = ValueType::kNumber;
      return node;
    }
    const absl::StatusOr<ExpressionNames::Column> column = names_.FindColumn(name);
    if (!column.ok()) return Error(std::string(column.status().message()));
    node.op = Op::kColumn;
    node.slot = column->slot;
    absl::StatusOr<Node> typed = Converted(node, column->format->type, column->format);
    if (typed.ok()) typed->text = node.text;
    return typed;
  }

  // name[key] and name[key].column
  absl::StatusOr<Node> Table(std::string_view name, size_t begin) {
    KEYFOLD_ASSIGN_OR_RETURN(Node key, Or());
    KEYFOLD_RETURN_IF_ERROR(text_.Expect("]"));
    KEYFOLD_ASSIGN_OR_RETURN(key, To(std::move(key), ValueType::kText));
    std::string_view column;
    if (text_.rest().starts_with('.')) {
      text_.TakeBytes(1);
      column = text_.TakeName();
    }
    if (std::shared_ptr<const ValueTable> values = column.empty() ? names_.FindValues(name) : nullptr) {
      Node node = Wrap(Op::kValueTable, ValueType::kText, begin, std::move(key));
      node.values = std::move(values);
      return node;
    }
    const absl::StatusOr<ExpressionNames::Lookup> lookup = names_.FindLookup(name, column);
    if (!lookup.ok()) return Error(std::string(lookup.status().message()));
    Node node = Wrap(Op::kLookup, ValueType::kText, begin, std::move(key));
    node.table = lookup->table;
    node.slot = lookup->column;
    return node;
  }

  absl::StatusOr<Node> Call(std::string_view name, size_t begin) {
    std::vector<Node> arguments;
    if (!text_.Take(")")) {
      do {
        KEYFOLD_ASSIGN_OR_RETURN(Node argument, Or());
        arguments.push_back(std::move(argument));
      } while (text_.Take(","));
      KEYFOLD_RETURN_IF_ERROR(text_.Expect(")"));
    }
    const ExpressionFunction* const function = FindFunction(name, arguments.size());
    if (function == nullptr) {
      const std::vector<std::string_view> known = FunctionNames();
      if (std::find(known.begin(), known.end(), name) != known.end()) {
        return Error(absl::StrCat(std::string(name), " does not take ", arguments.size(), " arguments"));
      }
      return Error(absl::StrCat("unknown function '", std::string(name), "'", DidYouMean(name, known),
                                "; a column with brackets in its name gets another one under columns (from:)"));
    }
    KEYFOLD_RETURN_IF_ERROR(CheckScope(*function));
    Node node;
    node.op = function->op;
    KEYFOLD_RETURN_IF_ERROR(TakeFormat(*function, arguments, node));
    KEYFOLD_RETURN_IF_ERROR(FitArguments(*function, arguments));
    const std::optional<ValueType> result = TypeOfLetter(function->result);
    node.type = result.has_value() ? *result : arguments.back().type;
    node.arguments = std::move(arguments);
    node.text = text_.Since(begin);
    return node;
  }

  absl::Status CheckScope(const ExpressionFunction& function) const {
    using Over = ExpressionFunction::Over;
    if (function.over == Over::kHistory && scope_ != ExpressionScope::kSnapshot) {
      return Error(absl::StrCat(std::string(function.name), " compares snapshots: it needs `snapshots:`"));
    }
    if (function.over == Over::kRows && scope_ == ExpressionScope::kRow) {
      return Error(absl::StrCat(std::string(function.name),
                                " looks at several rows: it stands in events, with `group:`, `snapshots:` or `once:`"));
    }
    if ((function.op == Op::kFirst || function.op == Op::kLast) && !names_.has_order()) {
      return Error(absl::StrCat(std::string(function.name),
                                " needs `order:`, which column says what was earlier; min and max do without"));
    }
    return absl::OkStatus();
  }

  // What number() and date() read, and in which zone days are added.
  absl::Status TakeFormat(const ExpressionFunction& function, std::vector<Node>& arguments, Node& node) const {
    node.format = default_;
    if ((function.op != Op::kNumber && function.op != Op::kDate) || arguments.size() < 2) return absl::OkStatus();
    if (arguments[1].op != Op::kConstant || arguments[1].type != ValueType::kText) {
      return Error("the format is a text");
    }
    const std::string_view text = arguments[1].constant.text;
    auto format = std::make_shared<ColumnFormat>(*default_);
    if (function.op == Op::kNumber) {
      const std::optional<NumberFormat> numbers = NumberFormat::FromExample(text);
      if (!numbers.has_value()) return Error("how numbers are written is said by 1.234,56 or the like");
      format->numbers = *numbers;
    } else {
      const absl::StatusOr<DateFormat> date = DateFormat::Create(text);
      if (!date.ok()) return Error(std::string(date.status().message()));
      format->dates = {*date};
    }
    node.format = std::move(format);
    return absl::OkStatus();
  }

  absl::Status FitArguments(const ExpressionFunction& function, std::vector<Node>& arguments) const {
    std::vector<Node> any;
    std::vector<size_t> places;
    for (size_t i = 0; i < arguments.size(); ++i) {
      const std::optional<ValueType> type = TypeOfLetter(LetterOf(function.arguments, i));
      if (type.has_value()) {
        KEYFOLD_ASSIGN_OR_RETURN(arguments[i], To(std::move(arguments[i]), *type));
      } else {
        places.push_back(i);
        any.push_back(std::move(arguments[i]));
      }
    }
    KEYFOLD_RETURN_IF_ERROR(Unify(any, /*compared=*/false));
    for (size_t i = 0; i < any.size(); ++i) arguments[places[i]] = std::move(any[i]);
    return absl::OkStatus();
  }

  // Makes them of one type: texts among numbers become numbers, among times times. Where they are compared, an empty
  // text stays what it is: it asks whether there is anything.
  absl::Status Unify(std::vector<Node>& nodes, bool compared) const {
    std::optional<ValueType> type;
    for (const Node& node : nodes) {
      if (node.type == ValueType::kText) continue;
      if (type.has_value() && *type != node.type) {
        return Error(absl::StrCat("a ", std::string(ValueTypeName(*type)), " and a ",
                                  std::string(ValueTypeName(node.type)), " do not go together"));
      }
      type = node.type;
    }
    if (!type.has_value()) return absl::OkStatus();
    for (Node& node : nodes) {
      const bool is_nothing = node.op == Op::kConstant && node.constant.nothing && node.type == ValueType::kText;
      if (is_nothing) {
        if (*type == ValueType::kTruth && compared) return Error("a condition is compared with nothing");
        node.type = *type;
        continue;
      }
      KEYFOLD_ASSIGN_OR_RETURN(node, To(std::move(node), *type));
    }
    return absl::OkStatus();
  }

  ExpressionText text_;
  ExpressionScope scope_;
  ExpressionNames& names_;
  std::shared_ptr<const ColumnFormat> default_;
  int nesting_ = 0;
  int operations_ = 0;
};

}  // namespace

absl::StatusOr<Expression> Expression::Compile(std::string_view text, ExpressionScope scope, ExpressionNames& names) {
  KEYFOLD_ASSIGN_OR_RETURN(ExpressionNode root, Compiler(text, scope, names).Compile());
  return Expression(std::move(root));
}

}  // namespace keyfold
