#include "sample/random_numbers.h"

#include <algorithm>

namespace keyfold {
namespace {

constexpr double kLn2 = 0.6931471805599453;
constexpr double kWeightUnit = 4294967296.0;  // 2^32: sums of two billion ranks fit in 64 bits

// The natural logarithm. REQUIRES: x >= 1.
double Logarithm(double x) {
  int halvings = 0;
  for (; x >= 2; x /= 2) ++halvings;
  const double y = (x - 1) / (x + 1);  // ln x = 2 artanh y, y <= 1/3
  double term = y;
  double sum = 0;
  for (int i = 1; i < 40; i += 2) {
    sum += term / i;
    term *= y * y;
  }
  return halvings * kLn2 + 2 * sum;
}

// e^-x. REQUIRES: x >= 0.
double ExponentialOfMinus(double x) {
  int halvings = 0;
  for (; x >= kLn2 && halvings < 200; x -= kLn2) ++halvings;
  double term = 1;
  double sum = 1;
  for (int i = 1; i < 20; ++i) {
    term *= -x / i;
    sum += term;
  }
  for (; halvings > 0; --halvings) sum /= 2;
  return sum;
}

}  // namespace

uint64_t SampleRandom::Next() {
  state_ += 0x9E3779B97F4A7C15u;
  uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

int64_t SampleRandom::Below(int64_t end) {
  return static_cast<int64_t>((static_cast<unsigned __int128>(Next()) * static_cast<uint64_t>(end)) >> 64);
}

int64_t SampleRandom::Skewed(int64_t mean) {
  constexpr int64_t kUnit = 1000;
  const int64_t product = Between(1, kUnit) * Between(1, kUnit);  // its mean is a quarter of its maximum
  return static_cast<int64_t>(static_cast<__int128>(mean) * 4 * product / (kUnit * kUnit));
}

ZipfTable::ZipfTable(size_t size, double exponent) {
  weight_up_to_.reserve(size);
  uint64_t sum = 0;
  for (size_t rank = 1; rank <= size; ++rank) {
    const double weight = ExponentialOfMinus(exponent * Logarithm(static_cast<double>(rank)));
    sum += std::max<uint64_t>(1, static_cast<uint64_t>(kWeightUnit * weight));
    weight_up_to_.push_back(sum);
  }
}

size_t ZipfTable::Pick(SampleRandom& random, size_t end) const {
  const auto last = weight_up_to_.begin() + static_cast<std::ptrdiff_t>(end);
  const auto drawn = static_cast<uint64_t>(random.Below(static_cast<int64_t>(*(last - 1))));
  return static_cast<size_t>(std::upper_bound(weight_up_to_.begin(), last, drawn) - weight_up_to_.begin());
}

}  // namespace keyfold
