// JSON documents that come one by one, as a webhook's or a topic's do, through a mapping: each by itself.
#ifndef KEYFOLD_EXPORTS_DOCUMENT_MAPPER_H_
#define KEYFOLD_EXPORTS_DOCUMENT_MAPPER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "event/exact_json.h"
#include "expression/expression.h"
#include "expression/tables.h"
#include "keyfold/v1/account_event.pb.h"
#include "mapping/mapping.h"

namespace keyfold {

// What became of a row, or of rows that belong together.
struct MappedOutcome {
  int64_t line = 0;        // of the first of the rows: the place in the document's list, from 1
  v1::AccountEvent event;  // a valid one, without revision; where there is no reason
  std::string reason;      // why there is no event of the row; empty: there is one
};

struct MappedDocument {
  std::vector<MappedOutcome> outcomes;  // by line
  int64_t left_out = 0;                 // rows, by the mapping's `skip`
  MappingNotes notes;
};

// "Amount is no number: 'x'", for people.
std::string Describe(const MappingProblem& problem);

// Immutable, thread-safe, movable. No I/O.
class DocumentMapper {
 public:
  static constexpr size_t kOutcomesMax = 10'000;

  // What documents are mapped with.
  enum class AtHand { kDocument, kLookups };

  // `yaml` is a mapping. InvalidArgument: "<file_name>:<line>: <what is wrong>", or that it needs more than there is:
  // lookups, what was there before, all rows of an account, a file of CSV.
  static absl::StatusOr<DocumentMapper> Parse(const std::string& yaml, std::string_view file_name,
                                              AtHand at_hand = AtHand::kDocument);

  const Mapping& mapping() const { return mapping_; }

  // The same events as those that an import makes of the document. `lookups` are one for each of Mapping::lookups(), in
  // their order. InvalidArgument: it has nothing where the mapping's records are. OutOfRange: more than kOutcomesMax.
  absl::StatusOr<MappedDocument> Map(JsonValue document, std::span<const LookupTable> lookups = {}) const;

 private:
  explicit DocumentMapper(Mapping mapping) : mapping_(std::move(mapping)) {}

  Mapping mapping_;
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_DOCUMENT_MAPPER_H_
