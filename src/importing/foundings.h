// Entities that several events found: of an invoice that two events issue only one of them counts.
#ifndef KEYFOLD_IMPORTING_FOUNDINGS_H_
#define KEYFOLD_IMPORTING_FOUNDINGS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "expression/expression.h"
#include "importing/record_sorter.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// First all events are added, then they are counted once. Memory is bounded. Not thread-safe.
class Foundings {
 public:
  // ResourceExhausted: there is no room for a temporary file.
  absl::Status Add(const v1::AccountEvent& event);

  // Notes by type how many events are too many, with an example.
  absl::Status Count(MappingNotes& notes);

 private:
  RecordSorter founded_{size_t{16} << 20};
};

}  // namespace keyfold

#endif  // KEYFOLD_IMPORTING_FOUNDINGS_H_
