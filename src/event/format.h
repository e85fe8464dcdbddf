// The formats of the input topic (docs/formats.md): telling them apart, and bytes -> message.
#ifndef KEYFOLD_EVENT_FORMAT_H_
#define KEYFOLD_EVENT_FORMAT_H_

#include <optional>
#include <string>
#include <string_view>

#include "keyfold/record.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

enum class Format {
  kProtobuf,
  kConfluent,    // a frame around Protobuf: 0x00, schema id, message indexes
  kJson,         // proto3 JSON
  kUnsupported,  // the content type names a format that is not read
};

// The format that the record's content-type header claims; without one that says it, that of the first byte.
// REQUIRES: the record has a value.
Format DetectFormat(const Record& record);

// Reads `bytes` into the empty `event`. nullopt, or why they are not of that format. Slow only where they are not.
std::optional<std::string> Parse(Format format, std::string_view bytes, v1::AccountEvent& event);

// What the bytes are by their first ones, where that is often mistaken for JSON lines or Protobuf: "UTF-16", "gzip"
// ...; nullptr: nothing of that sort.
const char* ForeignFormat(std::string_view bytes);

// The Protobuf message in bytes that Parse() took; empty where there is none.
std::string_view ProtobufIn(Format format, std::string_view bytes);

// Whether the bytes of a `format` that Parse() took carry more than one payload, of which a Protobuf parser keeps only
// the last without a word. (The parser of JSON refuses them itself.)
bool HasSeveralPayloads(Format format, std::string_view bytes);

struct EraseCommand {
  std::optional<std::string> account_id;  // nullopt: not a string
};

// If `json` is {"erase_account": VALUE} with no other member, and not longer than such a line can be: its value.
std::optional<EraseCommand> ParseEraseCommand(std::string_view json);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_FORMAT_H_
