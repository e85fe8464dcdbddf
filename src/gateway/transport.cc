#include "gateway/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/check.h"

namespace keyfold {
namespace {

class PlainTransport : public Transport {
 public:
  explicit PlainTransport(int socket) : socket_(socket) {}

  IoState Handshake() override { return IoState::kDone; }

  IoResult Read(char* buffer, size_t size) override {
    const ssize_t bytes = recv(socket_, buffer, size, 0);
    if (bytes > 0) return {IoState::kDone, static_cast<size_t>(bytes)};
    return {bytes < 0 && MayCome() ? IoState::kWantRead : IoState::kClosed, 0};
  }

  IoResult Write(std::string_view bytes) override {
    const ssize_t written = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written >= 0) return {IoState::kDone, static_cast<size_t>(written)};
    return {MayCome() ? IoState::kWantWrite : IoState::kClosed, 0};
  }

  void ShutdownSend() override { shutdown(socket_, SHUT_WR); }

 private:
  static bool MayCome() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

  const int socket_;
};

class TlsTransport : public Transport {
 public:
  TlsTransport(int socket, SSL_CTX* context) : socket_(socket), ssl_(SSL_new(context), SSL_free) {
    KEYFOLD_CHECK(ssl_ != nullptr && SSL_set_fd(ssl_.get(), socket) == 1);
    SSL_set_accept_state(ssl_.get());
  }

  IoState Handshake() override {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    return result == 1 ? IoState::kDone : StateOf(result);
  }

  IoResult Read(char* buffer, size_t size) override {
    ERR_clear_error();
    size_t bytes = 0;
    const int result = SSL_read_ex(ssl_.get(), buffer, size, &bytes);
    return {result == 1 ? IoState::kDone : StateOf(result), bytes};
  }

  IoResult Write(std::string_view data) override {
    ERR_clear_error();
    size_t bytes = 0;
    const int result = SSL_write_ex(ssl_.get(), data.data(), data.size(), &bytes);
    return {result == 1 ? IoState::kDone : StateOf(result), bytes};
  }

  // A peer that does not hear of it cannot tell the end from a line that was cut.
  void ShutdownSend() override {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    shutdown(socket_, SHUT_WR);
  }

 private:
  IoState StateOf(int result) const {
    const int error = SSL_get_error(ssl_.get(), result);
    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ    ? IoState::kWantRead
           : error == SSL_ERROR_WANT_WRITE ? IoState::kWantWrite
                                           : IoState::kClosed;
  }

  const int socket_;
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
};

}  // namespace

std::unique_ptr<Transport> NewPlainTransport(int socket) { return std::make_unique<PlainTransport>(socket); }

std::unique_ptr<Transport> NewTlsTransport(int socket, SSL_CTX* context) {
  return std::make_unique<TlsTransport>(socket, context);
}

}  // namespace keyfold
