// Whatever the bytes are, the decoder answers, and what it calls valid decodes to itself once more. The first byte
// chooses the door; the rest is the record's value or the line.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "event/decoder.h"
#include "event/example_events.h"
#include "fuzz/fuzz_target.h"

namespace keyfold {
namespace {

enum Door : char { kLine, kJsonRecord, kProtobufRecord, kRecord };

void CheckSound(const Decoder& decoder, const DecodedRecord& decoded) {
  const auto* event = std::get_if<ValidEvent>(&decoded);
  if (event == nullptr) return;
  const std::string bytes = (*event)->SerializeAsString();
  Record record;
  record.key = (*event)->account_id();
  record.value = bytes;
  const DecodedRecord again = decoder.Decode(record);
  const auto* same = std::get_if<ValidEvent>(&again);
  if (same == nullptr || (*same)->SerializeAsString() != bytes) std::abort();
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds = {std::string(1, kLine) + R"({"erase_account": "A1"})"};
  for (const auto& [payload, fields] : testing::ExamplePayloads()) {
    const std::string json = testing::EventJson(payload, fields, R"("revision": 2, "correlation_id": "c")");
    const std::string protobuf = testing::EventMessage(json).SerializeAsString();
    seeds.push_back(std::string(1, kLine) + json);
    seeds.push_back(std::string(1, kProtobufRecord) + protobuf);
    seeds.push_back(std::string(1, kRecord) + testing::ConfluentFrame(protobuf));
  }
  return seeds;
}

void TryBytes(std::string_view bytes) {
  static const Decoder decoder(*Currency::Parse("EUR"));
  if (bytes.empty()) return;
  const char door = bytes.front();
  bytes.remove_prefix(1);
  if (door == kLine) return CheckSound(decoder, decoder.DecodeJsonLine(bytes));
  Record record;
  record.key = "A1";
  record.value = bytes;
  if (door == kJsonRecord) record.headers = {{"content-type", "application/json"}};
  if (door == kProtobufRecord) record.headers = {{"content-type", "application/protobuf"}};
  CheckSound(decoder, decoder.Decode(record));
}

}  // namespace keyfold
