// A client that sends exactly what it is told to, and waits at most 20 seconds for anything.
#ifndef KEYFOLD_TESTS_GATEWAY_HTTP_CLIENT_H_
#define KEYFOLD_TESTS_GATEWAY_HTTP_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http.h"

namespace keyfold {

struct ClientResponse {
  int status = 0;  // 0: the connection ended before
  HttpFields headers;
  std::string body;  // chunks joined

  // "" where there is none.
  std::string Header(std::string_view name) const;
};

// Not thread-safe.
class WireClient {
 public:
  enum class Security { kPlain, kTls, kTls11 };

  // Connects to 127.0.0.1; a handshake that fails leaves a client that is closed. With `receive_bytes` the kernel takes
  // about so much before anybody reads.
  explicit WireClient(uint16_t port, Security security = Security::kPlain, int receive_bytes = 0);
  ~WireClient();

  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  // False: the peer has closed.
  bool Send(std::string_view bytes);

  // The next answer. `has_body` is false for the answer to a HEAD.
  ClientResponse Read(bool has_body = true);

  // Sends a request with Host and these fields, and reads its answer.
  ClientResponse Ask(const std::string& target, const HttpFields& fields = {}, const std::string& method = "GET",
                     const std::string& body = "");

  // What comes up to and with these bytes; everything up to the end where they do not come.
  std::string ReadUntil(std::string_view end);

  // Whether the peer closes, after whatever it still sends.
  bool ReadsEnd();

  bool handshaken() const { return handshaken_; }
  bool timed_out() const { return timed_out_; }
  // The serial number of the server's certificate.
  int64_t certificate_serial() const;

 private:
  struct Tls;

  bool Fill();

  int socket_ = -1;
  bool handshaken_ = true;
  bool timed_out_ = false;
  std::unique_ptr<Tls> tls_;
  std::string buffer_;
};

// "GET /x HTTP/1.1\r\nHost: localhost\r\n…\r\n"
std::string RequestText(const std::string& target, const HttpFields& fields = {}, const std::string& method = "GET",
                        const std::string& body = "");

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_GATEWAY_HTTP_CLIENT_H_
