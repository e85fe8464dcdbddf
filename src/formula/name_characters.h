// The letters of names and numbers in formulas: of ASCII, in any locale.
#ifndef KEYFOLD_FORMULA_NAME_CHARACTERS_H_
#define KEYFOLD_FORMULA_NAME_CHARACTERS_H_

#include "absl/strings/ascii.h"

namespace keyfold {

inline bool IsNumberPart(char c) { return absl::ascii_isdigit(c) || c == '.'; }
inline bool IsNameStart(char c) { return absl::ascii_isalpha(c) || c == '_'; }
inline bool IsNamePart(char c) { return IsNameStart(c) || IsNumberPart(c); }

}  // namespace keyfold

#endif  // KEYFOLD_FORMULA_NAME_CHARACTERS_H_
