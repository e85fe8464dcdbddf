// LookupReader on Kafka.
#ifndef KEYFOLD_FEED_KAFKA_LOOKUP_READER_H_
#define KEYFOLD_FEED_KAFKA_LOOKUP_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "feed/lookup_topic.h"
#include "kafka/connection.h"
#include "kafka/topic_follower.h"
#include "run/watchdog.h"

namespace keyfold {

// Every call is seen by the watchdog.
class KafkaLookupReader final : public LookupReader {
 public:
  // Errors: those of TopicFollower::Open(). `watchdog` outlives the reader.
  static absl::StatusOr<std::unique_ptr<LookupReader>> Open(const KafkaConnection& connection, const std::string& topic,
                                                            Watchdog& watchdog);

  absl::Status LookForEnds() override;
  int64_t left() const override { return follower_->left(); }
  absl::StatusOr<std::vector<Record>> Poll(size_t records_max, absl::Duration wait_max) override;

 private:
  KafkaLookupReader(std::unique_ptr<TopicFollower> follower, std::string topic, Watchdog& watchdog)
      : follower_(std::move(follower)), topic_(std::move(topic)), watchdog_(watchdog) {}

  const std::unique_ptr<TopicFollower> follower_;
  const std::string topic_;
  Watchdog& watchdog_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FEED_KAFKA_LOOKUP_READER_H_
