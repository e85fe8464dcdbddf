// Events and the problem that validation finds in them.
#ifndef KEYFOLD_TESTS_EVENT_VALIDATION_CASES_H_
#define KEYFOLD_TESTS_EVENT_VALIDATION_CASES_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "event/example_events.h"
#include "event/validation.h"

namespace keyfold::testing {

// The problem of an event; unlike the decoder's JSON door, this lets pass any number in an enum.
inline std::string Problem(const std::string& json) {
  return Validate(EventMessage(json), *Currency::Parse("EUR")).problem;
}

struct Case {
  std::string payload;
  std::string fields;
  std::string problem;  // empty: valid
};

inline void ExpectAll(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(Problem(EventJson(c.payload, c.fields)), c.problem) << c.payload << c.fields;
}

inline std::string Money(const std::string& code, const std::string& minor) {
  return R"({"currency_code": ")" + code + R"(", "minor": )" + minor + "}";
}

inline std::string Bytes(int count) { return std::string(count, 'x'); }

// 'ü' is two bytes: limits count bytes, not characters.
inline std::string Umlauts(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "\u00fc";
  return text;
}

inline const std::string kNoMinor = "missing, in the minor unit: 1234 for EUR 12.34";
inline const std::string kTooLong = "longer than 128 bytes";
inline const std::string kNoDate = "not a date (YYYY-MM-DD) within 1970-2200: ";

}  // namespace keyfold::testing

#endif  // KEYFOLD_TESTS_EVENT_VALIDATION_CASES_H_
