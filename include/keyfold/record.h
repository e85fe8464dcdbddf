// A record of the input log, as the engine sees it.
#ifndef KEYFOLD_RECORD_H_
#define KEYFOLD_RECORD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keyfold {

struct RecordHeader {
  std::string name;
  std::optional<std::string> value;  // Kafka headers may be null

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

// One record. `key` and `value` point into memory that `owner` keeps alive, so a source can hand out its own buffers.
struct Record {
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;  // Kafka's record timestamp; -1 where the log has none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  std::vector<RecordHeader> headers;
  std::unique_ptr<void, void (*)(void*)> owner{nullptr, [](void*) {}};
};

}  // namespace keyfold

#endif  // KEYFOLD_RECORD_H_
