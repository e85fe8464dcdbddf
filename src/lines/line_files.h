// Files that verbs read and write, JSON lines above all.
#ifndef KEYFOLD_LINES_LINE_FILES_H_
#define KEYFOLD_LINES_LINE_FILES_H_

#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace keyfold {

// CreateFile() of a file that a flag names. InvalidArgument: it is one of the files that will be read.
absl::Status CreateFile(const std::string& flag, const std::string& name, const std::vector<std::string>& read,
                        std::ofstream& file);

// Visits the lines of the files one after the other, numbered from 1 over all of them. Blank lines are counted but not
// visited; a byte order mark before the first line of a file is skipped, and a line may end with CRLF. Stops at the
// first status that is not OK. The errors are those of CheckFiles().
absl::Status ForEachLine(const std::vector<std::string>& files,
                         const std::function<absl::Status(int64_t number, std::string_view line)>& visit);

}  // namespace keyfold

#endif  // KEYFOLD_LINES_LINE_FILES_H_
