// The keys of the store of latest values.
//
//   store   := meta | row* | value*
//   meta    := "m"           -> v1.LatestMeta
//   row     := "r" topic id  -> v1.LatestRow
//   value   := "v" topic id  -> version record           none of a row that is gone
//   record  := v1.KpiUpdate | v1.KpiAlert
//   topic   := "a" | "g" | "w"   accounts, groups, alerts (their key is the id)
//   version := varint(partition) varint(offset)          of the record: the row's
#ifndef KEYFOLD_LIVE_LATEST_KEYS_H_
#define KEYFOLD_LIVE_LATEST_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/varint.h"
#include "rows/latest_topic.h"

namespace keyfold {

inline constexpr uint32_t kLatestFormatVersion = 2;
inline constexpr std::string_view kLatestMetaKey = "m";

inline constexpr char kRowSort = 'r';
inline constexpr char kValueSort = 'v';

// Of everything of a sort that is of a topic.
inline std::string LatestPrefix(char sort, LatestTopic topic) {
  constexpr PerTopic<char> kTopics = {'a', 'g', 'w'};
  return {sort, kTopics[static_cast<size_t>(topic)]};
}

inline std::string RowKeyOf(LatestTopic topic, std::string_view id) { return LatestPrefix(kRowSort, topic).append(id); }

inline std::string ValueKeyOf(LatestTopic topic, std::string_view id) {
  return LatestPrefix(kValueSort, topic).append(id);
}

// The id in a key of a row or a value.
inline std::string_view LatestIdOf(std::string_view key) { return key.substr(2); }

inline void AppendVersion(int32_t partition, int64_t offset, std::string& out) {
  AppendVarint(out, static_cast<uint64_t>(partition));
  AppendVarint(out, static_cast<uint64_t>(offset));
}

// Takes the version off the front of a value; nullopt: it is damaged.
inline std::optional<RecordVersion> TakeVersion(std::string_view& value) {
  const std::optional<uint64_t> partition = TakeVarint(value);
  const std::optional<uint64_t> offset = TakeVarint(value);
  if (!partition.has_value() || !offset.has_value()) return std::nullopt;
  return RecordVersion{static_cast<int32_t>(*partition), static_cast<int64_t>(*offset)};
}

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_LATEST_KEYS_H_
