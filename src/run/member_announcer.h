// Telling the other processes of a projection which partitions this one runs, and where its gateway is reached.
#ifndef KEYFOLD_RUN_MEMBER_ANNOUNCER_H_
#define KEYFOLD_RUN_MEMBER_ANNOUNCER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "config/config.h"
#include "kafka/connection.h"
#include "peers/partition_claim.h"

namespace keyfold {

// What is to be claimed at an instant: what is run since the last one at once, and all that is run every now and then,
// in case another process that had lost a partition without knowing has claimed it, or the topic was made anew. Not
// thread-safe.
class ClaimsDue {
 public:
  // `claim` is what the claims of this process have in common.
  explicit ClaimsDue(PartitionClaim claim) : claim_(std::move(claim)) {}

  // Of the partitions that are run now. They are due again until Made().
  std::vector<PartitionClaim> At(absl::Time now, const std::set<int32_t>& running);
  void Made(absl::Time now);

 private:
  static constexpr absl::Duration kAllEvery = absl::Minutes(1);

  const PartitionClaim claim_;
  std::map<int32_t, std::string> since_;  // of the partitions that are run
  std::set<int32_t> made_;
  absl::Time all_made_at_ = absl::InfinitePast();
};

// Claims in a thread of its own, which no error ends.
class MemberAnnouncer {
 public:
  // Begins. `running` says which partitions this process runs; it is called by that thread several times a second, and
  // outlives this.
  MemberAnnouncer(const KafkaConnection& connection, const Config& config, std::function<std::set<int32_t>()> running);

  // Ends the thread; where brokers do not answer, that takes some seconds.
  ~MemberAnnouncer();

  MemberAnnouncer(const MemberAnnouncer&) = delete;
  MemberAnnouncer& operator=(const MemberAnnouncer&) = delete;

 private:
  void Run();
  absl::Status Announce(const std::vector<PartitionClaim>& claims) const;

  const KafkaConnection connection_;
  const std::string topic_;
  const std::function<std::set<int32_t>()> running_;
  ClaimsDue due_;
  std::atomic<bool> closing_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace keyfold

#endif  // KEYFOLD_RUN_MEMBER_ANNOUNCER_H_
