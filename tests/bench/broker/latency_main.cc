// keyfold_latency: how long after an event its account's KPIs are visible to a read_committed consumer.
//
// Open loop: events are sent at scheduled times, whatever became of those before, and latency counts from the schedule.
// So what waits behind a slow moment counts as long as a user would have waited. Prints one line of JSON; fails if an
// event did not become visible.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/broker/invoices.h"
#include "bench/broker/latency.h"
#include "bench/broker/program.h"
#include "bench/workload.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"
#include "kafka/topics.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {
namespace {

struct LatencyFlags {
  KafkaConnection connection;
  std::string events_topic;
  std::string kpis_topic;
  int64_t rate = 1'000;
  int64_t accounts = 10'000;
  int64_t first = 0;
  double warm_up_s = 5;
  double measure_s = 20;
  double drain_s = 60;
  int linger_ms = 1;
};

int64_t NowNanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Reads the two fields that say which record caused an update, and skips the rest: parsing every value would take a
// processor that the system under test needs.
bool ReadSource(const void* bytes, size_t size, SeenUpdate* update) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(static_cast<const uint8_t*>(bytes), static_cast<int>(size));
  update->partition = 0;  // proto3 leaves zeros out
  update->source_offset = 0;
  while (const uint32_t tag = in.ReadTag()) {
    uint64_t value = 0;
    switch (WireFormatLite::GetTagFieldNumber(tag)) {
      case v1::KpiUpdate::kSourcePartitionFieldNumber:
        if (!in.ReadVarint64(&value)) return false;
        update->partition = static_cast<int32_t>(value);
        break;
      case v1::KpiUpdate::kSourceOffsetFieldNumber:
        if (!in.ReadVarint64(&value)) return false;
        update->source_offset = static_cast<int64_t>(value);
        break;
      default:
        if (!WireFormatLite::SkipField(&in, tag)) return false;
    }
  }
  return in.ConsumedEntireMessage();
}

// Tries for a while: a topic that was just created may have no leader yet.
int64_t EndOf(rd_kafka_t* client, const std::string& topic, int32_t partition) {
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (true) {
    int64_t first = 0;
    int64_t end = 0;
    const absl::Status status =
        KafkaStatus(rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &first, &end, 5'000),
                    absl::StrCat("the end of ", topic, "[", partition, "]"));
    if (status.ok()) return end;
    if (absl::Now() >= deadline) Require(status);
    absl::SleepFor(absl::Milliseconds(100));
  }
}

// Collects the updates of all accounts in a thread of its own, from the end that the topic has when it is made.
class UpdateReader {
 public:
  explicit UpdateReader(const LatencyFlags& flags);
  ~UpdateReader();

  bool any() const {
    const std::lock_guard lock(mutex_);
    return !updates_.empty();
  }

  // Whether the last event of every account was seen.
  bool HasReached(const std::vector<int64_t>& last_offsets) const;

  // REQUIRES: Stop() was called.
  const std::vector<SeenUpdate>& updates() const { return updates_; }
  void Stop();

 private:
  void Run();

  ClientHandle client_;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::vector<SeenUpdate> updates_;    // guarded by mutex_
  std::vector<int64_t> last_offsets_;  // by account; guarded by mutex_
  std::thread thread_;
};

UpdateReader::UpdateReader(const LatencyFlags& flags) : last_offsets_(static_cast<size_t>(flags.accounts), -1) {
  const std::vector<TopicDescription> topics = Require(DescribeTopics(flags.connection, {flags.kpis_topic}));
  ClientSettings settings;
  settings.defaults = {{"group.id", "keyfold.latency"},  // neither joined nor committed to
                       {"enable.auto.commit", "false"},   {"isolation.level", "read_committed"},
                       {"fetch.wait.max.ms", "10"},       {"fetch.min.bytes", "1"},
                       {"queued.min.messages", "1000000"}};
  client_ = Require(NewClient(flags.connection, settings));
  rd_kafka_poll_set_consumer(client_.get());
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(topics[0].partitions));
  for (int32_t partition = 0; partition < topics[0].partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), flags.kpis_topic.c_str(), partition)->offset =
        EndOf(client_.get(), flags.kpis_topic, partition);
  }
  Require(KafkaStatus(rd_kafka_assign(client_.get(), list.get()), "reading updates"));
  thread_ = std::thread([this] { Run(); });
}

UpdateReader::~UpdateReader() { Stop(); }

