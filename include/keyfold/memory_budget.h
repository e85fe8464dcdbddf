// Bytes that several holders may keep in memory together.
#ifndef KEYFOLD_MEMORY_BUDGET_H_
#define KEYFOLD_MEMORY_BUDGET_H_

#include <atomic>
#include <cstdint>

namespace keyfold {

// Thread-safe. Holders look whether it is exceeded when they take something on, and then let go of something.
class MemoryBudget {
 public:
  explicit MemoryBudget(int64_t bytes_max) : bytes_max_(bytes_max) {}

  // `bytes` may be negative.
  void Add(int64_t bytes) { bytes_ += bytes; }
  bool exceeded() const { return bytes_ > bytes_max_; }
  int64_t bytes() const { return bytes_; }
  int64_t bytes_max() const { return bytes_max_; }

 private:
  const int64_t bytes_max_;
  std::atomic<int64_t> bytes_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_MEMORY_BUDGET_H_
