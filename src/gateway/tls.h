// The certificate that the gateway shows, and how it speaks TLS.
#ifndef KEYFOLD_GATEWAY_TLS_H_
#define KEYFOLD_GATEWAY_TLS_H_

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rights/file_stamp.h"

struct ssl_ctx_st;

namespace keyfold {

// TLS 1.2 and later. Thread-safe.
class TlsIdentity {
 public:
  // InvalidArgument: a file cannot be read, is no PEM, or the key is not the certificate's.
  static absl::StatusOr<std::unique_ptr<TlsIdentity>> Load(const std::string& certificate_file,
                                                           const std::string& key_file);

  // Loads the files again if one has changed. Where they do not fit (between two renames they do not) the ones before
  // stay, and the log says so. Connections that are open keep what they began with.
  void Refresh();

  std::shared_ptr<ssl_ctx_st> context() const;

 private:
  TlsIdentity(std::string certificate_file, std::string key_file)
      : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {}

  const std::string certificate_file_;
  const std::string key_file_;
  std::pair<FileStamp, FileStamp> stamps_;  // of the thread that refreshes
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_TLS_H_
