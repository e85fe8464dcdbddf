// The list `inputs` of the configuration file.
#ifndef KEYFOLD_CONFIG_INPUT_KEYS_H_
#define KEYFOLD_CONFIG_INPUT_KEYS_H_

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/input_config.h"

namespace keyfold {

// InvalidArgument names file, line and key. yaml-cpp's exceptions pass through.
absl::StatusOr<std::vector<InputConfig>> ReadInputs(const std::string& file, const YAML::Node& list);

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_INPUT_KEYS_H_
