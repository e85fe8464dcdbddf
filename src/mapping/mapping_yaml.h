// Reading the YAML of a mapping: what is wrong is told with file and line. Private to mapping/.
#ifndef KEYFOLD_MAPPING_MAPPING_YAML_H_
#define KEYFOLD_MAPPING_MAPPING_YAML_H_

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "expression/expression.h"
#include "mapping/mapping_names.h"

namespace keyfold {

inline constexpr char kInBraces[] =
    "in braces a formula with commas or brackets stands in quotes after =: \"= f(a, b)\"";

// "a, b, c"
std::string Listed(const std::vector<std::string_view>& names);

class MappingYaml {
 public:
  MappingYaml(std::string_view file_name, MappingNames& names) : file_name_(file_name), names_(names) {}

  // "<file>:<line>: <message>"
  absl::Status At(const YAML::Mark& mark, absl::string_view message) const;

  // `node` is a map, and all of its keys are known ones, each there once. `what` is in the message: "unknown WHAT".
  absl::Status CheckKeys(const YAML::Node& node, std::string_view what,
                         const std::vector<std::string_view>& known) const;

  // A text; `what` is named where it is none.
  absl::StatusOr<std::string> Text(const YAML::Node& node, std::string_view what) const;

  // The text under a key of a map, if it is there.
  absl::Status TakeText(const YAML::Node& map, const char* key, std::string& text) const;

  // A text, or a list of texts.
  absl::StatusOr<std::vector<std::string>> Texts(const YAML::Node& node, std::string_view what) const;

  // A scalar that is an expression of this type, with quotes or without.
  absl::StatusOr<Expression> Formula(const YAML::Node& node, ExpressionScope scope, ValueType type);

  // An expression of any type, or several.
  absl::StatusOr<std::vector<Expression>> Formulas(const YAML::Node& node, ExpressionScope scope);

  // What fills a field: quoted it is a text that is always the same, or after "=" an expression, as in a spreadsheet;
  // otherwise an expression.
  absl::StatusOr<Expression> FieldValue(const YAML::Node& node, ExpressionScope scope, ValueType type);

  MappingNames& names() { return names_; }

 private:
  absl::StatusOr<Expression> Compile(const YAML::Node& node, std::string_view text, ExpressionScope scope);

  std::string file_name_;
  MappingNames& names_;
};

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_MAPPING_YAML_H_
