#include "mapping/source_parse.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "yaml-cpp/yaml.h"

namespace keyfold {

absl::Status ParseSource(const YAML::Node& node, const MappingYaml& yaml, SourceFormat& source) {
  std::string type;
  if (node.IsScalar()) {
    type = node.Scalar();
  } else {
    KEYFOLD_RETURN_IF_ERROR(
        yaml.CheckKeys(node, "setting", {"type", "delimiter", "encoding", "header", "skip_lines", "records", "each"}));
    if (!node["type"]) return yaml.At(node.Mark(), "source: type is csv or json");
    KEYFOLD_ASSIGN_OR_RETURN(type, yaml.Text(node["type"], "type"));
  }
  if (type != "csv" && type != "json") {
    return yaml.At(node.Mark(), absl::StrCat("'", type, "' is neither csv nor json"));
  }
  source.type = type == "csv" ? SourceFormat::Type::kCsv : SourceFormat::Type::kJson;
  if (node.IsScalar()) return absl::OkStatus();
  for (const char* const other : {"delimiter", "encoding", "header", "skip_lines"}) {
    if (type == "json" && node[other]) return yaml.At(node[other].Mark(), absl::StrCat(other, " is for csv"));
  }
  for (const char* const other : {"records", "each"}) {
    if (type == "csv" && node[other]) return yaml.At(node[other].Mark(), absl::StrCat(other, " is for json"));
  }
  KEYFOLD_RETURN_IF_ERROR(yaml.TakeText(node, "records", source.records));
  KEYFOLD_RETURN_IF_ERROR(yaml.TakeText(node, "each", source.each));
  return ParseCsvSettings(node, yaml, source);
}

absl::Status ParseCsvSettings(const YAML::Node& node, const MappingYaml& yaml, SourceFormat& source) {
  if (const YAML::Node delimiter = node["delimiter"]) {
    KEYFOLD_ASSIGN_OR_RETURN(std::string text, yaml.Text(delimiter, "delimiter"));
    if (text == "tab" || text == "\\t") text = "\t";
    if (text.size() != 1 || text == "\"" || text == "\n") {
      return yaml.At(delimiter.Mark(), "delimiter: one character, or tab");
    }
    source.delimiter = text[0];
  }
  if (const YAML::Node encoding = node["encoding"]) {
    KEYFOLD_ASSIGN_OR_RETURN(source.encoding, yaml.Text(encoding, "encoding"));
    const std::vector<std::string_view> known = {"utf-8", "utf-16", "windows-1252"};
    if (std::find(known.begin(), known.end(), source.encoding) == known.end()) {
      return yaml.At(encoding.Mark(), absl::StrCat("'", source.encoding, "' is none of ", Listed(known),
                                                   DidYouMean(source.encoding, known)));
    }
  }
  if (node["header"]) {
    KEYFOLD_ASSIGN_OR_RETURN(source.header, yaml.Texts(node["header"], "header"));
  }
  if (const YAML::Node lines = node["skip_lines"]) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::string text, yaml.Text(lines, "skip_lines"));
    constexpr int64_t kLinesMax = 1000;
    if (!absl::SimpleAtoi(text, &source.skip_lines) || source.skip_lines < 0 || source.skip_lines > kLinesMax) {
      return yaml.At(lines.Mark(), "skip_lines: a number of lines");
    }
  }
  return absl::OkStatus();
}

}  // namespace keyfold
