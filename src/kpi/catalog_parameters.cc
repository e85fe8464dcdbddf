#include "kpi/catalog_parameters.h"

#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

struct Parameter {
  double value = 0;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

absl::Status At(const std::string& file_name, const YAML::Mark& mark, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(file_name, ":", mark.line + 1, ": ", message));
}

absl::StatusOr<Parameter> ReadParameter(const YAML::Node& node, const std::string& file_name) {
  Parameter parameter;
  if (!node.IsMap()) {
    parameter.value = node.as<double>();
    return parameter;
  }
  if (!node["default"]) return At(file_name, node.Mark(), "a parameter has a default");
  for (const auto& field : node) {
    const std::string name = field.first.as<std::string>();
    const double number = field.second.as<double>();
    if (name == "default") {
      parameter.value = number;
    } else if (name == "min") {
      parameter.min = number;
    } else if (name == "max") {
      parameter.max = number;
    } else {
      return At(file_name, field.first.Mark(), absl::StrCat("unknown field '", name, "': default, min or max"));
    }
  }
  return parameter;
}

// "" or what is wrong with the value.
std::string Problem(const std::string& name, const Parameter& parameter) {
  const auto& [value, min, max] = parameter;
  if (!std::isfinite(value)) return absl::StrCat("parameter ", name, ": ", value, " is not a finite number");
  if (value < min) return absl::StrCat("parameter ", name, ": ", value, " is less than ", min);
  if (value > max) return absl::StrCat("parameter ", name, ": ", value, " is more than ", max);
  return "";
}

}  // namespace

absl::StatusOr<std::map<std::string, double>> ReadParameters(const YAML::Node& section, const std::string& file_name,
                                                             const std::map<std::string, double>& overrides) {
  std::map<std::string, Parameter> parameters;
  if (section && !section.IsMap()) return At(file_name, section.Mark(), "parameters: a map of names to numbers");
  if (section) {
    for (const auto& entry : section) {
      const std::string name = entry.first.as<std::string>();
      const YAML::Mark mark = entry.first.Mark();
      if (name.find('.') == std::string::npos) {
        return At(file_name, mark, absl::StrCat("the name of a parameter has a dot in it, '", name, "' has none"));
      }
      KEYFOLD_ASSIGN_OR_RETURN(const Parameter parameter, ReadParameter(entry.second, file_name));
      if (const std::string problem = Problem(name, parameter); !problem.empty()) return At(file_name, mark, problem);
      if (!parameters.emplace(name, parameter).second) {
        return At(file_name, mark, absl::StrCat("parameter ", name, " twice"));
      }
    }
  }
  for (const auto& [name, value] : overrides) {
    const auto known = parameters.find(name);
    if (known == parameters.end()) {
      return absl::InvalidArgumentError(absl::StrCat("parameters: the catalogue ", file_name, " has no '", name, "'",
                                                     DidYouMean(name, NamesIn(parameters))));
    }
    known->second.value = value;
    if (const std::string problem = Problem(name, known->second); !problem.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(problem, ", which is what the catalogue ", file_name, " allows"));
    }
  }
  std::map<std::string, double> values;
  for (const auto& [name, parameter] : parameters) values.emplace(name, parameter.value);
  return values;
}

}  // namespace keyfold
