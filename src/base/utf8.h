// What is text.
#ifndef KEYFOLD_BASE_UTF8_H_
#define KEYFOLD_BASE_UTF8_H_

#include <string_view>

namespace keyfold {

// Whether the bytes are a text in UTF-8, as Protobuf's strings are.
bool IsUtf8(std::string_view bytes);

}  // namespace keyfold

#endif  // KEYFOLD_BASE_UTF8_H_
