// Reads what is published into the latest values, in a thread of its own.
#ifndef KEYFOLD_SERVE_LATEST_FEED_H_
#define KEYFOLD_SERVE_LATEST_FEED_H_

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "kafka/connection.h"
#include "kafka/topic_follower.h"
#include "live/latest_values.h"
#include "rows/latest_topic.h"

namespace keyfold {

// Thread-safe.
class LatestFeed {
 public:
  // Begins. `topics` are the names of the topics, none where there is none (a catalogue without groups). What goes
  // wrong is said in the log and tried again, for as long as this lives: a broker that is gone, a topic that is not
  // there yet. Where a log has been made anew or has lost records, the values are read again from its beginning. Before
  // it is ready it prepares lists of accounts by `kpis`.
  LatestFeed(const KafkaConnection& connection, const PerTopic<std::string>& topics, std::vector<std::string> kpis,
             LatestValues& values);

  LatestFeed(const LatestFeed&) = delete;
  LatestFeed& operator=(const LatestFeed&) = delete;

  // Ends the thread.
  ~LatestFeed();

  // Unavailable: it does not read at present, and why, or has not come to the end of the topics yet.
  absl::Status ready() const;

 private:
  void Run();
  absl::Status Follow();
  absl::Status TakeNext(TopicFollower& follower, const std::vector<LatestTopic>& kinds);
  void Say(const absl::Status& status);

  const KafkaConnection connection_;
  const PerTopic<std::string> topics_;
  const std::vector<std::string> kpis_;
  LatestValues& values_;
  std::atomic<bool> stop_ = false;
  mutable absl::Mutex mutex_;
  absl::Status ready_ ABSL_GUARDED_BY(mutex_) = absl::UnavailableError("nothing has been read yet");
  std::thread thread_;
};

}  // namespace keyfold

#endif  // KEYFOLD_SERVE_LATEST_FEED_H_
