// Whether a file is still the one that was read.
#ifndef KEYFOLD_RIGHTS_FILE_STAMP_H_
#define KEYFOLD_RIGHTS_FILE_STAMP_H_

#include <cstdint>
#include <string>

namespace keyfold {

// What changes with a file's content: where it lies, its size, and when it was last written.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size = -1;  // -1: there is none
  int64_t modified_ns = 0;

  bool operator==(const FileStamp&) const = default;
};

FileStamp StampOf(const std::string& file);

}  // namespace keyfold

#endif  // KEYFOLD_RIGHTS_FILE_STAMP_H_
