#include "exports/text_source.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status_macros.h"
#include "base/utf8.h"

namespace keyfold {
namespace {

constexpr size_t kBeginningBytes = size_t{1} << 20;  // looked at for the encoding
constexpr std::string_view kMarkUtf8 = "\xef\xbb\xbf";
constexpr uint32_t kReplacement = 0xFFFD;

// What Windows-1252 has where ISO 8859-1 has control characters; as in browsers, what it leaves free stays such.
constexpr uint16_t kWindows1252[32] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                       0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void AppendCharacter(uint32_t character, std::string& text) {
  if (character < 0x80) {
    text.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    text.push_back(static_cast<char>(0xC0 | (character >> 6)));
    text.push_back(static_cast<char>(0x80 | (character & 0x3F)));
  } else if (character < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | (character >> 12)));
    text.push_back(static_cast<char>(0x80 | ((character >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (character & 0x3F)));
  } else {
    text.push_back(static_cast<char>(0xF0 | (character >> 18)));
    text.push_back(static_cast<char>(0x80 | ((character >> 12) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | ((character >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (character & 0x3F)));
  }
}

// The length of the character of several bytes in UTF-8 that begins a text; 0: none does.
size_t LengthOfCharacter(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  return length > 0 && length <= text.size() && IsUtf8(text.substr(0, length)) ? length : 0;
}

// Whether what is not ASCII is mostly UTF-8: single bytes that are damaged do not make another encoding of a file.
bool IsMostlyUtf8(std::string_view text) {
  int64_t characters = 0;
  int64_t others = 0;
  for (size_t at = 0; at < text.size();) {
    if (static_cast<uint8_t>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const size_t length = LengthOfCharacter(text.substr(at));
    ++(length > 0 ? characters : others);
    at += length > 0 ? length : 1;
  }
  return characters >= others;
}

}  // namespace

Encoding DetectEncoding(std::string_view beginning) {
  if (beginning.starts_with("\xff\xfe")) return Encoding::kUtf16Little;
  if (beginning.starts_with("\xfe\xff")) return Encoding::kUtf16Big;
  if (beginning.starts_with(kMarkUtf8)) return Encoding::kUtf8;
  int64_t zeros[2] = {0, 0};
  const size_t looked_at = std::min<size_t>(beginning.size(), 1024);
  for (size_t i = 0; i < looked_at; ++i) zeros[i % 2] += beginning[i] == '\0' ? 1 : 0;
  const auto many = static_cast<int64_t>(looked_at / 4);
  if (looked_at > 1 && zeros[1] > many) return Encoding::kUtf16Little;
  if (looked_at > 1 && zeros[0] > many) return Encoding::kUtf16Big;
  return IsMostlyUtf8(beginning) ? Encoding::kUtf8 : Encoding::kWindows1252;
}

absl::Status TextSource::Begin() {
  begun_ = true;
  while (beginning_.size() < kBeginningBytes) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::string_view bytes, read_());
    if (bytes.empty()) break;
    beginning_.append(bytes);
  }
  const Encoding found = DetectEncoding(beginning_);
  encoding_ = found;
  if (wanted_ == "utf-8") encoding_ = Encoding::kUtf8;
  if (wanted_ == "windows-1252") encoding_ = Encoding::kWindows1252;
  if (wanted_ == "utf-16" && found != Encoding::kUtf16Big) encoding_ = Encoding::kUtf16Little;
  const bool utf16 = encoding_ == Encoding::kUtf16Little || encoding_ == Encoding::kUtf16Big;
  if (utf16 && (beginning_.starts_with("\xff\xfe") || beginning_.starts_with("\xfe\xff"))) beginning_.erase(0, 2);
  if (encoding_ == Encoding::kUtf8 && beginning_.starts_with(kMarkUtf8)) beginning_.erase(0, kMarkUtf8.size());
  return absl::OkStatus();
}

absl::StatusOr<bool> TextSource::Append(std::string& text) {
  if (!begun_) {
    KEYFOLD_RETURN_IF_ERROR(Begin());
    Decode(beginning_, text);
    const bool any = !beginning_.empty();
    beginning_ = std::string();
    if (any) return true;
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::string_view bytes, read_());
  if (bytes.empty()) {
    if (!pending_.empty() || surrogate_ != 0) AppendCharacter(kReplacement, text);
    const bool rest = !pending_.empty() || surrogate_ != 0;
    pending_.clear();
    surrogate_ = 0;
    return rest;
  }
  Decode(bytes, text);
  return true;
}

void TextSource::Decode(std::string_view bytes, std::string& text) {
  switch (encoding_) {
    case Encoding::kUtf8:
      text.append(bytes);
      return;
    case Encoding::kWindows1252:
      for (const char c : bytes) {
        const auto byte = static_cast<uint8_t>(c);
        AppendCharacter(byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte, text);
      }
      return;
    default:
      DecodeUtf16(bytes, text);
  }
}

void TextSource::DecodeUtf16(std::string_view bytes, std::string& text) {
  std::string joined;
  if (!pending_.empty()) {
    joined = std::exchange(pending_, std::string());
    joined.append(bytes);
    bytes = joined;
  }
  const bool little = encoding_ == Encoding::kUtf16Little;
  size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) {
    const auto first = static_cast<uint8_t>(bytes[at]);
    const auto second = static_cast<uint8_t>(bytes[at + 1]);
    const uint32_t unit = little ? first | (second << 8) : (first << 8) | second;
    const bool low = unit >= 0xDC00 && unit < 0xE000;
    if (surrogate_ != 0) {
      AppendCharacter(low ? 0x10000 + ((surrogate_ - 0xD800) << 10) + (unit - 0xDC00) : kReplacement, text);
      surrogate_ = 0;
      if (low) continue;
    }
    if (unit >= 0xD800 && unit < 0xDC00) {
      surrogate_ = unit;
    } else {
      AppendCharacter(low ? kReplacement : unit, text);
    }
  }
  pending_ = std::string(bytes.substr(at));
}

}  // namespace keyfold
