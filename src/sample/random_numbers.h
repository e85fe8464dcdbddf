// Chance that falls alike on every machine: integers, and floating point only where IEEE 754 fixes each bit. (The
// distributions of the standard library differ between implementations, pow and log between versions of libm.)
#ifndef KEYFOLD_SAMPLE_RANDOM_NUMBERS_H_
#define KEYFOLD_SAMPLE_RANDOM_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace keyfold {

// SplitMix64 (Steele, Lea, Flood 2014). Not thread-safe.
class SampleRandom {
 public:
  explicit SampleRandom(uint64_t seed) : state_(seed) {}

  uint64_t Next();

  // Uniform in [0, end). REQUIRES: end > 0.
  int64_t Below(int64_t end);

  // Uniform in [min, max]. REQUIRES: min <= max.
  int64_t Between(int64_t min, int64_t max) { return min + Below(max - min + 1); }

  // True `per_mille` times in a thousand.
  bool Chance(int per_mille) { return Below(1000) < per_mille; }

  // Mostly small, now and then up to four times the mean: waiting times and amounts look like that.
  int64_t Skewed(int64_t mean);

 private:
  uint64_t state_;
};

// Ranks 0, 1, ... whose frequencies fall as (rank + 1)^-exponent. Immutable.
class ZipfTable {
 public:
  // An exponent of 0 makes all ranks alike. REQUIRES: size > 0, exponent within 0 ... 10.
  ZipfTable(size_t size, double exponent);

  // A rank below `end`. REQUIRES: 0 < end <= size.
  size_t Pick(SampleRandom& random, size_t end) const;

 private:
  std::vector<uint64_t> weight_up_to_;  // of the ranks up to this one
};

}  // namespace keyfold

#endif  // KEYFOLD_SAMPLE_RANDOM_NUMBERS_H_
