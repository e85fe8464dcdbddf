#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/bench_store.h"
#include "bench/benches.h"
#include "bench/fold_events.h"

namespace keyfold {
namespace {

// FoldBatch: reading entities, applying events, contributions, writing entities and ledger deltas; no decoding and no
// evaluation. The first half of the history fills the store; the second half is timed, in batches of 10,000.
void Fold(benchmark::State& state, const Workload& workload, StoreKind kind) {
  const History& history = HistoryOf(workload);
  const size_t half = history.size() / 2;
  RocksEnvironment environment{RocksMemory()};
  for (auto _ : state) {
    state.PauseTiming();
    const BenchDirectory directory;
    std::unique_ptr<ShardStore> store = OpenBenchStore(kind, environment, directory);
    EventFold fold(*store);
    for (size_t from = 0; from < half; from += kBatchRecords) {
      std::vector<ValidEvent> events = DecodeEvents(history, from, std::min(from + kBatchRecords, half));
      fold.FoldOneBatch(events, static_cast<int64_t>(from));
    }
    std::vector<ValidEvent> timed = DecodeEvents(history, half, history.size());
    state.ResumeTiming();
    fold.FoldInBatches(timed, static_cast<int64_t>(half));
    state.PauseTiming();
    store.reset();
    timed.clear();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(history.size() - half));
}

void Register(const char* name, const Workload& workload, StoreKind kind) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { Fold(state, workload, kind); })
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

void RegisterFold(const BenchSizes& sizes) {
  const Workload uniform{sizes.accounts, sizes.events, 0};
  const Workload zipf{sizes.accounts, sizes.events, 1};
  Register("fold/memory/uniform", uniform, StoreKind::kMemory);
  Register("fold/rocks/uniform", uniform, StoreKind::kRocks);
  Register("fold/memory/zipf", zipf, StoreKind::kMemory);
  Register("fold/rocks/zipf", zipf, StoreKind::kRocks);
}

}  // namespace keyfold