void UpdateReader::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void UpdateReader::Run() {
  while (!stop_) {
    const MessageHandle message(rd_kafka_consumer_poll(client_.get(), 50));
    if (message == nullptr || message->payload == nullptr) continue;
    Require(KafkaStatus(message->err, "reading updates", rd_kafka_message_errstr(message.get())));
    SeenUpdate update;
    update.arrived_ns = NowNanoseconds();
    const absl::string_view key(static_cast<const char*>(message->key), message->key_len);
    if (!ReadSource(message->payload, message->len, &update) || key.empty() ||
        !absl::SimpleAtoi(key.substr(1), &update.account) ||
        static_cast<size_t>(update.account) >= last_offsets_.size()) {
      Require(absl::DataLossError(absl::StrCat("this is no update of ours: ", key)));
    }
    const std::lock_guard lock(mutex_);
    updates_.push_back(update);
    int64_t& last = last_offsets_[static_cast<size_t>(update.account)];
    last = std::max(last, update.source_offset);
  }
}

bool UpdateReader::HasReached(const std::vector<int64_t>& last_offsets) const {
  const std::lock_guard lock(mutex_);
  for (size_t account = 0; account < last_offsets.size(); ++account) {
    if (last_offsets_[account] < last_offsets[account]) return false;
  }
  return true;
}

// Sends events; what became of each is written into it. Not thread-safe.
class EventSender {
 public:
  explicit EventSender(const LatencyFlags& flags) : topic_(flags.events_topic), maker_(1), number_(flags.first) {
    ClientSettings settings;
    settings.kind = ClientKind::kProducer;
    settings.defaults = {{"compression.type", "lz4"},
                         {"linger.ms", absl::StrCat(flags.linger_ms)},
                         {"partitioner", "murmur2_random"},
                         {"queue.buffering.max.messages", "5000000"}};
    settings.required = {{"enable.idempotence", "true"}, {"acks", "all"}};
    settings.configure = [](rd_kafka_conf_t* configuration) {
      rd_kafka_conf_set_dr_msg_cb(configuration, [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
        auto* const event = static_cast<SentEvent*>(message->_private);
        Require(KafkaStatus(message->err, "delivering an event"));
        event->partition = message->partition;
        event->offset = message->offset;
        event->acknowledged_ns = NowNanoseconds();
      });
    };
    client_ = Require(NewClient(flags.connection, settings));
  }

  // `event` must stay where it is until it was delivered.
  void Send(SentEvent* event) {
    const std::string account = AccountName(event->account);
    const std::string_view value = maker_.Make(number_++, account, absl::ToUnixSeconds(absl::Now()));
    while (true) {
      const rd_kafka_resp_err_t error = rd_kafka_producev(
          client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_KEY(account.data(), account.size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_OPAQUE(event), RD_KAFKA_V_END);
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        Require(KafkaStatus(error, "sending an event"));
        break;
      }
      rd_kafka_poll(client_.get(), 1);
    }
    event->sent_ns = NowNanoseconds();
  }

  // Takes delivery reports.
  void Poll() { rd_kafka_poll(client_.get(), 0); }

