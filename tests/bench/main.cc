// keyfold_bench: see tests/bench/README.md.
#include <benchmark/benchmark.h>

#include "CLI/CLI.hpp"
#include "bench/benches.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);  // takes its own flags away
  keyfold::BenchSizes sizes;
  CLI::App app("Benchmarks of the engine");
  app.add_option("--accounts", sizes.accounts, "Accounts of fold, pipeline and sweep")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--events", sizes.events, "Records of fold, pipeline and sweep; at least 1,000")
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  app.add_option("--large_accounts", sizes.large_accounts, "Also run pipeline/uniform/large with so many accounts")
      ->check(CLI::Range(0, 10'000'000));
  CLI11_PARSE(app, argc, argv);
  keyfold::RegisterDecode(sizes);
  keyfold::RegisterEvaluate(sizes);
  keyfold::RegisterFold(sizes);
  keyfold::RegisterPipeline(sizes);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
