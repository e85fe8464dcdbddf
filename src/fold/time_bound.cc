#include "fold/time_bound.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/milliseconds.h"
#include "event/limits.h"

namespace keyfold {
namespace {

// Offset commits carry them, and brokers take 4 KiB. There are more only where producers' clocks went wrong again and
// again, with more than the bound's days of silence in between.
constexpr int kDecisionsMax = 16;

std::string Text(int64_t milliseconds) { return FormatInstant(absl::FromUnixMillis(milliseconds)); }

Rejection OutsideTheYears(int64_t timestamp_ms) {
  return {RejectionCode::kInvalid,
          absl::StrCat("record timestamp: ", timestamp_ms, " ms since 1970 is outside the years 1970-2200")};
}

Rejection TooFarAhead(int64_t timestamp_ms, const v1::ShardMeta& meta, int64_t clock_ms) {
  std::string others = absl::StrCat("of this machine's clock, ", Text(clock_ms));
  if (meta.stream_time_ms() != kNoTime) {
    absl::StrAppend(&others, ", and of the records before it, which have reached ", Text(meta.stream_time_ms()));
  }
  return {RejectionCode::kInvalid, absl::StrCat("record timestamp: ", Text(timestamp_ms), " is more than ",
                                                meta.ahead_ms_max() / kDayMs, " days ahead ", others)};
}

}  // namespace

std::optional<Rejection> TimeBound::Check(const Record& record) {
  if (record.timestamp_ms == kNoTime) return std::nullopt;
  if (record.timestamp_ms < kSecondsMin * 1000 || record.timestamp_ms >= kSecondsEnd * 1000) {
    return OutsideTheYears(record.timestamp_ms);
  }
  // What stream time or the clock must have reached. Stated so, nothing overflows.
  const int64_t reached_ms = record.timestamp_ms - meta_.ahead_ms_max();
  if (meta_.ahead_ms_max() == 0 || reached_ms <= meta_.stream_time_ms()) return std::nullopt;
  const int64_t clock_ms = ClockAt(record.offset);
  const bool accepted = reached_ms <= clock_ms;
  Remember(record.offset, reached_ms, accepted);
  if (accepted) return std::nullopt;
  return TooFarAhead(record.timestamp_ms, meta_, clock_ms);
}

int64_t TimeBound::ClockAt(int64_t offset) {
  for (const v1::TimeDecisions& decisions : repeated_) {
    if (offset < decisions.end_offset()) return decisions.clock_ms();
  }
  if (!repeated_.empty()) return std::numeric_limits<int64_t>::max();  // none was refused any more
  if (!now_ms_.has_value()) now_ms_ = absl::ToUnixMillis(clock_());
  return *now_ms_;
}

void TimeBound::Remember(int64_t offset, int64_t reached_ms, bool accepted) {
  auto& all = *meta_.mutable_time_decisions();
  const auto begin = [&all] { all.Add()->set_clock_ms(kNoTime); };
  if (all.empty()) begin();
  const v1::TimeDecisions& last = *all.rbegin();
  // One instant of a clock stands for all of them as long as there is one that decides all the same.
  const bool fits = accepted ? !last.has_refused_ms() || reached_ms < last.refused_ms() : reached_ms > last.clock_ms();
  if (!fits) {
    all.rbegin()->set_end_offset(offset);
    begin();
    if (all.size() > kDecisionsMax) all.DeleteSubrange(0, 1);
  }
  v1::TimeDecisions& decisions = *all.rbegin();
  if (accepted) {
    decisions.set_clock_ms(std::max(decisions.clock_ms(), reached_ms));
    return;
  }
  decisions.set_refused_ms(decisions.has_refused_ms() ? std::min(decisions.refused_ms(), reached_ms) : reached_ms);
  decisions.set_end_offset(offset + 1);
}

}  // namespace keyfold
