#include <benchmark/benchmark.h>

#include <algorithm>
#include <variant>

#include "bench/benches.h"

namespace keyfold {
namespace {

// Decoding and validating one record. Covers parsing, all rules of an event, and freeing the message; the records are
// a whole history's first ones, so types come as often as they do at its beginning.
void Decode(benchmark::State& state, const Workload& workload, Encoding encoding) {
  const History& history = HistoryOf(workload, encoding);
  const Decoder decoder(BenchCatalog().reporting_currency());
  const std::vector<Record> records = MakeRecords(history, 0, history.size(), history.size());
  size_t next = 0;
  int64_t bytes = 0;
  int64_t rejected = 0;
  for (auto _ : state) {
    const Record& record = records[next];
    const DecodedRecord decoded = decoder.Decode(record);
    rejected += std::holds_alternative<ValidEvent>(decoded) ? 0 : 1;
    bytes += static_cast<int64_t>(record.value->size());
    next = next + 1 == records.size() ? 0 : next + 1;
  }
  if (rejected > 0) state.SkipWithError("a sample event was rejected");
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(bytes);
}

}  // namespace

void RegisterDecode(const BenchSizes& sizes) {
  constexpr int64_t kEventsMax = 100'000;
  const Workload workload{std::min(sizes.accounts, kEventsMax / 100), std::min(sizes.events, kEventsMax), 1};
  for (const auto& [name, encoding] :
       {std::pair("decode/protobuf", Encoding::kProtobuf), {"decode/json", Encoding::kJson}}) {
    benchmark::RegisterBenchmark(name, [=, encoding = encoding](benchmark::State& state) {
      Decode(state, workload, encoding);
    })->MeasureProcessCPUTime();
  }
}

}  // namespace keyfold
