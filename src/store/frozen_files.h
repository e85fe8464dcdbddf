// The files of a store as they were at one moment, for reading beside the process that writes it. Private to store/.
#ifndef KEYFOLD_STORE_FROZEN_FILES_H_
#define KEYFOLD_STORE_FROZEN_FILES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "rocksdb/file_system.h"
#include "rocksdb/io_status.h"
#include "rocksdb/status.h"

namespace keyfold {

// A file system that shows a RocksDB's directory as it was when it was frozen, writes nothing, and takes no lock.
//
// What changes under a reader is kept in memory: which table files there are (CURRENT and the manifest) and the logs.
// The manifest is read first, the logs from the newest to the oldest, and all of it counts only if the manifest is the
// same afterwards: then no log was dropped in between, and every log but the newest was complete. So what is seen is
// a prefix of what was written. Table files never change; whoever has them open keeps them when they are deleted.
//
// Thread-safe once made.
class FrozenFiles final : public rocksdb::FileSystemWrapper {
 public:
  // What `below` holds in the directory now. NotFound: nothing was ever written there. TryAgain: it was written
  // meanwhile.
  static rocksdb::Status Freeze(const std::shared_ptr<rocksdb::FileSystem>& below, const std::string& directory,
                                std::shared_ptr<FrozenFiles>* files);

  // Whether the writer has changed the set of table files since: then one of them may be gone.
  bool IsOutdated() const;

  // Once the RocksDB is open: they were read, and take memory.
  void ForgetLogs();

  // When the newest of the frozen files was last written; whole seconds.
  absl::Time written_at() const { return written_at_; }

  const char* Name() const override { return "keyfold.FrozenFiles"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus FileExists(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions& options, uint64_t* bytes,
                                rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  FrozenFiles(const std::shared_ptr<rocksdb::FileSystem>& below, std::string directory)
      : FileSystemWrapper(below), directory_(std::move(directory)) {}

  rocksdb::IOStatus Keep(const std::string& name);
  const std::string* Find(const std::string& path) const;

  const std::string directory_;
  std::string manifest_;                         // its name
  std::map<std::string, std::string> contents_;  // by name
  absl::Time written_at_ = absl::InfinitePast();
};

}  // namespace keyfold

#endif  // KEYFOLD_STORE_FROZEN_FILES_H_
