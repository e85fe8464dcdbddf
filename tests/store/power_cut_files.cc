#include "store/power_cut_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "rocksdb/io_status.h"
#include "store/rocks_environment.h"

namespace keyfold {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using Loss = PowerCutFiles::Loss;

std::string Normal(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }

std::string ParentOf(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

bool LiesIn(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && path.size() > directory.size() && path[directory.size()] == '/';
}

std::string ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What stood under a name before it was made or replaced.
struct Before {
  std::optional<std::string> content;  // nullopt: there was no such name
  std::string renamed_from;            // the file's former name, if it had one
};

// Books of what is not synced. Paths are normal. Thread-safe.
class Unsynced {
 public:
  explicit Unsynced(uint64_t seed) : random_(seed) {}

  // Not OK when nothing reaches the path any more.
  IOStatus Check(const std::string& path) {
    absl::MutexLock lock(&mutex_);
    const bool cut = std::any_of(cut_.begin(), cut_.end(), [&path](const auto& in) { return LiesIn(path, in); });
    return cut ? IOStatus::IOError("there is no power: " + path) : IOStatus::OK();
  }

  void FileBegun(const std::string& path, uint64_t synced_bytes) {
    absl::MutexLock lock(&mutex_);
    synced_bytes_[path] = synced_bytes;
  }
  void FileSynced(const std::string& path, uint64_t bytes) {
    absl::MutexLock lock(&mutex_);
    const auto at = synced_bytes_.find(path);
    if (at != synced_bytes_.end()) at->second = std::max(at->second, bytes);
  }
  void FileDeleted(const std::string& path) {
    absl::MutexLock lock(&mutex_);
    synced_bytes_.erase(path);
    names_.erase(path);
  }

  // `to` names what `from` does.
  void FileNamed(const std::string& from, const std::string& to) {
    absl::MutexLock lock(&mutex_);
    const auto at = synced_bytes_.find(from);
    if (at != synced_bytes_.end()) synced_bytes_[to] = at->second;
  }

  void NameMade(const std::string& path, Before before) {
    absl::MutexLock lock(&mutex_);
    names_.try_emplace(path, std::move(before));
  }
  void DirectorySynced(const std::string& path) {
    absl::MutexLock lock(&mutex_);
    std::erase_if(names_, [&path](const auto& entry) { return ParentOf(entry.first) == path; });
  }

  void Cut(const std::string& directory) {
    absl::MutexLock lock(&mutex_);
    cut_.insert(directory);
  }
  void Restore(const std::string& directory, Loss loss) {
    absl::MutexLock lock(&mutex_);
    for (const auto& [path, synced_bytes] : synced_bytes_) {
      if (LiesIn(path, directory)) LoseEnd(path, synced_bytes, loss);
    }
    for (const auto& [path, before] : names_) {
      if (LiesIn(path, directory) && (loss == Loss::kAll || random_() % 2 == 0)) LoseName(path, before);
    }
    const auto inside = [&directory](const auto& entry) { return LiesIn(entry.first, directory); };
    std::erase_if(synced_bytes_, inside);
    std::erase_if(names_, inside);
    cut_.erase(directory);
  }

 private:
  void LoseEnd(const std::string& path, uint64_t synced_bytes, Loss loss) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::error_code error;
    const uint64_t bytes = std::filesystem::file_size(path, error);
    if (error || bytes <= synced_bytes) return;
    uint64_t kept = synced_bytes;
    if (loss == Loss::kAny) kept += random_() % (bytes - synced_bytes + 1);
    std::filesystem::resize_file(path, kept);
  }

  static void LoseName(const std::string& path, const Before& before) {
    std::error_code gone_anyway;
    if (!before.renamed_from.empty()) {
      std::filesystem::rename(path, before.renamed_from, gone_anyway);
    } else {
      std::filesystem::remove(path, gone_anyway);
    }
    if (before.content.has_value()) std::ofstream(path, std::ios::binary) << *before.content;
  }

  absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> cut_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t> synced_bytes_ ABSL_GUARDED_BY(mutex_);  // of files that were written
  std::map<std::string, Before> names_ ABSL_GUARDED_BY(mutex_);           // that were not synced in their directories
};

class WrittenFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WrittenFile(std::unique_ptr<FSWritableFile> file, Unsynced& unsynced, std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)), unsynced_(unsynced), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = unsynced_.Check(path_);
    return status.ok() ? target()->Append(data, options, debug) : status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& /*verification*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = unsynced_.Check(path_);
    return status.ok() ? target()->Truncate(size, options, debug) : status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    std::error_code error;
    const uint64_t bytes =
        std::filesystem::file_size(path_, error);  // what is appended meanwhile may not be part of it
    IOStatus status = unsynced_.Check(path_);
    if (status.ok()) status = target()->Sync(options, debug);
    if (status.ok() && !error) unsynced_.FileSynced(path_, bytes);
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }

 private:
  Unsynced& unsynced_;
  const std::string path_;
};

class WrittenDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  WrittenDirectory(std::unique_ptr<FSDirectory> directory, Unsynced& unsynced, std::string path)
      : FSDirectoryWrapper(std::move(directory)), unsynced_(unsynced), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = unsynced_.Check(path_ + "/.");
    if (status.ok()) status = FSDirectoryWrapper::Fsync(options, debug);
    if (status.ok()) unsynced_.DirectorySynced(path_);
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& /*which*/) override {
    return Fsync(options, debug);
  }

 private:
  Unsynced& unsynced_;
  const std::string path_;
};

