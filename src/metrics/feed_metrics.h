// What `keyfold feed` has done with the records of each input.
#ifndef KEYFOLD_METRICS_FEED_METRICS_H_
#define KEYFOLD_METRICS_FEED_METRICS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "metrics/metrics.h"

namespace keyfold {

// What became of the records of a topic that a mapping looks up in, since the start.
struct FedLookup {
  int64_t records = 0;
  int64_t unreadable = 0;  // that are no rows
  int64_t contested = 0;   // whose row another record had
  int64_t rows = 0;        // that are there now
};

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
  // What a mapping did without anything being wrong: "teams[agent].manager found nothing".
  void CountNote(const std::string& note, int64_t count);
  void TellLookup(const std::string& lookup, const FedLookup& numbers);
  void CountFailure();
  // Records that are not read yet, of all partitions that are ours.
  void SetLag(int64_t records);

 private:
  struct Counters;
  Metrics& metrics_;
  const std::string topic_;
  const std::unique_ptr<Counters> counters_;
};

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_FEED_METRICS_H_
