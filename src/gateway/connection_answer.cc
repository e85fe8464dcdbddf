// From a request that is complete to the last byte of its answer.
#include <algorithm>
#include <exception>
#include <utility>

#include "absl/time/clock.h"
#include "gateway/connection.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr size_t kJoinedBytesMax = 16 << 10;  // a body up to this is sent with its header, in one packet or few
constexpr int64_t kLingerMs = 2'000;
constexpr size_t kLingerBytesMax = 1 << 20;

// Handlers call libraries that throw. The process folds events, too: it must not end because of a question.
HttpResponse CallHandler(const HttpHandler& handler, const HttpRequest& request) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    spdlog::error("gateway: {} {} failed: {}", request.method, request.target.path, error.what());
    return ErrorResponse(500, "the question could not be answered");
  }
}

}  // namespace

AnswerContext Connection::ContextOf(const Exchange& exchange, bool close) const {
  return {.is_head = exchange.head.method == "HEAD",
          .is_1_0 = exchange.head.is_1_0,
          .keep_alive = !close && exchange.head.keep_alive && !server_.stopping,
          .cors_origins = server_.config.cors_origins};
}

void Connection::Dispatch() {
  phase_ = Phase::kHandling;
  exchange_->request.body = parser_->TakeBody();
  parser_ = nullptr;
  HandlerPool& pool = exchange_->request.Header(kAskedByGateway) == nullptr ? server_.pool : server_.gateways_pool;
  if (pool.Submit([self = shared_from_this()] { self->Handle(); })) return;
  HttpResponse busy = ErrorResponse(503, "too many questions are waiting");
  busy.headers.emplace_back("Retry-After", "1");
  Refuse(std::move(busy), /*close=*/false);
}

// The exchange is this thread's, or that of whoever answers later, until it is handed back.
void Connection::Handle() {
  HttpResponse response = CallHandler(server_.handler, exchange_->request);
  if (response.later == nullptr) return HandBack(std::move(response));
  response.later([self = shared_from_this()](HttpResponse answer) { self->HandBack(std::move(answer)); });
}

void Connection::HandBack(HttpResponse response) {
  const AnswerContext context = ContextOf(*exchange_, /*close=*/false);
  exchange_->audit_note = std::move(response.audit_note);
  auto answer = std::make_shared<Answer>(MakeAnswer(exchange_->request, std::move(response), context));
  loop_.Post([self = shared_from_this(), answer = std::move(answer), keep_alive = context.keep_alive] {
    if (self->phase_ != Phase::kHandling) return;
    self->close_after_ |= !keep_alive;
    self->Send(std::move(*answer));
  });
}

void Connection::Refuse(HttpResponse response, bool close) {
  if (exchange_ == nullptr) {  // there was no head to be understood
    exchange_ = std::make_unique<Exchange>();
    exchange_->time = absl::Now();
    exchange_->begun_ms = MonotonicMs();
  }
  const AnswerContext context = ContextOf(*exchange_, close);
  close_after_ |= !context.keep_alive;
  Send(MakeAnswer(exchange_->request, std::move(response), context));
}

void Connection::Send(Answer answer) {
  if (answer.stream != nullptr && OpenStream(answer)) return;
  exchange_->status = answer.status;
  output_ = std::move(answer.head);
  body_ = std::move(answer.body);
  exchange_->bytes = body_ == nullptr ? 0 : static_cast<int64_t>(body_->size());
  if (body_ != nullptr && body_->size() <= kJoinedBytesMax) {
    output_ += *body_;
    body_ = nullptr;
  }
  sent_ = 0;
  progress_ms_ = MonotonicMs();
  phase_ = Phase::kWriting;
  WriteAnswer();
}

void Connection::WriteAnswer() {
  if (!Flush()) return;
  ++server_.requests;
  Audit("");
  Finish();
}

// Whether everything was sent; it goes on when there is room otherwise.
bool Connection::Flush() {
  while (!output_.empty()) {
    const std::string_view head = output_;
    const std::string_view body = body_ == nullptr ? std::string_view() : std::string_view(*body_);
    const std::string_view rest = sent_ < head.size() ? head.substr(sent_) : body.substr(sent_ - head.size());
    if (rest.empty()) {
      output_ = std::string();
      body_ = nullptr;
      sent_ = 0;
      break;
    }
    const IoResult result = transport_->Write(rest);
    if (result.state != IoState::kDone) {
      Await(result.state);
      return false;
    }
    sent_ += result.bytes;
    progress_ms_ = MonotonicMs();
  }
  return true;
}

// After the last byte of an answer. Closing while the peer still sends would reset the connection, and what was
// answered might be lost to it: so it is told, and what comes is read for a while, and thrown away.
void Connection::Finish() {
  if (!close_after_) return NextRequest();
  input_ = std::string();
  parser_ = nullptr;
  exchange_ = nullptr;
  transport_->ShutdownSend();
  phase_ = Phase::kLingering;
  deadline_ms_ = MonotonicMs() + kLingerMs;
  Linger();
}

void Connection::Linger() {
  auto& scratch = loop_.scratch();
  while (lingered_ < kLingerBytesMax) {
    const IoResult result = transport_->Read(scratch.data(), scratch.size());
    if (result.state != IoState::kDone) return Await(result.state);
    lingered_ += result.bytes;
  }
  Close();
}

void Connection::Audit(const char* stream) const {
  if (server_.audit == nullptr) return;
  const HttpRequest& request = exchange_->request;
  server_.audit->Append({.time = exchange_->time,
                         .token_id = request.who.token_id,
                         .remote = remote_,
                         .method = exchange_->head.method,
                         .path = request.target.path,
                         .query = request.target.query,
                         .status = exchange_->status,
                         .bytes = exchange_->bytes,
                         .ms = MonotonicMs() - exchange_->begun_ms,
                         .stream = stream,
                         .note = exchange_->audit_note});
}

}  // namespace keyfold
