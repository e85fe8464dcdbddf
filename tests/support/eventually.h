// Waiting for what another thread brings about.
#ifndef KEYFOLD_TESTS_SUPPORT_EVENTUALLY_H_
#define KEYFOLD_TESTS_SUPPORT_EVENTUALLY_H_

#include <functional>

#include "absl/time/clock.h"

namespace keyfold {

// Returns as soon as it holds; false after a minute.
inline bool Eventually(const std::function<bool()>& holds) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (!holds()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return true;
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_EVENTUALLY_H_
