// Sorts more records than fit into memory.
#ifndef KEYFOLD_IMPORTING_RECORD_SORTER_H_
#define KEYFOLD_IMPORTING_RECORD_SORTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyfold {

// Records are bytes, and are sorted as such. First all are added, then they are read once. What does not fit is kept in
// files without a name in the directory for temporary files ($TMPDIR). Not thread-safe.
class RecordSorter {
 public:
  explicit RecordSorter(size_t memory_bytes_max = size_t{128} << 20);
  RecordSorter(const RecordSorter&) = delete;
  RecordSorter& operator=(const RecordSorter&) = delete;
  ~RecordSorter();

  // ResourceExhausted: there is no room for a temporary file.
  absl::Status Add(std::string_view record);

  // After the last Add().
  absl::Status Sort();

  // The next record, which lives until the next call; nullopt after the last one.
  absl::StatusOr<std::optional<std::string_view>> Next();

 private:
  class Run;

  absl::Status Spill();
  void SortMemory();

  const size_t memory_bytes_max_;
  size_t memory_bytes_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_used_ = 0;
  size_t block_size_ = 0;
  std::vector<std::string_view> records_;
  size_t next_ = 0;
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<Run*> heap_;  // the run with the least record first
  Run* taken_ = nullptr;    // whose record was returned last
};

}  // namespace keyfold

#endif  // KEYFOLD_IMPORTING_RECORD_SORTER_H_
