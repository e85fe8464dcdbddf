#include "exports/json_records.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using Json = nlohmann::json;

constexpr size_t kDepthMax = 64;

// Builds the value from what the parser tells; ends it where it is nested too deeply.
class ExactBuilder final : public nlohmann::json_sax<Json> {
 public:
  Json TakeRoot() { return std::move(root_); }

  bool null() override { return Add(Json()); }
  bool boolean(bool value) override { return Add(Json(value)); }
  bool number_integer(number_integer_t value) override { return Add(Json(absl::StrCat(value))); }
  bool number_unsigned(number_unsigned_t value) override { return Add(Json(absl::StrCat(value))); }
  bool number_float(number_float_t /*value*/, const string_t& text) override { return Add(Json(text)); }
  bool string(string_t& value) override { return Add(Json(std::move(value))); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return Open(Json::object()); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t /*size*/) override { return Open(Json::array()); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const Json::exception& /*error*/) override {
    return false;
  }

 private:
  Json* Place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }
  bool Add(Json value) {
    Place(std::move(value));
    return true;
  }
  bool Open(Json value) {
    if (open_.size() == kDepthMax) return false;
    open_.push_back(Place(std::move(value)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Json*> open_;
  std::string key_;
};

}  // namespace

std::unique_ptr<Json> ParseExactJson(std::string_view text) {
  ExactBuilder builder;
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return nullptr;
  return std::make_unique<Json>(builder.TakeRoot());
}

const Json* FindPath(const Json& json, std::string_view path) {
  if (path.empty()) return &json;
  if (json.is_object()) {
    const auto whole = json.find(std::string(path));
    if (whole != json.end()) return &*whole;
    for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
      const auto member = json.find(std::string(path.substr(0, dot)));
      if (member != json.end()) return FindPath(*member, path.substr(dot + 1));
    }
    return nullptr;
  }
  if (!json.is_array()) return nullptr;
  const size_t dot = path.find('.');
  size_t index = 0;
  if (!absl::SimpleAtoi(std::string(path.substr(0, dot)), &index) || index >= json.size()) return nullptr;
  return dot == std::string_view::npos ? &json[index] : FindPath(json[index], path.substr(dot + 1));
}

std::optional<std::string> TextOf(const Json& json) {
  if (json.is_null()) return "";
  if (json.is_boolean()) return json.get<bool>() ? "true" : "false";
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_array()) return std::nullopt;
  std::string all;
  for (const Json& one : json) {
    const std::optional<std::string> text = one.is_array() ? std::nullopt : TextOf(one);
    if (!text.has_value()) return std::nullopt;
    absl::StrAppend(&all, all.empty() ? "" : "; ", *text);
  }
  return all;
}

}  // namespace keyfold
