#include "run/member_announcer.h"

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "kafka/producer.h"
#include "run/backoff.h"
#include "run/instance.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(200);
constexpr absl::Duration kDeliveryMax = absl::Seconds(10);

}  // namespace

std::vector<PartitionClaim> ClaimsDue::At(absl::Time now, const std::set<int32_t>& running) {
  const auto is_gone = [&running](int32_t partition) { return !running.contains(partition); };
  std::erase_if(since_, [&](const auto& since) { return is_gone(since.first); });
  std::erase_if(made_, is_gone);
  if (now - all_made_at_ >= kAllEvery) made_.clear();
  std::vector<PartitionClaim> due;
  for (int32_t partition : running) {
    const std::string& since = since_.try_emplace(partition, FormatInstant(now)).first->second;
    if (made_.contains(partition)) continue;
    due.push_back(claim_);
    due.back().partition = partition;
    due.back().since = since;
  }
  return due;
}

void ClaimsDue::Made(absl::Time now) {
  if (made_.empty()) all_made_at_ = now;
  for (const auto& [partition, since] : since_) made_.insert(partition);
}

MemberAnnouncer::MemberAnnouncer(const KafkaConnection& connection, const Config& config,
                                 std::function<std::set<int32_t>()> running)
    : connection_(connection),
      topic_(config.members_topic),
      running_(std::move(running)),
      due_({0, InstanceOf(config), config.gateway.public_url, ""}),
      thread_([this] { Run(); }) {}

MemberAnnouncer::~MemberAnnouncer() {
  closing_ = true;
  thread_.join();
}

void MemberAnnouncer::Run() {
  for (Backoff backoff(closing_); !closing_; absl::SleepFor(kLook)) {
    const std::vector<PartitionClaim> claims = due_.At(absl::Now(), running_());
    if (claims.empty()) continue;
    if (const absl::Status status = Announce(claims); !status.ok()) {
      spdlog::warn("telling which partitions are here: {}; trying again", std::string(status.message()));
      backoff.Wait();
      continue;
    }
    due_.Made(absl::Now());
    backoff.Reset();
  }
}

// Claims are rare: a producer lives for as long as some are made.
absl::Status MemberAnnouncer::Announce(const std::vector<PartitionClaim>& claims) const {
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection_));
  for (const PartitionClaim& claim : claims) {
    const std::string key = ClaimKeyOf(claim.partition);
    const std::string value = FormatPartitionClaim(claim);
    ProducerRecord record;
    record.key = key;
    record.value = value;
    KEYFOLD_RETURN_IF_ERROR(producer->Produce(topic_, record));
  }
  KEYFOLD_RETURN_IF_ERROR(producer->Flush(kDeliveryMax, [this] { return closing_.load(); }));
  return producer->failures().first;
}

}  // namespace keyfold
