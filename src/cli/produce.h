// What `keyfold produce` sends for a line of its input.
#ifndef KEYFOLD_CLI_PRODUCE_H_
#define KEYFOLD_CLI_PRODUCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/decoder.h"
#include "keyfold/record.h"

namespace keyfold {

enum class WireFormat { kProtobuf, kJson };
enum class RecordTime { kNow, kOccurredAt };

struct OutgoingRecord {
  std::optional<std::string> key;    // nullopt: a line that is not valid and names no account
  std::optional<std::string> value;  // nullopt: an erasure
  std::vector<RecordHeader> headers;
  int64_t timestamp_ms = -1;     // since the epoch; -1: when it is sent
  bool every_partition = false;  // control events
};

// The record for a valid line: an event or an erasure. JSON is sent as the line has it.
// REQUIRES: `record` is no rejection.
OutgoingRecord RecordToSend(const DecodedRecord& record, std::string_view line, WireFormat format, RecordTime time);

// The record for a line that was rejected: its bytes as they are, claimed to be JSON, under its account_id where that
// can be read.
OutgoingRecord RecordOfInvalidLine(std::string_view line);

}  // namespace keyfold

#endif  // KEYFOLD_CLI_PRODUCE_H_
