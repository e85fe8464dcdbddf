#include "exports/text_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace keyfold {
namespace {

constexpr char kText[] =
    "Gr\xc3\xb6\xc3\x9f"
    "e;\xe2\x82\xac 5;\xf0\x9f\x92\xb6\n";

// kText in UTF-16.
std::string Utf16(bool little, bool mark) {
  const std::u16string units = u"Gr\u00f6\u00dfe;\u20ac 5;\U0001F4B6\n";
  std::string bytes = mark ? (little ? "\xff\xfe" : "\xfe\xff") : "";
  for (const char16_t unit : units) {
    const char low = static_cast<char>(unit & 0xff);
    const char high = static_cast<char>(unit >> 8);
    bytes.push_back(little ? low : high);
    bytes.push_back(little ? high : low);
  }
  return bytes;
}

std::string Decoded(const std::string& bytes, std::string_view encoding = "", size_t piece = 3) {
  size_t at = 0;
  std::string last;
  TextSource source(
      [&]() -> absl::StatusOr<std::string_view> {
        last = bytes.substr(at, piece);
        at = std::min(bytes.size(), at + piece);
        return last;
      },
      encoding);
  std::string text;
  while (source.Append(text).value()) {
  }
  return text;
}

TEST(TextSource, FindsTheEncodingOut) {
  EXPECT_EQ(Decoded(kText), kText);
  EXPECT_EQ(Decoded(std::string("\xef\xbb\xbf") + kText), kText);
  EXPECT_EQ(Decoded(Utf16(true, true)), kText);
  EXPECT_EQ(Decoded(Utf16(false, true)), kText);
  EXPECT_EQ(Decoded(Utf16(true, false)), kText);
  EXPECT_EQ(Decoded(Utf16(false, false)), kText);
  EXPECT_EQ(Decoded("Gr\xf6\xdf"
                    "e;\x80 5\n"),
            "Gr\xc3\xb6\xc3\x9f"
            "e;\xe2\x82\xac 5\n");
  EXPECT_EQ(Decoded("Gr\xc3\xb6\xc3\x9f"
                    "e;\xff\n"),
            "Gr\xc3\xb6\xc3\x9f"
            "e;\xff\n");  // one byte is damaged
  EXPECT_EQ(Decoded(""), "");
}

TEST(TextSource, TakesTheOneThatIsSaid) {
  EXPECT_EQ(Decoded("\xc3\xb6", "windows-1252"), "\xc3\x83\xc2\xb6");
  EXPECT_EQ(Decoded("\xf6", "utf-8"), "\xf6");
  EXPECT_EQ(Decoded(std::string("a\0", 2), "utf-16"), "a");
}

// A file that was cut, or holds half a pair.
TEST(TextSource, WhatIsNoCharacterIsReplaced) {
  EXPECT_EQ(Decoded(std::string("\xff\xfe"
                                "a\0b",
                                5)),
            "a\xef\xbf\xbd");
  EXPECT_EQ(Decoded(std::string("\xff\xfe\x3d\xd8"
                                "a\0",
                                6)),
            "\xef\xbf\xbd"
            "a");
  EXPECT_EQ(Decoded(std::string("\xff\xfe\x3d\xdc"
                                "a\0",
                                6)),
            "\xef\xbf\xbd"
            "a");
  EXPECT_EQ(Decoded(std::string("\xff\xfe\x3d\xd8", 4)), "\xef\xbf\xbd");
}

TEST(TextSource, ALongTextMayEndItsFirstPartWithinACharacter) {
  std::string text;
  while (text.size() < (size_t{1} << 20) + 10) text += "\xe2\x82\xac";
  EXPECT_EQ(Decoded(text, "", 1000), text);
}

}  // namespace
}  // namespace keyfold
