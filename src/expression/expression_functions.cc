#include "expression/expression_functions.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace keyfold {
namespace {

using Op = ExpressionOp;
using Over = ExpressionFunction::Over;

constexpr ExpressionFunction kFunctions[] = {
    {"if", Op::kIf, "caa", 'a'},
    {"coalesce", Op::kCoalesce, "a*", 'a'},
    {"defined", Op::kDefined, "a", 'c'},
    {"min", Op::kMinRows, "a", 'a', Over::kRows},
    {"max", Op::kMaxRows, "a", 'a', Over::kRows},
    {"min", Op::kMin, "aa*", 'a'},
    {"max", Op::kMax, "aa*", 'a'},
    {"abs", Op::kAbs, "n", 'n'},
    {"round", Op::kRound, "n?n", 'n'},
    {"one_of", Op::kOneOf, "aa*", 'c'},
    {"lower", Op::kLower, "t", 't'},
    {"upper", Op::kUpper, "t", 't'},
    {"starts", Op::kStarts, "tt", 'c'},
    {"ends", Op::kEnds, "tt", 'c'},
    {"contains", Op::kContains, "tt", 'c'},
    {"strip", Op::kStrip, "tt", 't'},
    {"strip_start", Op::kStripStart, "tt", 't'},
    {"strip_end", Op::kStripEnd, "tt", 't'},
    {"left", Op::kLeft, "tn", 't'},
    {"right", Op::kRight, "tn", 't'},
    {"replace", Op::kReplace, "ttt", 't'},
    {"concat", Op::kConcat, "tt*", 't'},
    {"part", Op::kPart, "ttn", 't'},
    {"unpad", Op::kUnpad, "t", 't'},
    {"id18", Op::kId18, "t", 't'},
    {"number", Op::kNumber, "t?t", 'n'},
    {"date", Op::kDate, "t?t", 'd'},
    {"add_days", Op::kAddDays, "dn", 'd'},
    {"add_months", Op::kAddMonths, "dn", 'd'},
    {"seconds", Op::kSeconds, "d", 'n'},
    {"sum", Op::kSum, "n", 'n', Over::kRows},
    {"count", Op::kCount, "", 'n', Over::kRows},
    {"any", Op::kAny, "c", 'c', Over::kRows},
    {"all", Op::kAll, "c", 'c', Over::kRows},
    {"first", Op::kFirst, "a", 'a', Over::kRows},
    {"last", Op::kLast, "a", 'a', Over::kRows},
    {"before", Op::kBefore, "a", 'a', Over::kHistory},
    {"changed", Op::kChanged, "a", 'c', Over::kHistory},
    {"becomes", Op::kBecomes, "c", 'c', Over::kHistory},
    {"first_time", Op::kFirstTime, "c", 'c', Over::kHistory},
};

bool Takes(std::string_view arguments, size_t count) {
  const bool repeats = arguments.ends_with('*');
  const size_t optional = arguments.find('?');
  const size_t letters = arguments.size() - (repeats ? 1 : 0) - (optional == std::string_view::npos ? 0 : 1);
  const size_t required = optional == std::string_view::npos ? letters : optional;
  return count >= required && (count <= letters || repeats);
}

Value Kept(Evaluation& evaluation, std::string text) {
  return Value::OfText(evaluation.scratch.emplace_back(std::move(text)));
}

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (size_t at = from.empty() ? std::string_view::npos : text.find(from); at != std::string_view::npos;
       at = text.find(from)) {
    result.append(text.substr(0, at));
    result.append(to);
    text.remove_prefix(at + from.size());
  }
  result.append(text);
  return result;
}

// The number of bytes of the first `count` characters.
size_t BytesOfCharacters(std::string_view text, int64_t count) {
  size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    ++at;
    while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return at;
}

int64_t Characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
}

// The part number `index`, from 1; from the end where it is negative. Empty: there is none.
std::string_view Part(std::string_view text, std::string_view separator, int64_t index) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = separator.empty() ? std::string_view::npos : text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + separator.size());
  }
  const auto count = static_cast<int64_t>(parts.size());
  if (index < 0) index += count + 1;
  if (index < 1 || index > count) return {};
  return Trimmed(parts[static_cast<size_t>(index - 1)]);
}

// Salesforce's case-safe form of an id of 15 characters: a bit for each capital letter, in three letters more.
std::string Id18(std::string_view id) {
  if (id.size() != 15) return std::string(id);
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
  std::string longer(id);
  for (size_t block = 0; block < 3; ++block) {
    size_t bits = 0;
    for (size_t i = 0; i < 5; ++i) bits |= static_cast<size_t>(absl::ascii_isupper(id[block * 5 + i]) ? 1 : 0) << i;
    longer.push_back(kLetters[bits]);
  }
  return longer;
}

std::string_view Unpadded(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return text;
  while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
  return text;
}

std::string_view Stripped(std::string_view text, std::string_view what, bool start, bool end) {
  if (start && text.starts_with(what)) text.remove_prefix(what.size());
  if (end && text.ends_with(what)) text.remove_suffix(what.size());
  return Trimmed(text);
}

// A text with a format of its own.
bool Convert(const ExpressionNode& node, std::span<const Value> arguments, Evaluation& evaluation, Value& value) {
  const ValueType type = node.op == Op::kNumber ? ValueType::kNumber : ValueType::kTime;
  MappingProblem problem;
  if (ConvertText(arguments[0].text, *node.format, type, value, problem)) return true;
  problem.column = node.text;
  return evaluation.Fail(std::move(problem));
}

