// How far a stream has told its reader, as the `id:` of its events: what a reader gives back to go on from there.
//
//   id      := epoch ":" offsets [":" offsets]      the second ones while the present values are being told
//   offsets := topic (";" topic)*                   accounts, then groups, then alerts
//   topic   := [offset ("," offset)*]               by partition
#ifndef KEYFOLD_LIVE_STREAM_POSITION_H_
#define KEYFOLD_LIVE_STREAM_POSITION_H_

#include <optional>
#include <string>
#include <string_view>

#include "live/published_record.h"

namespace keyfold {

struct StreamPosition {
  // The reader has been told what it is to be told of the records before these offsets.
  TopicOffsets told;

  // It knows nothing of what ended before these: then it was not there yet.
  TopicOffsets since;

  friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

std::string PrintPosition(std::string_view epoch, const StreamPosition& position);

// nullopt: it is no position of this epoch.
std::optional<StreamPosition> ParsePosition(std::string_view epoch, std::string_view id);

// Whether all of `a` are at `b` or after it.
bool HasReached(const TopicOffsets& a, const TopicOffsets& b);

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_STREAM_POSITION_H_
