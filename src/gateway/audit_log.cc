#include "gateway/audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr size_t kWaitingBytesMax = 4 << 20;
constexpr std::chrono::milliseconds kRetry(500);  // while the disk is full

bool MayBeSecret(const std::string& name) {
  const std::string lower = absl::AsciiStrToLower(name);
  const auto in_name = [&lower](const char* word) { return absl::StrContains(lower, word); };
  return absl::c_any_of(std::initializer_list<const char*>{"token", "key", "secret", "password", "signature"}, in_name);
}

int OpenToAppend(const std::string& file) {
  return open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

std::string FormatAuditLine(const AuditLine& line) {
  std::string query;
  for (const auto& [name, value] : line.query) {
    absl::StrAppend(&query, query.empty() ? "" : "&", name, "=", MayBeSecret(name) ? "***" : value);
  }
  nlohmann::ordered_json json;
  json["time"] = absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", line.time, absl::UTCTimeZone());
  json["token"] = line.token_id;
  json["remote"] = line.remote;
  json["method"] = line.method;
  json["path"] = line.path;
  if (!query.empty()) json["query"] = query;
  json["status"] = line.status;
  json["bytes"] = line.bytes;
  json["ms"] = line.ms;
  if (*line.stream != '\0') json["stream"] = line.stream;
  if (!line.note.empty()) json["note"] = line.note;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& file) {
  const int descriptor = OpenToAppend(file);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot append to the audit log ", file));
  return std::unique_ptr<AuditLog>(new AuditLog(file, descriptor));
}

AuditLog::AuditLog(std::string file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor), thread_([this] { Run(); }) {}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (descriptor_ >= 0) close(descriptor_);
}

void AuditLog::Append(const AuditLine& line) {
  std::string text = FormatAuditLine(line);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + text.size() > kWaitingBytesMax) {
      ++lost_;
      return;
    }
    waiting_ += text;
  }
  changed_.notify_one();
}

void AuditLog::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::string lines = std::exchange(waiting_, {});
    lock.unlock();
    const size_t written = Write(lines);
    lock.lock();
    if (written == lines.size()) {
      if (lost_ > 0) spdlog::error("audit log: {} lines were lost while {} could not be written", lost_, file_);
      lost_ = 0;
      continue;
    }
    waiting_.insert(0, lines, written);  // what was not written is the next to be
    if (ending_) {
      spdlog::error("audit log: {} bytes could not be written to {}", waiting_.size(), file_);
      return;
    }
    changed_.wait_for(lock, kRetry, [this] { return ending_; });
  }
}

size_t AuditLog::Write(const std::string& lines) {
  size_t done = 0;
  int error = ReopenIfMoved() ? 0 : errno;
  while (error == 0 && done < lines.size()) {
    const ssize_t written = write(descriptor_, lines.data() + done, lines.size() - done);
    if (written >= 0) {
      done += static_cast<size_t>(written);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error != 0 && !failing_) spdlog::error("audit log: cannot write {}: {}", file_, std::strerror(error));
  failing_ = error != 0;
  return done;
}

bool AuditLog::ReopenIfMoved() {
  struct stat open_file {};
  struct stat named {};
  const bool same = descriptor_ >= 0 && fstat(descriptor_, &open_file) == 0 && stat(file_.c_str(), &named) == 0 &&
                    open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
  if (same) return true;
  const int anew = OpenToAppend(file_);
  if (anew < 0) return false;
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = anew;
  return true;
}

}  // namespace keyfold
