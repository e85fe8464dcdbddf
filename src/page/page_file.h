// The files of the page, as web/build.py makes them from web/: they stand in the binary.
#ifndef KEYFOLD_PAGE_PAGE_FILE_H_
#define KEYFOLD_PAGE_PAGE_FILE_H_

#include <span>
#include <string_view>

namespace keyfold {

struct PageFile {
  std::string_view path;  // "/assets/main-7QXBTKSJ.js"; "/" is the page itself
  std::string_view content_type;
  std::string_view body;
  std::string_view gzip;  // the same, packed; empty: it gains nothing
  std::string_view hash;  // of the body
};

// All of them, for as long as the process lives. Defined in a file that the build makes.
std::span<const PageFile> PageFiles();

}  // namespace keyfold

#endif  // KEYFOLD_PAGE_PAGE_FILE_H_
