#include "feed/kafka_lookup_reader.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

// That nothing follows a transaction's marker is noticed by a fetch that brings nothing, and batches wait for that.
constexpr char kFetchWaitMilliseconds[] = "50";

}  // namespace

absl::StatusOr<std::unique_ptr<LookupReader>> KafkaLookupReader::Open(const KafkaConnection& connection,
                                                                      const std::string& topic, Watchdog& watchdog) {
  KafkaConnection quick = connection;
  quick.properties.emplace("fetch.wait.max.ms", kFetchWaitMilliseconds);
  const Watchdog::Call call(watchdog, absl::StrCat("opening the lookup's topic ", topic));
  KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<TopicFollower> follower, TopicFollower::Open(quick, {{topic, {}}}));
  return std::unique_ptr<LookupReader>(new KafkaLookupReader(std::move(follower), topic, watchdog));
}

absl::Status KafkaLookupReader::LookForEnds() {
  const Watchdog::Call call(watchdog_, absl::StrCat("asking for the end of the lookup's topic ", topic_));
  return follower_->LookForEnds();
}

absl::StatusOr<std::vector<Record>> KafkaLookupReader::Poll(size_t records_max, absl::Duration wait_max) {
  const Watchdog::Call call(watchdog_, absl::StrCat("reading the lookup's topic ", topic_));
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<FollowedRecord> followed, follower_->Poll(records_max, wait_max));
  std::vector<Record> records;
  records.reserve(followed.size());
  for (FollowedRecord& one : followed) records.push_back(std::move(one.record));
  return records;
}

}  // namespace keyfold
