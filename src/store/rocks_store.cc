#include "store/rocks_store.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/iterator.h"
#include "rocksdb/options.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"
#include "rocksdb/write_batch.h"
#include "store/frozen_files.h"
#include "store/key_prefix.h"
#include "store/rocks_environment.h"
#include "store/table_file.h"

namespace keyfold {
namespace {

// Values of MultiGet() keep their cache blocks in memory: so many at once.
constexpr size_t kPinnedValuesMax = 128;

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

absl::Status DiskFull(const std::string& directory, const std::string& detail) {
  return absl::ResourceExhaustedError(
      absl::StrCat("disk full: ", directory, "; the worker goes on when there is room (", detail, ")"));
}

absl::Status ToStatus(const rocksdb::Status& status, const std::string& directory) {
  if (status.ok()) return absl::OkStatus();
  const std::string detail = status.ToString();
  if (status.IsNoSpace()) return DiskFull(directory, detail);
  if (status.IsCorruption()) {
    return absl::DataLossError(absl::StrCat("damaged store: ", directory, " (", detail,
                                            "). Stop what has it open and remove this directory: keyfold run makes it "
                                            "anew from the log, and publishes nothing twice"));
  }
  return absl::InternalError(absl::StrCat("store failed: ", directory, " (", detail, ")"));
}

absl::Status CreateDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) return absl::OkStatus();
  if (error == std::errc::no_space_on_device) return DiskFull(directory, error.message());
  return absl::InternalError(absl::StrCat("cannot create the directory ", directory, " (", error.message(), ")"));
}

// Whether someone has the store open. RocksDB's status does not tell: it is an I/O error like others.
bool IsLocked(const std::string& directory) {
  const std::string file = absl::StrCat(directory, "/LOCK");
  if (access(file.c_str(), R_OK | W_OK) != 0) return false;
  rocksdb::FileLock* lock = nullptr;
  if (!rocksdb::Env::Default()->LockFile(file, &lock).ok()) return true;
  rocksdb::Env::Default()->UnlockFile(lock).PermitUncheckedError();
  return false;
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenDatabase(const rocksdb::Options& options,
                                                          const std::string& directory) {
  KEYFOLD_RETURN_IF_ERROR(CreateDirectory(directory));
  rocksdb::DB* database = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, directory, &database);
  if (status.IsIOError() && !status.IsNoSpace() && IsLocked(directory)) {
    return absl::UnavailableError(
        absl::StrCat("the store is open elsewhere: ", directory, " (", status.ToString(), ")"));
  }
  KEYFOLD_RETURN_IF_ERROR(ToStatus(status, directory));
  return std::unique_ptr<rocksdb::DB>(database);
}

struct DatabaseAtMoment {
  std::shared_ptr<FrozenFiles> files;
  std::unique_ptr<rocksdb::Env> env;  // above the files; outlives the database
  std::unique_ptr<rocksdb::DB> database;
};

// How long a reader waits for a moment at which the writer does not change the set of files.
constexpr absl::Duration kMomentPatience = absl::Seconds(20);

// TryAgain: the writer changed the set of files meanwhile.
rocksdb::Status OpenFrozen(rocksdb::Options options, const std::string& directory, DatabaseAtMoment& frozen) {
  rocksdb::Status status = FrozenFiles::Freeze(options.env->GetFileSystem(), directory, &frozen.files);
  if (!status.ok()) return status;
  frozen.env = rocksdb::NewCompositeEnv(frozen.files);
  options.env = frozen.env.get();
  options.max_open_files = -1;  // all are opened at once, and stay so: the writer may delete them
  rocksdb::DB* database = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, directory, &database);
  frozen.database.reset(database);
  if (!status.ok() && frozen.files->IsOutdated()) return rocksdb::Status::TryAgain();
  frozen.files->ForgetLogs();
  return status;
}

absl::StatusOr<DatabaseAtMoment> OpenDatabaseForReading(const rocksdb::Options& options, const std::string& directory) {
  const absl::Time deadline = absl::Now() + kMomentPatience;
  DatabaseAtMoment frozen;
  for (;;) {
    const rocksdb::Status status = OpenFrozen(options, directory, frozen);
    if (status.ok()) return frozen;
    if (status.IsNotFound()) return absl::NotFoundError(absl::StrCat("nothing is stored yet in ", directory));
    if (!status.IsTryAgain()) return ToStatus(status, directory);
    if (absl::Now() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat("the store is written too fast to be read at one moment, try again: ", directory));
    }
    absl::SleepFor(absl::Milliseconds(1));
  }
}

enum class Access { kReadWrite, kReadOnly };

class RocksStore final : public ShardStore {
 public:
  RocksStore(std::shared_ptr<RocksEnvironment::Shared> environment, rocksdb::Options options, std::string directory,
             Access access)
      : environment_(std::move(environment)),
        options_(std::move(options)),
        directory_(std::move(directory)),
        access_(access) {}

