// libFuzzer target: whatever the bytes are, the decoder answers, and what it calls valid decodes to itself once more.
// The first byte chooses the door; the rest is the record's value or the line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "event/decoder.h"

namespace {

void CheckSound(const keyfold::Decoder& decoder, const keyfold::DecodedRecord& decoded) {
  const auto* event = std::get_if<keyfold::ValidEvent>(&decoded);
  if (event == nullptr) return;
  const std::string bytes = (*event)->SerializeAsString();
  keyfold::Record record;
  record.key = (*event)->account_id();
  record.value = bytes;
  const keyfold::DecodedRecord again = decoder.Decode(record);
  const auto* same = std::get_if<keyfold::ValidEvent>(&again);
  if (same == nullptr || (*same)->SerializeAsString() != bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const keyfold::Decoder decoder(*keyfold::Currency::Parse("EUR"));
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0) {
    CheckSound(decoder, decoder.DecodeJsonLine(bytes));
    return 0;
  }
  keyfold::Record record;
  record.key = "A1";
  record.value = bytes;
  if (data[0] == 1) record.headers = {{"content-type", "application/json"}};
  if (data[0] == 2) record.headers = {{"content-type", "application/protobuf"}};
  CheckSound(decoder, decoder.Decode(record));
  return 0;
}
