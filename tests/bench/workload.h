// What the benchmarks run on: generated histories, made before anything is timed, the same on every machine.
#ifndef KEYFOLD_TESTS_BENCH_WORKLOAD_H_
#define KEYFOLD_TESTS_BENCH_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/calendar.h"
#include "event/decoder.h"
#include "keyfold/record.h"
#include "kpi/catalog.h"

namespace keyfold {

// As many records as a worker takes at once.
inline constexpr size_t kBatchRecords = 10'000;

// What the command line asks for.
struct BenchSizes {
  int64_t accounts = 100'000;
  int64_t events = 1'000'000;
  int64_t large_accounts = 0;  // pipeline/uniform/large: accounts, with three events each; 0: it does not run
};

// A history of two years: the sample generator's events, spread over accounts that have these frequencies.
struct Workload {
  int64_t accounts = 0;
  int64_t events = 0;
  double zipf_exponent = 0;  // 0: all accounts are alike

  friend bool operator==(const Workload&, const Workload&) = default;
};

// A record before it has an offset and a time.
struct PreparedRecord {
  std::string_view key;
  std::string_view value;
};

// Records whose bytes lie in a few large blocks, outside the heap's bins: a heap that is full of small strings, and of
// the holes left between them, would slow down everything that is timed.
class History {
 public:
  void Add(std::string_view key, std::string_view value);

  size_t size() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  const PreparedRecord& operator[](size_t index) const { return records_[index]; }
  auto begin() const { return records_.begin(); }
  auto end() const { return records_.end(); }

 private:
  std::string_view Keep(std::string_view bytes);

  std::deque<std::string> blocks_;  // none ever grows beyond what it reserved: views into it stay valid
  std::vector<PreparedRecord> records_;
};

enum class Encoding { kProtobuf, kJson };

// The records of a workload. Only the workload asked for last is kept: a reference lives until another one is asked
// for. Not thread-safe.
const History& HistoryOf(const Workload& workload, Encoding encoding = Encoding::kProtobuf);

// Records of the log, with the index as offset. They point into `history`. Before `day_moves_at` their timestamps lie
// on the last but one day of the history, from there on they lie on its last: a backlog that is read within two days.
std::vector<Record> MakeRecords(const History& history, size_t from, size_t to, size_t day_moves_at);

// The last day of every history.
Day LastDay();

// The shipped catalogue with the default settings.
const Catalog& BenchCatalog();

// Decodes records in [from, to).
std::vector<ValidEvent> DecodeEvents(const History& history, size_t from, size_t to);

// A benchmark that cannot run ends the process and says why.
inline void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "benchmark failed: %s\n", status.ToString().c_str());
  std::exit(1);
}

template <typename T>
T Require(absl::StatusOr<T> result) {
  Require(result.status());
  return *std::move(result);
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_BENCH_WORKLOAD_H_
