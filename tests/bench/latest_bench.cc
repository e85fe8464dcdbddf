// latest_bench [ACCOUNTS [PAGES]]: what the latest values cost with so many accounts of 60 KPIs each, over RocksDB.
// Prints one line per figure; latencies are wall time.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/bench_store.h"
#include "live/latest_values.h"

namespace keyfold {
namespace {

constexpr int kKpis = 60;
constexpr int64_t kBatch = 5'000;
constexpr int32_t kPartitions = 8;

template <typename T>
T Require(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(value);
}

std::string IdOf(int64_t account) { return "account-" + std::to_string(account); }

std::string UpdateOf(int64_t account, int64_t round) {
  v1::KpiUpdate update;
  update.set_account_id(IdOf(account));
  update.set_as_of("2026-01-05");
  update.set_catalog_hash("0123456789abcdef");
  update.set_source_offset(round);
  v1::AccountAttributes& attributes = *update.mutable_attributes();
  attributes.set_name("Account number " + std::to_string(account) + " of the benchmark");
  attributes.set_segment("S" + std::to_string(account % 5));
  attributes.set_region("R" + std::to_string(account % 12));
  attributes.set_industry("I" + std::to_string(account % 30));
  attributes.set_manager_id("M" + std::to_string(account % 500));
  for (int kpi = 0; kpi < kKpis; ++kpi) {
    const auto mixed = static_cast<uint64_t>(account * 131 + kpi * 17 + round * 7) * uint64_t{0x9e3779b97f4a7c15};
    const double value = static_cast<double>(mixed >> 40) / 100;
    (*update.mutable_kpis())["some_measure_of_" + std::to_string(kpi)] = value;
  }
  return update.SerializeAsString();
}

class LatestBench {
 public:
  explicit LatestBench(int64_t accounts) : accounts_(accounts) { Open(); }

  void Open() {
    values_.reset();
    const absl::Time begin = absl::Now();
    values_ = Require(LatestValues::Open(Require(OpenRocksStore(environment_, directory_.path(), nullptr)),
                                         {"cluster", {"account-kpis", "rollup-kpis", "account-alerts"}}, {},
                                         [](std::string_view /*line*/) {}));
    std::printf("open: %.0f ms\n", absl::ToDoubleMilliseconds(absl::Now() - begin));
  }

  // Every account once; updates per second of wall time.
  void Fill(const char* what, int64_t round) {
    absl::Duration spent;
    for (int64_t first = 0; first < accounts_; first += kBatch) {
      std::vector<std::pair<std::string, std::string>> batch;
      for (int64_t account = first; account < std::min(first + kBatch, accounts_); ++account) {
        batch.emplace_back(IdOf(account), UpdateOf(account, round));
      }
      std::vector<PublishedRecord> records;
      for (const auto& [id, value] : batch) {
        const int64_t offset = round * accounts_ + first + static_cast<int64_t>(records.size());
        records.push_back(
            {LatestTopic::kAccounts, static_cast<int32_t>(offset % kPartitions), offset, offset, id, value});
      }
      const absl::Time begin = absl::Now();
      Require(values_->Apply(records));
      spent += absl::Now() - begin;
    }
    std::printf("%s: %.0f updates/s\n", what, static_cast<double>(accounts_) / absl::ToDoubleSeconds(spent));
  }

  void Pages(const char* what, int pages, const Visibility& visibility,
             const std::function<void(int page, RowQuery& query)>& prepare) {
    std::vector<double> milliseconds;
    for (int page = 0; page < pages; ++page) {
      RowQuery query;
      query.sort = {LatestTopic::kAccounts, SortBy::Kind::kKpi, "some_measure_of_7"};
      query.descending = page % 2 == 0;
      prepare(page, query);
      const absl::Time begin = absl::Now();
      const LatestPage shown = Require(values_->List(query, visibility, {}));
      milliseconds.push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
      if (page == 0) std::printf("%s: first %.2f ms (%zu rows)\n", what, milliseconds.back(), shown.rows.size());
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    std::printf("%s: p50 %.2f ms, p99 %.2f ms\n", what, milliseconds[milliseconds.size() / 2],
                milliseconds[milliseconds.size() * 99 / 100]);
  }

  // All present values to one reader of everything.
  void Snapshot() {
    SubscriptionRequest request;
    request.interest.all_accounts = true;
    const auto stream = values_->Subscribe({true}, std::move(request), [] {});
    const absl::Time begin = absl::Now();
    size_t bytes = 0;
    for (bool more = true; more;) {
      std::string out;
      more = Require(stream->Next(out, 1 << 16));
      bytes += out.size();
    }
    std::printf("present values to one stream: %.0f ms, %.0f MB\n", absl::ToDoubleMilliseconds(absl::Now() - begin),
                static_cast<double>(bytes) / 1e6);
  }

  double GrowthPerAccount() const {
    return static_cast<double>(memory_.GrowthBytes()) / static_cast<double>(accounts_);
  }

 private:
  const int64_t accounts_;
  const MemoryPeak memory_;
  BenchDirectory directory_;
  RocksEnvironment environment_{RocksMemory{}};
  std::unique_ptr<LatestValues> values_;
};

void Run(int64_t accounts, int pages) {
  LatestBench bench(accounts);
  bench.Fill("apply, new accounts", 0);
  bench.Fill("apply, known accounts", 1);
  std::printf("resident, with RocksDB's caches: %.0f bytes per account\n", bench.GrowthPerAccount());
  bench.Open();
  const auto any = [](int /*page*/, RowQuery& /*query*/) {};
  const Visibility manager{false, {"manager:M17"}};
  bench.Pages("page, all accounts", pages, {true}, any);
  bench.Pages("page, a segment and a region", pages, {true}, [](int page, RowQuery& query) {
    query.filter.attributes = {{"segment", "S" + std::to_string(page % 5)},
                               {"region", "R" + std::to_string(page % 12)}};
  });
  bench.Pages("page, a manager's accounts", pages, manager, any);
  bench.Pages("page, name contains (few)", pages, {true},
              [](int page, RowQuery& query) { query.filter.name_contains = "number 1" + std::to_string(page % 90); });
  bench.Pages("page, name contains (none)", pages, {true},
              [](int /*page*/, RowQuery& query) { query.filter.name_contains = "nobody"; });
  bench.Fill("apply, known accounts, one order in use", 2);
  bench.Snapshot();
}

}  // namespace
}  // namespace keyfold

int main(int argc, char** argv) {
  keyfold::Run(argc > 1 ? std::atoll(argv[1]) : 100'000, argc > 2 ? std::atoi(argv[2]) : 1'000);
  return 0;
}
