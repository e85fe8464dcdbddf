#include "posting/event_producer.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kafka/log_range.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

// What comes meanwhile waits so long at most before it is handed over.
constexpr absl::Duration kFlushSlice = absl::Milliseconds(5);
constexpr absl::Duration kPartitionsWait = absl::Seconds(2);
constexpr absl::Duration kTellEvery = absl::Seconds(10);

// librdkafka itself gives a record up after `wait_max`, so nothing of it is left behind when its sender is told.
KafkaConnection WithTimeout(KafkaConnection connection, absl::Duration wait_max) {
  connection.properties.erase("delivery.timeout.ms");
  connection.properties["message.timeout.ms"] = absl::StrCat(absl::ToInt64Milliseconds(wait_max));
  return connection;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventProducer>> EventProducer::Start(const KafkaConnection& connection,
                                                                    std::string topic,
                                                                    const EventProducerLimits& limits) {
  std::unique_ptr<EventProducer> started(
      new EventProducer(WithTimeout(connection, limits.wait_max), std::move(topic), limits));
  KEYFOLD_RETURN_IF_ERROR(started->OpenProducer());
  started->thread_ = std::thread([producer = started.get()] { producer->Run(); });
  return started;
}

EventProducer::EventProducer(KafkaConnection connection, std::string topic, const EventProducerLimits& limits)
    : connection_(std::move(connection)), topic_(std::move(topic)), limits_(limits) {}

EventProducer::~EventProducer() { Stop(); }

void EventProducer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<void> EventProducer::Claim(size_t bytes) {
  const auto size = static_cast<int64_t>(bytes);
  const std::lock_guard lock(mutex_);
  if (claimed_ > 0 && claimed_ + size > limits_.bytes_max) {
    ++refused_;
    return nullptr;
  }
  claimed_ += size;
  return {this, [size](EventProducer* producer) {
            const std::lock_guard release(producer->mutex_);
            producer->claimed_ -= size;
          }};
}

void EventProducer::Send(std::vector<PostedEvent> events, std::function<void(std::vector<PostedEvent>)> done) {
  auto post = std::make_unique<Post>();
  post->events = std::move(events);
  post->done = std::move(done);
  if (absl::c_none_of(post->events, [](const PostedEvent& event) { return event.status == PostedStatus::kValid; })) {
    return Answer(*post);
  }
  {
    const std::lock_guard lock(mutex_);
    if (!ending_) {
      waiting_.push_back(std::move(post));
      return changed_.notify_one();
    }
  }
  for (PostedEvent& event : post->events) {
    if (event.status == PostedStatus::kValid) event.status = PostedStatus::kUnacknowledged;
  }
  Answer(*post);
}

IntakeCounts EventProducer::counts() const {
  return {.accepted = accepted_, .rejected = rejected_, .unacknowledged = unacknowledged_, .refused = refused_};
}

absl::Status EventProducer::OpenProducer() {
  KEYFOLD_ASSIGN_OR_RETURN(producer_, KafkaProducer::Create(connection_));
  producer_->TellDeliveries([this](int64_t tag, const absl::Status& status) { Told(tag, status); });
  return absl::OkStatus();
}

void EventProducer::Run() {
  while (true) {
    std::deque<std::unique_ptr<Post>> come;
    {
      std::unique_lock lock(mutex_);
      if (posts_.empty()) changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      come.swap(waiting_);
      if (ending_) {
        lock.unlock();
        for (std::unique_ptr<Post>& post : come) HandOver(std::move(post));
        break;
      }
    }
    for (std::unique_ptr<Post>& post : come) HandOver(std::move(post));
    if (producer_ != nullptr) (void)producer_->Flush(kFlushSlice);  // what became of each record is told
    if (broken_) {
      GiveUp(absl::UnavailableError("the producer has to begin anew"));
      producer_ = nullptr;
      broken_ = false;
    }
  }
  if (producer_ != nullptr) (void)producer_->Flush(kFlushSlice);
  GiveUp(absl::UnavailableError("the gateway ends"));
}

void EventProducer::HandOver(std::unique_ptr<Post> post) {
  Post& taken = *post;
  posts_.emplace(&taken, std::move(post));
  taken.pieces = 1;  // until all are handed over
  absl::Status opened;
  if (producer_ == nullptr) opened = OpenProducer();
  for (size_t i = 0; i < taken.events.size(); ++i) {
    PostedEvent& event = taken.events[i];
    if (event.status != PostedStatus::kValid) continue;
    if (opened.ok()) {
      Produce(taken, i);
    } else {
      event.status = PostedStatus::kUnacknowledged;
      event.reason = std::string(opened.message());
    }
  }
  if (--taken.pieces == 0) Finish(taken);
}

// A control event goes to every partition.
void EventProducer::Produce(Post& post, size_t event) {
  if (!post.events[event].account_id.empty()) return ProducePiece(post, event, std::nullopt);
  const absl::StatusOr<int32_t> partitions = CountPartitions(producer_->client(), topic_, kPartitionsWait);
  if (!partitions.ok()) {
    post.events[event].status = PostedStatus::kUnacknowledged;
    post.events[event].reason = std::string(partitions.status().message());
    return;
  }
  for (int32_t partition = 0; partition < *partitions; ++partition) ProducePiece(post, event, partition);
}

void EventProducer::ProducePiece(Post& post, size_t event, std::optional<int32_t> partition) {
  const int64_t tag = next_tag_++;
  pieces_[tag] = {&post, event};
  ++post.pieces;
  const PostedEvent& posted = post.events[event];
  const std::vector<RecordHeader> headers = HeadersOf(posted);
  ProducerRecord record;
  record.partition = partition;
  if (!posted.account_id.empty()) record.key = posted.account_id;
  record.value = posted.value;
  record.headers = &headers;
  record.tag = tag;
  const absl::Status status = producer_->Produce(topic_, record, absl::ZeroDuration());
  if (!status.ok()) Told(tag, status);
}

void EventProducer::Told(int64_t tag, const absl::Status& status) {
  const auto found = pieces_.find(tag);
  if (found == pieces_.end()) return;  // it was given up
  const Piece piece = found->second;
  pieces_.erase(found);
  PostedEvent& event = piece.post->events[piece.event];
  if (!status.ok()) {
    // Also where it is too large for the topic: so it would be for what else was in its batch, however small that is.
    event.status = PostedStatus::kUnacknowledged;
    event.reason = std::string(status.message());
    broken_ |= absl::IsAborted(status);
  }
  if (--piece.post->pieces == 0) Finish(*piece.post);
}

void EventProducer::GiveUp(const absl::Status& why) {
  while (!pieces_.empty()) Told(pieces_.begin()->first, why);
}

// What is valid still has been delivered. REQUIRES: nothing of the post is under way.
void EventProducer::Finish(Post& post) {
  for (PostedEvent& event : post.events) {
    if (event.status == PostedStatus::kValid) event.status = PostedStatus::kAccepted;
  }
  const auto failed = absl::c_find_if(
      post.events, [](const PostedEvent& event) { return event.status == PostedStatus::kUnacknowledged; });
  if (failed != post.events.end() && absl::Now() - told_at_ > kTellEvery) {
    told_at_ = absl::Now();
    spdlog::warn("gateway: posted events were not acknowledged: {}; their senders are told to come again",
                 failed->reason);
  }
  Answer(post);
  posts_.erase(&post);
}

void EventProducer::Answer(Post& post) {
  for (const PostedEvent& event : post.events) {
    if (event.status == PostedStatus::kAccepted) ++accepted_;
    if (event.status == PostedStatus::kRejected) ++rejected_;
    if (event.status == PostedStatus::kUnacknowledged) ++unacknowledged_;
  }
  post.done(std::move(post.events));
}

}  // namespace keyfold
