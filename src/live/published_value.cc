#include "live/published_value.h"

#include <google/protobuf/util/json_util.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/varint.h"

namespace keyfold {
namespace {

constexpr char kConfluentMagic = 0;
constexpr size_t kConfluentSchemaBytes = 4;

// Takes magic, schema id and message indexes off. Their values say nothing: the topic holds one kind of message.
bool SkipConfluentHead(std::string_view& value) {
  if (value.size() < 1 + kConfluentSchemaBytes) return false;
  value.remove_prefix(1 + kConfluentSchemaBytes);
  const std::optional<uint64_t> zigzag_count = TakeVarint(value);
  if (!zigzag_count.has_value()) return false;
  for (uint64_t i = 0; i < *zigzag_count / 2; ++i) {
    if (!TakeVarint(value).has_value()) return false;
  }
  return true;
}

}  // namespace

bool ParsePublished(std::string_view value, google::protobuf::Message& message) {
  if (value.starts_with('{')) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;  // of a later version
    return google::protobuf::util::JsonStringToMessage(std::string(value), &message, options).ok();
  }
  if (value.starts_with(kConfluentMagic) && !SkipConfluentHead(value)) return false;
  return message.ParseFromArray(value.data(), static_cast<int>(value.size()));
}

}  // namespace keyfold
