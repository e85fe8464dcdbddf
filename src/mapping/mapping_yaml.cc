#include "mapping/mapping_yaml.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

// yaml-cpp's tag of every scalar with quotes around it.
bool IsQuoted(const YAML::Node& node) { return node.Tag() == "!"; }

}  // namespace

std::string Listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) absl::StrAppend(&text, text.empty() ? "" : ", ", std::string(name));
  return text;
}

absl::Status MappingYaml::At(const YAML::Mark& mark, absl::string_view message) const {
  return absl::InvalidArgumentError(absl::StrCat(file_name_, ":", mark.line + 1, ": ", message));
}

absl::Status MappingYaml::CheckKeys(const YAML::Node& node, std::string_view what,
                                    const std::vector<std::string_view>& known) const {
  if (!node.IsMap()) return At(node.Mark(), absl::StrCat(std::string(what), "s are expected: a map"));
  for (const auto& entry : node) {
    if (!entry.first.IsScalar() || entry.first.Scalar().find(')') == std::string::npos) continue;
    return At(entry.first.Mark(), absl::StrCat("'", entry.first.Scalar(), "' is half a formula: ", kInBraces));
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::string name, Text(entry.first, what));
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return At(entry.first.Mark(),
                absl::StrCat("unknown ", std::string(what), " '", name, "'", DidYouMean(name, known)));
    }
    if (!seen.insert(name).second) return At(entry.first.Mark(), absl::StrCat(name, " twice"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> MappingYaml::Text(const YAML::Node& node, std::string_view what) const {
  if (!node.IsScalar()) return At(node.Mark(), absl::StrCat(std::string(what), ": a text is expected"));
  return node.Scalar();
}

absl::Status MappingYaml::TakeText(const YAML::Node& map, const char* key, std::string& text) const {
  const YAML::Node node = map[key];
  if (!node) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(text, Text(node, key));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MappingYaml::Texts(const YAML::Node& node, std::string_view what) const {
  std::vector<std::string> texts;
  if (!node.IsSequence()) {
    KEYFOLD_ASSIGN_OR_RETURN(std::string text, Text(node, what));
    texts.push_back(std::move(text));
  }
  for (size_t i = 0; node.IsSequence() && i < node.size(); ++i) {
    KEYFOLD_ASSIGN_OR_RETURN(std::string text, Text(node[i], what));
    texts.push_back(std::move(text));
  }
  return texts;
}

absl::StatusOr<Expression> MappingYaml::Compile(const YAML::Node& node, std::string_view text, ExpressionScope scope) {
  names_.set_line(node.Mark().line + 1);
  absl::StatusOr<Expression> expression = Expression::Compile(text, scope, names_);
  if (expression.ok()) return expression;
  constexpr size_t kQuotedMax = 200;
  return At(node.Mark(),
            absl::StrCat("'", std::string(text.substr(0, kQuotedMax)), text.size() > kQuotedMax ? "..." : "",
                         "': ", std::string(expression.status().message())));
}

absl::StatusOr<Expression> MappingYaml::Formula(const YAML::Node& node, ExpressionScope scope, ValueType type) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string text, Text(node, "an expression"));
  KEYFOLD_ASSIGN_OR_RETURN(Expression expression,
                           Compile(node, text.starts_with('=') ? std::string_view(text).substr(1) : text, scope));
  absl::StatusOr<Expression> typed = std::move(expression).As(type, names_.DefaultFormat());
  return typed.ok() ? std::move(typed) : At(node.Mark(), typed.status().message());
}

absl::StatusOr<std::vector<Expression>> MappingYaml::Formulas(const YAML::Node& node, ExpressionScope scope) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::string> texts, Texts(node, "an expression"));
  std::vector<Expression> expressions;
  for (const std::string& text : texts) {
    KEYFOLD_ASSIGN_OR_RETURN(Expression expression, Compile(node, text, scope));
    expressions.push_back(std::move(expression));
  }
  if (expressions.empty()) return At(node.Mark(), "at least one column is expected");
  return expressions;
}

absl::StatusOr<Expression> MappingYaml::FieldValue(const YAML::Node& node, ExpressionScope scope, ValueType type) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string text, Text(node, "a column, an expression or a text in quotes"));
  if (!IsQuoted(node) || text.starts_with('=')) return Formula(node, scope, type);
  if (LooksLikeCall(text)) {
    return At(node.Mark(), absl::StrCat("\"", text, "\" is a text because of its quotes; an expression is \"= ", text,
                                        "\", or without quotes on a line of its own"));
  }
  absl::StatusOr<Expression> constant = Expression::OfText(text).As(type, names_.DefaultFormat());
  return constant.ok() ? std::move(constant) : At(node.Mark(), constant.status().message());
}

}  // namespace keyfold
