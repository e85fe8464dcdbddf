#include "config/text_files.h"

#include <sys/stat.h>

#include <cerrno>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "event/format.h"

namespace keyfold {
namespace {

// InvalidArgument would be wrong usage, which a file is not.
absl::Status FileError(const std::string& what) {
  const absl::Status status = absl::ErrnoToStatus(errno, what);
  return absl::IsInvalidArgument(status) ? absl::UnknownError(status.message()) : status;
}

// Standard input and pipes can be looked at only while they are read.
absl::Status Check(const std::string& name) {
  struct stat status {};
  const bool exists = stat(name.c_str(), &status) == 0;
  if (name == "-" || (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))) return absl::OkStatus();
  std::ifstream file;
  KEYFOLD_RETURN_IF_ERROR(OpenFile(name, file));
  char beginning[4] = {};
  file.read(beginning, sizeof(beginning));
  const std::string_view read(beginning, static_cast<size_t>(file.gcount()));
  return read.starts_with(kByteOrderMark) ? absl::OkStatus() : RefuseForeign(name, read);
}

}  // namespace

std::string NameOfFile(const std::string& name) { return name == "-" ? "standard input" : name; }

absl::Status OpenFile(const std::string& name, std::ifstream& file) {
  struct stat status {};
  errno = 0;
  if (stat(name.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat("cannot read ", name, ": it is a directory"));
  }
  file.open(name, std::ios::binary);
  return file ? absl::OkStatus() : FileError(absl::StrCat("cannot read ", name));
}

absl::Status RefuseForeign(const std::string& name, std::string_view beginning) {
  const char* const format = ForeignFormat(beginning);
  if (format == nullptr) return absl::OkStatus();
  const std::string_view named = format;
  const char* const remedy = named.starts_with("UTF-16") ? "iconv -f UTF-16 -t UTF-8"
                             : named.starts_with("gzip") ? "gzip -dc"
                             : named.starts_with("zstd") ? "zstd -dc"
                                                         : "unzip -p";
  return absl::FailedPreconditionError(
      absl::StrCat(NameOfFile(name), " is no text in UTF-8, it begins as ", format, ": ", remedy, " makes one"));
}

absl::Status CreateFile(const std::string& name, std::ofstream& file) {
  errno = 0;
  file.open(name, std::ios::binary | std::ios::trunc);
  return file ? absl::OkStatus() : FileError(absl::StrCat("cannot write ", name));
}

absl::Status CheckFiles(const std::vector<std::string>& files) {
  for (const std::string& name : files) KEYFOLD_RETURN_IF_ERROR(Check(name));
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const std::string& name) {
  KEYFOLD_RETURN_IF_ERROR(Check(name));
  std::ifstream file(name, std::ios::binary);
  std::stringstream content;
  if (!file || !(content << file.rdbuf())) return absl::NotFoundError(absl::StrCat("cannot read ", name));
  return content.str();
}

}  // namespace keyfold
