// Rows of exports, in the columns that a mapping wants.
#ifndef KEYFOLD_EXPORTS_ROW_READER_H_
#define KEYFOLD_EXPORTS_ROW_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "expression/expression.h"
#include "mapping/mapping.h"

namespace keyfold {

// What rows are read for.
struct WantedRows {
  SourceFormat format;
  std::vector<ColumnUse> columns;
  std::string mapping_file;  // for messages
};

// Reads several files one after the other, in bounded memory (a JSON document that is not in lines as a whole). Not
// thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;

  enum class Outcome { kRow, kDamaged, kEnd };

  // The next row: `row.cells` are its columns as WantedRows has them, and an empty one; they live until the next call.
  // kDamaged: `problem` says why there is no row in this place; if there are cells nevertheless, what is not there is
  // empty. Errors of files name them; InvalidArgument: a file
  // lacks a column that is named, "m.yaml:12: there is no column 'Quanity' in sales.csv, did you mean Quantity?"
  virtual absl::StatusOr<Outcome> Next(MappedRow& row, MappingProblem& problem) = 0;

  // So far, of the files as they lie on the disk.
  virtual int64_t bytes_read() const = 0;

  // The files (and files in archives) that were begun; MappedRow::file counts them.
  virtual const std::vector<std::string>& files() const = 0;
};

std::unique_ptr<RowReader> OpenRows(const std::vector<std::string>& files, WantedRows wanted);

// The size of all files in bytes; 0 if that is not known.
int64_t BytesOfFiles(const std::vector<std::string>& files);

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_ROW_READER_H_
