// Who asked for what: a line of JSON for each answer.
//
// Answering never waits for it: lines are written by a thread of their own. Where they cannot be written (a full disk)
// that is said in the log, answering goes on, and lines are lost once 4 MiB of them wait; how many is said when writing
// works again. (An answer that leaves no trace is the lesser evil here: who watches accounts must not be blind because
// a disk is full. Who thinks otherwise watches for that message.)
#ifndef KEYFOLD_GATEWAY_AUDIT_LOG_H_
#define KEYFOLD_GATEWAY_AUDIT_LOG_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/http.h"

namespace keyfold {

struct AuditLine {
  absl::Time time = {};  // when the request had come
  std::string token_id = {};
  std::string remote = {};
  std::string method = {};
  std::string path = {};
  HttpFields query = {};
  int status = 0;
  int64_t bytes = 0;  // of the body, as it was sent
  int64_t ms = 0;
  const char* stream = "";  // "opened", "closed": a stream has two lines
  std::string note = {};    // what the answer says besides: which token was made
};

// {"time":"2026-06-01T10:00:00.123Z","token":"5b1e…","remote":"192.0.2.1","method":"GET","path":"/v1/accounts",
// "query":"kpis=nps","status":200,"bytes":1234,"ms":3} and an end of line. Values of parameters that may hold secrets
// (token, key, secret, password, signature, also as a part of the name) are written as ***.
std::string FormatAuditLine(const AuditLine& line);

// Thread-safe.
class AuditLog {
 public:
  // Appends to the file. The error names it and why that is not possible.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(const std::string& file);

  // Writes what waits.
  ~AuditLog();

  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // A file that was moved or removed meanwhile is made anew, so that logs can be rotated.
  void Append(const AuditLine& line);

 private:
  AuditLog(std::string file, int descriptor);

  void Run();
  size_t Write(const std::string& lines);  // how many bytes were
  bool ReopenIfMoved();

  const std::string file_;
  int descriptor_;        // of the thread
  bool failing_ = false;  // of the thread: that it fails has been said

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  int64_t lost_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_AUDIT_LOG_H_
