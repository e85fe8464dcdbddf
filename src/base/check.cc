#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace keyfold {

void FailCheck(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "keyfold: %s:%d: this should hold, and does not: %s\n", file, line, condition);
  std::abort();
}

}  // namespace keyfold