  void Flush() { Require(KafkaStatus(rd_kafka_flush(client_.get(), 60'000), "delivering events")); }

 private:
  const std::string topic_;
  InvoiceMaker maker_;
  int64_t number_;
  ClientHandle client_;
};

// Until the first update is there the system under test is starting: none of that is measured.
void AwaitFirstUpdate(EventSender& sender, const UpdateReader& reader) {
  SentEvent event;
  sender.Send(&event);
  sender.Flush();
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (!reader.any()) {
    if (absl::Now() >= deadline) Require(absl::DeadlineExceededError("no update within a minute: does keyfold run?"));
    absl::SleepFor(absl::Milliseconds(10));
  }
}

void SendOnSchedule(const LatencyFlags& flags, EventSender& sender, std::vector<SentEvent>& events) {
  std::mt19937_64 random(1);
  const int64_t begin_ns = NowNanoseconds() + 10'000'000;
  for (size_t i = 0; i < events.size(); ++i) {
    events[i].account = static_cast<int32_t>(random() % static_cast<uint64_t>(flags.accounts));
    events[i].scheduled_ns = begin_ns + static_cast<int64_t>(i) * 1'000'000'000 / flags.rate;
    for (int64_t now = NowNanoseconds(); now < events[i].scheduled_ns; now = NowNanoseconds()) {
      sender.Poll();
      absl::SleepFor(absl::Nanoseconds(std::min<int64_t>(events[i].scheduled_ns - now, 1'000'000)));
    }
    sender.Send(&events[i]);
    if (i % 128 == 0) sender.Poll();  // also where it is behind its schedule
  }
  sender.Flush();
}

void AwaitUpdates(const LatencyFlags& flags, const std::vector<SentEvent>& events, const UpdateReader& reader) {
  std::vector<int64_t> last_offsets(static_cast<size_t>(flags.accounts), -1);
  for (const SentEvent& event : events) {
    int64_t& last = last_offsets[static_cast<size_t>(event.account)];
    last = std::max(last, event.offset);
  }
  const absl::Time deadline = absl::Now() + absl::Seconds(flags.drain_s);
  while (!reader.HasReached(last_offsets)) {
    if (absl::Now() >= deadline) {
      Require(absl::DeadlineExceededError(absl::StrCat("events are not visible ", flags.drain_s, " s after the last")));
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
}

void Report(const LatencyFlags& flags, std::span<const SentEvent> events, const std::vector<SeenUpdate>& updates) {
  std::vector<int64_t> visible = VisibleAfter(events, updates);
  std::vector<int64_t> acknowledged;
  std::vector<int64_t> late;
  for (const SentEvent& event : events) {
    acknowledged.push_back(event.acknowledged_ns - event.scheduled_ns);
    late.push_back(event.sent_ns - event.scheduled_ns);
  }
  // From the first schedule to the moment at which the last of them was visible.
  int64_t last_visible_ns = events.front().scheduled_ns;
  for (size_t i = 0; i < events.size(); ++i) {
    last_visible_ns = std::max(last_visible_ns, events[i].scheduled_ns + visible[i]);
  }
  const double visible_s = 1e-9 * static_cast<double>(last_visible_ns - events.front().scheduled_ns);
  for (std::vector<int64_t>* values : {&visible, &acknowledged, &late}) std::sort(values->begin(), values->end());
  if (visible.front() == kNeverVisible) Require(absl::DataLossError("an event did not become visible"));
  const double sent_s = 1e-9 * static_cast<double>(events.back().sent_ns - events.front().scheduled_ns);
  const auto milliseconds = [](int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; };
  std::printf("{\"rate\": %lld, \"sent_per_s\": %.0f, \"visible_per_s\": %.0f, \"events\": %zu, \"updates\": %zu",
              static_cast<long long>(flags.rate), static_cast<double>(events.size()) / sent_s,
              static_cast<double>(events.size()) / visible_s, events.size(), updates.size());
  for (const auto& [name, quantile] : {std::pair("p50", 0.5), std::pair("p90", 0.9), std::pair("p99", 0.99),
                                       std::pair("p999", 0.999), std::pair("max", 1.0)}) {
    std::printf(", \"%s_ms\": %.2f", name, milliseconds(Quantile(visible, quantile)));
  }
  std::printf(", \"acknowledged_p50_ms\": %.2f, \"acknowledged_p99_ms\": %.2f, \"sent_late_max_ms\": %.2f}\n",
              milliseconds(Quantile(acknowledged, 0.5)), milliseconds(Quantile(acknowledged, 0.99)),
              milliseconds(late.back()));
}

void MeasureLatency(const LatencyFlags& flags) {
  UpdateReader reader(flags);
  EventSender sender(flags);
  AwaitFirstUpdate(sender, reader);
  const auto warm_up = static_cast<size_t>(flags.warm_up_s * static_cast<double>(flags.rate));
  const auto measured = std::max<size_t>(2, static_cast<size_t>(flags.measure_s * static_cast<double>(flags.rate)));
  std::vector<SentEvent> events(warm_up + measured);
  SendOnSchedule(flags, sender, events);
  AwaitUpdates(flags, events, reader);
  reader.Stop();
  Report(flags, std::span(events).subspan(warm_up), reader.updates());
}

}  // namespace
}  // namespace keyfold

int main(int argc, char** argv) {
  keyfold::LogToStandardError();
  keyfold::LatencyFlags flags;
  CLI::App app("Measures how long after an event its account's KPIs are visible, with keyfold running");
  app.add_option("--bootstrap", flags.connection.bootstrap, "HOST:PORT of the brokers")->required();
  app.add_option("--events-topic", flags.events_topic, "Where events go")->required();
  app.add_option("--kpis-topic", flags.kpis_topic, "Where updates come from")->required();
  app.add_option("--rate", flags.rate, "Events a second")->check(CLI::Range(1, 1'000'000));
  app.add_option("--accounts", flags.accounts, "How many accounts")->check(CLI::Range(1, 9'999'999));
  app.add_option("--first", flags.first, "Number of the first event: one that was sent before is the same fact");
  app.add_option("--warm-up-s", flags.warm_up_s, "Seconds before it measures");
  app.add_option("--measure-s", flags.measure_s, "Seconds that are measured");
  app.add_option("--drain-s", flags.drain_s, "How long after the last event updates may come");
  app.add_option("--linger-ms", flags.linger_ms, "How long the producer of events waits for company");
  CLI11_PARSE(app, argc, argv);
  keyfold::MeasureLatency(flags);
  return 0;
}
