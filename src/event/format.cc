// The Confluent wire format (https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/):
//
//   frame    := 0x00 schema_id indexes protobuf
//   schema_id:= 4 bytes, big-endian; not looked up: the input topic has one contract
//   indexes  := count index*            the path to the message type in its schema file; `count` = 0 stands for [0]
//   count, index := zigzag varint
//
// Not looked up either: a producer may keep AccountEvent at any place in a schema file of its own.
#include "event/format.h"

#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/varint.h"
#include "event/change_record.h"
#include "event/json_inspection.h"
#include "event/limits.h"
#include "event/rules.h"
#include "event/validation.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace keyfold {
namespace {

constexpr char kConfluentMagic = '\0';
constexpr size_t kConfluentPrefixBytes = 5;  // magic and schema id
constexpr size_t kBeginningBytes = 20;       // of a text that is no JSON, where a message shows it
constexpr char kEraseMember[] = "erase_account";

// A zigzag varint that must be within 0 ... max.
std::optional<int32_t> TakeCount(std::string_view& bytes, int32_t max) {
  const std::optional<uint64_t> zigzag = TakeVarint(bytes);
  const bool negative = zigzag.has_value() && (*zigzag & 1) != 0;
  if (!zigzag.has_value() || negative || (*zigzag >> 1) > static_cast<uint64_t>(max)) return std::nullopt;
  return static_cast<int32_t>(*zigzag >> 1);
}

// The Protobuf within a Confluent frame; nullopt if it is no such frame.
std::optional<std::string_view> Unframe(std::string_view bytes) {
  if (bytes.size() < kConfluentPrefixBytes || bytes[0] != kConfluentMagic) return std::nullopt;
  bytes.remove_prefix(kConfluentPrefixBytes);
  const std::optional<int32_t> count = TakeCount(bytes, kMessageIndexesMax);
  if (!count.has_value()) return std::nullopt;
  for (int32_t i = 0; i < *count; ++i) {
    if (!TakeCount(bytes, std::numeric_limits<int32_t>::max()).has_value()) return std::nullopt;
  }
  return bytes;
}

// Takes the value that follows a tag off the front of `bytes`, without what is inside of a group.
bool SkipValue(uint64_t wire_type, std::string_view& bytes) {
  size_t size = 0;
  switch (wire_type) {
    case 0:
      return TakeVarint(bytes).has_value();
    case 1:
      size = 8;
      break;
    case 2: {
      const std::optional<uint64_t> length = TakeVarint(bytes);
      if (!length.has_value()) return false;
      size = *length;
      break;
    }
    case 5:
      size = 4;
      break;
    default:
      return wire_type == 3 || wire_type == 4;
  }
  if (size > bytes.size()) return false;
  bytes.remove_prefix(size);
  return true;
}

Format ProtobufOrFrame(std::string_view bytes) {
  // No Protobuf message starts with a zero byte: there is no field 0.
  return !bytes.empty() && bytes[0] == kConfluentMagic ? Format::kConfluent : Format::kProtobuf;
}

google::protobuf::util::JsonParseOptions JsonOptions() {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  return options;
}

std::optional<std::string> ParseJson(std::string_view json, google::protobuf::Message& message) {
  // The type of the parameter differs between versions of Protobuf; this much suits all.
  const auto status = google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &message, JsonOptions());
  if (status.ok()) return std::nullopt;
  const auto complaint = status.message();
  return "not JSON of an AccountEvent: " + Printable({complaint.data(), complaint.size()}, kMessageBytesMax);
}

// Says what a person can mend, where a second look finds it; else what the parser says.
std::string ExplainJson(std::string_view json, const std::string& complaint) {
  if (const char* const foreign = ForeignFormat(json)) return absl::StrCat("not JSON, it begins as ", foreign);
  if (const std::string change = DescribeChange(json); !change.empty()) return "not an AccountEvent but " + change;
  for (const JsonFinding& finding : InspectJson(json, kFindingsMax)) {
    if (finding.kind != JsonFinding::Kind::kUnreadable) continue;
    return "not JSON of an AccountEvent: " + ToString(finding);
  }
  const size_t begin = json.find_first_not_of(" \t\r\n");
  if (begin != std::string_view::npos && json[begin] != '{') {
    return absl::StrCat("not JSON of an AccountEvent: it begins with '{', this with ",
                        Quoted(json.substr(begin, kBeginningBytes)));
  }
  return complaint;
}

bool HasSeveralPayloads(std::string_view protobuf) {
  int payloads = 0;
  int depth = 0;  // of unknown groups, whose fields are nobody's
  while (!protobuf.empty() && payloads < 2) {
    const std::optional<uint64_t> tag = TakeVarint(protobuf);
    if (!tag.has_value()) break;
    const uint64_t wire_type = *tag & 7;
    if (wire_type == 3) ++depth;
    if (wire_type == 4) --depth;
    if (depth == 0 && wire_type == 2 && IsPayloadNumber(static_cast<uint32_t>(*tag >> 3))) ++payloads;
    if (!SkipValue(wire_type, protobuf)) break;
  }
  return payloads > 1;
}

