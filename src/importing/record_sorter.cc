#include "importing/record_sorter.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;
constexpr size_t kFileBufferBytes = size_t{64} << 10;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Gone as soon as it is closed.
absl::StatusOr<File> TemporaryFile() {
  std::error_code error;
  std::filesystem::path directory = std::filesystem::temp_directory_path(error);
  if (error) directory = "/tmp";
  std::string name = (directory / "keyfold-sort-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  std::FILE* const file = descriptor < 0 ? nullptr : fdopen(descriptor, "w+b");
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("no temporary file in ", directory.string()));
  unlink(name.c_str());
  return File(file, std::fclose);
}

absl::Status Failed(const char* what) {
  return absl::ErrnoToStatus(errno == 0 ? EIO : errno, absl::StrCat(what, " a temporary file failed"));
}

}  // namespace

// Sorted records in a file.
class RecordSorter::Run {
 public:
  explicit Run(File file) : file_(std::move(file)), buffer_(kFileBufferBytes) {
    setvbuf(file_.get(), buffer_.data(), _IOFBF, buffer_.size());
  }

  absl::Status Append(std::string_view record) {
    const auto size = static_cast<uint32_t>(record.size());
    const bool written = std::fwrite(&size, sizeof(size), 1, file_.get()) == 1 &&
                         std::fwrite(record.data(), 1, record.size(), file_.get()) == record.size();
    return written ? absl::OkStatus() : Failed("writing");
  }

  absl::Status Rewind() { return std::fseek(file_.get(), 0, SEEK_SET) == 0 ? absl::OkStatus() : Failed("writing"); }

  // False: there is no further record.
  absl::StatusOr<bool> Advance() {
    uint32_t size = 0;
    if (std::fread(&size, sizeof(size), 1, file_.get()) != 1) {
      if (std::ferror(file_.get()) != 0) return Failed("reading");
      return false;
    }
    record_.resize(size);
    if (std::fread(record_.data(), 1, size, file_.get()) != size) return Failed("reading");
    return true;
  }

  const std::string& record() const { return record_; }

 private:
  File file_;
  std::vector<char> buffer_;
  std::string record_;
};

namespace {

// For heaps of which the least stands first.
template <typename Pointer>
bool After(const Pointer a, const Pointer b) {
  return a->record() > b->record();
}

}  // namespace

RecordSorter::RecordSorter(size_t memory_bytes_max) : memory_bytes_max_(memory_bytes_max) {}

RecordSorter::~RecordSorter() = default;

absl::Status RecordSorter::Add(std::string_view record) {
  if (memory_bytes_ + record.size() > memory_bytes_max_ && !records_.empty()) KEYFOLD_RETURN_IF_ERROR(Spill());
  if (block_used_ + record.size() > block_size_) {
    block_size_ = std::max(kBlockBytes, record.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
    block_used_ = 0;
  }
  char* const place = blocks_.back().get() + block_used_;
  std::memcpy(place, record.data(), record.size());
  block_used_ += record.size();
  records_.emplace_back(place, record.size());
  memory_bytes_ += record.size() + sizeof(std::string_view);
  return absl::OkStatus();
}

void RecordSorter::SortMemory() { std::sort(records_.begin(), records_.end()); }

absl::Status RecordSorter::Spill() {
  SortMemory();
  KEYFOLD_ASSIGN_OR_RETURN(File file, TemporaryFile());
  auto run = std::make_unique<Run>(std::move(file));
  for (const std::string_view record : records_) KEYFOLD_RETURN_IF_ERROR(run->Append(record));
  runs_.push_back(std::move(run));
  records_.clear();
  blocks_.clear();
  block_size_ = block_used_ = 0;
  memory_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status RecordSorter::Sort() {
  if (runs_.empty()) {
    SortMemory();
    return absl::OkStatus();
  }
  if (!records_.empty()) KEYFOLD_RETURN_IF_ERROR(Spill());
  for (const std::unique_ptr<Run>& run : runs_) {
    KEYFOLD_RETURN_IF_ERROR(run->Rewind());
    KEYFOLD_ASSIGN_OR_RETURN(const bool any, run->Advance());
    if (any) heap_.push_back(run.get());
  }
  std::make_heap(heap_.begin(), heap_.end(), After<Run*>);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string_view>> RecordSorter::Next() {
  if (runs_.empty()) {
    if (next_ == records_.size()) return std::optional<std::string_view>();
    return std::optional(records_[next_++]);
  }
  if (taken_ != nullptr) {
    KEYFOLD_ASSIGN_OR_RETURN(const bool more, std::exchange(taken_, nullptr)->Advance());
    if (more) {
      std::push_heap(heap_.begin(), heap_.end(), After<Run*>);
    } else {
      heap_.pop_back();
    }
  }
  if (heap_.empty()) return std::optional<std::string_view>();
  std::pop_heap(heap_.begin(), heap_.end(), After<Run*>);
  taken_ = heap_.back();
  return std::optional<std::string_view>(taken_->record());
}

}  // namespace keyfold
