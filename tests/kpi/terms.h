// Short words for the terms of sums in tests.
#ifndef KEYFOLD_TESTS_KPI_TERMS_H_
#define KEYFOLD_TESTS_KPI_TERMS_H_

#include <cstdint>
#include <limits>

#include "base/calendar.h"
#include "base/currency.h"

namespace keyfold {

inline constexpr int64_t kHuge = std::numeric_limits<int64_t>::max() / 2 + 1;

inline Currency Of(const char* code) { return *Currency::Parse(code); }
inline Day On(const char* date) { return *ParseDay(date); }

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_KPI_TERMS_H_
