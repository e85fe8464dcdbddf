#include "store/frozen_files.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"

namespace keyfold {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr char kCurrent[] = "CURRENT";  // names the manifest

// A file in memory, which outlives it.
class KeptFile final : public rocksdb::FSSequentialFile {
 public:
  explicit KeptFile(std::string_view content) : rest_(content) {}

  IOStatus Read(size_t bytes, const IOOptions& /*options*/, rocksdb::Slice* result, char* scratch,
                IODebugContext* /*debug*/) override {
    bytes = std::min(bytes, rest_.size());
    std::memcpy(scratch, rest_.data(), bytes);
    rest_.remove_prefix(bytes);
    *result = rocksdb::Slice(scratch, bytes);
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t bytes) override {
    rest_.remove_prefix(std::min<uint64_t>(bytes, rest_.size()));
    return IOStatus::OK();
  }

 private:
  std::string_view rest_;
};

// The number of a log, "000123.log"; 0: it is none.
uint64_t LogNumber(const std::string& name) {
  constexpr std::string_view kSuffix = ".log";
  uint64_t number = 0;
  if (!name.ends_with(kSuffix)) return 0;
  return absl::SimpleAtoi(name.substr(0, name.size() - kSuffix.size()), &number) ? number : 0;
}

IOStatus ReadOnly() { return IOStatus::NotSupported("the store is open for reading"); }

}  // namespace

rocksdb::Status FrozenFiles::Freeze(const std::shared_ptr<rocksdb::FileSystem>& below, const std::string& directory,
                                    std::shared_ptr<FrozenFiles>* files) {
  std::shared_ptr<FrozenFiles> frozen(new FrozenFiles(below, directory));
  IOStatus status = frozen->Keep(kCurrent);
  if (status.IsPathNotFound()) return rocksdb::Status::NotFound(directory);
  if (!status.ok()) return status;
  const std::string& current = frozen->contents_[kCurrent];
  frozen->manifest_ = current.substr(0, current.find('\n'));
  status = frozen->Keep(frozen->manifest_);
  if (!status.ok() && frozen->IsOutdated()) return rocksdb::Status::TryAgain();
  if (status.IsPathNotFound()) return rocksdb::Status::Corruption("the manifest is missing", frozen->manifest_);
  if (!status.ok()) return status;

  std::vector<std::string> names;
  status = frozen->target()->GetChildren(directory, IOOptions(), &names, nullptr);
  if (!status.ok()) return status;
  std::erase_if(names, [](const std::string& name) { return LogNumber(name) == 0; });
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return LogNumber(a) > LogNumber(b); });
  for (const std::string& log : names) {
    status = frozen->Keep(log);
    if (!status.ok() && !status.IsPathNotFound()) return status;
  }
  if (frozen->IsOutdated()) return rocksdb::Status::TryAgain();
  *files = std::move(frozen);
  return rocksdb::Status::OK();
}

IOStatus FrozenFiles::Keep(const std::string& name) {
  const std::string path = directory_ + "/" + name;
  uint64_t seconds = 0;
  IOStatus status = target()->GetFileModificationTime(path, IOOptions(), &seconds, nullptr);
  std::string content;
  if (status.ok()) status = rocksdb::ReadFileToString(target(), path, &content);
  if (!status.ok())
    return target()->FileExists(path, IOOptions(), nullptr).IsNotFound() ? IOStatus::PathNotFound(path) : status;
  written_at_ = std::max(written_at_, absl::FromUnixSeconds(static_cast<int64_t>(seconds)));
  contents_[name] = std::move(content);
  return status;
}

bool FrozenFiles::IsOutdated() const {
  std::string current;
  if (!rocksdb::ReadFileToString(target(), directory_ + "/" + kCurrent, &current).ok()) return true;
  if (current != contents_.at(kCurrent)) return true;
  const auto manifest = contents_.find(manifest_);
  if (manifest == contents_.end()) return false;
  uint64_t bytes = 0;
  const IOStatus status = target()->GetFileSize(directory_ + "/" + manifest_, IOOptions(), &bytes, nullptr);
  return !status.ok() || bytes != manifest->second.size();
}

void FrozenFiles::ForgetLogs() {
  std::erase_if(contents_, [](const auto& entry) { return LogNumber(entry.first) != 0; });
}

const std::string* FrozenFiles::Find(const std::string& path) const {
  if (!path.starts_with(directory_ + "/")) return nullptr;
  const auto at = contents_.find(path.substr(directory_.size() + 1));
  return at == contents_.end() ? nullptr : &at->second;
}

IOStatus FrozenFiles::NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* debug) {
  const std::string* const content = Find(path);
  if (content == nullptr) return target()->NewSequentialFile(path, options, file, debug);
  *file = std::make_unique<KeptFile>(*content);
  return IOStatus::OK();
}

IOStatus FrozenFiles::FileExists(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  return Find(path) != nullptr ? IOStatus::OK() : target()->FileExists(path, options, debug);
}

IOStatus FrozenFiles::GetChildren(const std::string& path, const IOOptions& options, std::vector<std::string>* names,
                                  IODebugContext* debug) {
  IOStatus status = target()->GetChildren(path, options, names, debug);
  if (path != directory_) return status;
  std::erase_if(*names, [](const std::string& name) { return LogNumber(name) != 0; });
  for (const auto& [name, content] : contents_) {
    if (LogNumber(name) != 0) names->push_back(name);
  }
  return status;
}

IOStatus FrozenFiles::GetFileSize(const std::string& path, const IOOptions& options, uint64_t* bytes,
                                  IODebugContext* debug) {
  const std::string* const content = Find(path);
  if (content == nullptr) return target()->GetFileSize(path, options, bytes, debug);
  *bytes = content->size();
  return IOStatus::OK();
}

IOStatus FrozenFiles::NewWritableFile(const std::string& /*path*/, const rocksdb::FileOptions& /*options*/,
                                      std::unique_ptr<rocksdb::FSWritableFile>* /*file*/, IODebugContext* /*debug*/) {
  return ReadOnly();
}

IOStatus FrozenFiles::DeleteFile(const std::string& /*path*/, const IOOptions& /*options*/, IODebugContext* /*debug*/) {
  return ReadOnly();
}

IOStatus FrozenFiles::RenameFile(const std::string& /*from*/, const std::string& /*to*/, const IOOptions& /*options*/,
                                 IODebugContext* /*debug*/) {
  return ReadOnly();
}

}  // namespace keyfold
