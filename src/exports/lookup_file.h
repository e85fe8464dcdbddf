// The rows of a lookup that is a file.
#ifndef KEYFOLD_EXPORTS_LOOKUP_FILE_H_
#define KEYFOLD_EXPORTS_LOOKUP_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "expression/expression.h"
#include "expression/tables.h"
#include "mapping/mapping.h"

namespace keyfold {

struct LookupFile {
  std::string file;          // JSON if its name says so, otherwise CSV
  std::string mapping_file;  // for messages
};

// All rows of lookup number `index` of the mapping. Rows that cannot be read, and further ones with one key, are left
// out and noted. InvalidArgument: it has no `key`, or the file lacks a column; or the errors of files.
absl::StatusOr<LookupTable> ReadLookupFile(const Mapping& mapping, size_t index, const LookupFile& from,
                                           MappingNotes& notes);

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_LOOKUP_FILE_H_
