// What a mapping says of how files are written.
#ifndef KEYFOLD_MAPPING_SOURCE_PARSE_H_
#define KEYFOLD_MAPPING_SOURCE_PARSE_H_

#include "absl/status/status.h"
#include "mapping/mapping_yaml.h"
#include "mapping/source_format.h"

namespace keyfold {

// `source:`, which is csv, json, or a map with more about it.
absl::Status ParseSource(const YAML::Node& node, const MappingYaml& yaml, SourceFormat& source);

// What a map says of a CSV: delimiter, encoding, header, skip_lines.
absl::Status ParseCsvSettings(const YAML::Node& node, const MappingYaml& yaml, SourceFormat& source);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_SOURCE_PARSE_H_
