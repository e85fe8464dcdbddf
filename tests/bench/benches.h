// The benchmarks, to be registered before they run. All measure the CPU time of the whole process, RocksDB's background
// threads included, so that items_per_second is "per second and core".
#ifndef KEYFOLD_TESTS_BENCH_BENCHES_H_
#define KEYFOLD_TESTS_BENCH_BENCHES_H_

#include "bench/workload.h"

namespace keyfold {

// decode/...: bytes of a record -> ValidEvent.
void RegisterDecode(const BenchSizes& sizes);

// fold/...: ValidEvent -> entities and ledger in a store.
void RegisterFold(const BenchSizes& sizes);

// evaluate/...: ledger -> components -> values, of one account.
void RegisterEvaluate(const BenchSizes& sizes);

// pipeline/..., sweep: a worker's work without Kafka.
void RegisterPipeline(const BenchSizes& sizes);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_BENCH_BENCHES_H_
