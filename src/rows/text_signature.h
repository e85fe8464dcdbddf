// A few bits of a text by which most texts that do not contain another one are told without looking at them.
#ifndef KEYFOLD_ROWS_TEXT_SIGNATURE_H_
#define KEYFOLD_ROWS_TEXT_SIGNATURE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/strings/ascii.h"

namespace keyfold {

// Of each three letters in a row one of 128 bits, whatever the case of ASCII letters. By estimate a name and an id set
// a third of the bits, so that a word of six letters passes by chance in one of a hundred rows.
class TextSignature {
 public:
  static constexpr size_t kLettersMin = 3;  // shorter texts have none

  TextSignature() = default;
  explicit TextSignature(std::string_view text) { Add(text); }

  void Add(std::string_view text) {
    uint32_t letters = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const char lower = absl::ascii_tolower(static_cast<unsigned char>(text[i]));
      letters = ((letters << 8) | static_cast<uint8_t>(lower)) & 0xffffff;
      if (i + 1 < kLettersMin) continue;
      const uint32_t bit = (letters * uint32_t{0x9e3779b1}) >> 25;
      words_[bit >> 6] |= uint64_t{1} << (bit & 63);
    }
  }

  // False: a text of this signature does not contain one of the other.
  bool MayContain(const TextSignature& other) const {
    return (other.words_[0] & ~words_[0]) == 0 && (other.words_[1] & ~words_[1]) == 0;
  }

 private:
  std::array<uint64_t, 2> words_{};
};

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_TEXT_SIGNATURE_H_
