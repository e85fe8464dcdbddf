// One worker or two over a Kafka in memory, for tests.
#ifndef KEYFOLD_TESTS_ENGINE_WORKER_WORLD_H_
#define KEYFOLD_TESTS_ENGINE_WORKER_WORLD_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/transient.h"
#include "engine/account_shard.h"
#include "engine/flaky_ports.h"
#include "engine/worker.h"
#include "state/store_keys.h"
#include "support/default_catalog.h"
#include "support/gathering.h"
#include "support/published.h"
#include "support/shared_store.h"

namespace keyfold {

// Keeps what it is told.
class RecordingObserver final : public WorkerObserver {
 public:
  void OnAssigned(int32_t partition, int64_t next_offset, const CommittedOffset& committed) override {
    told.push_back(absl::StrCat("assigned ", partition, " at ", next_offset, " of ", committed.offset.value_or(0)));
  }
  void OnRunning(int32_t partition) override { told.push_back(absl::StrCat("running ", partition)); }
  void OnRevoked(int32_t partition) override { told.push_back(absl::StrCat("revoked ", partition)); }
  void OnCommitted(const CommittedBatch& batch) override {
    told.push_back(absl::StrCat("committed ", batch.records, " to ", batch.outputs));
    batches.push_back(batch);
  }
  void OnRecovery(const absl::Status& /*why*/) override { told.push_back("recovery"); }

  std::vector<std::string> told;
  std::vector<CommittedBatch> batches;
};

class WorkerTest : public ::testing::Test {
 protected:
  // A process: its worker, and the disk that outlives it.
  struct Process {
    std::map<int32_t, MemoryStore> disks;
    SharedStore::WriteCheck before_write = [](const StoreBatch& /*batch*/) { return absl::OkStatus(); };
    std::shared_ptr<MemoryBudget> memory;  // in which its shards keep back what is to be written, if they do
    WorkerOptions options;
    PortErrors errors;
    RecordingObserver observer;

    std::unique_ptr<EventLog> memory_log;
    std::unique_ptr<UpdateSink> memory_sink;
    std::unique_ptr<FlakyLog> log;
    std::unique_ptr<FlakySink> sink;
    std::unique_ptr<Worker> worker;
  };

  void Append(std::string_view timestamp, const v1::AccountEvent& event, int32_t partition = 0) {
    cluster_.Append(partition, RecordOf(timestamp, event));
  }

  // Starts a worker on the process's disk.
  void Begin(Process& process, const std::string& identity = "worker") {
    ASSERT_TRUE(TryBegin(process, identity).ok());
  }

  absl::Status TryBegin(Process& process, const std::string& identity = "worker") {
    process.options.topic = "events";
    process.memory_log = cluster_.OpenLog();
    process.memory_sink = cluster_.OpenSink(process.memory_log.get(), identity);
    process.log = std::make_unique<FlakyLog>(*process.memory_log, process.errors);
    process.sink = std::make_unique<FlakySink>(*process.memory_sink, process.errors);
    const ShardFactory shards = [this, &process](const ShardIdentity& id) -> absl::StatusOr<std::unique_ptr<Shard>> {
      MemoryStore& disk = process.disks.try_emplace(id.partition, MergeStored).first->second;
      auto store = std::make_unique<SharedStore>(
          disk, [&process](const StoreBatch& batch) { return process.before_write(batch); });
      return AccountShard::Open(Gathering(std::move(store), process.memory), catalog_, format_, id,
                                {0, process.memory});
    };
    process.worker = std::make_unique<Worker>(*process.log, *process.sink, shards, process.options, process.observer);
    return process.worker->Start();
  }

  // Starts a worker, which then has its partitions; records come with the next turn.
  void BeginAssigned(Process& process, const std::string& identity = "worker") {
    Begin(process, identity);
    ASSERT_TRUE(process.worker->Step().ok());
    ASSERT_EQ(process.worker->shards().size(), 2u);
  }

  // Ends it, as a crash between two turns does.
  static void End(Process& process) {
    process.worker.reset();
    process.sink.reset();
    process.log.reset();
    process.memory_sink.reset();
    process.memory_log.reset();
    process.observer.told.clear();
  }

  // Turns until there is nothing to do; errors that can pass are as they come.
  void RunToEnd(Process& process) {
    for (int turn = 0, quiet = 0; turn < 100 && quiet < 3; ++turn) {
      const absl::Status status = process.worker->Step();
      ASSERT_TRUE(status.ok() || IsTransient(status)) << status;
      quiet = status.ok() && process.worker->idle() ? quiet + 1 : 0;
    }
    ASSERT_TRUE(process.worker->idle());
  }

  // A process that has folded three accounts' records, and has ended.
  void FoldThree(Process& process) {
    for (const char* id : {"A1", "A2", "A3"}) Append("2026-01-05", Invoice(id, "2026-01-05", 100));
    Begin(process);
    RunToEnd(process);
    End(process);
    EXPECT_THAT(TakePublished(),
                ::testing::ElementsAre("A1 @ 2026-01-05 by 0", "A2 @ 2026-01-05 by 1", "A3 @ 2026-01-05 by 2"));
  }

  // What a read_committed reader has seen since the last call.
  std::vector<std::string> TakePublished() {
    const std::vector<MemoryRecord>& updates = cluster_.outputs(OutputTopic::kAccountKpis);
    std::vector<std::string> texts;
    for (; read_ < updates.size(); ++read_) texts.push_back(DescribeUpdate(updates[read_]));
    return texts;
  }

  // Why a worker on this process's disk gives up.
  std::string Refusal(Process& process) {
    Begin(process);
    absl::Status status;
    for (int turn = 0; turn < 5 && status.ok(); ++turn) status = process.worker->Step();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_FALSE(IsTransient(status));
    EXPECT_THAT(TakePublished(), ::testing::IsEmpty());
    return std::string(status.message());
  }

  // Why it does not even start.
  std::string StartRefusal(Process& process) {
    const absl::Status status = TryBegin(process);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    return std::string(status.message());
  }

  const Catalog catalog_ = DefaultCatalog();
  const UpdateFormat format_{UpdateFormat::Encoding::kProtobuf};
  MemoryCluster cluster_{2};
  Process process_;
  size_t read_ = 0;
  absl::Time now_ = absl::UnixEpoch();  // of clocks that are told so
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_ENGINE_WORKER_WORLD_H_
