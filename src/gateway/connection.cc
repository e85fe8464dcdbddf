#include "gateway/connection.h"

#include <utility>

#include "absl/time/clock.h"

namespace keyfold {

Connection::Connection(ServerParts& server, Loop& loop, Socket socket, std::string remote)
    : server_(server), loop_(loop), socket_(std::move(socket)), remote_(std::move(remote)) {}

Connection::~Connection() = default;

void Connection::Start() {
  boost::system::error_code error;
  socket_.native_non_blocking(true, error);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), error);
  if (server_.config.send_buffer_bytes_max > 0) {
    const int bytes = static_cast<int>(server_.config.send_buffer_bytes_max);
    socket_.set_option(boost::asio::socket_base::send_buffer_size(bytes), error);
  }
  const int descriptor = socket_.native_handle();
  transport_ = server_.tls == nullptr ? NewPlainTransport(descriptor)
                                      : NewTlsTransport(descriptor, server_.tls->context().get());
  deadline_ms_ = MonotonicMs() + server_.config.header_ms_max;
  Handshake();
}

void Connection::Arm(bool& armed, Socket::wait_type what) {
  if (armed) return;
  armed = true;
  socket_.async_wait(what, [self = shared_from_this(), &armed](const boost::system::error_code& error) {
    armed = false;
    if (!error) self->OnReady();
  });
}

void Connection::Await(IoState state) {
  if (state == IoState::kWantRead) return Arm(read_armed_, Socket::wait_read);
  if (state == IoState::kWantWrite) return Arm(write_armed_, Socket::wait_write);
  Close();
}

void Connection::OnReady() {
  switch (phase_) {
    case Phase::kHandshake:
      return Handshake();
    case Phase::kReading:
      return ReadRequest();
    case Phase::kWriting:
      return WriteAnswer();
    case Phase::kStreaming:
      ReadFromReader();
      return PumpStream();
    case Phase::kLingering:
      return Linger();
    case Phase::kHandling:
    case Phase::kClosed:
      return;
  }
}

void Connection::Handshake() {
  const IoState state = transport_->Handshake();
  if (state != IoState::kDone) return Await(state);
  phase_ = Phase::kReading;
  ReadRequest();
}

void Connection::ReadRequest() {
  while (phase_ == Phase::kReading) {
    if (!input_.empty()) Parse();
    if (phase_ != Phase::kReading) return;
    auto& scratch = loop_.scratch();
    const IoResult result = transport_->Read(scratch.data(), scratch.size());
    if (result.state != IoState::kDone) return Await(result.state);
    if (parser_ == nullptr) {
      parser_ = std::make_unique<RequestParser>(static_cast<size_t>(server_.config.header_bytes_max),
                                                static_cast<size_t>(server_.config.body_bytes_max));
      deadline_ms_ = MonotonicMs() + server_.config.header_ms_max;
    }
    if (exchange_ != nullptr) server_.body_bytes += static_cast<int64_t>(result.bytes);
    input_.append(scratch.data(), result.bytes);
  }
}

void Connection::Parse() {
  if (parser_ == nullptr) {  // there was more than the request before
    parser_ = std::make_unique<RequestParser>(static_cast<size_t>(server_.config.header_bytes_max),
                                              static_cast<size_t>(server_.config.body_bytes_max));
  }
  RequestParser::State state = parser_->Parse(input_);
  if (exchange_ == nullptr && (state == RequestParser::State::kBody || state == RequestParser::State::kDone)) {
    if (!Admit(state)) return;
    if (state == RequestParser::State::kBody) state = parser_->Parse(input_);
  }
  if (state == RequestParser::State::kFailed) {
    return Refuse(ErrorResponse(parser_->failure_status(), parser_->failure()), /*close=*/true);
  }
  if (state == RequestParser::State::kDone) Dispatch();
}

// Whether the request may go on; it is answered otherwise.
bool Connection::Admit(RequestParser::State state) {
  const bool has_body = state == RequestParser::State::kBody;
  exchange_ = std::make_unique<Exchange>();
  exchange_->head = parser_->TakeHead();
  exchange_->time = absl::Now();
  exchange_->begun_ms = MonotonicMs();
  exchange_->request.remote = remote_;
  exchange_->request.is_secure = server_.tls != nullptr;
  std::optional<HttpResponse> refusal =
      server_.admission.Refuse(exchange_->head, exchange_->request, exchange_->time, exchange_->begun_ms);
  if (refusal.has_value()) {
    Refuse(*std::move(refusal), /*close=*/has_body);
    return false;
  }
  deadline_ms_ = exchange_->begun_ms + server_.config.body_ms_max;
  if (has_body && exchange_->head.expects_continue) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const IoResult result = transport_->Write(kContinue);  // nothing else is under way, so there is room
    if (result.state != IoState::kDone || result.bytes != kContinue.size()) {
      Close();
      return false;
    }
  }
  return true;
}

void Connection::NextRequest() {
  phase_ = Phase::kReading;
  parser_ = nullptr;
  exchange_ = nullptr;
  if (close_after_) return Close();
  deadline_ms_ = MonotonicMs() + server_.config.keep_alive_ms_max;
  if (input_.empty()) {
    input_ = std::string();  // a connection that is idle keeps no buffer
    return ReadRequest();
  }
  // Not from here: each of a hundred requests in a row would go deeper.
  loop_.Post([self = shared_from_this()] {
    if (self->phase_ == Phase::kReading) self->ReadRequest();
  });
}

void Connection::Tick(int64_t now_ms) {
  const bool writes = phase_ == Phase::kWriting || phase_ == Phase::kStreaming;
  if (writes && !output_.empty() && now_ms - progress_ms_ > server_.config.write_ms_max) return Close();
  if (phase_ == Phase::kStreaming) return TickStream(now_ms);
  const bool has_deadline = phase_ == Phase::kHandshake || phase_ == Phase::kReading || phase_ == Phase::kLingering;
  if (!has_deadline || now_ms < deadline_ms_) return;
  const bool begun = phase_ == Phase::kReading && parser_ != nullptr;
  if (!begun) return Close();
  Refuse(ErrorResponse(408, "the request did not arrive in time"), /*close=*/true);
}

void Connection::End() {
  close_after_ = true;
  if (phase_ == Phase::kStreaming) {
    stream_ended_ = true;
    return PumpStream();
  }
  const bool idle = phase_ == Phase::kHandshake || (phase_ == Phase::kReading && parser_ == nullptr);
  if (idle) Close();
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  CloseStream();
  const bool unanswered = phase_ == Phase::kWriting;
  phase_ = Phase::kClosed;
  if (unanswered) Audit("");
  boost::system::error_code error;
  socket_.close(error);
  loop_.Forget(shared_from_this(), remote_);
}

}  // namespace keyfold
