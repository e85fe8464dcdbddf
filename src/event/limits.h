// Every limit that a record of the input must keep (docs/events.md, "Wrong input").
#ifndef KEYFOLD_EVENT_LIMITS_H_
#define KEYFOLD_EVENT_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/civil_time.h"

namespace keyfold {

inline constexpr size_t kRecordBytesMax = size_t{1} << 20;  // of a record's value, or of a JSON line
inline constexpr size_t kIdBytesMax = 128;
inline constexpr size_t kAttributeBytesMax = 128;  // segment, region, industry, parent_id: they name groups

inline constexpr int64_t kMinorMax = 1'000'000'000'000'000;  // of |Money.minor|
inline constexpr int32_t kPercentMax = 100;
inline constexpr double kRatioMax = 1'000'000;  // of |ratio|
inline constexpr double kRateMin = 1e-9;
inline constexpr double kRateMax = 1e9;

inline constexpr int32_t kNpsScoreMin = 0;
inline constexpr int32_t kNpsScoreMax = 10;
inline constexpr int32_t kCsatScoreMin = 1;
inline constexpr int32_t kCsatScoreMax = 5;

// Instants lie in [kSecondsMin, kSecondsEnd): the years 1970-2200, UTC.
inline constexpr int64_t kSecondsMin = 0;
inline constexpr int64_t kSecondsEnd = (absl::CivilDay(2201, 1, 1) - absl::CivilDay(1970, 1, 1)) * 86'400;
inline constexpr int32_t kNanosEnd = 1'000'000'000;

// Of an {"erase_account": ID} line: more than the longest id takes when every byte of it is escaped. (Protobuf takes
// minutes to read deep lists into a Struct, so what cannot be a command must not get there.)
inline constexpr size_t kEraseCommandBytesMax = 4'096;

inline constexpr size_t kJsonDepthMax = 64;      // of documents around and beside events
inline constexpr size_t kDecimalBytesMax = 128;  // of the unscaled value of a decimal in a change record
inline constexpr int kDecimalScaleMax = 1'000;
inline constexpr int kEventsPerEntityMax = 10'000;    // distinct event ids
inline constexpr size_t kEventsPerRecordMax = 1'000;  // in a batch of CloudEvents
inline constexpr size_t kBatchProblemsMax = 5;        // of its events, that a rejection names

inline constexpr int32_t kMessageIndexesMax = 32;  // levels of nesting that a Confluent message index may name
inline constexpr size_t kQuotedBytesMax = 64;      // of a bad value, where a rejection quotes it
inline constexpr size_t kFindingsMax = 64;         // looked at when a rejection is explained
inline constexpr size_t kMessageBytesMax = 512;    // of a parser's complaint, where a rejection repeats it

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_LIMITS_H_
