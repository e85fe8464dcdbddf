// A record of somebody else's topic -> records of the event topic, by a mapping or as it is.
#ifndef KEYFOLD_FEED_INPUT_H_
#define KEYFOLD_FEED_INPUT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/currency.h"
#include "event/decoder.h"
#include "exports/document_mapper.h"
#include "expression/expression.h"
#include "expression/tables.h"
#include "keyfold/record.h"
#include "keyfold/update_sink.h"

namespace keyfold {

// Where a feed's sink writes events: what is the first output of an engine is a feed's only one.
inline constexpr OutputTopic kFedEvents = OutputTopic::kAccountKpis;

// What became of records.
struct FedCounts {
  int64_t records = 0;
  int64_t events = 0;    // those of every kind, and erasures
  int64_t rejected = 0;  // records of which something is in a dead letter
  int64_t left_out = 0;  // rows, by the mapping's `skip`
  int64_t empty = 0;     // tombstones that say nothing
  MappingNotes notes;    // what a mapping rounded, took by default, or looked up in vain

  FedCounts& operator+=(const FedCounts& other);
};

struct FedRecord {
  std::vector<OutputRecord> outputs;  // kFedEvents (without a key: for every partition), and at most one dead letter
  FedCounts counts;
};

// Immutable, thread-safe, pure.
class Input {
 public:
  // Of account events: what comes is what the event topic takes (docs/formats.md), under any key.
  Input(std::string topic, Currency reporting_currency) : topic_(std::move(topic)), decoder_(reporting_currency) {}

  // Of documents and changes of rows (feed/record_document.h).
  Input(std::string topic, Currency reporting_currency, DocumentMapper mapper)
      : topic_(std::move(topic)), decoder_(reporting_currency), mapper_(std::move(mapper)) {}

  const std::string& topic() const { return topic_; }

  // nullptr: there is none.
  const Mapping* mapping() const { return mapper_.has_value() ? &mapper_->mapping() : nullptr; }

  // `lookups` are one for each of Mapping::lookups(), in their order.
  FedRecord Take(const Record& record, std::span<const LookupTable> lookups = {}) const;

 private:
  FedRecord TakeEvent(const Record& record) const;
  FedRecord TakeDocument(const Record& record, std::span<const LookupTable> lookups) const;
  void Reject(const Record& record, const Rejection& rejection, FedRecord& fed) const;

  std::string topic_;
  Decoder decoder_;
  std::optional<DocumentMapper> mapper_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FEED_INPUT_H_
