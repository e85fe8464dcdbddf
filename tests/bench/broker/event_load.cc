// keyfold_load: fills a topic of account events, with generated invoices or with a part of another topic.
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/broker/invoices.h"
#include "bench/broker/program.h"
#include "bench/workload.h"
#include "kafka/producer.h"
#include "kafka/topic_reader.h"
#include "kafka/topics.h"

namespace keyfold {
namespace {

struct LoadFlags {
  std::string topic;
  int32_t partitions = 0;
  int64_t accounts = 10'000;
  int64_t events = 0;
  int64_t first = 0;
  uint64_t seed = 1;
  bool each = false;
  std::string copy_from;
  double from = 0;
  double to = 1;
};

void CreateTopic(const KafkaConnection& connection, const LoadFlags& flags) {
  TopicSpecification topic;
  topic.name = flags.topic;
  topic.partitions = flags.partitions;
  topic.config["retention.ms"] = "-1";
  Require(CreateTopics(connection, {topic}));
}

// Of the last two years, so that an account's ledger has many days.
void Generate(const LoadFlags& flags, KafkaProducer& producer) {
  constexpr int64_t kDaySeconds = 86'400;
  constexpr uint64_t kDays = 720;
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  std::mt19937_64 random(flags.seed);
  InvoiceMaker maker(flags.seed);
  for (int64_t i = 0; i < flags.events; ++i) {
    const int64_t account =
        flags.each ? i % flags.accounts : static_cast<int64_t>(random() % static_cast<uint64_t>(flags.accounts));
    const std::string name = AccountName(account);
    ProducerRecord record;
    record.key = name;
    record.value = maker.Make(flags.first + i, name, now - static_cast<int64_t>(random() % kDays) * kDaySeconds);
    Require(producer.Produce(flags.topic, record));
  }
}

// Of every partition the records between two fractions of it, to the same partition and with the same time.
int64_t Copy(const KafkaConnection& connection, const LoadFlags& flags, KafkaProducer& producer) {
  std::map<int32_t, int64_t> sizes;
  Require(ReadTopic(connection, flags.copy_from, [&](const Record& record) { ++sizes[record.partition]; }));
  std::map<int32_t, int64_t> positions;
  int64_t copied = 0;
  absl::Status status;
  Require(ReadTopic(connection, flags.copy_from, [&](const Record& record) {
    const auto size = static_cast<double>(sizes[record.partition]);
    const int64_t position = positions[record.partition]++;
    if (position < static_cast<int64_t>(flags.from * size) || position >= static_cast<int64_t>(flags.to * size)) return;
    ProducerRecord copy;
    copy.partition = record.partition;
    copy.key = record.key;
    copy.value = record.value;
    copy.headers = &record.headers;
    copy.timestamp_ms = record.timestamp_ms;
    status.Update(producer.Produce(flags.topic, copy));
    ++copied;
  }));
  Require(status);
  return copied;
}

void Load(const KafkaConnection& connection, const LoadFlags& flags) {
  if (flags.partitions > 0) CreateTopic(connection, flags);
  const std::unique_ptr<KafkaProducer> producer = Require(KafkaProducer::Create(connection));
  int64_t records = flags.events;
  if (flags.copy_from.empty()) {
    Generate(flags, *producer);
  } else {
    records = Copy(connection, flags, *producer);
  }
  Require(producer->Flush(absl::Minutes(5)));
  Require(producer->failures().first);
  std::cout << "{\"records\": " << records << "}\n";
}

}  // namespace
}  // namespace keyfold

int main(int argc, char** argv) {
  keyfold::LogToStandardError();
  keyfold::KafkaConnection connection;
  keyfold::LoadFlags flags;
  CLI::App app("Fills a topic with invoices, or with a part of another topic");
  app.add_option("--bootstrap", connection.bootstrap, "HOST:PORT of the brokers")->required();
  app.add_option("--topic", flags.topic, "Topic to write")->required();
  app.add_option("--partitions", flags.partitions, "First create the topic, with so many");
  app.add_option("--accounts", flags.accounts, "How many accounts")->check(CLI::Range(1, 9'999'999));
  app.add_option("--events", flags.events, "How many invoices");
  app.add_option("--first", flags.first, "Number of the first invoice: those of two loads must differ");
  app.add_option("--seed", flags.seed, "Of accounts, days and amounts");
  app.add_flag("--each", flags.each, "One account after the other, instead of at random");
  CLI::Option* copy = app.add_option("--copy-from", flags.copy_from, "Instead: the records of this topic");
  app.add_option("--from", flags.from, "Of every partition: from this fraction on")->needs(copy);
  app.add_option("--to", flags.to, "Of every partition: up to this fraction")->needs(copy);
  CLI11_PARSE(app, argc, argv);
  keyfold::Load(connection, flags);
  return 0;
}
