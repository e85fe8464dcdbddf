// Following topics from given offsets on, all partitions, outside of any group: for readers that keep their own place.
#ifndef KEYFOLD_KAFKA_TOPIC_FOLLOWER_H_
#define KEYFOLD_KAFKA_TOPIC_FOLLOWER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/connection.h"
#include "keyfold/record.h"

namespace keyfold {

struct FollowedTopic {
  std::string name;
  std::vector<int64_t> next_offsets;  // by partition; of one that is missing: the beginning
};

struct FollowedRecord {
  size_t topic = 0;  // its place among those that are followed
  Record record;
};

// Not thread-safe.
class TopicFollower {
 public:
  // NotFound: a topic does not exist. FailedPrecondition: a partition does not have its offset any more, or not yet: it
  // was made anew, or has lost records. Others: the brokers' errors.
  static absl::StatusOr<std::unique_ptr<TopicFollower>> Open(const KafkaConnection& connection,
                                                             const std::vector<FollowedTopic>& topics);

  TopicFollower(const TopicFollower&) = delete;
  TopicFollower& operator=(const TopicFollower&) = delete;
  ~TopicFollower();

  // Committed records, in the order of their offsets within a partition; empty when nothing came for `wait_max`. They
  // must be gone before the follower is. FailedPrecondition: as above, or a topic has got partitions: to be opened
  // anew.
  absl::StatusOr<std::vector<FollowedRecord>> Poll(size_t records_max, absl::Duration wait_max);

  // How many offsets are to be read up to where the partitions ended when this was opened, or LookForEnds() called
  // last.
  int64_t left() const;
  bool caught_up() const { return left() == 0; }

  // Asks the brokers where the partitions end now: behind what is committed. Errors as above.
  absl::Status LookForEnds();

 private:
  class Consumer;

  explicit TopicFollower(std::unique_ptr<Consumer> consumer);

  std::unique_ptr<Consumer> consumer_;
};

// Identifies the cluster. Unavailable: no broker says.
absl::StatusOr<std::string> ReadClusterId(const KafkaConnection& connection,
                                          absl::Duration wait_max = absl::Seconds(10));

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_TOPIC_FOLLOWER_H_
