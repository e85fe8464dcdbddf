#include "base/utf8.h"

namespace keyfold {

bool IsUtf8(std::string_view bytes) {
  const auto byte = [&bytes](size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  for (size_t i = 0; i < bytes.size();) {
    const unsigned lead = byte(i);
    const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0) return false;
    // Of the second byte less is allowed where it would be written shorter, be a surrogate or lie behind U+10FFFF.
    const unsigned least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned greatest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (length > 1 && (byte(i + 1) < least || byte(i + 1) > greatest)) return false;
    for (size_t next = i + 2; next < i + length; ++next) {
      if (byte(next) < 0x80 || byte(next) > 0xbf) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace keyfold
