// What verbs share that write JSON: one line per document, undefined values left out.
#ifndef KEYFOLD_ASK_JSON_H_
#define KEYFOLD_ASK_JSON_H_

#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

namespace keyfold {

using Json = nlohmann::ordered_json;  // keys stay in the order in which they were written

// Writes one line; bytes that are not UTF-8 become U+FFFD.
inline void WriteJsonLine(std::ostream& out, const Json& json) {
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

// Sets a member unless the value is undefined (NaN).
inline void PutDefined(Json& json, const std::string& key, double value) {
  if (!std::isnan(value)) json[key] = value;
}

// Sets a member unless the text is empty.
inline void PutText(Json& json, const std::string& key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

}  // namespace keyfold

#endif  // KEYFOLD_ASK_JSON_H_
