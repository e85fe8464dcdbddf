#include "serve/owners_feed.h"

#include <memory>
#include <optional>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "kafka/topic_follower.h"
#include "run/backoff.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr size_t kClaimsMax = 5'000;
constexpr absl::Duration kClaimWaitMax = absl::Milliseconds(200);
constexpr absl::Duration kLookForTopicEvery = absl::Minutes(1);

}  // namespace

OwnersFeed::OwnersFeed(const KafkaConnection& connection, const std::string& topic, PartitionOwners& owners)
    : connection_(connection), topic_(topic), owners_(owners), thread_([this] { Run(); }) {}

OwnersFeed::~OwnersFeed() {
  stop_ = true;
  thread_.join();
}

void OwnersFeed::Run() {
  for (Backoff backoff(stop_); !stop_; backoff.Wait()) {
    const absl::Status status = Follow();
    if (stop_) return;
    if (absl::IsNotFound(status)) {
      owners_.Say(absl::OkStatus());
      WaitForTopic();
      continue;
    }
    spdlog::warn("gateway: who has which partition: {}; trying again", std::string(status.message()));
  }
}

void OwnersFeed::WaitForTopic() const {
  const absl::Time until = absl::Now() + kLookForTopicEvery;
  while (!stop_ && absl::Now() < until) absl::SleepFor(kClaimWaitMax);
}

// From the beginning, which is short: the last claim to each partition wins whatever was known before. Until it is
// stopped, or something goes wrong.
absl::Status OwnersFeed::Follow() {
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<TopicFollower> follower,
                           TopicFollower::Open(connection_, {FollowedTopic{topic_, {}}}));
  while (!stop_) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<FollowedRecord> records, follower->Poll(kClaimsMax, kClaimWaitMax));
    for (const FollowedRecord& followed : records) {
      if (!followed.record.value.has_value()) continue;
      const std::optional<PartitionClaim> claim = ParsePartitionClaim(*followed.record.value);
      if (claim.has_value()) {
        owners_.Take(*claim);
      } else {
        spdlog::error("gateway: the record {} of {} is no claim", followed.record.offset, topic_);
      }
    }
    if (follower->caught_up()) owners_.Say(absl::OkStatus());
  }
  return absl::OkStatus();
}

}  // namespace keyfold
