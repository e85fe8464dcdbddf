#include "cli/line_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "event/format.h"

namespace keyfold {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string NameOf(const std::string& file) { return file == "-" ? "standard input" : file; }

// InvalidArgument would be wrong usage, which a file is not.
absl::Status FileError(const std::string& what) {
  const absl::Status status = absl::ErrnoToStatus(errno, what);
  return absl::IsInvalidArgument(status) ? absl::UnknownError(status.message()) : status;
}

absl::Status Open(const std::string& name, std::ifstream& file) {
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
      absl::StrCat(NameOf(name), " is no text in UTF-8, it begins as ", format, ": ", remedy, " makes one"));
}

// Standard input and pipes can be looked at only while they are read.
absl::Status Check(const std::string& name) {
  struct stat status {};
  const bool exists = stat(name.c_str(), &status) == 0;
  if (name == "-" || (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))) return absl::OkStatus();
  std::ifstream file;
  KEYFOLD_RETURN_IF_ERROR(Open(name, file));
  char beginning[4] = {};
  file.read(beginning, sizeof(beginning));
  const std::string_view read(beginning, static_cast<size_t>(file.gcount()));
  return read.starts_with(kByteOrderMark) ? absl::OkStatus() : RefuseForeign(name, read);
}

absl::Status ForEachLineOf(const std::string& name, std::istream& in, int64_t& number,
                           const std::function<absl::Status(int64_t number, std::string_view line)>& visit) {
  bool first = true;
  for (std::string text; std::getline(in, text); first = false) {
    ++number;
    std::string_view line = text;
    if (first && line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
    } else if (first) {
      KEYFOLD_RETURN_IF_ERROR(RefuseForeign(name, line));
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool blank = std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    if (!blank) KEYFOLD_RETURN_IF_ERROR(visit(number, line));
  }
  return in.bad() ? absl::DataLossError(absl::StrCat("reading ", NameOf(name), " failed after line ", number))
                  : absl::OkStatus();
}

}  // namespace

absl::Status CreateFile(const std::string& name, std::ofstream& file) {
  errno = 0;
  file.open(name, std::ios::binary | std::ios::trunc);
  return file ? absl::OkStatus() : FileError(absl::StrCat("cannot write ", name));
}

absl::Status CreateFile(const std::string& flag, const std::string& name, const std::vector<std::string>& read,
                        std::ofstream& file) {
  for (const std::string& other : read) {
    std::error_code ignored;  // no such file: then it is not this one
    if (std::filesystem::equivalent(other, name, ignored)) {
      return absl::InvalidArgumentError(absl::StrCat(flag, ": ", name, " is a file that is read"));
    }
  }
  return CreateFile(name, file);
}

absl::Status CheckFiles(const std::vector<std::string>& files) {
  for (const std::string& name : files) KEYFOLD_RETURN_IF_ERROR(Check(name));
  return absl::OkStatus();
}

absl::Status ForEachLine(const std::vector<std::string>& files,
                         const std::function<absl::Status(int64_t number, std::string_view line)>& visit) {
  int64_t number = 0;
  for (const std::string& name : files) {
    std::ifstream file;
    if (name != "-") KEYFOLD_RETURN_IF_ERROR(Open(name, file));
    KEYFOLD_RETURN_IF_ERROR(ForEachLineOf(name, name == "-" ? std::cin : file, number, visit));
  }
  return absl::OkStatus();
}

}  // namespace keyfold
