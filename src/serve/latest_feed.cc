#include "serve/latest_feed.h"

#include <memory>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "run/backoff.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr size_t kRecordsMax = 500;  // whoever asks waits while so many are shown
constexpr absl::Duration kWaitMax = absl::Milliseconds(200);

}  // namespace

LatestFeed::LatestFeed(const KafkaConnection& connection, const PerTopic<std::string>& topics,
                       std::vector<std::string> kpis, LatestValues& values)
    : connection_(connection), topics_(topics), kpis_(std::move(kpis)), values_(values), thread_([this] { Run(); }) {}

LatestFeed::~LatestFeed() {
  stop_ = true;
  thread_.join();
}

absl::Status LatestFeed::ready() const {
  const absl::MutexLock lock(&mutex_);
  return ready_;
}

void LatestFeed::Say(const absl::Status& status) {
  const absl::MutexLock lock(&mutex_);
  ready_ = status.ok() ? status : absl::UnavailableError(status.message());
}

void LatestFeed::Run() {
  for (Backoff backoff(stop_); !stop_; backoff.Wait()) {
    absl::Status status = Follow();
    if (absl::IsFailedPrecondition(status)) {
      spdlog::warn("gateway: {}: the latest values are read anew", std::string(status.message()));
      if (const absl::Status emptied = values_.Empty(); !emptied.ok()) status = emptied;
    }
    if (status.ok()) continue;  // it was stopped
    Say(status);
    spdlog::warn("gateway: {}; trying again", std::string(status.message()));
  }
}

// Until it is stopped, or something goes wrong.
absl::Status LatestFeed::Follow() {
  const TopicOffsets next = values_.next_offsets();
  std::vector<FollowedTopic> followed;
  std::vector<LatestTopic> kinds;
  for (LatestTopic topic : kLatestTopics) {
    const auto index = static_cast<size_t>(topic);
    if (topics_[index].empty()) continue;
    followed.push_back({topics_[index], next[index]});
    kinds.push_back(topic);
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<TopicFollower> follower, TopicFollower::Open(connection_, followed));
  for (bool is_prepared = false; !stop_;) {
    KEYFOLD_RETURN_IF_ERROR(TakeNext(*follower, kinds));
    if (!follower->caught_up()) continue;
    if (!std::exchange(is_prepared, true)) {
      const absl::Status prepared =
          values_.PrepareOrders(LatestTopic::kAccounts, kpis_, [this] { return stop_.load(); });
      if (stop_) break;
      KEYFOLD_RETURN_IF_ERROR(prepared);
    }
    Say(absl::OkStatus());
  }
  return absl::OkStatus();
}

absl::Status LatestFeed::TakeNext(TopicFollower& follower, const std::vector<LatestTopic>& kinds) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<FollowedRecord> records, follower.Poll(kRecordsMax, kWaitMax));
  std::vector<PublishedRecord> published;
  for (const FollowedRecord& followed : records) {
    const Record& record = followed.record;
    published.push_back({kinds[followed.topic], record.partition, record.offset, record.timestamp_ms,
                         record.key.value_or(""), record.value});
  }
  if (published.empty()) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(const LatestReport report, values_.Apply(published));
  if (report.undecodable > 0) {
    spdlog::error("gateway: {} records are no updates, the first one {}", report.undecodable,
                  report.undecodable_example);
  }
  return absl::OkStatus();
}

}  // namespace keyfold
