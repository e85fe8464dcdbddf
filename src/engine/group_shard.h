// Stage 2: partials into groups' KPIs.
//
// A partition of the partials topic holds all partials of its groups: one per group and source partition counts, the
// latest. The shard keeps those, and their sum; a new partial replaces its predecessor in the sum.
#ifndef KEYFOLD_ENGINE_GROUP_SHARD_H_
#define KEYFOLD_ENGINE_GROUP_SHARD_H_

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/shard.h"
#include "fold/update_format.h"
#include "kpi/catalog.h"
#include "kpi/evaluation_days.h"
#include "kpi/group_sums.h"

namespace keyfold {

class GroupShard final : public Shard {
 public:
  // As AccountShard::Open().
  static absl::StatusOr<std::unique_ptr<GroupShard>> Open(std::unique_ptr<ShardStore> store, const Catalog& catalog,
                                                          const UpdateFormat& format, const ShardIdentity& identity);

  const ShardBook& book() const override { return book_; }

  // One batch takes all records. What is not a partial of this catalogue is rejected.
  absl::StatusOr<size_t> Fold(std::span<const Record> records) override;

  // Stage 1 sweeps; its partials say when.
  absl::StatusOr<int64_t> Sweep(int64_t /*visits_max*/, absl::FunctionRef<bool()> /*over*/) override { return 0; }

  absl::StatusOr<std::vector<OutputRecord>> PrepareCommit() override;

  // Nothing is kept back.
  absl::Status PostCommit() override { return book_.Keep(); }
  absl::Status Flush() override { return book_.store->Flush(); }
  bool crowded() const override { return false; }
  int64_t kept_bytes() const override { return 0; }
  absl::Status MakeRoom() override { return absl::OkStatus(); }

  // Compaction may have taken partials away that were folded and published before, and may take away those that have
  // superseded them as long as they were not read: until it has caught up with the end of the log, whatever the shard
  // reads is published even if it changes nothing here.
  bool catching_up() const override { return book_.meta.catching_up() != 0; }
  void SetLogEnd(int64_t log_end) override { log_end_ = log_end; }
  void BeginReplay(const CommittedOffset& committed) override;
  absl::StatusOr<bool> FinishReplay(int64_t visits_max, absl::FunctionRef<bool()> over) override;

 private:
  struct Group {
    explicit Group(const Catalog& catalog) : sums(catalog) {}

    std::optional<GroupSums> before;  // as last published, if that is known
    Day day_before = 0;
    GroupSums sums;
    Day day = 0;
    int64_t last_offset = 0;
    v1::KpiUpdate::Cause cause = v1::KpiUpdate::CAUSE_UNSPECIFIED;  // of the last partial, with the next two
    std::string cause_event;
    int64_t recorded_at_ms = 0;
    std::vector<std::string> raised_alerts;  // as last published
    bool unpublished = false;                // a rebuild has made the sums before
    bool unknown = false;                    // a partial that was published before may be missing in them
  };
  // A partial that is as it should be.
  struct Partial {
    v1::GroupPartial message;
    GroupSums sums;
    int64_t offset;
  };
  using Stored = std::map<std::string, std::optional<std::string>>;  // by key

  GroupShard(std::unique_ptr<ShardStore> store, const Catalog& catalog, const UpdateFormat& format,
             const ShardIdentity& identity);

  std::variant<Partial, Rejection> Parse(const Record& record) const;
  absl::StatusOr<Stored> Prefetch(const std::vector<Partial>& partials) const;
  absl::Status Replace(const Partial& partial, Stored& stored);
  absl::StatusOr<Group*> Load(const std::string& group_id, const Stored& stored);
  void EndCatchingUp();
  void Publish(const std::string& group_id, Group& group);
  void PublishGone(const std::string& group_id, const Group& group);
  void PublishAlerts(const Update& update, Group& group);

  const Catalog& catalog_;
  const UpdateFormat& format_;
  ShardBook book_;
  EvaluationDays days_;
  std::map<std::string, Group> groups_;  // of the pending batch
  bool replaying_ = false;
  int64_t log_end_ = std::numeric_limits<int64_t>::max();  // as was last told
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_GROUP_SHARD_H_
