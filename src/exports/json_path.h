// What stands where in a record of JSON.
#ifndef KEYFOLD_EXPORTS_JSON_PATH_H_
#define KEYFOLD_EXPORTS_JSON_PATH_H_

#include <optional>
#include <string>
#include <string_view>

#include "event/exact_json.h"

namespace keyfold {

// What stands at a path: "customer.name", "items.0.id"; a member whose name holds the dots comes first. nullptr:
// nothing.
const JsonValue* FindPath(const JsonValue& json, std::string_view path);

// The text of a value: "" of null, "a; b" of a list of plain values; nullopt: it is an object, or a list of such.
std::optional<std::string> TextOf(const JsonValue& json);

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_JSON_PATH_H_
