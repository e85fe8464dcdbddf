// What expressions of a mapping compute with.
#ifndef KEYFOLD_EXPRESSION_VALUE_H_
#define KEYFOLD_EXPRESSION_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "expression/decimal.h"

namespace keyfold {

enum class ValueType : uint8_t { kText, kNumber, kTime, kTruth };

// "text", "number", "time", "condition": for messages.
std::string_view ValueTypeName(ValueType type);

// Without the spaces (also those that do not break), tabs and ends of lines around it.
inline std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  constexpr std::string_view kNoBreak = "\u00A0";
  while (true) {
    const size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return {};
    text = text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
    if (text.starts_with(kNoBreak)) {
      text.remove_prefix(kNoBreak.size());
    } else if (text.ends_with(kNoBreak)) {
      text.remove_suffix(kNoBreak.size());
    } else {
      return text;
    }
  }
}

// A value of its expression's type, or nothing: an empty cell, a field that is not there, a lookup without a result.
struct Value {
  bool nothing = true;
  bool truth = false;
  std::string_view text;  // lives as long as the rows and the Scratch of the evaluation
  Decimal number;
  absl::Time time;

  static Value OfText(std::string_view text) {
    Value value;
    value.nothing = text.empty();
    value.text = text;
    return value;
  }
  static Value OfNumber(const Decimal& number) {
    Value value;
    value.nothing = false;
    value.number = number;
    return value;
  }
  static Value OfTime(absl::Time time) {
    Value value;
    value.nothing = false;
    value.time = time;
    return value;
  }
  static Value OfTruth(bool truth) {
    Value value;
    value.nothing = false;
    value.truth = truth;
    return value;
  }
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPRESSION_VALUE_H_
