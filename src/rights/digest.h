// What is needed of cryptography: hashes, chance, and comparing without telling how far two texts are the same.
#ifndef KEYFOLD_RIGHTS_DIGEST_H_
#define KEYFOLD_RIGHTS_DIGEST_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace keyfold {

// The 32 bytes of SHA-256, in 64 hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

// HMAC-SHA256 (RFC 2104), likewise.
std::string HmacSha256Hex(std::string_view key, std::string_view bytes);

// In a time that depends on the sizes only.
bool EqualInConstantTime(std::string_view a, std::string_view b);

// From the system's source for keys.
std::string RandomBytes(size_t count);

}  // namespace keyfold

#endif  // KEYFOLD_RIGHTS_DIGEST_H_
