#include "metrics/stage_metrics.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "event/decoder.h"
#include "metrics/families.h"

namespace keyfold {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets& TransactionSeconds() {
  static const auto* const buckets =
      new Buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  return *buckets;
}

const Buckets& TransactionRecords() {
  static const auto* const buckets = new Buckets{0, 1, 10, 100, 1'000, 5'000, 10'000, 20'000, 40'000, 60'000};
  return *buckets;
}

// From a transaction at the head of the log to a backlog of days.
const Buckets& AgeSeconds() {
  static const auto* const buckets =
      new Buckets{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3'600, 21'600, 86'400, 604'800};
  return *buckets;
}

}  // namespace

struct StageMetrics::Families {
  // The gauges of a partition.
  struct Partition {
    prometheus::Gauge* lag = nullptr;  // once it is known
    prometheus::Gauge* running = nullptr;
    prometheus::Gauge* next_offset = nullptr;
    prometheus::Gauge* waiting = nullptr;
    prometheus::Gauge* sweeping = nullptr;
    prometheus::Gauge* kept_bytes = nullptr;
  };

  Families(prometheus::Registry& registry_of_all, const std::string& name) : registry(registry_of_all), stage(name) {
    for (size_t code = 0; code < kRejectionCodes; ++code) {
      rejected_for[code] = &rejected.Add(
          {{"stage", stage}, {"reason", std::string(RejectionCodeName(static_cast<RejectionCode>(code)))}});
    }
  }

  prometheus::Labels With(const char* label, const std::string& value) const {
    return {{"stage", stage}, {label, value}};
  }
  prometheus::Histogram& Part(const char* part) { return seconds.Add(With("part", part), TransactionSeconds()); }

  prometheus::Registry& registry;
  const std::string stage;
  const prometheus::Labels of_stage{{"stage", stage}};

  prometheus::Counter& records_in =
      CounterFamily(registry, "keyfold_records_in_total", "Records of the input, folded and committed").Add(of_stage);

  prometheus::Family<prometheus::Counter>& records =
      CounterFamily(registry, "keyfold_records_total", "What became of them; duplicate and superseded: without effect");
  prometheus::Counter& applied = records.Add(With("outcome", "applied"));
  prometheus::Counter& duplicates = records.Add(With("outcome", "duplicate"));
  prometheus::Counter& superseded = records.Add(With("outcome", "superseded"));
  prometheus::Counter& erasures = records.Add(With("outcome", "erasure"));
  prometheus::Counter& all_rejected = records.Add(With("outcome", "rejected"));

  prometheus::Family<prometheus::Counter>& rejected =
      CounterFamily(registry, "keyfold_rejected_total", "Records that went to the dead letters, by reason");
  std::array<prometheus::Counter*, kRejectionCodes> rejected_for = {};

  prometheus::Family<prometheus::Counter>& published =
      CounterFamily(registry, "keyfold_published_total", "Records of the outputs, dead letters aside");
  prometheus::Counter& updates = published.Add(With("kind", "update"));
  prometheus::Counter& alerts = published.Add(With("kind", "alert"));
  prometheus::Counter& partials = published.Add(With("kind", "partial"));

  prometheus::Counter& swept =
      CounterFamily(registry, "keyfold_swept_total", "Accounts evaluated anew because time or a rate has moved")
          .Add(of_stage);
  prometheus::Family<prometheus::Counter>& opened = CounterFamily(
      registry, "keyfold_accounts_opened_total", "Accounts that transactions needed, and where they were");
  prometheus::Counter& found = opened.Add(With("from", "memory"));
  prometheus::Counter& looked_up = opened.Add(With("from", "store"));
  prometheus::Family<prometheus::Counter>& blocks =
      CounterFamily(registry, "keyfold_block_reads_total", "Blocks of table files that workers have read");
  prometheus::Counter& cached = blocks.Add(With("from", "cache"));
  prometheus::Counter& from_disk = blocks.Add(With("from", "disk"));

  prometheus::Counter& transactions =
      CounterFamily(registry, "keyfold_transactions_total", "Transactions committed").Add(of_stage);
  prometheus::Family<prometheus::Histogram>& seconds =
      HistogramFamily(registry, "keyfold_transaction_seconds", "How long transactions take, whole and by part");
  prometheus::Histogram& whole = Part("all");
  prometheus::Histogram& fold = Part("fold");
  prometheus::Histogram& commit = Part("commit");
  prometheus::Histogram& keep = Part("keep");
  prometheus::Histogram& batch_records =
      HistogramFamily(registry, "keyfold_transaction_records", "Records of a transaction; 0: it only swept")
          .Add(of_stage, TransactionRecords());
  prometheus::Histogram& age = HistogramFamily(registry, "keyfold_age_seconds",
                                               "From recorded_at of a transaction's oldest record to its commit")
                                   .Add(of_stage, AgeSeconds());
  prometheus::Gauge& committed_at = GaugeFamily(registry, "keyfold_last_commit_timestamp_seconds",
                                                "When the last transaction was committed, Unix time")
                                        .Add(of_stage);

  prometheus::Family<prometheus::Counter>& failures = CounterFamily(
      registry, "keyfold_failures_total", "Turns that failed, by status; RESOURCE_EXHAUSTED: a full disk");
  prometheus::Counter& no_room = failures.Add(With("code", "RESOURCE_EXHAUSTED"));  // so that an alert sees it rise

