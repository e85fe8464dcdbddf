// A second look at an event's JSON, for people: which of its fields there are not, which values cannot be read. The
// decoder's answer does not depend on it.
#ifndef KEYFOLD_EVENT_JSON_INSPECTION_H_
#define KEYFOLD_EVENT_JSON_INSPECTION_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace keyfold {

struct JsonFinding {
  enum class Kind {
    kUnknownField,  // it is ignored
    kUnreadable,    // the value is not of its field's form
  };
  Kind kind = Kind::kUnknownField;
  std::string path;     // of the field: "invoice_issued.lines[0].net.minro"; empty: the text as a whole
  std::string problem;  // "there is no such field, did you mean minor?"
};

// "<path>: <problem>", for people.
std::string ToString(const JsonFinding& finding);

// Compares the JSON of an AccountEvent with its fields, in the order of the text, and stops at `findings_max` or where
// the text is no JSON. Names are known as Protobuf knows them: in snake_case and in lowerCamelCase. Thread-safe.
std::vector<JsonFinding> InspectJson(std::string_view json, size_t findings_max);

// What of the JSON of a valid event is ignored because there is no such field: at most `findings_max`. JSON that only
// Protobuf takes for such (names without quotes) is not looked into: there is one finding then, if anything is ignored.
std::vector<JsonFinding> FindUnknownFields(std::string_view json, size_t findings_max);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_JSON_INSPECTION_H_
