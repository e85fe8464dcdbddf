#include "live/record_reader.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "keyfold/v1/alert.pb.h"
#include "live/published_alert.h"

namespace keyfold {
namespace {

// What an entry takes besides its texts, about.
constexpr size_t kAroundEntry = 200;

}  // namespace

template <typename Message>
absl::StatusOr<std::optional<LatestRecord<Message>>> RecordReader::Get(LatestTopic topic, std::string_view id) const {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> stored, store_.Get(ValueKeyOf(topic, id)));
  if (!stored.has_value()) return std::nullopt;
  std::string_view bytes = *stored;
  const std::optional<RecordVersion> version = TakeVersion(bytes);
  LatestRecord<Message> record;
  if (!version.has_value() || !record.message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError(absl::StrCat("the latest record of ", std::string(id), " is damaged"));
  }
  record.version = *version;
  return record;
}

template absl::StatusOr<std::optional<LatestRecord<v1::KpiUpdate>>> RecordReader::Get(LatestTopic topic,
                                                                                      std::string_view id) const;
template absl::StatusOr<std::optional<LatestRecord<v1::KpiAlert>>> RecordReader::Get(LatestTopic topic,
                                                                                     std::string_view id) const;

absl::StatusOr<std::shared_ptr<const std::string>> RecordReader::Json(LatestTopic topic, std::string_view id,
                                                                      const RecordVersion& version,
                                                                      const KpiSelection& selection) {
  const std::string key = ValueKeyOf(topic, id);
  const bool is_whole = topic == LatestTopic::kAlerts || selection.empty();
  if (is_whole) {
    if (std::shared_ptr<const std::string> json = Find(key, version); json != nullptr) return json;
  }
  auto json = std::make_shared<std::string>();
  if (topic == LatestTopic::kAlerts) {
    KEYFOLD_ASSIGN_OR_RETURN(const auto record, Get<v1::KpiAlert>(topic, id));
    if (!record.has_value() || record->version != version) return nullptr;
    AppendAlertJson(record->message, *json);
  } else {
    KEYFOLD_ASSIGN_OR_RETURN(const auto record, Get<v1::KpiUpdate>(topic, id));
    if (!record.has_value() || record->version != version) return nullptr;
    AppendUpdateJson(record->message, selection, *json);
  }
  if (is_whole) Keep(key, version, json);
  return json;
}

std::shared_ptr<const std::string> RecordReader::Find(const std::string& key, const RecordVersion& version) {
  absl::MutexLock lock(&mutex_);
  const auto at = by_key_.find(key);
  if (at == by_key_.end() || at->second->version != version) return nullptr;
  kept_.splice(kept_.begin(), kept_, at->second);
  return at->second->json;
}

void RecordReader::Keep(const std::string& key, const RecordVersion& version, std::shared_ptr<const std::string> json) {
  absl::MutexLock lock(&mutex_);
  if (const auto at = by_key_.find(key); at != by_key_.end()) Drop(at->second);
  bytes_ += kAroundEntry + key.size() + json->size();
  kept_.push_front({key, version, std::move(json)});
  by_key_.emplace(kept_.front().key, kept_.begin());
  while (bytes_ > cache_bytes_max_) Drop(std::prev(kept_.end()));
}

void RecordReader::Drop(std::list<Kept>::iterator at) {
  bytes_ -= kAroundEntry + at->key.size() + at->json->size();
  by_key_.erase(at->key);
  kept_.erase(at);
}

}  // namespace keyfold
