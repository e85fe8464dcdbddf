#include "expression/expression.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

using Op = ExpressionOp;

absl::Status Unconvertible(const ExpressionNode& node, ValueType type) {
  if (type == ValueType::kTruth) {
    return absl::InvalidArgumentError(absl::StrCat("a condition is expected, '", node.text, "' is a ",
                                                   std::string(ValueTypeName(node.type)),
                                                   ": compare it with something"));
  }
  return absl::InvalidArgumentError(absl::StrCat("a ", std::string(ValueTypeName(type)), " is expected, '", node.text,
                                                 "' is a ", std::string(ValueTypeName(node.type))));
}

}  // namespace

std::string_view ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kText:
      return "text";
    case ValueType::kNumber:
      return "number";
    case ValueType::kTime:
      return "time";
    case ValueType::kTruth:
      return "condition";
  }
  return "text";  // not reached: the cases are all there are
}

bool ConvertText(std::string_view text, const ColumnFormat& format, ValueType type, Value& value,
                 MappingProblem& problem) {
  value = Value();
  if (text.empty()) return true;
  if (type == ValueType::kNumber) {
    const std::optional<Decimal> number = ParseNumber(text, format.numbers);
    if (!number.has_value() || (format.integer && !number->Fits(0))) {
      problem.reason = format.integer ? "is no whole number" : "is no number";
      problem.value = std::string(text);
      return false;
    }
    value = Value::OfNumber(*number);
    return true;
  }
  const std::optional<absl::Time> time = ParseDate(text, format.dates, format.zone);
  if (!time.has_value()) {
    problem.reason = "is no date or time of the expected form";
    for (const DateFormat& format_of : format.dates) {
      absl::StrAppend(&problem.reason, &format_of == &format.dates.front() ? " (" : " or ", format_of.text());
    }
    problem.reason.push_back(')');
    problem.value = std::string(text);
    return false;
  }
  value = Value::OfTime(*time);
  return true;
}

absl::StatusOr<ExpressionNode> Converted(ExpressionNode node, ValueType type,
                                         const std::shared_ptr<const ColumnFormat>& format) {
  if (node.type == type) return node;
  if (node.type == ValueType::kTruth || type == ValueType::kTruth) return Unconvertible(node, type);
  if (node.type != ValueType::kText && type != ValueType::kText) return Unconvertible(node, type);
  ExpressionNode converted;
  converted.type = type;
  converted.format = format;
  converted.text = node.text;
  if (node.op == Op::kConstant && node.type == ValueType::kText) {  // once and for all, and refused at once
    MappingProblem problem;
    if (!ConvertText(node.constant.text, *format, type, converted.constant, problem)) {
      return absl::InvalidArgumentError(absl::StrCat(node.text, " ", problem.reason));
    }
    return converted;
  }
  converted.op = type == ValueType::kText ? Op::kToText : type == ValueType::kNumber ? Op::kToNumber : Op::kToTime;
  converted.arguments.push_back(std::move(node));
  return converted;
}

Expression Expression::OfText(std::string text) {
  ExpressionNode node;
  node.owned_text = std::make_shared<const std::string>(std::move(text));
  node.constant = Value::OfText(*node.owned_text);
  node.text = absl::StrCat("\"", *node.owned_text, "\"");
  return Expression(std::move(node));
}

absl::StatusOr<Expression> Expression::As(ValueType type, const std::shared_ptr<const ColumnFormat>& format) && {
  KEYFOLD_ASSIGN_OR_RETURN(root_, Converted(std::move(root_), type, format));
  return std::move(*this);
}

bool Expression::is_constant() const { return root_.op == Op::kConstant; }

bool Expression::Evaluate(Evaluation& evaluation, Value& value) const { return EvaluateNode(root_, evaluation, value); }

}  // namespace keyfold
