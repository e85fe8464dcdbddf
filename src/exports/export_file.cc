#include "exports/export_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

constexpr size_t kBlockBytes = size_t{256} << 10;

std::string NameForPeople(const std::string& name) { return name == "-" ? "standard input" : name; }

bool IsHidden(std::string_view path) {
  const size_t slash = path.rfind('/');
  const std::string_view file = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return file.empty() || file.starts_with('.') || path.starts_with("__MACOSX/");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ExportFile>> ExportFile::Open(const std::string& name) {
  // Opened here, so that the error says why; libarchive's would be of its own sort.
  const int file = name == "-" ? dup(STDIN_FILENO) : open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", NameForPeople(name)));
  archive* const opened = archive_read_new();
  archive_read_support_filter_all(opened);
  archive_read_support_format_zip(opened);
  archive_read_support_format_raw(opened);
  archive_read_support_format_empty(opened);
  std::unique_ptr<ExportFile> result(new ExportFile(name, opened));
  if (archive_read_open_fd(opened, file, kBlockBytes) != ARCHIVE_OK) {
    close(file);
    return result->Failed();
  }
  result->file_ = file;
  return result;
}

ExportFile::~ExportFile() {
  archive_read_free(archive_);
  if (file_ >= 0) close(file_);
}

absl::Status ExportFile::Failed() const {
  const char* const why = archive_error_string(archive_);
  return absl::DataLossError(absl::StrCat("reading ", NameForPeople(name_), " failed: ", why == nullptr ? "?" : why));
}

absl::StatusOr<std::optional<std::string>> ExportFile::NextMember() {
  while (true) {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_, &entry);
    if (result == ARCHIVE_EOF) return std::optional<std::string>();
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return Failed();
    if (archive_format(archive_) != ARCHIVE_FORMAT_ZIP) return std::optional(NameForPeople(name_));
    const char* const path = archive_entry_pathname(entry);
    if (path == nullptr || IsHidden(path)) continue;
    return std::optional(absl::StrCat(name_, "/", path));
  }
}

absl::StatusOr<std::string_view> ExportFile::Read() {
  const void* data = nullptr;
  size_t size = 0;
  int64_t offset = 0;
  while (true) {
    const int result = archive_read_data_block(archive_, &data, &size, &offset);
    if (result == ARCHIVE_EOF) return std::string_view();
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return Failed();
    if (size > 0) return std::string_view(static_cast<const char*>(data), size);
  }
}

int64_t ExportFile::bytes_read() const { return archive_filter_bytes(archive_, -1); }

}  // namespace keyfold
