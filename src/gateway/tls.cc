#include "gateway/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

absl::Status TlsError(const std::string& what) {
  char reason[256] = "";
  if (const unsigned long code = ERR_peek_last_error(); code != 0) ERR_error_string_n(code, reason, sizeof(reason));
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat(what, *reason == '\0' ? "" : ": ", reason));
}

absl::StatusOr<std::shared_ptr<SSL_CTX>> MakeContext(const std::string& certificate_file, const std::string& key_file) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  KEYFOLD_CHECK(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  // A connection that is idle keeps no buffers: two of 17 KiB each otherwise.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // sessions are in the tickets that clients hold
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return TlsError(absl::StrCat(certificate_file, " is no certificate in PEM"));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return TlsError(absl::StrCat(key_file, " is not the key of ", certificate_file, " in PEM"));
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return TlsError(absl::StrCat(key_file, " is not the key of ", certificate_file));
  }
  return context;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsIdentity>> TlsIdentity::Load(const std::string& certificate_file,
                                                               const std::string& key_file) {
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity(certificate_file, key_file));
  identity->stamps_ = {StampOf(certificate_file), StampOf(key_file)};
  KEYFOLD_ASSIGN_OR_RETURN(identity->context_, MakeContext(certificate_file, key_file));
  return identity;
}

void TlsIdentity::Refresh() {
  const std::pair stamps(StampOf(certificate_file_), StampOf(key_file_));
  if (stamps == stamps_) return;
  stamps_ = stamps;
  absl::StatusOr<std::shared_ptr<SSL_CTX>> context = MakeContext(certificate_file_, key_file_);
  if (!context.ok()) {
    spdlog::error("TLS: the certificate before stays in use, {}", std::string(context.status().message()));
    return;
  }
  spdlog::info("TLS: {} was read again", certificate_file_);
  const std::lock_guard lock(mutex_);
  context_ = *std::move(context);
}

std::shared_ptr<SSL_CTX> TlsIdentity::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace keyfold
