// Comma-separated values (RFC 4180, and what else is called so), record by record.
#ifndef KEYFOLD_EXPORTS_CSV_READER_H_
#define KEYFOLD_EXPORTS_CSV_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace keyfold {

// The delimiter of , ; tab | that stands most often in the first record, outside quotes; ',' where there is none.
char DetectDelimiter(std::string_view text);

// A cell is quoted if it begins with a quote; quotes in it are doubled, and it may hold delimiters and ends of lines.
// In a cell that is not quoted a quote is a character like any other. Lines end with LF or CRLF. Blank lines are no
// records. Not thread-safe.
class CsvReader {
 public:
  // Appends more text; false: the end.
  using ReadText = std::function<absl::StatusOr<bool>(std::string& text)>;

  static constexpr size_t kRecordBytesMax = size_t{1} << 20;

  explicit CsvReader(ReadText read) : read_(std::move(read)) {}

  // '\0': the one that DetectDelimiter() finds where the next record begins. A line "sep=;", which Excel reads, says
  // it.
  absl::Status SetDelimiter(char delimiter);

  // How many cells a record has; 0: any number. One that has others is damaged.
  void set_width(size_t width) { width_ = width; }

  // Passes over a line.
  absl::Status SkipLine();

  enum class Outcome { kRecord, kDamaged, kEnd };

  // The next record: its cells live until the next call. What is wrong with a damaged one is in damage(). Only its
  // first line is given up where a quote may have swallowed the lines after it: it does not end, or these are records
  // by themselves. Otherwise a damaged record has cells, another number of them than set_width() says; a cell of
  // several lines is not taken for records.
  absl::StatusOr<Outcome> Next(std::vector<std::string_view>& cells);

  const std::string& damage() const { return damage_; }

  // Of the record that Next() returned, from 1.
  int64_t line() const { return line_; }

 private:
  enum class Parsed { kRecord, kDamaged, kMore };

  absl::StatusOr<bool> Fill();
  Parsed Parse(std::vector<std::string_view>& cells);
  Parsed ParseQuoted(size_t& at, std::vector<std::string_view>& cells);
  Parsed Damaged(std::string reason);
  bool LinesAreRecords();
  absl::Status SkipBlankLines();
  absl::Status FillLine();

  ReadText read_;
  char delimiter_ = ',';
  size_t width_ = 0;
  std::string buffer_;
  size_t begin_ = 0;  // of the next record
  size_t end_ = 0;    // of the record that was parsed
  bool at_end_ = false;
  int64_t next_line_ = 1;
  int64_t line_ = 0;
  std::string damage_;
  std::vector<std::string> unquoted_;  // cells of a record that hold doubled quotes
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_CSV_READER_H_
