#include "lines/line_files.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "config/text_files.h"

namespace keyfold {
namespace {

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
  return in.bad() ? absl::DataLossError(absl::StrCat("reading ", NameOfFile(name), " failed after line ", number))
                  : absl::OkStatus();
}

}  // namespace

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

absl::Status ForEachLine(const std::vector<std::string>& files,
                         const std::function<absl::Status(int64_t number, std::string_view line)>& visit) {
  int64_t number = 0;
  for (const std::string& name : files) {
    std::ifstream file;
    if (name != "-") KEYFOLD_RETURN_IF_ERROR(OpenFile(name, file));
    KEYFOLD_RETURN_IF_ERROR(ForEachLineOf(name, name == "-" ? std::cin : file, number, visit));
  }
  return absl::OkStatus();
}

}  // namespace keyfold
