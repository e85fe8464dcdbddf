// The name of a process among those that share a projection's partitions.
#ifndef KEYFOLD_RUN_INSTANCE_H_
#define KEYFOLD_RUN_INSTANCE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "config/config.h"

namespace keyfold {

// Configured, or the host's name.
std::string InstanceOf(const Config& config);

// <instance>.<index>: of a worker among all of the projection.
std::string WorkerNameOf(const Config& config, int64_t index);

// <instance>.<index>_<partitions>: of a worker as a static member of the group that folds a topic. The group gives a
// member that comes back what it had: partitions that the topic has got in between would be nobody's.
std::string MemberNameOf(const Config& config, int64_t index, int32_t topic_partitions);

// While it lives no other process of this host has the name of this one in this projection: two of one name would fence
// each other.
class InstanceClaim {
 public:
  // A predecessor of this host that has died is told from a living one at once. One that is about to end, and one of
  // another host, which may have died, is waited for as long as a session lasts. FailedPrecondition: another process
  // has the name and keeps it; the message says which one. Cancelled: `stop` was set.
  static absl::StatusOr<std::unique_ptr<InstanceClaim>> Take(const Config& config, const std::atomic<bool>& stop);

  ~InstanceClaim();
  InstanceClaim(const InstanceClaim&) = delete;
  InstanceClaim& operator=(const InstanceClaim&) = delete;

 private:
  explicit InstanceClaim(int socket) : socket_(socket) {}

  const int socket_;
};

}  // namespace keyfold

#endif  // KEYFOLD_RUN_INSTANCE_H_
