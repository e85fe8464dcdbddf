// Bytes in some encoding as text in UTF-8.
#ifndef KEYFOLD_EXPORTS_TEXT_SOURCE_H_
#define KEYFOLD_EXPORTS_TEXT_SOURCE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace keyfold {

enum class Encoding : uint8_t { kUtf8, kUtf16Little, kUtf16Big, kWindows1252 };

// By the byte order mark, else by how often every second byte is 0, else UTF-8 if what is not ASCII is mostly such,
// else Windows-1252. `beginning` are the first bytes of a text, as many as there are at hand.
Encoding DetectEncoding(std::string_view beginning);

// Not thread-safe.
class TextSource {
 public:
  // The next bytes; empty: the end.
  using ReadBytes = std::function<absl::StatusOr<std::string_view>()>;

  // `encoding` as a mapping says it ("utf-8", "utf-16", "windows-1252"); empty: it is found out.
  TextSource(ReadBytes read, std::string_view encoding) : read_(std::move(read)), wanted_(encoding) {}

  // Appends some more text to `text`, without a byte order mark; false: the end. What is no character of the encoding
  // becomes U+FFFD; in UTF-8 it stays as it is.
  absl::StatusOr<bool> Append(std::string& text);

 private:
  absl::Status Begin();
  void Decode(std::string_view bytes, std::string& text);
  void DecodeUtf16(std::string_view bytes, std::string& text);

  ReadBytes read_;
  std::string wanted_;
  Encoding encoding_ = Encoding::kUtf8;
  bool begun_ = false;
  std::string beginning_;  // read to find the encoding out
  std::string pending_;    // half a character of UTF-16
  uint32_t surrogate_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_TEXT_SOURCE_H_
