#include "config/input_keys.h"

#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"

namespace keyfold {

absl::StatusOr<std::vector<InputConfig>> ReadInputs(const std::string& file, const YAML::Node& list) {
  const auto at = [&file](const YAML::Node& node, const std::string& key, const std::string& message) {
    return absl::InvalidArgumentError(absl::StrCat(file, ":", node.Mark().line + 1, ": inputs", key, ": ", message));
  };
  if (!list.IsSequence()) return at(list, "", "a list is expected");
  std::vector<InputConfig> inputs;
  std::set<std::string> topics;
  for (const YAML::Node& entry : list) {
    if (!entry.IsMap()) return at(entry, "", "a map is expected");
    InputConfig& input = inputs.emplace_back();
    for (const auto& pair : entry) {
      const std::string key = pair.first.as<std::string>();
      if (key != "topic" && key != "mapping") {
        return at(pair.first, "." + key, absl::StrCat("there is no such key", DidYouMean(key, {"topic", "mapping"})));
      }
      if (!pair.second.IsScalar()) return at(pair.first, "." + key, "a single value is expected");
      (key == "topic" ? input.topic : input.mapping) = pair.second.as<std::string>();
    }
    if (input.topic.empty()) return at(entry, "", "topic: it is missing");
    if (!topics.insert(input.topic).second) return at(entry, "", absl::StrCat("there are two of ", input.topic));
  }
  return inputs;
}

}  // namespace keyfold
