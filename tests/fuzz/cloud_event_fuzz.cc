// Whatever bytes CloudEvents are made of, the decoder answers, and what it calls valid decodes to itself once more. The
// first byte chooses the mode; in binary mode the lines before the first empty one are headers, "name: value".
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "event/decoder.h"
#include "event/example_events.h"
#include "event/record_files.h"
#include "fuzz/fuzz_target.h"

namespace keyfold {
namespace {

enum Mode : char { kBinary, kStructured, kBatch };

constexpr char kStructuredType[] = "application/cloudevents+json";
constexpr char kBatchType[] = "application/cloudevents-batch+json";

void CheckSound(const Decoder& decoder, const ValidEvent& event) {
  const std::string bytes = event->SerializeAsString();
  Record record;
  record.key = event->account_id();
  record.value = bytes;
  const DecodedRecord again = decoder.Decode(record);
  const auto* same = std::get_if<ValidEvent>(&again);
  if (same == nullptr || (*same)->SerializeAsString() != bytes) std::abort();
}

void CheckSound(const Decoder&, const Rejection& rejection) {
  if (rejection.message.empty()) std::abort();
}

void CheckSound(const Decoder&, const Erasure&) {}

void CheckSound(const Decoder& decoder, const EventList& list) {
  for (const auto& each : list.events) {
    std::visit([&](const auto& event) { CheckSound(decoder, event); }, each);
  }
}

// Takes the headers off the front of `bytes`.
std::vector<RecordHeader> TakeHeaders(std::string_view& bytes) {
  std::vector<RecordHeader> headers;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.empty()) break;
    const size_t colon = std::min(line.find(": "), line.size());
    headers.push_back({std::string(line.substr(0, colon)), std::string(line.substr(std::min(colon + 2, line.size())))});
  }
  return headers;
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds;
  for (const auto& [name, record] : testing::ReadRecords("cloud_events.jsonl")) {
    std::string seed(1, kBinary);
    for (const RecordHeader& header : record.headers) {
      if (header.value == kStructuredType) seed = std::string(1, kStructured);
      if (header.value == kBatchType) seed = std::string(1, kBatch);
    }
    if (seed[0] == kBinary) {
      for (const RecordHeader& header : record.headers) seed += header.name + ": " + *header.value + "\n";
      seed += "\n";
    }
    seeds.push_back(seed + *record.value);
  }
  return seeds;
}

void TryBytes(std::string_view bytes) {
  static const Decoder decoder(*Currency::Parse("EUR"));
  if (bytes.empty()) return;
  const char mode = bytes.front();
  bytes.remove_prefix(1);
  Record record;
  record.key = "A1";
  if (mode == kStructured) record.headers = {{"content-type", kStructuredType}};
  if (mode == kBatch) record.headers = {{"content-type", kBatchType}};
  if (mode == kBinary) record.headers = TakeHeaders(bytes);
  record.value = bytes;
  std::visit([](const auto& decoded) { CheckSound(decoder, decoded); }, decoder.Decode(record));
}

}  // namespace keyfold
