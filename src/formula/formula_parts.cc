#include "formula/formula_parts.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "formula/name_characters.h"

namespace keyfold {
namespace {

// Words that are no operands, and functions whose arguments are names: with these, one operand.
constexpr std::string_view kWords[] = {"and", "or", "not", "undefined"};
constexpr std::string_view kFunctionsOfNames[] = {"sum", "complete", "quantile", "forecast_sum"};

template <size_t size>
bool IsOneOf(std::string_view name, const std::string_view (&names)[size]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

size_t SkipWhile(std::string_view text, size_t at, bool (*holds)(char)) {
  while (at < text.size() && holds(text[at])) ++at;
  return at;
}

// Where the operand or word that begins at `at` ends, and whether it is an operand.
struct Name {
  size_t end;
  bool is_operand;
};
Name NameAt(std::string_view text, size_t at) {
  const size_t end = SkipWhile(text, at, IsNamePart);
  const std::string_view name = text.substr(at, end - at);
  const size_t next = text.find_first_not_of(" \t\r\n", end);
  const bool is_call = next != std::string_view::npos && text[next] == '(';
  if (!is_call) return {end, !IsOneOf(name, kWords)};
  if (!IsOneOf(name, kFunctionsOfNames)) return {end, false};
  return {text.find(')', next) + 1, true};  // the names in it stand in no parentheses
}

}  // namespace

std::vector<FormulaPart> PartsOf(std::string_view text) {
  std::vector<FormulaPart> parts;
  size_t begin = 0;  // of what stands between
  for (size_t at = 0; at < text.size();) {
    if (IsNumberPart(text[at])) {  // with its exponent: no name
      at = SkipWhile(text, at, IsNamePart);
      continue;
    }
    if (!IsNameStart(text[at])) {
      ++at;
      continue;
    }
    const Name name = NameAt(text, at);
    if (name.is_operand) {
      if (at > begin) parts.push_back({text.substr(begin, at - begin), false});
      parts.push_back({text.substr(at, name.end - at), true});
      begin = name.end;
    }
    at = name.end;
  }
  if (begin < text.size()) parts.push_back({text.substr(begin), false});
  return parts;
}

}  // namespace keyfold