  ~RocksStore() override { Close(); }

  // To be called before anything else.
  absl::Status Open();

  // Of a reader: when what it shows was last written.
  absl::Time written_at() const { return written_at_; }

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string> keys) const override;
  absl::Status Scan(std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit) const override;
  absl::Status Write(StoreBatch batch) override;
  absl::Status Flush() override { return absl::OkStatus(); }  // the kernel has it: Write() sees to that

 private:
  void Close();

  // Closes and opens it after the disk was full, if there is room by now.
  absl::Status Recover() ABSL_LOCKS_EXCLUDED(mutex_);

  // Not OK while the store is closed because Recover() found the disk full again.
  absl::Status CheckOpen() const;

  // Whether the batch is better written as a table file.
  bool IsForFile(const StoreBatch& batch, size_t bytes) const;

  // Adds the operation at `index` of `batch`.
  absl::Status Translate(const StoreBatch& batch, size_t index, rocksdb::WriteBatch& writes) const;

  // Deletes every key from `prefix` on, for a prefix without a successor.
  absl::Status DeleteToTheEnd(std::span<const StoreBatch::Operation> before, const std::string& prefix,
                              rocksdb::WriteBatch& writes) const;

  const std::shared_ptr<RocksEnvironment::Shared> environment_;
  const rocksdb::Options options_;
  const std::string directory_;
  const Access access_;
  bool disk_was_full_ = false;  // the writer's

  // Held by readers, so that the database does not go away under them, and by the writer in Recover() only: nobody else
  // changes the pointer.
  mutable absl::Mutex mutex_;
  std::unique_ptr<rocksdb::Env> frozen_env_;  // of a reader, below its database
  std::unique_ptr<rocksdb::DB> database_;
  absl::Time written_at_ = absl::InfinitePast();  // of a reader
};

absl::Status RocksStore::Open() {
  if (access_ == Access::kReadOnly) {
    KEYFOLD_ASSIGN_OR_RETURN(DatabaseAtMoment frozen, OpenDatabaseForReading(options_, directory_));
    written_at_ = frozen.files->written_at();
    frozen_env_ = std::move(frozen.env);
    database_ = std::move(frozen.database);
    return absl::OkStatus();
  }
  KEYFOLD_ASSIGN_OR_RETURN(database_, OpenDatabase(options_, directory_));
  environment_->Add(database_.get());
  return absl::OkStatus();
}

void RocksStore::Close() {
  if (database_ == nullptr) return;
  if (access_ == Access::kReadWrite) environment_->Remove(database_.get());
  database_.reset();
}

absl::Status RocksStore::Recover() {
  // Opening ends the log at its last whole record, in whatever state the failed write has left the file and RocksDB.
  const uint64_t needed_bytes = options_.write_buffer_size * options_.max_write_buffer_number;
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(directory_, error);
  if (!error && space.available < needed_bytes) {
    return DiskFull(directory_, absl::StrCat(space.available, " bytes free, ", needed_bytes, " needed"));
  }
  absl::MutexLock lock(&mutex_);
  Close();
  KEYFOLD_RETURN_IF_ERROR(Open());
  disk_was_full_ = false;
  return absl::OkStatus();
}

absl::Status RocksStore::CheckOpen() const {
  return database_ != nullptr ? absl::OkStatus() : DiskFull(directory_, "closed until a write finds room");
}

absl::StatusOr<std::optional<std::string>> RocksStore::Get(std::string_view key) const {
  absl::ReaderMutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(CheckOpen());
  std::string value;
  const rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  KEYFOLD_RETURN_IF_ERROR(ToStatus(status, directory_));
  return value;
}

absl::StatusOr<std::vector<std::optional<std::string>>> RocksStore::MultiGet(std::span<const std::string> keys) const {
  absl::ReaderMutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(CheckOpen());
  const bool sorted = std::is_sorted(keys.begin(), keys.end());
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  while (!keys.empty()) {
    const size_t count = std::min(keys.size(), kPinnedValuesMax);
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.begin() + count);
    std::vector<rocksdb::PinnableSlice> pinned(count);
    std::vector<rocksdb::Status> statuses(count);
    database_->MultiGet(rocksdb::ReadOptions(), database_->DefaultColumnFamily(), count, slices.data(), pinned.data(),
                        statuses.data(), sorted);
    for (size_t i = 0; i < count; ++i) {
      if (statuses[i].IsNotFound()) {
        values.push_back(std::nullopt);
        continue;
      }
      KEYFOLD_RETURN_IF_ERROR(ToStatus(statuses[i], directory_));
      values.emplace_back(std::in_place, pinned[i].data(), pinned[i].size());
    }
    keys = keys.subspan(count);
  }
  return values;
}

