#include "live/stream_cursor.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace keyfold {
namespace {

// Changes that are looked at in one go: readers keep the writer waiting meanwhile.
constexpr size_t kVisitsMax = 20'000;

}  // namespace

void StreamCursor::Restart(const TopicEnds& ends) {
  position_ = {{}, ends.next};
  // Those that are raised are told with their owners.
  constexpr auto kAlerts = static_cast<size_t>(LatestTopic::kAlerts);
  position_.told[kAlerts] = ends.next[kAlerts];
  complete_ = {};
  queue_.clear();
  queued_rows_.clear();
  queues_ = false;
  if (!audience_.broad()) QueuePresent();
}

void StreamCursor::Resume(const StreamPosition& position) {
  position_ = position;
  complete_ = {};
  queue_.clear();
  queued_rows_.clear();
  queues_ = false;
}

// Rather than have a stream of few rows look for them in the whole log.
void StreamCursor::QueuePresent() {
  const auto add = [this](RowNumber number) {
    const Row& row = rows_.row(number);
    if (row.gone || !audience_.Matches(row, row.groups) || !queued_rows_.insert(number).second) return;
    queue_.push_back({row.topic, {row.partition, row.offset}, number});
  };
  size_t most = 0;
  for (GroupNumber group : audience_.members_of()) most += rows_.members(group).size();
  if (most <= queued_max_) {
    for (GroupNumber group : audience_.members_of()) {
      for (RowNumber number : rows_.members(group)) add(number);
    }
    for (LatestTopic topic : kLatestTopics) {
      for (const std::string& id : audience_.ids(topic)) {
        if (const std::optional<RowNumber> number = rows_.Find(topic, id); number.has_value()) add(*number);
      }
    }
  }
  if (most > queued_max_ || queue_.size() > queued_max_) {
    queue_.clear();
    queued_rows_.clear();
    return;
  }
  std::sort(queue_.begin(), queue_.end(), [](const Queued& a, const Queued& b) {
    return std::tuple(a.topic, a.change.partition, a.change.offset) <
           std::tuple(b.topic, b.change.partition, b.change.offset);
  });
  queues_ = true;
}

bool StreamCursor::HasLost(const TopicOffsets& known_from) const {
  if (queues_ && queue_.empty()) return false;
  for (LatestTopic topic : kLatestTopics) {
    if (!Follows(topic)) continue;
    const std::vector<int64_t>& partitions = known_from[static_cast<size_t>(topic)];
    for (size_t i = 0; i < partitions.size(); ++i) {
      const auto partition = static_cast<int32_t>(i);
      if (partitions[i] > OffsetIn(position_.told, topic, partition) &&
          partitions[i] > OffsetIn(position_.since, topic, partition)) {
        return true;
      }
    }
  }
  return false;
}

StreamCursor::Outcome StreamCursor::Take(const TopicEnds& ends, size_t tellings_max, std::vector<Telling>& tellings) {
  if (HasLost(ends.known_from)) return Outcome::kLost;
  if (queues_) {
    TakeQueued(ends, tellings_max, tellings);
    if (!queue_.empty()) return Outcome::kMore;
    complete_ = ends.next;
    return Outcome::kAllTaken;
  }
  size_t visits = 0;
  for (LatestTopic topic : kLatestTopics) {
    const std::vector<int64_t>& partitions = ends.next[static_cast<size_t>(topic)];
    for (size_t i = 0; i < partitions.size(); ++i) {
      if (!TakeLogged(topic, static_cast<int32_t>(i), partitions[i], tellings_max, visits, tellings)) {
        return Outcome::kMore;
      }
    }
  }
  queues_ = !audience_.broad();
  complete_ = ends.next;
  return Outcome::kAllTaken;
}

void StreamCursor::TakeQueued(const TopicEnds& ends, size_t tellings_max, std::vector<Telling>& tellings) {
  for (size_t visits = 0; !queue_.empty() && visits < kVisitsMax && tellings.size() < tellings_max; ++visits) {
    const Queued queued = queue_.front();
    queue_.pop_front();
    queued_rows_.erase(queued.row);
    Tell(queued.topic, queued.row, queued.change, /*later_too=*/true, tellings);
    MutableOffset(position_.told, queued.topic, queued.change.partition) = queued.change.offset + 1;
  }
  if (queue_.empty()) position_.told = ends.next;
}

