#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bench/bench_store.h"
#include "bench/benches.h"
#include "engine/account_shard.h"
#include "fold/update_format.h"
#include "support/gathering.h"

namespace keyfold {
namespace {

constexpr int64_t kSweepAccountsMax = 500;  // a worker's default

// A shard on disk that does what a worker makes it do, transaction by transaction; outputs are counted and dropped.
class Pipeline {
 public:
  Pipeline(const History& history, size_t day_moves_at) : history_(history), day_moves_at_(day_moves_at) { Open(); }

  void FoldTo(size_t end) {
    while (static_cast<size_t>(shard_->next_offset()) < end) {
      const auto from = static_cast<size_t>(shard_->next_offset());
      Transact(MakeRecords(history_, from, std::min(from + kBatchRecords, end), day_moves_at_));
    }
  }

  void FinishSweep() {
    while (shard_->sweeping()) Transact({});
  }

  const ShardCounts& counts() const { return shard_->counts(); }
  int64_t output_bytes() const { return output_bytes_; }

  // Of the store on disk, once nothing is in memory any more. Opens the shard anew.
  int64_t StoredBytes() {
    Open();
    return directory_.TableBytes();
  }

 private:
  void Open() {
    shard_.reset();
    shard_ = Require(AccountShard::Open(Gathering(OpenBenchStore(StoreKind::kRocks, environment_, directory_)),
                                        BenchCatalog(), format_, {"bench", "account-events", 0}));
  }

  void Transact(std::span<const Record> records) {
    if (!records.empty()) Require(shard_->Fold(records).status());
    Require(shard_->Sweep(kSweepAccountsMax, [] { return false; }).status());
    const std::vector<OutputRecord> outputs = Require(shard_->PrepareCommit());
    benchmark::DoNotOptimize(shard_->OffsetToCommit());
    for (const OutputRecord& output : outputs) output_bytes_ += static_cast<int64_t>(output.value.value_or("").size());
    Require(shard_->PostCommit());
  }

  const History& history_;
  const size_t day_moves_at_;
  const UpdateFormat format_{UpdateFormat::Encoding::kProtobuf};
  const BenchDirectory directory_;
  RocksEnvironment environment_{RocksMemory()};
  std::unique_ptr<AccountShard> shard_;
  int64_t output_bytes_ = 0;
};

double Ratio(int64_t numerator, int64_t denominator) {
  return static_cast<double>(numerator) / static_cast<double>(std::max<int64_t>(denominator, 1));
}

// Everything that a worker does but Kafka: decode, fold, evaluate, make updates, sweep, write. The first half of the
// history fills the store; the second half is timed, in batches of 10,000. In the middle of that the day changes, and
// all accounts are swept. Counters are of the timed half, but stored_bytes_per_event, which is of all, and
// peak_growth_MB: resident memory above that of the prepared records, RocksDB's share included.
void RunPipeline(benchmark::State& state, const Workload& workload) {
  const History& history = HistoryOf(workload);
  const size_t half = history.size() / 2;
  const auto events = static_cast<int64_t>(history.size() - half);
  for (auto _ : state) {
    state.PauseTiming();
    const MemoryPeak memory;
    std::optional<Pipeline> pipeline(std::in_place, history, half + (history.size() - half) / 2);
    pipeline->FoldTo(half);
    pipeline->FinishSweep();
    const ShardCounts before = pipeline->counts();
    const int64_t bytes_before = pipeline->output_bytes();
    state.ResumeTiming();
    pipeline->FoldTo(history.size());
    pipeline->FinishSweep();
    state.PauseTiming();
    const ShardCounts after = pipeline->counts();
    const int64_t updates = after.updates - before.updates;
    state.counters["updates_per_event"] = Ratio(updates, events);
    state.counters["swept_per_event"] = Ratio(after.swept - before.swept, events);
    state.counters["bytes_per_update"] = Ratio(pipeline->output_bytes() - bytes_before, updates);
    state.counters["peak_growth_MB"] = Ratio(memory.GrowthBytes(), 1'000'000);
    state.counters["stored_bytes_per_event"] = Ratio(pipeline->StoredBytes(), static_cast<int64_t>(history.size()));
    if (after.rejected > 0) state.SkipWithError("a sample event was rejected");
    pipeline.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * events);
}

// A sweep alone: the day changes, every account is summed anew, and published if a value moved. Items are accounts.
void RunSweep(benchmark::State& state, const Workload& workload) {
  const History& history = HistoryOf(workload);
  int64_t swept = 0;
  int64_t updates = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::optional<Pipeline> pipeline(std::in_place, history, history.size() - 1);
    pipeline->FoldTo(history.size() - 1);
    pipeline->FinishSweep();
    const ShardCounts before = pipeline->counts();
    state.ResumeTiming();
    pipeline->FoldTo(history.size());
    pipeline->FinishSweep();
    state.PauseTiming();
    swept += pipeline->counts().swept - before.swept;
    updates += pipeline->counts().updates - before.updates;
    pipeline.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(swept);
  state.counters["updates_per_account"] = Ratio(updates, swept);
}

void Register(const char* name, const Workload& workload, void (*run)(benchmark::State&, const Workload&)) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { run(state, workload); })
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

void RegisterPipeline(const BenchSizes& sizes) {
  const Workload uniform{sizes.accounts, sizes.events, 0};
  const Workload zipf{sizes.accounts, sizes.events, 1};
  Register("pipeline/uniform", uniform, &RunPipeline);
  Register("sweep/uniform", uniform, &RunSweep);
  Register("pipeline/zipf", zipf, &RunPipeline);
  if (sizes.large_accounts > 0) {
    Register("pipeline/uniform/large", {sizes.large_accounts, 3 * sizes.large_accounts, 0}, &RunPipeline);
  }
}

}  // namespace keyfold
