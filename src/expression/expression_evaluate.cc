#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "expression/expression.h"

namespace keyfold {
namespace {

using Op = ExpressionOp;
using Node = ExpressionNode;

void Note(Evaluation& evaluation, std::string what) {
  if (evaluation.notes != nullptr) ++(*evaluation.notes)[std::move(what)];
}

// Both of one type.
std::strong_ordering Compare(const Value& a, const Value& b, ValueType type) {
  switch (type) {
    case ValueType::kNumber:
      return a.number <=> b.number;
    case ValueType::kTime:
      return a.time < b.time   ? std::strong_ordering::less
             : b.time < a.time ? std::strong_ordering::greater
                               : std::strong_ordering::equal;
    case ValueType::kTruth:
      return a.truth <=> b.truth;
    case ValueType::kText:
      break;
  }
  return a.text <=> b.text;
}

bool Same(const Value& a, const Value& b, ValueType type) {
  if (a.nothing || b.nothing) return a.nothing == b.nothing;
  return Compare(a, b, type) == 0;
}

bool Holds(Op op, const Value& a, const Value& b, ValueType type) {
  if (op == Op::kEqual) return Same(a, b, type);
  if (op == Op::kNotEqual) return !Same(a, b, type);
  if (a.nothing || b.nothing) return false;
  const std::strong_ordering order = Compare(a, b, type);
  if (op == Op::kLess) return order < 0;
  if (op == Op::kLessEqual) return order <= 0;
  return op == Op::kGreater ? order > 0 : order >= 0;
}

// Looks at row `at` while it lives.
class AtRow {
 public:
  AtRow(Evaluation& evaluation, size_t at) : evaluation_(evaluation), before_(std::exchange(evaluation.at, at)) {}
  ~AtRow() { evaluation_.at = before_; }
  AtRow(const AtRow&) = delete;
  AtRow& operator=(const AtRow&) = delete;

