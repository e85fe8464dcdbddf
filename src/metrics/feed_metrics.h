// What `keyfold feed` has done with the records of each input.
#ifndef KEYFOLD_METRICS_FEED_METRICS_H_
#define KEYFOLD_METRICS_FEED_METRICS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "metrics/metrics.h"

namespace keyfold {

// Of one topic. Thread-safe.
class FeedMetrics {
 public:
  // `metrics` outlives this.
  FeedMetrics(Metrics& metrics, const std::string& topic);
  ~FeedMetrics();
  FeedMetrics(const FeedMetrics&) = delete;
  FeedMetrics& operator=(const FeedMetrics&) = delete;

  // Of a transaction that was committed.
  void Count(int64_t records, int64_t events, int64_t rejected, int64_t left_out);
  void CountFailure();
  // Records that are not read yet, of all partitions that are ours.
  void SetLag(int64_t records);

 private:
  struct Counters;
  const std::unique_ptr<Counters> counters_;
};

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_FEED_METRICS_H_
