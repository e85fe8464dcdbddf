// Asking the gateways of a projection's other processes what their shards say.
#ifndef KEYFOLD_PEERS_PEERS_H_
#define KEYFOLD_PEERS_PEERS_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/http_client.h"
#include "gateway/http.h"
#include "peers/partition_owners.h"

namespace keyfold {

// What a gateway wants of another one, as the header kAskedByGateway (gateway/http.h) says it. Whoever is asked so
// answers from its own shards and asks nobody else.
inline constexpr std::string_view kWantsAnswer = "answer";  // what anybody else would be answered
inline constexpr std::string_view kWantsShare = "share";    // of a group, what the shards there know (v1.GroupShare)

// Thread-safe.
class Peers {
 public:
  using Call = std::function<absl::StatusOr<HttpReply>(const HttpCall& call)>;

  // `owners` outlive this. An answer is waited for as long as `wait_max`.
  Peers(const PartitionOwners& owners, Call call, absl::Duration wait_max)
      : owners_(owners), call_(std::move(call)), wait_max_(wait_max) {}

  const PartitionOwners& owners() const { return owners_; }

  // What the gateway of the process that made the claim answers at `target` to whoever made `request`: it judges by
  // itself what he may see, so it must know the same tokens. A reply is one whatever its status says, but for those
  // that say that it does not know him. Unavailable: the partition's shard cannot be asked; says whose it is, since
  // when, and why. A gateway that could not be reached is not tried again for two seconds, lest whoever asks wait for
  // it one after the other.
  absl::StatusOr<HttpReply> Ask(const PartitionClaim& claim, const HttpRequest& request, const HttpTarget& target,
                                const std::string& wants);

 private:
  struct Failure {
    absl::Time at;
    std::string why;
  };

  absl::StatusOr<HttpReply> Try(const std::string& origin, const HttpCall& call);

  const PartitionOwners& owners_;
  const Call call_;
  const absl::Duration wait_max_;
  absl::Mutex mutex_;
  std::map<std::string, Failure> failures_ ABSL_GUARDED_BY(mutex_);  // the last of each URL that failed
};

// "partition 3, which worker-b (https://b:8443) has had since 2026-01-05T12:00:00Z"
std::string Describe(const PartitionClaim& claim);

// What an answer that is an error says of itself.
std::string ErrorIn(const HttpReply& reply);

}  // namespace keyfold

#endif  // KEYFOLD_PEERS_PEERS_H_