  prometheus::Family<prometheus::Gauge>& lag =
      GaugeFamily(registry, "keyfold_lag_records", "Offsets of the input that are not folded; 0 at its end");
  prometheus::Family<prometheus::Gauge>& running =
      GaugeFamily(registry, "keyfold_partition_running", "1: it is folded; 0: its shard is opened or replayed");
  prometheus::Family<prometheus::Gauge>& next_offset =
      GaugeFamily(registry, "keyfold_next_offset", "The first offset of the input that is not folded");
  prometheus::Family<prometheus::Gauge>& waiting =
      GaugeFamily(registry, "keyfold_waiting_records", "Records that were fetched and wait to be folded");
  prometheus::Family<prometheus::Gauge>& sweeping =
      GaugeFamily(registry, "keyfold_sweeping", "1: accounts are still at the day, or the rates, before");
  prometheus::Family<prometheus::Gauge>& kept_bytes =
      GaugeFamily(registry, "keyfold_kept_bytes", "What a shard takes of the budget of the accounts");

  absl::Mutex mutex;
  std::map<int32_t, Partition> partitions ABSL_GUARDED_BY(mutex);
};

StageMetrics::StageMetrics(Metrics& metrics, const std::string& stage)
    : families_(std::make_unique<Families>(metrics.registry(), stage)) {}

StageMetrics::~StageMetrics() = default;

void StageMetrics::Count(const CommittedBatch& batch, absl::Time now) {
  Families& of = *families_;
  const auto add = [](int64_t count, prometheus::Counter& counter) {
    if (count > 0) counter.Increment(static_cast<double>(count));
  };
  const ShardCounts& counts = batch.counts;
  add(batch.records, of.records_in);
  add(counts.applied, of.applied);
  add(counts.duplicates, of.duplicates);
  add(counts.superseded, of.superseded);
  add(counts.erasures, of.erasures);
  add(counts.rejected, of.all_rejected);
  for (size_t code = 0; code < kRejectionCodes; ++code) add(counts.rejected_for[code], *of.rejected_for[code]);
  add(counts.updates, of.updates);
  add(counts.alerts, of.alerts);
  add(counts.partials, of.partials);
  add(counts.swept, of.swept);
  add(counts.accounts_found, of.found);
  add(counts.accounts_looked_up, of.looked_up);
  of.transactions.Increment();
  of.whole.Observe(absl::ToDoubleSeconds(batch.duration));
  of.fold.Observe(absl::ToDoubleSeconds(batch.fold));
  of.commit.Observe(absl::ToDoubleSeconds(batch.commit));
  of.keep.Observe(absl::ToDoubleSeconds(batch.duration - batch.fold - batch.commit));
  of.batch_records.Observe(static_cast<double>(batch.records));
  // A stamp of a clock that is ahead of ours has no age, rather than a negative one.
  if (batch.recorded_at.has_value()) {
    of.age.Observe(absl::ToDoubleSeconds(std::max(now - *batch.recorded_at, absl::ZeroDuration())));
  }
  of.committed_at.Set(absl::ToDoubleSeconds(now - absl::UnixEpoch()));
}

void StageMetrics::Count(const BlockReads& reads) {
  families_->cached.Increment(static_cast<double>(reads.cached));
  families_->from_disk.Increment(static_cast<double>(reads.from_disk));
}

void StageMetrics::CountFailure(const absl::Status& failure) {
  families_->failures.Add(families_->With("code", absl::StatusCodeToString(failure.code()))).Increment();
}

void StageMetrics::Set(const PartitionProgress& progress, std::optional<int64_t> lag) {
  Families& of = *families_;
  const prometheus::Labels labels = of.With("partition", absl::StrCat(progress.partition));
  const absl::MutexLock lock(&of.mutex);
  Families::Partition& partition = of.partitions[progress.partition];
  if (partition.running == nullptr) {
    partition.running = &of.running.Add(labels);
    partition.next_offset = &of.next_offset.Add(labels);
    partition.waiting = &of.waiting.Add(labels);
    partition.sweeping = &of.sweeping.Add(labels);
    partition.kept_bytes = &of.kept_bytes.Add(labels);
  }
  if (lag.has_value()) {
    if (partition.lag == nullptr) partition.lag = &of.lag.Add(labels);
    partition.lag->Set(static_cast<double>(*lag));
  }
  partition.running->Set(progress.running ? 1 : 0);
  partition.next_offset->Set(static_cast<double>(progress.next_offset));
  partition.waiting->Set(static_cast<double>(progress.waiting));
  partition.sweeping->Set(progress.sweeping ? 1 : 0);
  partition.kept_bytes->Set(static_cast<double>(progress.kept_bytes));
}

void StageMetrics::Forget(int32_t number) {
  Families& of = *families_;
  const absl::MutexLock lock(&of.mutex);
  const auto found = of.partitions.find(number);
  if (found == of.partitions.end()) return;
  const Families::Partition& partition = found->second;
  if (partition.lag != nullptr) of.lag.Remove(partition.lag);
  of.running.Remove(partition.running);
  of.next_offset.Remove(partition.next_offset);
  of.waiting.Remove(partition.waiting);
  of.sweeping.Remove(partition.sweeping);
  of.kept_bytes.Remove(partition.kept_bytes);
  of.partitions.erase(found);
}

}  // namespace keyfold
