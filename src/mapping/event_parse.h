// An event of a mapping, from YAML. Private to mapping/.
#ifndef KEYFOLD_MAPPING_EVENT_PARSE_H_
#define KEYFOLD_MAPPING_EVENT_PARSE_H_

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mapping/event_template.h"
#include "mapping/mapping_yaml.h"

namespace keyfold {

// The types of events that a mapping can make: all but the advancing clock.
std::vector<std::string_view> EventTypes();

// The event of this type; `node` are its fields.
absl::StatusOr<EventTemplate> ParseEvent(const std::string& type, const YAML::Node& node, ExpressionScope scope,
                                         MappingYaml& yaml);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_EVENT_PARSE_H_
