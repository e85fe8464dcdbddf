// The bytes of an export: a plain file, a compressed one (.gz and what else libarchive unpacks) or those in a .zip.
#ifndef KEYFOLD_EXPORTS_EXPORT_FILE_H_
#define KEYFOLD_EXPORTS_EXPORT_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

struct archive;

namespace keyfold {

// Not thread-safe.
class ExportFile {
 public:
  // "-" is standard input. NotFound, PermissionDenied and the like name the file; FailedPrecondition: it cannot be
  // unpacked.
  static absl::StatusOr<std::unique_ptr<ExportFile>> Open(const std::string& name);

  ExportFile(const ExportFile&) = delete;
  ExportFile& operator=(const ExportFile&) = delete;
  ~ExportFile();

  // The name of the next file in it: that of the file itself, or "a.zip/sales.csv"; nullopt: there are no more. Of an
  // archive, directories and what hides (.DS_Store, __MACOSX) are passed over.
  absl::StatusOr<std::optional<std::string>> NextMember();

  // The next bytes of the member, which live until the next call; empty: its end. DataLoss: it is damaged.
  absl::StatusOr<std::string_view> Read();

  // So many bytes of the file as it lies on the disk were read.
  int64_t bytes_read() const;

 private:
  ExportFile(std::string name, archive* opened) : name_(std::move(name)), archive_(opened) {}

  absl::Status Failed() const;

  const std::string name_;
  archive* archive_;
  int file_ = -1;
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_EXPORT_FILE_H_