absl::Status RocksStore::Scan(std::string_view prefix, std::string_view from,
                              const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  absl::ReaderMutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(CheckOpen());
  const std::optional<std::string> end = PrefixSuccessor(prefix);
  rocksdb::Slice upper_bound;
  rocksdb::ReadOptions options;
  if (end.has_value()) {
    upper_bound = *end;
    options.iterate_upper_bound = &upper_bound;
  }
  const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(options));
  for (at->Seek(ToSlice(std::max(prefix, from))); at->Valid(); at->Next()) {
    if (!visit(at->key().ToStringView(), at->value().ToStringView())) return absl::OkStatus();
  }
  return ToStatus(at->status(), directory_);
}

absl::Status RocksStore::Write(StoreBatch batch) {
  if (access_ == Access::kReadOnly) {
    return absl::FailedPreconditionError(absl::StrCat("the store was opened for reading: ", directory_));
  }
  if (disk_was_full_) KEYFOLD_RETURN_IF_ERROR(Recover());
  size_t bytes = 0;
  for (const StoreBatch::Operation& operation : batch.operations()) {
    bytes += operation.key.size() + operation.value.size() + 16;
  }
  rocksdb::Status status;
  if (IsForFile(batch, bytes)) {
    status = AddTableFile(batch, options_, directory_ + "/next_table", *database_);
  } else {
    rocksdb::WriteBatch writes(bytes);
    for (size_t i = 0; i < batch.operations().size(); ++i) KEYFOLD_RETURN_IF_ERROR(Translate(batch, i, writes));
    batch = StoreBatch();  // what it takes is needed for the next step
    // Not synced: the kernel has it, so a killed process loses nothing.
    status = database_->Write(rocksdb::WriteOptions(), &writes);
  }
  disk_was_full_ = status.IsNoSpace();
  KEYFOLD_RETURN_IF_ERROR(ToStatus(status, directory_));
  environment_->KeepBudget();
  return absl::OkStatus();
}

bool RocksStore::IsForFile(const StoreBatch& batch, size_t bytes) const {
  // It is a file of the first level. When compactions lag behind, RocksDB slows down those who write.
  if (bytes < options_.write_buffer_size / 4 || !FitsTableFile(batch)) return false;
  std::string property;
  int files = 0;
  return database_->GetProperty(rocksdb::DB::Properties::kNumFilesAtLevelPrefix + "0", &property) &&
         absl::SimpleAtoi(property, &files) && files < options_.level0_slowdown_writes_trigger;
}

absl::Status RocksStore::Translate(const StoreBatch& batch, size_t index, rocksdb::WriteBatch& writes) const {
  const StoreBatch::Operation& operation = batch.operations()[index];
  if (operation.kind != StoreBatch::Kind::kDeletePrefix) return ToStatus(AddOperation(operation, writes), directory_);
  if (operation.key.empty()) return absl::InvalidArgumentError("DeletePrefix of an empty prefix");
  const std::optional<std::string> end = PrefixSuccessor(operation.key);
  if (end.has_value()) return ToStatus(writes.DeleteRange(operation.key, *end), directory_);
  return DeleteToTheEnd(std::span(batch.operations()).first(index), operation.key, writes);
}

absl::Status RocksStore::DeleteToTheEnd(std::span<const StoreBatch::Operation> before, const std::string& prefix,
                                        rocksdb::WriteBatch& writes) const {
  // A range needs an end, and there is no key that is greater than all: delete what is there, one by one.
  rocksdb::Status failed;
  for (const StoreBatch::Operation& operation : before) {
    if (failed.ok() && operation.key >= prefix) failed = writes.Delete(operation.key);
  }
  KEYFOLD_RETURN_IF_ERROR(Scan(prefix, prefix, [&](std::string_view key, std::string_view) {
    failed = writes.Delete(ToSlice(key));
    return failed.ok();
  }));
  return ToStatus(failed, directory_);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ShardStore>> OpenRocksStore(RocksEnvironment& environment, const std::string& directory,
                                                           MergeFunction merge) {
  auto store = std::make_unique<RocksStore>(environment.shared(), environment.shared()->ShardOptions(merge), directory,
                                            Access::kReadWrite);
  KEYFOLD_RETURN_IF_ERROR(store->Open());
  return store;
}

absl::StatusOr<StoreAtMoment> OpenRocksStoreForReading(RocksEnvironment& environment, const std::string& directory,
                                                       MergeFunction merge) {
  auto store = std::make_unique<RocksStore>(environment.shared(), environment.shared()->ShardOptions(merge), directory,
                                            Access::kReadOnly);
  KEYFOLD_RETURN_IF_ERROR(store->Open());
  const absl::Time written_at = store->written_at();
  return StoreAtMoment{std::move(store), written_at};
}

}  // namespace keyfold
