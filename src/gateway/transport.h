// Bytes to and from a peer, plain or through TLS, without ever waiting.
//
// Who reads or writes is told what to wait for. So an idle connection holds no buffer of its own: the libraries'
// streams that wait by themselves take up to 70 KiB for each TLS connection, which for 10,000 streams is 700 MB.
#ifndef KEYFOLD_GATEWAY_TRANSPORT_H_
#define KEYFOLD_GATEWAY_TRANSPORT_H_

#include <cstddef>
#include <memory>
#include <string_view>

struct ssl_ctx_st;

namespace keyfold {

enum class IoState {
  kDone,
  kWantRead,   // again when the socket can be read
  kWantWrite,  // again when it can be written
  kClosed,     // by the peer, or it has failed: nothing more will come
};

struct IoResult {
  IoState state = IoState::kDone;
  size_t bytes = 0;  // with kDone
};

// Not thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual IoState Handshake() = 0;
  virtual IoResult Read(char* buffer, size_t size) = 0;
  virtual IoResult Write(std::string_view bytes) = 0;

  // Tells the peer that nothing more will be sent.
  virtual void ShutdownSend() = 0;
};

// Of a socket that does not block, and that outlives the transport. Writing to a peer that has gone must not raise
// SIGPIPE: the process ignores it.
std::unique_ptr<Transport> NewPlainTransport(int socket);
std::unique_ptr<Transport> NewTlsTransport(int socket, ssl_ctx_st* context);

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_TRANSPORT_H_
