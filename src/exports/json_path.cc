#include "exports/json_path.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace keyfold {

using Kind = JsonValue::Kind;

const JsonValue* FindPath(const JsonValue& json, std::string_view path) {
  if (path.empty()) return &json;
  if (json.IsObject()) {
    if (const JsonValue* const whole = json.Find(path)) return whole;
    for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
      if (const JsonValue* const member = json.Find(path.substr(0, dot)))
        return FindPath(*member, path.substr(dot + 1));
    }
    return nullptr;
  }
  if (json.kind != Kind::kList) return nullptr;
  const size_t dot = path.find('.');
  size_t index = 0;
  if (!absl::SimpleAtoi(std::string(path.substr(0, dot)), &index) || index >= json.elements.size()) return nullptr;
  return dot == std::string_view::npos ? &json.elements[index] : FindPath(json.elements[index], path.substr(dot + 1));
}

std::optional<std::string> TextOf(const JsonValue& json) {
  switch (json.kind) {
    case Kind::kNull:
      return "";
    case Kind::kFalse:
      return "false";
    case Kind::kTrue:
      return "true";
    case Kind::kNumber:
    case Kind::kText:
      return json.text;
    case Kind::kObject:
      return std::nullopt;
    case Kind::kList:
      break;
  }
  std::string all;
  for (const JsonValue& one : json.elements) {
    const std::optional<std::string> text = one.kind == Kind::kList ? std::nullopt : TextOf(one);
    if (!text.has_value()) return std::nullopt;
    absl::StrAppend(&all, all.empty() ? "" : "; ", *text);
  }
  return all;
}

}  // namespace keyfold
