// Text files, opened with errors that name them.
#ifndef KEYFOLD_CONFIG_TEXT_FILES_H_
#define KEYFOLD_CONFIG_TEXT_FILES_H_

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyfold {

inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// "standard input" for "-".
std::string NameOfFile(const std::string& name);

// Opens a file to read it. The errors of all that opens files name the file and the reason; they are never
// InvalidArgument, which would be wrong usage.
absl::Status OpenFile(const std::string& name, std::ifstream& file);

// FailedPrecondition: what begins so is no text in UTF-8 (UTF-16, or compressed); the message says what makes one.
absl::Status RefuseForeign(const std::string& name, std::string_view beginning);

// Makes a file anew. The error names it and why that is not possible; never InvalidArgument.
absl::Status CreateFile(const std::string& name, std::ofstream& file);

// Looks at all files ("-" is standard input, which is not looked at) before anything is done. NotFound,
// PermissionDenied and the like name the one that cannot be read and why, FailedPrecondition one that is no text:
// UTF-16, or compressed.
absl::Status CheckFiles(const std::vector<std::string>& files);

// The whole file. Errors: those of CheckFiles().
absl::StatusOr<std::string> ReadFile(const std::string& name);

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_TEXT_FILES_H_
