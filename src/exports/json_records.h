// Records of JSON: lines of it, or one document with a list of records in it.
#ifndef KEYFOLD_EXPORTS_JSON_RECORDS_H_
#define KEYFOLD_EXPORTS_JSON_RECORDS_H_

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace keyfold {

// Parses JSON with its numbers as they are written (they become strings: binary floats would change amounts). nullptr:
// it is none, or nested too deeply, or too long.
std::unique_ptr<nlohmann::json> ParseExactJson(std::string_view text);

// What stands at a path: "customer.name", "items.0.id"; a member whose name holds the dots comes first. nullptr:
// nothing.
const nlohmann::json* FindPath(const nlohmann::json& json, std::string_view path);

// The text of a value: "" of null, "a; b" of a list of plain values; nullopt: it is an object, or a list of such.
std::optional<std::string> TextOf(const nlohmann::json& json);

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_JSON_RECORDS_H_
