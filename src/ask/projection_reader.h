// Questions to all shards of a projection that are on this machine: who belongs to a group, and everything about an
// account, read once for any number of dates.
#ifndef KEYFOLD_ASK_PROJECTION_READER_H_
#define KEYFOLD_ASK_PROJECTION_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "account/contribution.h"
#include "account/entity.h"
#include "keyfold/shard_store.h"
#include "kpi/catalog.h"
#include "kpi/evaluation.h"
#include "kpi/evaluation_days.h"
#include "kpi/groups.h"

namespace keyfold {

// The store of a partition's shard.
struct ShardSource {
  int32_t partition = 0;
  std::unique_ptr<ShardStore> store;
  absl::Time written_at = absl::InfinitePast();  // when what it shows was written, if that is known
};

// The moment at which a question sees a shard: it has folded the records before `next_offset` and nothing else.
struct ShardMoment {
  int32_t partition = 0;
  bool stored = false;  // false: nothing has been stored yet
  int64_t next_offset = 0;
  int64_t stream_time_ms = -1;   // -1: none yet
  int32_t topic_partitions = 0;  // of the topic that it folds; 0: not told
  absl::Time written_at = absl::InfinitePast();
};

// The partitions up to the last one that there are none of, ascending. How many there are the shards have been told by
// their worker; where none has, one that is missing after the greatest is not noticed. `moments` are by partition.
std::vector<int32_t> MissingPartitions(std::span<const ShardMoment> moments);

// "0-3, 5" for 0, 1, 2, 3, 5.
std::string RangesOf(const std::vector<int32_t>& numbers);

// What a question reads of an account. `rates` live as long as the reader.
struct AccountRecord {
  std::string id;
  std::vector<AttributeSpan> attributes;
  std::vector<Contribution> ledger;
  const RateTable* rates = nullptr;
  size_t shard = 0;  // among ProjectionReader::shards()
};

// An account's components and definitions at a date, as SumComponents() and EvaluateAccount() give them.
struct AccountValues {
  ComponentValues components;
  std::vector<double> values;
};
AccountValues EvaluateAt(const EvaluationDay& evaluation, const AccountRecord& account);

// Immutable once open; the shards may be written meanwhile by their worker: each is seen at one moment.
// Thread-safe as far as reading the stores is, as that of RocksDB's is. Cheap to copy.
class ProjectionReader {
 public:
  // `catalog` outlives the reader. FailedPrecondition: a shard was built with another catalogue or another format.
  static absl::StatusOr<ProjectionReader> Open(const Catalog& catalog, std::vector<ShardSource> shards);

  // The same shards at the same moments, asked with Catalog::WithFormula() of the catalogue.
  ProjectionReader With(const Catalog& extended) const { return {extended, shards_}; }

  const Catalog& catalog() const { return *catalog_; }

  // The shards' stores, by partition.
  const std::vector<ShardSource>& shards() const { return shards_->sources; }

  // Sums over a group need every partition. FailedPrecondition: some are missing (MissingPartitions()), and which.
  absl::Status CheckComplete() const;

  // "8 shards: 0-7, stream time 2026-01-05T12:00:00Z"; names those that have not reached the latest day, and at which
  // offsets and times of storing it sees them.
  std::string Describe() const;

  // By partition.
  const std::vector<ShardMoment>& moments() const { return shards_->moments; }

  // Why an account that was not found may be there all the same: "; nothing is stored yet of partitions 1-2" where
  // that is so, and "" where it is not.
  std::string WhyNotFound() const;

  // The greatest day that a shard has reached. FailedPrecondition: none has folded anything.
  absl::StatusOr<Day> LatestDay() const;

  // nullopt: no shard has the account, or its last event was retracted.
  absl::StatusOr<std::optional<AccountRecord>> ReadAccount(std::string_view account_id) const;

  // Visits the accounts that belong to the group at one of `days` at least; `member` says at which. Accounts have
  // events that are not retracted; their order is that of the partitions, then of the ids' lengths and bytes.
  using Visitor = std::function<void(const AccountRecord& account, std::span<const uint8_t> member)>;
  absl::Status VisitMembers(std::string_view group_id, std::span<const Day> days, const Visitor& visit) const;

 private:
  struct Shards {
    std::vector<ShardSource> sources;
    std::vector<ShardMoment> moments;  // of the sources
    std::vector<RateTable> rates;      // likewise
  };

  ProjectionReader(const Catalog& catalog, std::shared_ptr<const Shards> shards)
      : catalog_(&catalog), shards_(std::move(shards)) {}

  static absl::Status ReadMoment(const Catalog& catalog, size_t index, Shards& shards);
  absl::StatusOr<bool> IsLive(size_t index, std::string_view account_id) const;
  Day DayOf(const ShardMoment& moment) const { return StreamDay(catalog_->calendar(), moment.stream_time_ms); }

  const Catalog* catalog_;
  std::shared_ptr<const Shards> shards_;
};

}  // namespace keyfold

#endif  // KEYFOLD_ASK_PROJECTION_READER_H_
