// Reads who has which partition (peers/partition_claim.h), in a thread of its own.
#ifndef KEYFOLD_SERVE_OWNERS_FEED_H_
#define KEYFOLD_SERVE_OWNERS_FEED_H_

#include <atomic>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "kafka/connection.h"
#include "peers/partition_owners.h"

namespace keyfold {

class OwnersFeed {
 public:
  // Begins. What goes wrong is said in the log and tried again for as long as this lives; what was read holds
  // meanwhile. Where there is no such topic nobody has anything elsewhere. `owners` outlive this.
  OwnersFeed(const KafkaConnection& connection, const std::string& topic, PartitionOwners& owners);

  // Ends the thread.
  ~OwnersFeed();

  OwnersFeed(const OwnersFeed&) = delete;
  OwnersFeed& operator=(const OwnersFeed&) = delete;

 private:
  void Run();
  absl::Status Follow();
  void WaitForTopic() const;

  const KafkaConnection connection_;
  const std::string topic_;
  PartitionOwners& owners_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace keyfold

#endif  // KEYFOLD_SERVE_OWNERS_FEED_H_