 private:
  Evaluation& evaluation_;
  const size_t before_;
};

bool Column(const Node& node, Evaluation& evaluation, Value& value) {
  if (evaluation.at != Evaluation::kWhole) {
    value = Value::OfText(evaluation.rows[evaluation.at].cells[node.slot]);
    return true;
  }
  const std::string_view first = evaluation.rows[0].cells[node.slot];
  for (const MappedRow& row : evaluation.rows) {
    if (row.cells[node.slot] != first) {
      return evaluation.Fail(node, "differs among the rows that belong together: min, max, sum, first or last choose",
                             absl::StrCat(std::string(first), " and ", std::string(row.cells[node.slot])));
    }
  }
  value = Value::OfText(first);
  return true;
}

bool Found(const Node& node, Evaluation& evaluation, Value& value) {
  Value key;
  if (!EvaluateNode(node.arguments[0], evaluation, key)) return false;
  value = Value();
  if (key.nothing) return true;
  if (node.op == Op::kLookup) {
    const auto cell = node.table < evaluation.lookups.size() ? evaluation.lookups[node.table].Find(key.text, node.slot)
                                                             : std::nullopt;
    if (cell.has_value()) {
      value = Value::OfText(*cell);
    } else {
      Note(evaluation, absl::StrCat(node.text, " found nothing"));
    }
    return true;
  }
  const auto found = node.values->values.find(key.text);
  if (found != node.values->values.end()) {
    value = Value::OfText(found->second);
  } else if (node.values->keeps_others) {
    value = Value::OfText(evaluation.scratch.emplace_back(key.text));
  } else if (node.values->otherwise.has_value()) {
    Note(evaluation, absl::StrCat(node.text, " took else"));
    value = Value::OfText(*node.values->otherwise);
  } else {
    return evaluation.Fail(node, "is not in the table", std::string(key.text));
  }
  return true;
}

bool Convert(const Node& node, Evaluation& evaluation, Value& value) {
  Value from;
  if (!EvaluateNode(node.arguments[0], evaluation, from)) return false;
  if (node.op != Op::kToText) {
    MappingProblem problem;
    if (ConvertText(from.text, *node.format, node.type, value, problem)) return true;
    problem.column = node.text;
    return evaluation.Fail(std::move(problem));
  }
  value = Value();
  if (from.nothing) return true;
  const bool number = node.arguments[0].type == ValueType::kNumber;
  value = Value::OfText(evaluation.scratch.emplace_back(
      number ? from.number.ToString() : absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", from.time, absl::UTCTimeZone())));
  return true;
}

// Of numbers, where nothing is no number.
bool Arithmetic(const Node& node, Evaluation& evaluation, Value& value) {
  Value a;
  Value b;
  if (!EvaluateNode(node.arguments[0], evaluation, a)) return false;
  if (a.nothing) return evaluation.Fail(node.arguments[0], "is empty");
  if (node.op == Op::kNegate) {
    value = Value::OfNumber(a.number.Negated());
    return true;
  }
  if (!EvaluateNode(node.arguments[1], evaluation, b)) return false;
  if (b.nothing) return evaluation.Fail(node.arguments[1], "is empty");
  std::optional<Decimal> result;
  if (node.op == Op::kAdd) result = Decimal::Add(a.number, b.number);
  if (node.op == Op::kSubtract) result = Decimal::Add(a.number, b.number.Negated());
  if (node.op == Op::kMultiply) result = Decimal::Multiply(a.number, b.number);
  if (node.op == Op::kDivide) result = Decimal::Divide(a.number, b.number);
  if (!result.has_value()) {
    return evaluation.Fail(node, node.op == Op::kDivide && b.number.is_zero() ? "divides by 0" : "is too large",
                           absl::StrCat(a.number.ToString(), ", ", b.number.ToString()));
  }
  value = Value::OfNumber(*result);
  return true;
}

bool Logic(const Node& node, Evaluation& evaluation, Value& value) {
  if (!EvaluateNode(node.arguments[0], evaluation, value)) return false;
  if (node.op == Op::kNot) {
    value = Value::OfTruth(!value.truth);
    return true;
  }
  const bool decided = node.op == Op::kAnd ? !value.truth : value.truth;
  return decided || EvaluateNode(node.arguments[1], evaluation, value);
}

bool Choice(const Node& node, Evaluation& evaluation, Value& value) {
  if (node.op == Op::kIf) {
    if (!EvaluateNode(node.arguments[0], evaluation, value)) return false;
    return EvaluateNode(node.arguments[value.truth ? 1 : 2], evaluation, value);
  }
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    if (!EvaluateNode(node.arguments[i], evaluation, value)) return false;
    if (value.nothing) continue;
    if (i > 0) Note(evaluation, absl::StrCat(node.text, " took its default"));
    return true;
  }
  return true;
}

// min(a, b, ...), max, one_of.
bool Among(const Node& node, Evaluation& evaluation, Value& value) {
  Value first;
  if (!EvaluateNode(node.arguments[0], evaluation, first)) return false;
  bool found = false;
  const ValueType type = node.arguments[0].type;
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    Value other;
    if (!EvaluateNode(node.arguments[i], evaluation, other)) return false;
    if (node.op == Op::kOneOf) {
      found |= Same(first, other, type);
    } else if (!other.nothing &&
               (first.nothing || Holds(node.op == Op::kMin ? Op::kLess : Op::kGreater, other, first, type))) {
      first = other;
    }
  }
  value = node.op == Op::kOneOf ? Value::OfTruth(found) : first;
  return true;
}

// Adds what a row has to what the rows before it have; false: that fails.
bool Gather(const Node& node, Evaluation& evaluation, const Value& one, Value& all) {
  switch (node.op) {
    case Op::kMinRows:
    case Op::kMaxRows:
      if (one.nothing) return true;
      if (all.nothing || Holds(node.op == Op::kMinRows ? Op::kLess : Op::kGreater, one, all, node.type)) all = one;
      return true;
    case Op::kAny:
      all.truth |= one.truth;
      return true;
    case Op::kAll:
      all.truth &= one.truth;
      return true;
    default: {
      if (one.nothing) return evaluation.Fail(node.arguments[0], "is empty");
      const std::optional<Decimal> sum = Decimal::Add(all.number, one.number);
      if (!sum.has_value()) {
        const AtRow whole(evaluation, Evaluation::kWhole);
        return evaluation.Fail(node, "is too large");
      }
      all.number = *sum;
      return true;
    }
  }
}

bool OverRows(const Node& node, Evaluation& evaluation, Value& value) {
  const size_t count = evaluation.rows.size();
  if (node.op == Op::kCount) {
    value = Value::OfNumber(Decimal(static_cast<int64_t>(count)));
    return true;
  }
  if (node.op == Op::kFirst || node.op == Op::kLast) {
    const AtRow here(evaluation, node.op == Op::kFirst ? 0 : count - 1);
    return EvaluateNode(node.arguments[0], evaluation, value);
  }
  Value all;
  if (node.op == Op::kSum) all = Value::OfNumber(Decimal());
  if (node.op == Op::kAny || node.op == Op::kAll) all = Value::OfTruth(node.op == Op::kAll);
  bool bad = false;
  for (size_t at = 0; at < count; ++at) {
    const AtRow here(evaluation, at);
    Value one;
    if (EvaluateNode(node.arguments[0], evaluation, one) && Gather(node, evaluation, one, all)) continue;
    if (evaluation.problem_at != at) return false;
    evaluation.bad_rows.emplace(at, evaluation.problem);
    bad = true;
  }
  value = all;
  return !bad;
}

// The snapshots before the one that is looked at.
bool OverHistory(const Node& node, Evaluation& evaluation, Value& value) {
  const Node& argument = node.arguments[0];
  const size_t at = evaluation.at;
  Value before;  // nothing, and not true, before the first one
  if (at > 0) {
    const AtRow here(evaluation, at - 1);
    if (!EvaluateNode(argument, evaluation, before)) return false;
  }
  if (node.op == Op::kBefore) {
    value = before;
    return true;
  }
  Value now;
  if (!EvaluateNode(argument, evaluation, now)) return false;
  if (node.op == Op::kChanged) {
    value = Value::OfTruth(at == 0 || !Same(before, now, argument.type));
    return true;
  }
  bool result = now.truth && !before.truth;
  for (size_t earlier = 0; node.op == Op::kFirstTime && result && earlier < at; ++earlier) {
    const AtRow here(evaluation, earlier);
    Value then;
    if (!EvaluateNode(argument, evaluation, then)) return false;
    result = !then.truth;
  }
  value = Value::OfTruth(result);
  return true;
}

bool Call(const Node& node, Evaluation& evaluation, Value& value) {
  absl::InlinedVector<Value, 4> arguments(node.arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!EvaluateNode(node.arguments[i], evaluation, arguments[i])) return false;
  }
  return CallFunction(node, arguments, evaluation, value);
}

bool Comparison(const Node& node, Evaluation& evaluation, Value& value) {
  Value a;
  Value b;
  if (!EvaluateNode(node.arguments[0], evaluation, a) || !EvaluateNode(node.arguments[1], evaluation, b)) return false;
  value = Value::OfTruth(Holds(node.op, a, b, node.arguments[0].type));
  return true;
}

}  // namespace

