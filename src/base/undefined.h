// The value of a KPI that has none.
#ifndef KEYFOLD_BASE_UNDEFINED_H_
#define KEYFOLD_BASE_UNDEFINED_H_

#include <limits>

namespace keyfold {

// What is not defined, such as a ratio of nothing, is no number; ask with std::isnan().
inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace keyfold

#endif  // KEYFOLD_BASE_UNDEFINED_H_
