// What the mapping of an input looks up: files, read once, and topics, followed.
#ifndef KEYFOLD_FEED_LOOKUPS_H_
#define KEYFOLD_FEED_LOOKUPS_H_

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "expression/tables.h"
#include "feed/lookup_topic.h"
#include "mapping/mapping.h"

namespace keyfold {

// Not thread-safe.
class Lookups {
 public:
  // None.
  Lookups() = default;

  // Those of a mapping, which outlives this. Reads its files, which stand beside `mapping_file`; topics are read by
  // Load(). Errors: those of ReadLookupFile().
  static absl::StatusOr<std::unique_ptr<Lookups>> Open(const Mapping& mapping, const std::string& mapping_file,
                                                       LookupReading reading);

  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  // Of LookupTopic: each topic, one after the other.
  absl::Status Load();
  absl::Status CatchUp();
  absl::Status Follow();

  // One for each of Mapping::lookups(), in their order.
  std::span<const LookupTable> tables() const { return tables_; }
  const std::vector<LookupTopic>& topics() const { return topics_; }

 private:
  explicit Lookups(LookupReading reading) : reading_(std::move(reading)) {}

  const LookupReading reading_;
  std::vector<LookupTable> tables_;
  std::vector<LookupTopic> topics_;  // they change their tables
};

}  // namespace keyfold

#endif  // KEYFOLD_FEED_LOOKUPS_H_