class Files final : public rocksdb::FileSystemWrapper {
 public:
  explicit Files(Unsynced& unsynced) : FileSystemWrapper(rocksdb::FileSystem::Default()), unsynced_(unsynced) {}

  const char* Name() const override { return "PowerCutFiles"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options, std::unique_ptr<FSWritableFile>* file,
                           IODebugContext* debug) override {
    const std::string path = Normal(name);
    const bool is_new = !std::filesystem::exists(path);
    IOStatus status = unsynced_.Check(path);
    if (status.ok()) status = target()->NewWritableFile(name, options, file, debug);
    if (!status.ok()) return status;
    if (is_new) unsynced_.NameMade(path, {});
    unsynced_.FileBegun(path, 0);
    *file = std::make_unique<WrittenFile>(std::move(*file), unsynced_, path);
    return status;
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    IOStatus status = unsynced_.Check(Normal(name));
    if (status.ok()) status = target()->ReopenWritableFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<WrittenFile>(std::move(*file), unsynced_, Normal(name));
    return status;
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options, std::unique_ptr<FSDirectory>* directory,
                        IODebugContext* debug) override {
    IOStatus status = target()->NewDirectory(name, options, directory, debug);
    if (status.ok()) *directory = std::make_unique<WrittenDirectory>(std::move(*directory), unsynced_, Normal(name));
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    Before before{std::nullopt, Normal(from)};
    if (std::filesystem::exists(to)) before.content = ReadWhole(to);
    IOStatus status = unsynced_.Check(Normal(to));
    if (status.ok()) status = target()->RenameFile(from, to, options, debug);
    if (!status.ok()) return status;
    unsynced_.FileNamed(Normal(from), Normal(to));
    unsynced_.FileDeleted(Normal(from));
    unsynced_.NameMade(Normal(to), std::move(before));
    return status;
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override {
    IOStatus status = unsynced_.Check(Normal(to));
    if (status.ok()) status = target()->LinkFile(from, to, options, debug);
    if (!status.ok()) return status;
    unsynced_.FileNamed(Normal(from), Normal(to));
    unsynced_.NameMade(Normal(to), {});
    return status;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = unsynced_.Check(Normal(name));
    if (status.ok()) status = target()->DeleteFile(name, options, debug);
    if (status.ok()) unsynced_.FileDeleted(Normal(name));
    return status;
  }
  // Nobody asks for these: who begins to must say here what a power cut does to them.
  IOStatus ReuseWritableFile(const std::string& /*name*/, const std::string& /*old_name*/,
                             const FileOptions& /*options*/, std::unique_ptr<FSWritableFile>* /*file*/,
                             IODebugContext* /*debug*/) override {
    return IOStatus::NotSupported("files that are used again");
  }
  IOStatus NewRandomRWFile(const std::string& /*name*/, const FileOptions& /*options*/,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* /*file*/, IODebugContext* /*debug*/) override {
    return IOStatus::NotSupported("files that are written anywhere");
  }

 private:
  Unsynced& unsynced_;
};

}  // namespace

struct PowerCutFiles::Parts {
  explicit Parts(uint64_t seed) : unsynced(seed), env(rocksdb::NewCompositeEnv(std::make_shared<Files>(unsynced))) {}

  Unsynced unsynced;
  const std::unique_ptr<rocksdb::Env> env;
};

PowerCutFiles::PowerCutFiles(uint64_t seed) : parts_(std::make_unique<Parts>(seed)) {}

PowerCutFiles::~PowerCutFiles() = default;

void PowerCutFiles::PutBelow(RocksEnvironment& environment, size_t shard_buffer_bytes) {
  environment.shared()->AdjustForTest([env = parts_->env.get(), shard_buffer_bytes](rocksdb::Options& options) {
    options.env = env;
    options.write_buffer_size = shard_buffer_bytes;
  });
}

void PowerCutFiles::Cut(const std::string& directory) { parts_->unsynced.Cut(Normal(directory)); }

void PowerCutFiles::Restore(const std::string& directory, Loss loss) {
  parts_->unsynced.Restore(Normal(directory), loss);
}

}  // namespace keyfold
