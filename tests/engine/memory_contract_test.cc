// The memory twin keeps the same contract as Kafka.
#include <memory>

#include "contract/log_sink_contract.h"
#include "support/memory_cluster.h"

namespace keyfold {
namespace {

class MemoryWorld final : public LogSinkWorld {
 public:
  absl::Status CreateTopics(int32_t input_partitions) override {
    cluster_ = std::make_unique<MemoryCluster>(input_partitions);
    cluster_->letter_bytes_max = kLetterTopicBytes;
    return absl::OkStatus();
  }

  absl::Status GrowInput(int32_t partitions) override {
    cluster_->AddPartitions(partitions - cluster_->partitions());
    return absl::OkStatus();
  }

  absl::Status Append(const std::vector<PlainRecord>& records) override {
    for (const PlainRecord& record : records) {
      cluster_->Append(record.partition, {record.key, record.value, record.headers, record.timestamp_ms});
    }
    return absl::OkStatus();
  }

  absl::Status DeleteBefore(int32_t partition, int64_t offset) override {
    cluster_->DeleteBefore(partition, offset);
    return absl::OkStatus();
  }

  absl::StatusOr<LogSinkPair> Open(const std::string& identity) override {
    LogSinkPair pair;
    pair.log = cluster_->OpenLog();
    pair.sink = cluster_->OpenSink(pair.log.get(), identity);
    return pair;
  }

  absl::StatusOr<LogSinkPair> OpenWithLossyCommits(const std::string& identity) override {
    cluster_->next_commit_fault = [this] { return static_cast<CommitFault>(++commits_ % 5); };
    cluster_->undecided_commits = [this] { return commits_ % 2 == 0; };
    return Open(identity);
  }

  absl::StatusOr<std::vector<PlainRecord>> ReadCommitted(OutputTopic topic) override {
    std::vector<PlainRecord> records;
    for (const MemoryRecord& record : cluster_->outputs(topic)) {
      records.push_back({0, record.key, record.value, record.headers, record.timestamp_ms});
    }
    return records;
  }

 private:
  std::unique_ptr<MemoryCluster> cluster_;
  int commits_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Memory, LogSinkContract,
                         ::testing::Values(LogSinkWorldFactory{
                             .name = "memory", .make = []() -> absl::StatusOr<std::unique_ptr<LogSinkWorld>> {
                               return std::make_unique<MemoryWorld>();
                             }}));

}  // namespace
}  // namespace keyfold
