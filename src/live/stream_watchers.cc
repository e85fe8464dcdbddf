#include "live/stream_watchers.h"

#include <cstddef>
#include <optional>
#include <utility>

namespace keyfold {
namespace {

template <typename Map, typename Key>
void EraseFrom(Map& map, const Key& key, StreamCursor* cursor) {
  const auto at = map.find(key);
  if (at == map.end()) return;
  at->second.erase(cursor);
  if (at->second.empty()) map.erase(at);
}

}  // namespace

void StreamWatchers::Concern(StreamCursor* cursor) {
  if (std::exchange(cursor->waits, false)) concerned_.push_back(wakers_.at(cursor));
}

void StreamWatchers::Add(StreamCursor* cursor, std::shared_ptr<Waker> waker) {
  wakers_.emplace(cursor, std::move(waker));
  const Audience& audience = cursor->audience();
  if (audience.broad()) {
    broad_.insert(cursor);
    return;
  }
  for (LatestTopic topic : kLatestTopics) {
    for (const std::string& id : audience.ids(topic)) by_id_[static_cast<size_t>(topic)][id].insert(cursor);
  }
  for (GroupNumber group : audience.members_of()) by_group_[group].insert(cursor);
}

void StreamWatchers::Remove(StreamCursor* cursor) {
  wakers_.erase(cursor);
  broad_.erase(cursor);
  const Audience& audience = cursor->audience();
  for (LatestTopic topic : kLatestTopics) {
    for (const std::string& id : audience.ids(topic)) EraseFrom(by_id_[static_cast<size_t>(topic)], id, cursor);
  }
  for (GroupNumber group : audience.members_of()) EraseFrom(by_group_, group, cursor);
}

void StreamWatchers::Offer(const RowTable& rows, RowNumber number, std::span<const GroupNumber> left,
                           const TopicOffsets& before) {
  const Row& row = rows.row(number);
  const bool is_alert = row.topic == LatestTopic::kAlerts;
  const std::optional<RowNumber> seen = is_alert ? rows.OwnerOf(row) : number;
  if (!seen.has_value()) return;
  for (StreamCursor* cursor : WhomConcerns(rows.row(*seen), is_alert ? std::span<const GroupNumber>() : left)) {
    if (is_alert && !cursor->audience().alerts()) continue;
    cursor->Offer(number, {row.partition, row.offset}, before);
    Concern(cursor);
  }
}

std::vector<StreamCursor*> StreamWatchers::WhomConcerns(const Row& row, std::span<const GroupNumber> left) const {
  std::vector<StreamCursor*> concerned;
  const auto add = [&concerned](const auto& cursors, const auto& key) {
    if (const auto at = cursors.find(key); at != cursors.end()) {
      concerned.insert(concerned.end(), at->second.begin(), at->second.end());
    }
  };
  add(by_id_[static_cast<size_t>(row.topic)], row.id());
  if (row.topic != LatestTopic::kAccounts) return concerned;
  for (std::span<const GroupNumber> groups : {std::span<const GroupNumber>(row.groups), left}) {
    for (GroupNumber group : groups) add(by_group_, group);
  }
  return concerned;
}

std::vector<std::shared_ptr<Waker>> StreamWatchers::TakeConcerned() {
  for (StreamCursor* cursor : broad_) Concern(cursor);
  return std::exchange(concerned_, {});
}

std::vector<std::shared_ptr<Waker>> StreamWatchers::TakeWaiting() {
  for (const auto& [cursor, waker] : wakers_) Concern(cursor);
  return std::exchange(concerned_, {});
}

}  // namespace keyfold
