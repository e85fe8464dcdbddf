// A connection whose answer is a stream of events.
#include <mutex>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gateway/connection.h"

namespace keyfold {
namespace {

constexpr size_t kChunkBytes = 16 << 10;
constexpr int kRoundsMax = 8;  // of one stream before others have their turn
constexpr int64_t kRetryMsMin = 1'000;
constexpr int64_t kRetryMsMax = 6'000;

// Readers that lose their stream together must not come back together; nor should comments go out all at once.
int64_t RandomBetween(int64_t least, int64_t most) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_int_distribution<int64_t>(least, most)(generator);
}

}  // namespace

// What a source holds of its stream: it may outlive the connection, and be called by any thread.
class Connection::Waker : public std::enable_shared_from_this<Connection::Waker> {
 public:
  explicit Waker(Connection& connection) : connection_(&connection) {}

  void Wake() {
    const std::lock_guard lock(mutex_);
    if (connection_ == nullptr || posted_) return;
    posted_ = true;
    connection_->loop_.Post([self = shared_from_this()] { self->Run(); });
  }

  // By the loop's thread, as the next.
  void Detach() {
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
  }

 private:
  void Run() {
    Connection* connection = nullptr;
    {
      const std::lock_guard lock(mutex_);
      posted_ = false;
      connection = connection_;
    }
    if (connection != nullptr) connection->shared_from_this()->PumpStream();
  }

  std::mutex mutex_;
  Connection* connection_;
  bool posted_ = false;
};

// Whether the stream goes on; the answer is another one otherwise.
bool Connection::OpenStream(Answer& answer) {
  if (std::optional<HttpResponse> refusal = server_.admission.OpenStream(exchange_->request.who)) {
    answer.stream = nullptr;
    const AnswerContext context = ContextOf(*exchange_, close_after_);
    close_after_ |= !context.keep_alive;
    answer = MakeAnswer(exchange_->request, *std::move(refusal), context);
    return false;
  }
  phase_ = Phase::kStreaming;
  close_after_ = true;
  exchange_->status = answer.status;
  exchange_->request.headers = {};  // they are not needed any more, and streams are many
  exchange_->request.body = {};
  exchange_->head.headers = {};
  ++server_.requests;
  Audit("opened");
  output_ = std::move(answer.head);
  Frame(absl::StrCat("retry: ", RandomBetween(kRetryMsMin, kRetryMsMax), "\n\n"));
  comment_ms_ -= RandomBetween(0, server_.config.comment_ms / 2);
  rights_ms_ = progress_ms_ + server_.config.refresh_ms;
  stream_ = std::move(answer.stream);
  stream_ended_ = server_.stopping;
  waker_ = std::make_shared<Waker>(*this);
  stream_->OnWake([waker = waker_] { waker->Wake(); });
  ReadFromReader();
  PumpStream();
  return true;
}

// Appends what is to be sent, in a chunk where the client knows chunks.
void Connection::Frame(std::string_view events) {
  progress_ms_ = MonotonicMs();
  comment_ms_ = progress_ms_ + server_.config.comment_ms;
  exchange_->bytes += static_cast<int64_t>(events.size());
  if (exchange_->head.is_1_0) {
    output_ += events;
    return;
  }
  absl::StrAppendFormat(&output_, "%x\r\n", events.size());
  output_.append(events).append("\r\n");
}

void Connection::PumpStream() {
  for (int round = 0; round < kRoundsMax; ++round) {
    if (phase_ != Phase::kStreaming || !Flush()) return;
    if (stream_ == nullptr) {  // the end was sent
      CloseStream();
      return Finish();
    }
    if (!Pull()) return;
  }
  loop_.Post([self = shared_from_this()] { self->PumpStream(); });
}

// Whether there is something to send.
bool Connection::Pull() {
  std::string events;
  if (!stream_ended_) stream_ended_ = !stream_->Next(events, kChunkBytes);
  if (!events.empty()) Frame(events);
  if (stream_ended_) {
    waker_->Detach();
    stream_ = nullptr;
    if (!exchange_->head.is_1_0) output_ += "0\r\n\r\n";
    return true;
  }
  return !events.empty();
}

// A reader has nothing to say; that he has gone is seen by reading.
void Connection::ReadFromReader() {
  auto& scratch = loop_.scratch();
  for (int round = 0; round < kRoundsMax && phase_ == Phase::kStreaming; ++round) {
    const IoResult result = transport_->Read(scratch.data(), scratch.size());
    if (result.state != IoState::kDone) return Await(result.state);
  }
  if (phase_ == Phase::kStreaming) Close();  // he talks without end
}

void Connection::TickStream(int64_t now_ms) {
  if (now_ms >= rights_ms_) {
    rights_ms_ = now_ms + server_.config.refresh_ms;
    stream_ended_ |= !server_.admission.StillHolds(exchange_->request.who, absl::Now());
  }
  const bool comment = now_ms >= comment_ms_ && output_.empty() && !stream_ended_;
  if (comment) Frame(": \n\n");
  if (comment || stream_ended_) PumpStream();
}

void Connection::CloseStream() {
  if (phase_ != Phase::kStreaming) return;
  if (waker_ != nullptr) waker_->Detach();
  waker_ = nullptr;
  stream_ = nullptr;
  server_.admission.CloseStream(exchange_->request.who);
  Audit("closed");
}

}  // namespace keyfold
