// Instants as people and documents read them.
#ifndef KEYFOLD_BASE_INSTANT_H_
#define KEYFOLD_BASE_INSTANT_H_

#include <string>

#include "absl/time/time.h"

namespace keyfold {

// "2026-01-05T12:00:00Z": UTC, to the second.
inline std::string FormatInstant(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace keyfold

#endif  // KEYFOLD_BASE_INSTANT_H_