bool EvaluateNode(const Node& node, Evaluation& evaluation, Value& value) {
  if (node.op >= Op::kBefore) return OverHistory(node, evaluation, value);
  if (node.op >= Op::kMinRows) return OverRows(node, evaluation, value);
  if (node.op >= Op::kAdd && node.op <= Op::kNegate) return Arithmetic(node, evaluation, value);
  if (node.op >= Op::kEqual && node.op <= Op::kGreaterEqual) return Comparison(node, evaluation, value);
  switch (node.op) {
    case Op::kConstant:
      value = node.constant;
      return true;
    case Op::kColumn:
      return Column(node, evaluation, value);
    case Op::kRowNumber:
      value = Value::OfNumber(Decimal(static_cast<int64_t>(evaluation.at) + 1));
      return true;
    case Op::kLookup:
    case Op::kValueTable:
      return Found(node, evaluation, value);
    case Op::kToNumber:
    case Op::kToTime:
    case Op::kToText:
      return Convert(node, evaluation, value);
    case Op::kAnd:
    case Op::kOr:
    case Op::kNot:
      return Logic(node, evaluation, value);
    case Op::kIf:
    case Op::kCoalesce:
      return Choice(node, evaluation, value);
    case Op::kDefined:
      if (!EvaluateNode(node.arguments[0], evaluation, value)) return false;
      value = Value::OfTruth(!value.nothing);
      return true;
    case Op::kMin:
    case Op::kMax:
    case Op::kOneOf:
      return Among(node, evaluation, value);
    default:
      return Call(node, evaluation, value);
  }
}

}  // namespace keyfold
