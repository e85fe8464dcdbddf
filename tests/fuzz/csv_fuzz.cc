// Whatever bytes a CSV holds, in whatever encoding, it is read to its end, the same in pieces as at once.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "exports/csv_reader.h"
#include "exports/text_source.h"
#include "fuzz/fuzz_target.h"

namespace keyfold {
namespace {

// All that is read, as one text.
std::string Read(std::string_view bytes, size_t piece) {
  TextSource source(
      [&]() -> absl::StatusOr<std::string_view> {
        const std::string_view part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        return part;
      },
      "");
  CsvReader reader([&](std::string& text) { return source.Append(text); });
  if (!reader.SetDelimiter('\0').ok()) std::abort();
  std::string all;
  std::vector<std::string_view> cells;
  int64_t line = 0;
  while (true) {
    const absl::StatusOr<CsvReader::Outcome> outcome = reader.Next(cells);
    if (!outcome.ok()) std::abort();
    if (*outcome == CsvReader::Outcome::kEnd) return all;
    if (reader.line() <= line) std::abort();  // it must come forward
    line = reader.line();
    if (*outcome == CsvReader::Outcome::kDamaged) {
      all += reader.damage();
      continue;
    }
    for (const std::string_view cell : cells) {
      all += cell;
      all += '\x1f';
    }
    all += '\x1e';
  }
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  return {
      "a,b\n1,2\r\n\"x\"\"y\",\"z\nw\"\n",
      "sep=;\n\"a\";b\n1;\"2\n3;4\"\n",
      std::string("\xff\xfe"
                  "a\0,\0b\0\n\0"
                  "1\0,\0"
                  "2\0",
                  16),
      "\xef\xbb\xbf"
      "a\tb\n\xf6\t\x80\n",
      "\"open,1\n2,3\n\"4\"x,5\n",
  };
}

void TryBytes(std::string_view bytes) {
  const std::string whole = Read(bytes, bytes.size() + 1);
  for (const size_t piece : {1, 2, 3, 5}) {
    if (Read(bytes, piece) != whole) std::abort();
  }
}

}  // namespace keyfold