ParsedBytes ParseProtobuf(std::string_view bytes, v1::AccountEvent& event) {
  if (event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {"", bytes, HasSeveralPayloads(bytes)};
  const char* const foreign = ForeignFormat(bytes);
  return {absl::StrCat("not a Protobuf AccountEvent", foreign == nullptr ? "" : ", it begins as ",
                       foreign == nullptr ? "" : foreign),
          {}};
}

}  // namespace

const char* ForeignFormat(std::string_view bytes) {
  struct Beginning {
    std::string_view bytes;
    const char* format;
  };
  static constexpr Beginning kBeginnings[] = {
      {"\xef\xbb\xbf", "UTF-8 with a byte order mark (EF BB BF)"},
      {"\xff\xfe", "UTF-16 (byte order mark FF FE)"},
      {"\xfe\xff", "UTF-16 (byte order mark FE FF)"},
      {std::string_view("{\0", 2), "UTF-16 without a byte order mark"},
      {std::string_view("\0{", 2), "UTF-16 without a byte order mark"},
      {"\x1f\x8b", "gzip"},
      {"\x28\xb5\x2f\xfd", "zstd"},
      {"PK\x03\x04", "zip"},
  };
  for (const Beginning& beginning : kBeginnings) {
    if (bytes.substr(0, beginning.bytes.size()) == beginning.bytes) return beginning.format;
  }
  return nullptr;
}

const std::string* FindHeader(const std::vector<RecordHeader>& headers, const char* name) {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->value.has_value() && absl::EqualsIgnoreCase(header->name, name)) return &*header->value;
  }
  return nullptr;
}

std::string MediaType(std::string_view content_type) {
  const std::string type(content_type.substr(0, content_type.find(';')));
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(type));
}

Format DetectFormat(std::string_view content_type, std::string_view bytes) {
  if (!content_type.empty()) {
    const std::string type = MediaType(content_type);
    if (type == "application/json" || type == "text/json") return Format::kJson;
    if (type == "application/protobuf" || type == "application/x-protobuf" ||
        type == "application/vnd.google.protobuf") {
      return ProtobufOrFrame(bytes);
    }
    if (type == "application/cloudevents+json") return Format::kCloudEvent;
    if (type == "application/cloudevents-batch+json") return Format::kCloudEvents;
    if (absl::StartsWith(type, "application/cloudevents")) return Format::kUnsupported;
  }
  // Where Protobuf has '{', ' ', '\t' and '\r' first, they are tags of fields that no AccountEvent has. Not so '\n',
  // the tag of event_id: JSON that starts with it needs the header.
  if (!bytes.empty() && std::string_view("{ \t\r").find(bytes[0]) != std::string_view::npos) return Format::kJson;
  return ProtobufOrFrame(bytes);
}

Format DetectFormat(const Record& record) {
  const std::string* const type = record.headers.empty() ? nullptr : FindHeader(record.headers, "content-type");
  return DetectFormat(type == nullptr ? std::string_view() : *type, *record.value);
}

ParsedBytes Parse(Format format, std::string_view bytes, v1::AccountEvent& event) {
  switch (format) {
    case Format::kProtobuf:
      return ParseProtobuf(bytes, event);
    case Format::kConfluent: {
      const std::optional<std::string_view> protobuf = Unframe(bytes);
      if (!protobuf.has_value()) return {"not the Confluent wire format", {}};
      return ParseProtobuf(*protobuf, event);
    }
    case Format::kJson: {
      const std::optional<std::string> complaint = ParseJson(bytes, event);
      return {complaint.has_value() ? ExplainJson(bytes, *complaint) : std::string(), {}};
    }
    case Format::kCloudEvent:
    case Format::kCloudEvents:
    case Format::kUnsupported:
      break;
  }
  return {
      "its content type is not one of application/protobuf, application/json, application/cloudevents+json, "
      "application/cloudevents-batch+json",
      {}};
}

std::optional<EraseCommand> ParseEraseCommand(std::string_view json) {
  if (json.size() > kEraseCommandBytesMax) return std::nullopt;
  google::protobuf::Struct object;
  if (ParseJson(json, object).has_value() || object.fields().size() != 1) return std::nullopt;
  const auto member = object.fields().find(kEraseMember);
  if (member == object.fields().end()) return std::nullopt;
  if (member->second.kind_case() != google::protobuf::Value::kStringValue) return EraseCommand{};
  return EraseCommand{member->second.string_value()};
}

}  // namespace keyfold
