#include "event/exact_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "event/limits.h"

namespace keyfold {
namespace {

using nlohmann::json;
using Kind = JsonValue::Kind;

// Follows the text; a false ends the parsing.
class Builder : public json::json_sax_t {
 public:
  JsonValue TakeRoot() { return std::move(root_); }

  bool key(string_t& name) override {
    open_.back()->names.push_back(std::move(name));
    return true;
  }
  bool start_object(std::size_t) override { return Open(Kind::kObject); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(Kind::kList); }
  bool end_array() override { return Close(); }

  bool null() override { return Add({}); }
  bool boolean(bool value) override { return Add({value ? Kind::kTrue : Kind::kFalse, {}, {}, {}}); }
  bool string(string_t& text) override { return Add({Kind::kText, std::move(text), {}, {}}); }
  bool number_integer(number_integer_t number) override { return Add({Kind::kNumber, absl::StrCat(number), {}, {}}); }
  bool number_unsigned(number_unsigned_t number) override { return Add({Kind::kNumber, absl::StrCat(number), {}, {}}); }
  bool number_float(number_float_t, const string_t& text) override { return Add({Kind::kNumber, text, {}, {}}); }

  bool binary(binary_t&) override { return false; }  // not in JSON
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool Add(JsonValue value) {
    Place() = std::move(value);
    return true;
  }

  // Where the value that comes next belongs. What is open stays where it is: nothing is added beside it meanwhile.
  JsonValue& Place() { return open_.empty() ? root_ : open_.back()->elements.emplace_back(); }

  bool Open(Kind kind) {
    if (open_.size() == kJsonDepthMax) return false;
    JsonValue& opened = Place();
    opened.kind = kind;
    open_.push_back(&opened);
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  JsonValue root_;
  std::vector<JsonValue*> open_;
};

void AppendText(std::string_view text, std::string& json) {
  constexpr char kDigits[] = "0123456789abcdef";
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppend(&json, "\\u00", std::string(1, kDigits[c >> 4]), std::string(1, kDigits[c & 15]));
    } else {
      json += c;
    }
  }
  json += '"';
}

void Append(const JsonValue& value, std::string& json) {
  switch (value.kind) {
    case Kind::kNull:
      json += "null";
      return;
    case Kind::kFalse:
      json += "false";
      return;
    case Kind::kTrue:
      json += "true";
      return;
    case Kind::kNumber:
      json += value.text;
      return;
    case Kind::kText:
      AppendText(value.text, json);
      return;
    case Kind::kList:
    case Kind::kObject:
      break;
  }
  const bool object = value.IsObject();
  json += object ? '{' : '[';
  for (size_t i = 0; i < value.elements.size(); ++i) {
    if (i > 0) json += ',';
    if (object) {
      AppendText(value.names[i], json);
      json += ':';
    }
    Append(value.elements[i], json);
  }
  json += object ? '}' : ']';
}

}  // namespace

const JsonValue* JsonValue::Find(std::string_view name) const {
  for (size_t i = names.size(); i-- > 0;) {
    if (names[i] == name) return &elements[i];
  }
  return nullptr;
}

std::string_view JsonValue::TextOf(std::string_view name) const {
  const JsonValue* const member = Find(name);
  return member != nullptr && member->IsText() ? std::string_view(member->text) : std::string_view();
}

std::optional<JsonValue> ParseExactJson(std::string_view text) {
  Builder builder;
  if (!json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return builder.TakeRoot();
}

std::string WriteJson(const JsonValue& value) {
  std::string json;
  Append(value, json);
  return json;
}

}  // namespace keyfold
