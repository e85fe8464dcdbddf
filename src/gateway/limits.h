// How often and how many: rates of requests, numbers of what is open.
#ifndef KEYFOLD_GATEWAY_LIMITS_H_
#define KEYFOLD_GATEWAY_LIMITS_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace keyfold {

// Milliseconds of a clock that never jumps; only differences mean anything.
int64_t MonotonicMs();

// A token bucket for each key: it holds two seconds' worth, so that a page may ask for its parts at once. In any `t`
// seconds no more than (t + 2) * rate requests pass. Thread-safe.
class RequestRates {
 public:
  // Takes one request of the key; nullopt: it may pass, else after how many milliseconds the next one may.
  // `per_second` (more than 0) may change from call to call.
  std::optional<int64_t> Take(const std::string& key, int64_t per_second, int64_t now_ms);

  size_t size() const;

 private:
  void Forget(int64_t now_ms);

  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, int64_t> buckets_;  // when each is full again, in microseconds
  int64_t forgotten_ms_ = 0;
};

// Counts what is open, of each key and in all. Thread-safe.
class OpenCounts {
 public:
  // One more; false, and none more: there would be more than these.
  bool Take(const std::string& key, int64_t of_key_max, int64_t total_max);
  void Release(const std::string& key);

  int64_t total() const;

 private:
  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, int64_t> open_;
  int64_t total_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_LIMITS_H_
