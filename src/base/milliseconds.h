// How many milliseconds an hour and a day of 24 hours have.
#ifndef KEYFOLD_BASE_MILLISECONDS_H_
#define KEYFOLD_BASE_MILLISECONDS_H_

#include <cstdint>

namespace keyfold {

inline constexpr int64_t kHourMs = 3'600'000;
inline constexpr int64_t kDayMs = 24 * kHourMs;

}  // namespace keyfold

#endif  // KEYFOLD_BASE_MILLISECONDS_H_
