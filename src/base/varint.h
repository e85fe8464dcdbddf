// Unsigned integers in as few bytes as they need, seven bits a byte, the lowest first (as Protobuf writes them).
#ifndef KEYFOLD_BASE_VARINT_H_
#define KEYFOLD_BASE_VARINT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keyfold {

inline void AppendVarint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// Takes an integer off the front of `bytes`; nullopt if it is cut short or longer than 64 bits.
inline std::optional<uint64_t> TakeVarint(std::string_view& bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    value |= uint64_t{byte & 0x7Fu} << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

// Takes a length and so many bytes off the front of `bytes`; nullopt if they are not there.
inline std::optional<std::string_view> TakeDelimited(std::string_view& bytes) {
  const std::optional<uint64_t> size = TakeVarint(bytes);
  if (!size.has_value() || *size > bytes.size()) return std::nullopt;
  const std::string_view taken = bytes.substr(0, *size);
  bytes.remove_prefix(*size);
  return taken;
}

}  // namespace keyfold

#endif  // KEYFOLD_BASE_VARINT_H_
