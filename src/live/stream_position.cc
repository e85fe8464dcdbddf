#include "live/stream_position.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace keyfold {
namespace {

void AppendOffsets(const TopicOffsets& offsets, std::string& out) {
  out += absl::StrJoin(offsets, ";", [](std::string* text, const std::vector<int64_t>& partitions) {
    absl::StrAppend(text, absl::StrJoin(partitions, ","));
  });
}

// Takes offsets off the front of `text`: all that reads like some.
std::optional<TopicOffsets> TakeOffsets(std::string_view& text) {
  TopicOffsets offsets;
  for (size_t topic = 0; topic < kLatestTopics.size(); ++topic) {
    if (topic > 0) {
      if (!text.starts_with(';')) return std::nullopt;
      text.remove_prefix(1);
    }
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      int64_t offset = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
      if (error != std::errc()) return std::nullopt;
      offsets[topic].push_back(offset);
      text.remove_prefix(static_cast<size_t>(end - text.data()));
      if (!text.starts_with(',')) break;
      text.remove_prefix(1);
      if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    }
  }
  return offsets;
}

}  // namespace

bool HasReached(const TopicOffsets& a, const TopicOffsets& b) {
  for (size_t topic = 0; topic < kLatestTopics.size(); ++topic) {
    for (size_t partition = 0; partition < b[topic].size(); ++partition) {
      if ((partition < a[topic].size() ? a[topic][partition] : 0) < b[topic][partition]) return false;
    }
  }
  return true;
}

std::string PrintPosition(std::string_view epoch, const StreamPosition& position) {
  std::string id = absl::StrCat(std::string(epoch), ":");
  AppendOffsets(position.told, id);
  if (!HasReached(position.told, position.since)) {
    id += ':';
    AppendOffsets(position.since, id);
  }
  return id;
}

std::optional<StreamPosition> ParsePosition(std::string_view epoch, std::string_view id) {
  if (!id.starts_with(epoch) || id.substr(epoch.size()).empty() || id[epoch.size()] != ':') return std::nullopt;
  id.remove_prefix(epoch.size() + 1);
  StreamPosition position;
  std::optional<TopicOffsets> told = TakeOffsets(id);
  if (!told.has_value()) return std::nullopt;
  position.told = *std::move(told);
  if (id.starts_with(':')) {
    id.remove_prefix(1);
    std::optional<TopicOffsets> since = TakeOffsets(id);
    if (!since.has_value()) return std::nullopt;
    position.since = *std::move(since);
  }
  return id.empty() ? std::optional(std::move(position)) : std::nullopt;
}

}  // namespace keyfold
