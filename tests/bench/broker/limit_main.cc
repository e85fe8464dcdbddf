// keyfold_limit: what the parts cost that no engine on librdkafka, Protobuf and RocksDB can do without, in bare loops
// over a topic. Each step does what the one before does, and one thing more:
//
//   consume   batches through the queue interface, and nothing else
//   parse     each record into one message that is used again
//   store     one entity read and written, one ledger operand merged, per event
//   produce   one update per distinct account of a batch, with the offsets, in a transaction per batch
//
// Prints one line of JSON: processor seconds of the whole process, per step.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/broker/limit_store.h"
#include "bench/broker/program.h"
#include "bench/workload.h"
#include "config/config.h"
#include "kafka/client.h"
#include "kafka/consumer_settings.h"
#include "kafka/kafka_status.h"
#include "kafka/producer.h"
#include "kafka/topics.h"
#include "keyfold/v1/account_event.pb.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {
namespace {

enum class Step { kConsume, kParse, kStore, kProduce };

struct LimitFlags {
  KafkaConnection connection;
  std::string topic;
  int64_t batch_records = kBatchRecords;
  std::vector<std::string> updates;  // to be published, one after the other; made before anything is measured
};

struct StepCost {
  const char* name;
  int64_t records = 0;
  int64_t updates = 0;
  double cpu_s = 0;
  double wall_s = 0;
};

double ProcessCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Updates as the catalogue's KPIs make them: many, so that they compress like real ones.
std::vector<std::string> TypicalUpdates(const Catalog& catalog) {
  constexpr size_t kUpdates = 1'000;
  constexpr int kChanges = 4;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> amount(0, 100'000);
  std::vector<std::string> updates;
  for (size_t i = 0; i < kUpdates; ++i) {
    v1::KpiUpdate update;
    update.set_account_id("A0000001");
    update.set_as_of("2026-06-30");
    update.set_catalog_hash(catalog.hash());
    update.set_source_partition(3);
    update.set_source_offset(1'000'000 + static_cast<int64_t>(i));
    for (const uint16_t kpi : catalog.kpis()) {
      const std::string& id = catalog.definitions()[kpi].id;
      (*update.mutable_kpis())[id] = amount(random);
      if (update.changed_size() == kChanges) continue;
      update.add_changed()->set_id(id);
      update.mutable_changed()->rbegin()->set_from(amount(random));
    }
    updates.push_back(update.SerializeAsString());
  }
  return updates;
}

// Publishes in transactions, as keyfold does. `flags` and `consumer` must outlive it.
class LimitProducer {
 public:
  LimitProducer(const LimitFlags& flags, rd_kafka_t* consumer, int32_t partitions)
      : consumer_(consumer),
        events_topic_(flags.topic),
        updates_topic_(absl::StrCat(flags.topic, "-limit-", absl::ToUnixMillis(absl::Now()))),
        updates_(flags.updates) {
    TopicSpecification topic;
    topic.name = updates_topic_;
    topic.partitions = partitions;
    Require(CreateTopics(flags.connection, {topic}));
    producer_ = Require(KafkaProducer::Create(flags.connection, {{"transactional.id", updates_topic_}}));
    Require(KafkaStatus(ErrorHandle(rd_kafka_init_transactions(producer_->client(), 30'000)).get(), "beginning"));
  }

  // One transaction: an update per account, and the offsets that follow the batch.
  void Publish(const absl::flat_hash_set<std::string_view>& accounts, const std::map<int32_t, int64_t>& next_offsets) {
    rd_kafka_t* const client = producer_->client();
    Require(KafkaStatus(ErrorHandle(rd_kafka_begin_transaction(client)).get(), "beginning a transaction"));
    for (const std::string_view account : accounts) {
      ProducerRecord record;
      record.key = account;
      record.value = updates_[static_cast<size_t>(published_++) % updates_.size()];
      Require(producer_->Produce(updates_topic_, record));
    }
    Require(producer_->Flush(absl::Minutes(1)));
    Require(producer_->failures().first);
    const PartitionListHandle offsets(rd_kafka_topic_partition_list_new(static_cast<int>(next_offsets.size())));
    for (const auto& [partition, next_offset] : next_offsets) {
      rd_kafka_topic_partition_list_add(offsets.get(), events_topic_.c_str(), partition)->offset = next_offset;
    }
    const GroupMetadataHandle group(rd_kafka_consumer_group_metadata(consumer_));
    const ErrorHandle sent(rd_kafka_send_offsets_to_transaction(client, offsets.get(), group.get(), -1));
    Require(KafkaStatus(sent.get(), "sending offsets"));
    Require(KafkaStatus(ErrorHandle(rd_kafka_commit_transaction(client, -1)).get(), "committing"));
  }

  int64_t published() const { return published_; }

 private:
  rd_kafka_t* const consumer_;
  const std::string events_topic_;
  const std::string updates_topic_;
  const std::vector<std::string>& updates_;
  std::unique_ptr<KafkaProducer> producer_;
  int64_t published_ = 0;
};

// A consumer of all partitions from their beginning.
ClientHandle NewConsumer(const LimitFlags& flags, int32_t partitions) {
  KafkaEventLogOptions options;
  options.group_id = "keyfold.limit";  // not joined
  ClientSettings settings = ConsumerSettings(options);
  settings.required["enable.partition.eof"] = "true";
  settings.required["auto.offset.reset"] = "earliest";
  ClientHandle client = Require(NewClient(flags.connection, settings));
  rd_kafka_poll_set_consumer(client.get());
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(partitions));
  for (int32_t partition = 0; partition < partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), flags.topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  Require(KafkaStatus(rd_kafka_assign(client.get(), list.get()), "reading the topic"));
  return client;
}

// One pass over the topic, which does everything up to `last`.
class LimitPass {
 public:
  LimitPass(const LimitFlags& flags, int32_t partitions, Step last)
      : last_(last), open_partitions_(partitions), messages_(static_cast<size_t>(flags.batch_records)) {
    client_ = NewConsumer(flags, partitions);
    queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
    if (last >= Step::kStore) store_.emplace();
    if (last >= Step::kProduce) producer_.emplace(flags, client_.get(), partitions);
  }

  void Run(StepCost& cost) {
    constexpr int kWaitMilliseconds = 100;
    while (open_partitions_ > 0) {
      const ssize_t count =
          rd_kafka_consume_batch_queue(queue_.get(), kWaitMilliseconds, messages_.data(), messages_.size());
      for (ssize_t i = 0; i < count; ++i) Take(*messages_[static_cast<size_t>(i)], cost);
      if (store_.has_value()) store_->Write();
      if (producer_.has_value() && !accounts_.empty()) producer_->Publish(accounts_, next_offsets_);
      accounts_.clear();
      for (ssize_t i = 0; i < count; ++i) rd_kafka_message_destroy(messages_[static_cast<size_t>(i)]);
    }
    if (producer_.has_value()) cost.updates = producer_->published();
  }

 private:
  void Take(const rd_kafka_message_t& message, StepCost& cost) {
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      --open_partitions_;
      return;
    }
    Require(KafkaStatus(message.err, "reading the topic", rd_kafka_message_errstr(&message)));
    ++cost.records;
    if (last_ == Step::kConsume || message.payload == nullptr) return;
    const std::string_view value(static_cast<const char*>(message.payload), message.len);
    if (!event_.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      Require(absl::DataLossError("a record is no AccountEvent in Protobuf"));
    }
    if (last_ == Step::kParse || event_.account_id().empty()) return;
    store_->Add(message.partition, event_, value);
    if (last_ == Step::kStore) return;
    accounts_.emplace(static_cast<const char*>(message.key), message.key_len);
    next_offsets_[message.partition] = message.offset + 1;
  }

  const Step last_;
  int32_t open_partitions_;
  std::vector<rd_kafka_message_t*> messages_;
  v1::AccountEvent event_;
  absl::flat_hash_set<std::string_view> accounts_;  // of the batch: views into its messages
  std::map<int32_t, int64_t> next_offsets_;
  ClientHandle client_;
  QueueHandle queue_;
  std::optional<LimitStore> store_;
  std::optional<LimitProducer> producer_;
};

StepCost MeasureStep(const LimitFlags& flags, int32_t partitions, Step last, const char* name) {
  StepCost cost{.name = name};
  const double cpu_before = ProcessCpuSeconds();
  const absl::Time begin = absl::Now();
  {
    LimitPass pass(flags, partitions, last);
    pass.Run(cost);
  }
  cost.cpu_s = ProcessCpuSeconds() - cpu_before;
  cost.wall_s = absl::ToDoubleSeconds(absl::Now() - begin);
  return cost;
}

void MeasureLimit(const LimitFlags& flags) {
  const std::vector<TopicDescription> topics = Require(DescribeTopics(flags.connection, {flags.topic}));
  if (!topics[0].exists) Require(absl::NotFoundError(absl::StrCat("there is no topic ", flags.topic)));
  MeasureStep(flags, topics[0].partitions, Step::kConsume, "");  // so that the broker has it all in memory
  std::vector<StepCost> costs;
  for (const auto& [last, name] : {std::pair(Step::kConsume, "consume"), std::pair(Step::kParse, "parse"),
                                   std::pair(Step::kStore, "store"), std::pair(Step::kProduce, "produce")}) {
    costs.push_back(MeasureStep(flags, topics[0].partitions, last, name));
    if (costs.back().records != costs.front().records || costs.back().records == 0) {
      Require(absl::DataLossError("the passes have not read the same records"));
    }
  }
  std::printf("[");
  for (const StepCost& cost : costs) {
    std::printf("%s{\"step\": \"%s\", \"events\": %lld, \"updates\": %lld, \"cpu_s\": %.3f, \"wall_s\": %.3f}",
                cost.name == costs.front().name ? "" : ", ", cost.name, static_cast<long long>(cost.records),
                static_cast<long long>(cost.updates), cost.cpu_s, cost.wall_s);
  }
  std::printf("]\n");
}

}  // namespace
}  // namespace keyfold

int main(int argc, char** argv) {
  keyfold::LogToStandardError();
  keyfold::LimitFlags flags;
  keyfold::Config config;
  CLI::App app("Measures what the parts cost that no engine can do without");
  app.add_option("--bootstrap", flags.connection.bootstrap, "HOST:PORT of the brokers")->required();
  app.add_option("--topic", flags.topic, "Topic of account events in Protobuf")->required();
  app.add_option("--catalog", config.catalog_file, "Whose KPIs an update has; default: the built-in one");
  app.add_option("--batch", flags.batch_records, "Records of a batch")->check(CLI::Range(1, 1'000'000));
  CLI11_PARSE(app, argc, argv);
  flags.updates = keyfold::TypicalUpdates(keyfold::Require(keyfold::LoadCatalog(config)));
  keyfold::MeasureLimit(flags);
  return 0;
}
