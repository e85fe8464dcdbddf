// How a file of rows is written.
#ifndef KEYFOLD_MAPPING_SOURCE_FORMAT_H_
#define KEYFOLD_MAPPING_SOURCE_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace keyfold {

struct SourceFormat {
  enum class Type { kCsv, kJson };
  Type type = Type::kCsv;
  char delimiter = '\0';            // '\0': the one that the first line has most of
  std::string encoding;             // "utf-8", "utf-16", "windows-1252"; empty: found out
  std::vector<std::string> header;  // names of the columns where the file has none
  int64_t skip_lines = 0;           // before the header
  std::string records;              // JSON: where the list of records is in a document: "d.results"
  std::string each;                 // JSON: the list in a record of which each item is a row: "to_Item.results"
};

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_SOURCE_FORMAT_H_
