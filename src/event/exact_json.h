// JSON of which nothing is lost: numbers stay as they were written, members in their order. For documents around and
// beside events, whose amounts must not become binary fractions on their way.
#ifndef KEYFOLD_EVENT_EXACT_JSON_H_
#define KEYFOLD_EVENT_EXACT_JSON_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keyfold {

struct JsonValue {
  enum class Kind { kNull, kFalse, kTrue, kNumber, kText, kList, kObject };

  Kind kind = Kind::kNull;
  std::string text;                 // of a text; of a number as it was written
  std::vector<std::string> names;   // of an object's elements
  std::vector<JsonValue> elements;  // of a list or an object, in their order

  bool IsObject() const { return kind == Kind::kObject; }
  bool IsText() const { return kind == Kind::kText; }
  bool IsNull() const { return kind == Kind::kNull; }

  // The member of this name, the last one of several; nullptr: there is none, or it is no object.
  const JsonValue* Find(std::string_view name) const;

  // Find(), where it is a text; else empty.
  std::string_view TextOf(std::string_view name) const;
};

// nullopt: it is no JSON, nested deeper than kJsonDepthMax, or a number is beyond what a double takes.
std::optional<JsonValue> ParseExactJson(std::string_view json);

// Without white space.
std::string WriteJson(const JsonValue& value);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_EXACT_JSON_H_
