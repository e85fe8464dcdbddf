#include "gateway/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace keyfold {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

struct WireClient::Tls {
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, void (*)(SSL*)> ssl{nullptr, SSL_free};
};

std::string ClientResponse::Header(std::string_view name) const {
  const std::string* const found = FindField(headers, name);
  return found == nullptr ? "" : *found;
}

std::string RequestText(const std::string& target, const HttpFields& fields, const std::string& method,
                        const std::string& body) {
  std::string text = absl::StrCat(method, " ", target, " HTTP/1.1\r\n");
  if (FindField(fields, "Host") == nullptr) text += "Host: localhost\r\n";
  for (const auto& [name, value] : fields) absl::StrAppend(&text, name, ": ", value, "\r\n");
  if (!body.empty()) absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n");
  return absl::StrCat(text, "\r\n", body);
}

WireClient::WireClient(uint16_t port, Security security, int receive_bytes) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval wait_max = {20, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait_max, sizeof(wait_max));
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait_max, sizeof(wait_max));
  if (receive_bytes > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  KEYFOLD_CHECK(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  if (security == Security::kPlain) return;
  tls_ = std::make_unique<Tls>();
  if (security == Security::kTls11) {
    SSL_CTX_set_security_level(tls_->context.get(), 0);
    SSL_CTX_set_min_proto_version(tls_->context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls_->context.get(), TLS1_1_VERSION);
  }
  tls_->ssl.reset(SSL_new(tls_->context.get()));
  SSL_set_fd(tls_->ssl.get(), socket_);
  handshaken_ = SSL_connect(tls_->ssl.get()) == 1;
}

WireClient::~WireClient() { close(socket_); }

int64_t WireClient::certificate_serial() const {
  const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(tls_->ssl.get()), X509_free);
  return ASN1_INTEGER_get(X509_get0_serialNumber(certificate.get()));
}

bool WireClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ == nullptr ? send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                         : SSL_write(tls_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool WireClient::Fill() {
  char bytes[16 << 10];
  const ssize_t got = tls_ == nullptr ? recv(socket_, bytes, sizeof(bytes), 0)
                                      : SSL_read(tls_->ssl.get(), bytes, static_cast<int>(sizeof(bytes)));
  if (got <= 0) {
    timed_out_ = got < 0 && errno == EAGAIN;
    return false;
  }
  buffer_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::string WireClient::ReadUntil(std::string_view end) {
  size_t found = buffer_.find(end);
  while (found == std::string::npos && Fill()) found = buffer_.find(end);
  const std::string text = buffer_.substr(0, found == std::string::npos ? found : found + end.size());
  buffer_.erase(0, text.size());
  return text;
}

bool WireClient::ReadsEnd() {
  while (Fill()) buffer_.clear();
  return !timed_out_;
}

ClientResponse WireClient::Read(bool has_body) {
  ClientResponse response;
  const std::string status_line = ReadUntil(kLineEnd);
  if (!status_line.starts_with("HTTP/1.1 ")) return response;
  response.status = std::atoi(status_line.c_str() + 9);
  for (std::string line = ReadUntil(kLineEnd); line.size() > 2; line = ReadUntil(kLineEnd)) {
    const size_t colon = line.find(": ");
    response.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2, line.size() - colon - 4));
  }
  if (!has_body || response.status == 204 || response.status == 304 || response.status == 100) return response;
  if (response.Header("Transfer-Encoding") == "chunked") {
    while (true) {
      const size_t size = std::strtoul(ReadUntil(kLineEnd).c_str(), nullptr, 16);
      while (buffer_.size() < size + 2 && Fill()) {
      }
      response.body += buffer_.substr(0, size);
      buffer_.erase(0, size + 2);
      if (size == 0) return response;
    }
  }
  const size_t size = std::strtoul(response.Header("Content-Length").c_str(), nullptr, 10);
  while (buffer_.size() < size && Fill()) {
  }
  response.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return response;
}

ClientResponse WireClient::Ask(const std::string& target, const HttpFields& fields, const std::string& method,
                               const std::string& body) {
  Send(RequestText(target, fields, method, body));
  return Read(method != "HEAD");
}

}  // namespace keyfold
