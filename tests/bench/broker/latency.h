// From events and updates to latencies. Pure.
#ifndef KEYFOLD_TESTS_BENCH_BROKER_LATENCY_H_
#define KEYFOLD_TESTS_BENCH_BROKER_LATENCY_H_

#include <cstdint>
#include <span>
#include <vector>

namespace keyfold {

// Times are nanoseconds of one steady clock.
struct SentEvent {
  int32_t account = 0;
  int32_t partition = -1;
  int64_t offset = -1;          // -1: not delivered
  int64_t scheduled_ns = 0;     // when it should have been sent: what a user of the system waits from
  int64_t sent_ns = 0;          // when the producer took it
  int64_t acknowledged_ns = 0;  // when its delivery report came
};

struct SeenUpdate {
  int32_t account = 0;
  int32_t partition = -1;  // of the record that caused it
  int64_t source_offset = -1;
  int64_t arrived_ns = 0;
};

inline constexpr int64_t kNeverVisible = -1;

// For each event the time from its schedule to the first update of its account that holds it, in nanoseconds, or
// kNeverVisible. `updates` in the order of their arrival.
std::vector<int64_t> VisibleAfter(std::span<const SentEvent> events, std::span<const SeenUpdate> updates);

// The smallest value that at least `quantile` of the values do not exceed (nearest rank). REQUIRES: `sorted` is sorted
// and not empty; 0 <= quantile <= 1.
int64_t Quantile(std::span<const int64_t> sorted, double quantile);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_BENCH_BROKER_LATENCY_H_
