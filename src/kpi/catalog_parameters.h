// The parameters of a catalogue: numbers that formulas name, each with the range in which they make sense.
#ifndef KEYFOLD_KPI_CATALOG_PARAMETERS_H_
#define KEYFOLD_KPI_CATALOG_PARAMETERS_H_

#include <yaml-cpp/yaml.h>

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace keyfold {

// Reads the section `parameters` (NAME: NUMBER, or NAME: {default: NUMBER, min: NUMBER, max: NUMBER} with one or both
// bounds, inclusive; undefined: there are none) and returns each one's value: that of `overrides`, else the default.
// InvalidArgument says what is malformed, unknown or out of its range, and where. May throw YAML::Exception.
absl::StatusOr<std::map<std::string, double>> ReadParameters(const YAML::Node& section, const std::string& file_name,
                                                             const std::map<std::string, double>& overrides);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_CATALOG_PARAMETERS_H_
