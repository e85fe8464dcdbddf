// Integers modulo 2^64: ledger cells add so, and the order of additions never matters.
#ifndef KEYFOLD_BASE_WRAPPING_H_
#define KEYFOLD_BASE_WRAPPING_H_

#include <cstdint>

namespace keyfold {

constexpr int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

constexpr int64_t WrappingNegate(int64_t a) { return static_cast<int64_t>(0 - static_cast<uint64_t>(a)); }

}  // namespace keyfold

#endif  // KEYFOLD_BASE_WRAPPING_H_