bool StreamCursor::TakeLogged(LatestTopic topic, int32_t partition, int64_t end, size_t tellings_max, size_t& visits,
                              std::vector<Telling>& tellings) {
  int64_t& told = MutableOffset(position_.told, topic, partition);
  if (told >= end) return true;
  if (!Follows(topic)) {
    told = end;
    return true;
  }
  const ChangeLog& log = rows_.log(topic, partition);
  for (size_t i = log.From(told); i < log.entries().size(); ++i) {
    if (tellings.size() >= tellings_max || visits >= kVisitsMax) return false;
    ++visits;
    const ChangeLog::Entry& entry = log.entries()[i];
    if (rows_.IsLive(topic, partition, entry)) {
      Tell(topic, entry.row, {partition, entry.offset}, /*later_too=*/false, tellings);
    }
    told = entry.offset + 1;
  }
  told = end;
  return true;
}

void StreamCursor::Tell(LatestTopic topic, RowNumber number, const RecordVersion& change, bool later_too,
                        std::vector<Telling>& tellings) const {
  const Row& row = rows_.row(number);
  if (row.topic != topic) return;  // the number is another row's by now
  const bool is_latest = later_too || RecordVersion{row.partition, row.offset} == change;
  if (topic == LatestTopic::kAlerts) {
    if (is_latest) TellAlertsOfOwner(row, change, tellings);
    return;
  }
  if (!row.gone && audience_.Matches(row, row.groups)) {
    if (is_latest) TellUpdate(row, change, tellings);  // else the log has its latest record further on
    return;
  }
  if (row.former == nullptr) return;
  // What it belonged to before it left: also what it left later on, or not at all.
  GroupNumbers groups = row.groups;
  bool left = false;
  const int64_t from = std::max(change.offset, OffsetIn(position_.since, topic, change.partition));
  for (const FormerMembership& former : *row.former) {
    if (former.partition == change.partition && former.offset < from) continue;
    groups.push_back(former.group);
    left |= former.partition == change.partition && (later_too || former.offset == change.offset);
  }
  if (!left || !audience_.Matches(row, groups)) return;
  tellings.push_back({Telling::Kind::kGone, topic, std::string(row.id()), {}, topic, change});
}

void StreamCursor::TellUpdate(const Row& row, const RecordVersion& change, std::vector<Telling>& tellings) const {
  const bool with_alerts =
      audience_.alerts() && row.joined.offset >= OffsetIn(complete_, row.topic, row.joined.partition);
  const std::string id(row.id());
  tellings.push_back(
      {Telling::Kind::kUpdate, row.topic, id, {row.partition, row.offset}, row.topic, change, !with_alerts});
  if (with_alerts) tellings.push_back({Telling::Kind::kAlerts, row.topic, id, {}, row.topic, change});
}

void StreamCursor::TellAlertsOfOwner(const Row& alert, const RecordVersion& change,
                                     std::vector<Telling>& tellings) const {
  const std::optional<RowNumber> owner = rows_.OwnerOf(alert);
  if (!owner.has_value()) return;
  const Row& row = rows_.row(*owner);
  if (!audience_.Matches(row, row.groups)) return;
  tellings.push_back({Telling::Kind::kAlerts, row.topic, std::string(row.id()), {}, alert.topic, change});
}

void StreamCursor::Offer(RowNumber row, const RecordVersion& change, const TopicOffsets& before) {
  if (!queues_) return;  // the log has it
  if (queue_.empty()) position_.told = before;
  if (!queued_rows_.insert(row).second) return;
  if (queue_.size() >= queued_max_) {
    queue_.clear();
    queued_rows_.clear();
    queues_ = false;
    return;
  }
  queue_.push_back({rows_.row(row).topic, change, row});
}

}  // namespace keyfold
