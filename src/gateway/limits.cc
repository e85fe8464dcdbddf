#include "gateway/limits.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"

namespace keyfold {
namespace {

constexpr int64_t kBurstMs = 2'000;
constexpr int64_t kForgetEveryMs = 10'000;

}  // namespace

int64_t MonotonicMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The bucket is kept as the moment at which it is full again: a request moves it by its share of a second.
// Microseconds, so that a thousand in a second are a thousand.
std::optional<int64_t> RequestRates::Take(const std::string& key, int64_t per_second, int64_t now_ms) {
  constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
  const std::lock_guard lock(mutex_);
  if (now_ms - forgotten_ms_ >= kForgetEveryMs) Forget(now_ms);
  const int64_t now_us = now_ms * 1'000;
  // At least one request fits, however slow the rate.
  const int64_t burst_us = std::max(kBurstMs * 1'000, kMicrosecondsPerSecond / per_second);
  int64_t& full_at_us = buckets_[key];
  const int64_t next_us = std::max(full_at_us, now_us) + kMicrosecondsPerSecond / per_second;
  if (next_us - now_us > burst_us) return (next_us - now_us - burst_us + 999) / 1'000;
  full_at_us = next_us;
  return std::nullopt;
}

// A full bucket is as good as none.
void RequestRates::Forget(int64_t now_ms) {
  absl::erase_if(buckets_, [now_us = now_ms * 1'000](const auto& bucket) { return bucket.second <= now_us; });
  forgotten_ms_ = now_ms;
}

size_t RequestRates::size() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

bool OpenCounts::Take(const std::string& key, int64_t of_key_max, int64_t total_max) {
  const std::lock_guard lock(mutex_);
  if (total_ >= total_max) return false;
  const auto found = open_.find(key);
  if (found == open_.end() ? of_key_max < 1 : found->second >= of_key_max) return false;
  ++open_[key];
  ++total_;
  return true;
}

void OpenCounts::Release(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(key);
  KEYFOLD_CHECK(found != open_.end());
  if (--found->second == 0) open_.erase(found);
  --total_;
}

int64_t OpenCounts::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace keyfold
