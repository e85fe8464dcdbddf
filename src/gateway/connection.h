// One connection: requests one after the other, each answered before the next is read. Internal to the server.
#ifndef KEYFOLD_GATEWAY_CONNECTION_H_
#define KEYFOLD_GATEWAY_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "gateway/answer.h"
#include "gateway/loop.h"
#include "gateway/request_parser.h"
#include "gateway/transport.h"

namespace keyfold {

//   kHandshake ─▶ kReading ─▶ kHandling ─▶ kWriting ─▶ kReading …
//                    │            └──────▶ kStreaming ──┐
//                    └──(refused)──▶ kWriting ──────────┴─▶ kLingering ─▶ kClosed
//
// All of it runs in the loop's thread but Handle(). An idle connection holds no buffers.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `remote` is the peer's address, and the key that the connection is counted by.
  Connection(ServerParts& server, Loop& loop, Socket socket, std::string remote);
  ~Connection();

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start();

  // Some times a second: what has taken too long, and what a stream is due.
  void Tick(int64_t now_ms);

  // Ends when what has begun is answered; a stream ends now.
  void End();

  // At once.
  void Close();

 private:
  enum class Phase { kHandshake, kReading, kHandling, kWriting, kStreaming, kLingering, kClosed };
  struct Exchange;
  class Waker;

  // connection.cc: until there is a request.
  void OnReady();
  void Await(IoState state);
  void Arm(bool& armed, Socket::wait_type what);
  void Handshake();
  void ReadRequest();
  void Parse();
  bool Admit(RequestParser::State state);
  void NextRequest();

  // connection_answer.cc: from then on.
  void Dispatch();
  void Handle();  // by a thread of the pool
  void HandBack(HttpResponse response);
  void Refuse(HttpResponse response, bool close);
  AnswerContext ContextOf(const Exchange& exchange, bool close) const;
  void Send(Answer answer);
  void WriteAnswer();
  bool Flush();
  void Finish();
  void Linger();
  void Audit(const char* stream) const;

  // connection_stream.cc
  bool OpenStream(Answer& answer);
  void PumpStream();
  bool Pull();
  void Frame(std::string_view events);
  void ReadFromReader();
  void TickStream(int64_t now_ms);
  void CloseStream();

  ServerParts& server_;
  Loop& loop_;
  Socket socket_;
  std::unique_ptr<Transport> transport_;
  const std::string remote_;
  Phase phase_ = Phase::kHandshake;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool close_after_ = false;

  std::string input_;                      // what was read and not yet parsed
  std::unique_ptr<RequestParser> parser_;  // while a request arrives
  std::unique_ptr<Exchange> exchange_;     // from its head on until it is answered

  std::string output_;  // what is being sent: first this, then the body
  std::shared_ptr<const std::string> body_;
  size_t sent_ = 0;  // of the two together
  size_t lingered_ = 0;

  int64_t deadline_ms_ = 0;  // of the handshake, a request, lingering
  int64_t progress_ms_ = 0;  // when the peer last took something, or was given something to take

  std::unique_ptr<EventSource> stream_;
  std::shared_ptr<Waker> waker_;
  bool stream_ended_ = false;
  int64_t comment_ms_ = 0;  // when the next one is due
  int64_t rights_ms_ = 0;   // when its rights are looked at again
};

// A request that is being answered.
struct Connection::Exchange {
  RequestHead head;
  HttpRequest request;
  absl::Time time;
  int64_t begun_ms = 0;
  int status = 0;
  int64_t bytes = 0;  // of the body that were sent
  std::string audit_note;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_CONNECTION_H_
