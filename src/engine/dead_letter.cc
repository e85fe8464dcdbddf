#include "engine/dead_letter.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "xxhash.h"

namespace keyfold {
namespace {

constexpr char kMessage[] = "error.message";
constexpr char kCut[] = "error.cut";  // of a letter that was cut it is the last header

// Of a batch with one record: at most what Kafka writes besides the bytes of the record's parts.
constexpr size_t kFrameBytes = 100;
constexpr size_t kHeaderFrameBytes = 10;

size_t BytesOf(const std::optional<std::string>& bytes) { return bytes.has_value() ? bytes->size() : 0; }

size_t BytesOf(const std::vector<RecordHeader>& headers) {
  size_t bytes = 0;
  for (const RecordHeader& header : headers) bytes += kHeaderFrameBytes + header.name.size() + BytesOf(header.value);
  return bytes;
}

// Makes `text` at most `bytes_max` long; returns whether it was longer.
bool Shorten(size_t bytes_max, std::optional<std::string>* text) {
  if (BytesOf(*text) <= bytes_max) return false;
  (*text)->resize(bytes_max);
  return true;
}

// A letter in its parts; `value` is the whole one, or what an earlier cut has left of it.
struct Parts {
  std::vector<RecordHeader> record_headers;
  std::vector<RecordHeader> headers;  // ours, with those about the cut but the last
  std::optional<std::string_view> value;
  std::vector<std::string> cut;  // what was cut before
};

std::vector<RecordHeader> HeadersOfOriginal(std::optional<std::string_view> value) {
  std::vector<RecordHeader> headers = {{"error.original_size", std::nullopt}, {"error.original_xxh3", std::nullopt}};
  if (value.has_value()) {
    headers[0].value = absl::StrCat(value->size());
    headers[1].value = absl::StrCat(absl::Hex(XXH3_64bits(value->data(), value->size()), absl::kZeroPad16));
  }
  return headers;
}

void Join(size_t bytes_max, Parts parts, OutputRecord* letter) {
  constexpr size_t kCutNamesMax = 32;
  const auto message = std::find_if(parts.headers.begin(), parts.headers.end(),
                                    [](const RecordHeader& header) { return header.name == kMessage; });
  const size_t changing = BytesOf(letter->key) + BytesOf(message->value);
  const size_t fixed =
      kFrameBytes + BytesOf(parts.headers) - BytesOf(message->value) + kHeaderFrameBytes + sizeof(kCut) + kCutNamesMax;
  size_t room = bytes_max > fixed ? bytes_max - fixed : 0;
  const auto note_cut = [&parts](const char* part) {
    if (!absl::c_linear_search(parts.cut, part)) parts.cut.emplace_back(part);
  };
  const bool keeps_headers = changing + BytesOf(parts.record_headers) <= room;
  if (!keeps_headers && !parts.record_headers.empty()) {
    parts.record_headers.clear();
    note_cut("headers");
  }
  if (changing > room) {
    if (Shorten(room / 2, &message->value)) note_cut("message");
    if (Shorten(room - BytesOf(message->value), &letter->key)) note_cut("key");
  }
  room -= BytesOf(letter->key) + BytesOf(message->value) + BytesOf(parts.record_headers);
  if (parts.value.has_value()) {
    letter->value = std::string(parts.value->substr(0, room));
    if (parts.value->size() > room) note_cut("value");
  }
  letter->headers = std::move(parts.record_headers);
  std::move(parts.headers.begin(), parts.headers.end(), std::back_inserter(letter->headers));
  letter->headers.push_back({kCut, absl::StrJoin(parts.cut, ", ")});
}

}  // namespace

size_t BytesOf(const OutputRecord& record) {
  return kFrameBytes + BytesOf(record.key) + BytesOf(record.value) + BytesOf(record.headers);
}

OutputRecord DeadLetterOf(const Record& record, const Rejection& rejection, const std::string& topic) {
  Parts parts;
  parts.record_headers = record.headers;
  parts.headers = {{"error.code", std::string(RejectionCodeName(rejection.code))},
                   {kMessage, rejection.message},
                   {"error.topic", topic},
                   {"error.partition", absl::StrCat(record.partition)},
                   {"error.offset", absl::StrCat(record.offset)}};
  OutputRecord letter;
  letter.topic = OutputTopic::kDeadLetters;
  letter.timestamp_ms = record.timestamp_ms;
  if (record.key.has_value()) letter.key = std::string(*record.key);
  const size_t bytes = kFrameBytes + BytesOf(letter.key) + record.value.value_or("").size() + BytesOf(record.headers) +
                       BytesOf(parts.headers);
  if (bytes > kDeadLetterBytesMax) {  // its value is not copied as a whole
    parts.value = record.value;
    for (RecordHeader& header : HeadersOfOriginal(record.value)) parts.headers.push_back(std::move(header));
    Join(kDeadLetterBytesMax, std::move(parts), &letter);
    return letter;
  }
  if (record.value.has_value()) letter.value = std::string(*record.value);
  letter.headers = std::move(parts.record_headers);
  std::move(parts.headers.begin(), parts.headers.end(), std::back_inserter(letter.headers));
  return letter;
}

void CutDeadLetter(size_t bytes_max, OutputRecord* letter) {
  constexpr std::ptrdiff_t kOwnHeaders = 5;
  constexpr std::ptrdiff_t kOwnHeadersOfCut = 8;
  if (BytesOf(*letter) <= bytes_max) return;
  const std::optional<std::string> value = std::move(letter->value);
  const bool was_cut = letter->headers.back().name == kCut;
  const auto own = letter->headers.end() - (was_cut ? kOwnHeadersOfCut : kOwnHeaders);
  Parts parts;
  parts.record_headers.assign(std::make_move_iterator(letter->headers.begin()), std::make_move_iterator(own));
  parts.headers.assign(std::make_move_iterator(own), std::make_move_iterator(letter->headers.end()));
  if (value.has_value()) parts.value = *value;
  if (was_cut) {
    parts.cut = std::vector<std::string>(absl::StrSplit(*parts.headers.back().value, ", "));
    parts.headers.pop_back();
  } else {
    for (RecordHeader& header : HeadersOfOriginal(parts.value)) parts.headers.push_back(std::move(header));
  }
  Join(bytes_max, std::move(parts), letter);
}

}  // namespace keyfold
