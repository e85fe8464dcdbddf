// The topics that hold the latest values, and places in them.
#ifndef KEYFOLD_ROWS_LATEST_TOPIC_H_
#define KEYFOLD_ROWS_LATEST_TOPIC_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace keyfold {

// Which of them, whatever it is called.
enum class LatestTopic : uint8_t { kAccounts, kGroups, kAlerts };
inline constexpr std::array kLatestTopics = {LatestTopic::kAccounts, LatestTopic::kGroups, LatestTopic::kAlerts};

// Numbers of rows hold within one process; those of what is gone are given to others.
using RowNumber = uint32_t;

// By LatestTopic.
template <typename T>
using PerTopic = std::array<T, kLatestTopics.size()>;

// Of each topic and partition the offset of the record that comes next. A partition that is missing is at its
// beginning.
using TopicOffsets = PerTopic<std::vector<int64_t>>;

inline int64_t OffsetIn(const TopicOffsets& offsets, LatestTopic topic, int32_t partition) {
  const std::vector<int64_t>& partitions = offsets[static_cast<size_t>(topic)];
  const auto index = static_cast<size_t>(partition);
  return index < partitions.size() ? partitions[index] : 0;
}

inline int64_t& MutableOffset(TopicOffsets& offsets, LatestTopic topic, int32_t partition) {
  std::vector<int64_t>& partitions = offsets[static_cast<size_t>(topic)];
  const auto index = static_cast<size_t>(partition);
  if (index >= partitions.size()) partitions.resize(index + 1, 0);
  return partitions[index];
}

// Where the topics are.
struct TopicEnds {
  TopicOffsets next;        // of the records to come
  TopicOffsets known_from;  // what ended before may have been forgotten
};

// A record among all of a topic.
struct RecordVersion {
  int32_t partition = 0;
  int64_t offset = 0;
  friend bool operator==(const RecordVersion&, const RecordVersion&) = default;
};

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_LATEST_TOPIC_H_
