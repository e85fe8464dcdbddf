#include "bench/broker/latency.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace keyfold {

std::vector<int64_t> VisibleAfter(std::span<const SentEvent> events, std::span<const SeenUpdate> updates) {
  // Of each account the updates that reach further than all before them: both columns rise.
  std::map<std::pair<int32_t, int32_t>, std::vector<std::pair<int64_t, int64_t>>> reached;
  for (const SeenUpdate& update : updates) {
    auto& steps = reached[{update.account, update.partition}];
    if (steps.empty() || update.source_offset > steps.back().first) {
      steps.emplace_back(update.source_offset, update.arrived_ns);
    }
  }
  std::vector<int64_t> result;
  result.reserve(events.size());
  for (const SentEvent& event : events) {
    const auto& steps = reached[{event.account, event.partition}];
    const auto step = std::lower_bound(steps.begin(), steps.end(), std::pair(event.offset, int64_t{0}));
    const bool visible = event.offset >= 0 && step != steps.end();
    result.push_back(visible ? step->second - event.scheduled_ns : kNeverVisible);
  }
  return result;
}

int64_t Quantile(std::span<const int64_t> sorted, double quantile) {
  const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(sorted.size())));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace keyfold
