// A server that says to each connection what it was told to, whatever it is asked: for replies that no server should
// give.
#ifndef KEYFOLD_TESTS_CLIENT_RAW_SERVER_H_
#define KEYFOLD_TESTS_CLIENT_RAW_SERVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/check.h"

namespace keyfold {

class RawServer {
 public:
  explicit RawServer(std::string reply) : reply_(std::move(reply)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    KEYFOLD_CHECK(bind(socket_, name, size) == 0 && listen(socket_, 8) == 0 && getsockname(socket_, name, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~RawServer() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  std::string asked() const { return asked_; }  // the last request; REQUIRES: it was replied to

 private:
  void Serve() {
    for (int peer = 0; (peer = accept(socket_, nullptr, nullptr)) >= 0;) {
      ++connections_;
      std::string asked;
      std::array<char, 4096> bytes{};
      while (asked.find("\r\n\r\n") == std::string::npos) {
        const ssize_t count = recv(peer, bytes.data(), bytes.size(), 0);
        if (count <= 0) break;
        asked.append(bytes.data(), static_cast<size_t>(count));
      }
      asked_ = asked;
      send(peer, reply_.data(), reply_.size(), MSG_NOSIGNAL);
      close(peer);
    }
  }

  const std::string reply_;
  const int socket_;
  uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::string asked_;
  std::thread thread_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_CLIENT_RAW_SERVER_H_