// Functions of texts that make a text.
bool CallOnTexts(const ExpressionNode& node, std::span<const Value> a, Evaluation& evaluation, Value& value) {
  const std::string_view text = a[0].text;
  switch (node.op) {
    case Op::kLower:
      value = Kept(evaluation, absl::AsciiStrToLower(std::string(text)));
      return true;
    case Op::kUpper:
      value = Kept(evaluation, absl::AsciiStrToUpper(std::string(text)));
      return true;
    case Op::kStrip:
    case Op::kStripStart:
    case Op::kStripEnd:
      value = Value::OfText(Stripped(text, a[1].text, node.op != Op::kStripEnd, node.op != Op::kStripStart));
      return true;
    case Op::kReplace:
      value = Kept(evaluation, Replaced(text, a[1].text, a[2].text));
      return true;
    case Op::kConcat: {
      std::string all;
      for (const Value& argument : a) all.append(argument.text);
      value = Kept(evaluation, std::move(all));
      return true;
    }
    case Op::kUnpad:
      value = Value::OfText(Unpadded(text));
      return true;
    default:
      value = Kept(evaluation, Id18(text));
      return true;
  }
}

// Pieces of a text that a number chooses.
bool CallOnPlaces(const ExpressionNode& node, std::span<const Value> a, Evaluation& evaluation, Value& value) {
  const Value& place = a.back();
  const std::optional<int64_t> count = place.nothing || !place.number.Fits(0) ? std::nullopt : place.number.ToUnits(0);
  if (!count.has_value()) return evaluation.Fail(node, "needs a whole number", place.number.ToString());
  const std::string_view text = a[0].text;
  if (node.op == Op::kPart) {
    value = Value::OfText(Part(text, a[1].text, *count));
  } else if (node.op == Op::kLeft) {
    value = Value::OfText(text.substr(0, BytesOfCharacters(text, *count)));
  } else {
    value = Value::OfText(text.substr(BytesOfCharacters(text, Characters(text) - *count)));
  }
  return true;
}

bool CallOnTime(const ExpressionNode& node, std::span<const Value> a, Evaluation& evaluation, Value& value) {
  value = Value();
  if (a[0].nothing || a[1].nothing) return true;
  const std::optional<int64_t> count = a[1].number.Fits(0) ? a[1].number.ToUnits(0) : std::nullopt;
  constexpr int64_t kCountMax = 1'000'000;
  if (!count.has_value() || *count > kCountMax || *count < -kCountMax) {
    return evaluation.Fail(node, "needs a whole number", a[1].number.ToString());
  }
  value = Value::OfTime(node.op == Op::kAddDays ? AddDays(a[0].time, *count, node.format->zone)
                                                : AddMonths(a[0].time, *count, node.format->zone));
  return true;
}

}  // namespace

const ExpressionFunction* FindFunction(std::string_view name, size_t arguments) {
  const auto* const found =
      std::find_if(std::begin(kFunctions), std::end(kFunctions),
                   [&](const ExpressionFunction& f) { return f.name == name && Takes(f.arguments, arguments); });
  return found == std::end(kFunctions) ? nullptr : found;
}

std::vector<std::string_view> FunctionNames() {
  std::vector<std::string_view> names;
  for (const ExpressionFunction& function : kFunctions) {
    if (names.empty() || std::find(names.begin(), names.end(), function.name) == names.end()) {
      names.push_back(function.name);
    }
  }
  return names;
}

bool LooksLikeCall(std::string_view text) {
  const size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return false;
  const std::vector<std::string_view> names = FunctionNames();
  return std::find(names.begin(), names.end(), text.substr(0, open)) != names.end();
}

bool CallFunction(const ExpressionNode& node, std::span<const Value> a, Evaluation& evaluation, Value& value) {
  switch (node.op) {
    case Op::kStarts:
      value = Value::OfTruth(a[0].text.starts_with(a[1].text));
      return true;
    case Op::kEnds:
      value = Value::OfTruth(a[0].text.ends_with(a[1].text));
      return true;
    case Op::kContains:
      value = Value::OfTruth(a[0].text.find(a[1].text) != std::string_view::npos);
      return true;
    case Op::kAbs:
      value = a[0];
      if (value.number.is_negative()) value.number = value.number.Negated();
      return true;
    case Op::kRound: {
      value = a[0];
      const std::optional<int64_t> decimals = a.size() < 2 ? 0 : a[1].number.ToUnits(0);
      if (!decimals.has_value() || *decimals < 0 || *decimals > Decimal::kScaleMax) {
        return evaluation.Fail(node, "rounds to 0 to 18 decimals", a[1].number.ToString());
      }
      value.number = value.number.Round(static_cast<int>(*decimals));
      return true;
    }
    case Op::kNumber:
    case Op::kDate:
      return Convert(node, a, evaluation, value);
    case Op::kLeft:
    case Op::kRight:
    case Op::kPart:
      return CallOnPlaces(node, a, evaluation, value);
    case Op::kAddDays:
    case Op::kAddMonths:
      return CallOnTime(node, a, evaluation, value);
    case Op::kSeconds:
      value = a[0].nothing ? Value() : Value::OfNumber(Decimal(absl::ToUnixSeconds(a[0].time)));
      return true;
    default:
      return CallOnTexts(node, a, evaluation, value);
  }
}

}  // namespace keyfold
