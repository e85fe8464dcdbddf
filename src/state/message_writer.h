// Protobuf messages, written field by field: where their own serialiser takes several times as long, or where bytes of
// a message are at hand.
#ifndef KEYFOLD_STATE_MESSAGE_WRITER_H_
#define KEYFOLD_STATE_MESSAGE_WRITER_H_

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/varint.h"

namespace keyfold {

// Appends fields as Protobuf's own serialiser does. `out` outlives it.
class MessageWriter {
 public:
  explicit MessageWriter(std::string& out) : out_(out) {}

  // What is 0 or empty is left out, as proto3 does.
  void Integer(int field, int64_t value) {
    if (value == 0) return;
    Tag(field, WireFormatLite::WIRETYPE_VARINT);
    AppendVarint(out_, static_cast<uint64_t>(value));
  }
  void Bytes(int field, std::string_view value) {
    if (!value.empty()) Element(field, value);
  }

  // Of a repeated field, or of one that is written whatever its value.
  void Element(int field, std::string_view value) {
    Begin(field, value.size());
    out_.append(value);
  }
  void Double(int field, double value) {
    Tag(field, WireFormatLite::WIRETYPE_FIXED64);
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    char bytes[sizeof(bits)];
    for (size_t i = 0; i < sizeof(bits); ++i) bytes[i] = static_cast<char>(bits >> (8 * i));
    out_.append(bytes, sizeof(bytes));
  }

  // What Integer() and Bytes() append of a field whose number is below 16.
  static size_t IntegerSize(int64_t value) { return value == 0 ? 0 : 1 + VarintSize(static_cast<uint64_t>(value)); }
  static size_t BytesSize(std::string_view value) {
    return value.empty() ? 0 : 1 + VarintSize(value.size()) + value.size();
  }

  // Tag and length of bytes that the caller appends.
  void Begin(int field, size_t size) {
    Tag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
    AppendVarint(out_, size);
  }

  // A message of an id (field 1) and, where it is there, a number (field 2).
  void IdAndNumber(int field, std::string_view id, std::optional<double> number) {
    Begin(field, 2 + id.size() + (number.has_value() ? 9 : 0));
    Element(1, id);
    if (number.has_value()) Double(2, *number);
  }

 private:
  using WireFormatLite = ::google::protobuf::internal::WireFormatLite;

  static size_t VarintSize(uint64_t value) { return ::google::protobuf::io::CodedOutputStream::VarintSize64(value); }

  void Tag(int field, WireFormatLite::WireType type) { AppendVarint(out_, WireFormatLite::MakeTag(field, type)); }

  std::string& out_;
};

}  // namespace keyfold

#endif  // KEYFOLD_STATE_MESSAGE_WRITER_H_
