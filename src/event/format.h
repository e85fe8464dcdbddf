// The formats of the input topic (docs/formats.md): telling them apart, and bytes -> message.
#ifndef KEYFOLD_EVENT_FORMAT_H_
#define KEYFOLD_EVENT_FORMAT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keyfold/record.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

enum class Format {
  kProtobuf,
  kConfluent,    // a frame around Protobuf: 0x00, schema id, message indexes
  kJson,         // proto3 JSON
  kCloudEvent,   // a CloudEvent in structured mode
  kCloudEvents,  // a list of them
  kUnsupported,  // the content type names a format that is not read
};

// The last header of this name, in upper or lower case, that has a value; nullptr: there is none.
const std::string* FindHeader(const std::vector<RecordHeader>& headers, const char* name);

// A content type in lower case and without its parameters ("; charset=utf-8").
std::string MediaType(std::string_view content_type);

// The format that the content type claims; where it says none, that of the first byte.
Format DetectFormat(std::string_view content_type, std::string_view bytes);

// The same by the content-type header. REQUIRES: the record has a value.
Format DetectFormat(const Record& record);

// What was found in bytes that were read.
struct ParsedBytes {
  std::string complaint;          // why they are not of their format; empty: they are
  std::string_view protobuf;      // the Protobuf message in them; empty: there is none
  bool several_payloads = false;  // more than one, of which a Protobuf parser keeps only the last without a word (the
                                  // parser of JSON refuses them itself)
};

// Reads `bytes` into the empty `event`, in a format of single events. Slow only where they are not of that format.
ParsedBytes Parse(Format format, std::string_view bytes, v1::AccountEvent& event);

// What the bytes are by their first ones, where that is often mistaken for JSON lines or Protobuf: "UTF-16", "gzip"
// ...; nullptr: nothing of that sort.
const char* ForeignFormat(std::string_view bytes);

struct EraseCommand {
  std::optional<std::string> account_id;  // nullopt: not a string
};

// If `json` is {"erase_account": VALUE} with no other member, and not longer than such a line can be: its value.
std::optional<EraseCommand> ParseEraseCommand(std::string_view json);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_FORMAT_H_
