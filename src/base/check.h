// Programmers' errors: what a caller promised and did not keep ends the process, in every build.
#ifndef KEYFOLD_BASE_CHECK_H_
#define KEYFOLD_BASE_CHECK_H_

namespace keyfold {

// Says on standard error what did not hold, and aborts.
[[noreturn]] void FailCheck(const char* file, int line, const char* condition);

}  // namespace keyfold

// KEYFOLD_CHECK(end > begin): not for input or for what a disk or a broker says, which are statuses and rejections.
#define KEYFOLD_CHECK(condition)                                          \
  do {                                                                    \
    if (!(condition)) keyfold::FailCheck(__FILE__, __LINE__, #condition); \
  } while (false)

#endif  // KEYFOLD_BASE_CHECK_H_
