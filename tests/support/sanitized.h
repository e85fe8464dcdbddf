// Whether this is built with a sanitizer. Those look at memory and threads rather than at results, and take some twenty
// times as long: tests of many rounds do fewer of them there.
#ifndef KEYFOLD_TESTS_SUPPORT_SANITIZED_H_
#define KEYFOLD_TESTS_SUPPORT_SANITIZED_H_

namespace keyfold {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_SANITIZED_H_
