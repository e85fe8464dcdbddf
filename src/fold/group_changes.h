// What a transaction does to the groups of a shard of stage 1: one partial per group, however many accounts moved.
#ifndef KEYFOLD_FOLD_GROUP_CHANGES_H_
#define KEYFOLD_FOLD_GROUP_CHANGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/calendar.h"
#include "fold/cause.h"
#include "keyfold/shard_store.h"
#include "keyfold/update_sink.h"
#include "kpi/catalog.h"
#include "kpi/group_sums.h"

namespace keyfold {

// Not thread-safe.
class GroupChanges {
 public:
  explicit GroupChanges(const Catalog& catalog) : catalog_(catalog) {}

  // Adds to a group's sums. With `publish`, its partial is published if that changes it; without, a later Publish() is
  // to come.
  void Add(const std::string& group_id, const GroupDelta& delta, const Cause& cause, bool publish);

  // The group's partial is published, changed or not.
  void Publish(const std::string& group_id, const Cause& cause);

  // What a partial says of itself.
  struct Origin {
    int32_t partition;
    int64_t offset;
    Day day;
  };

  // Ends the transaction: adds its writes and partials, which tell the last of their causes, and forgets all. `store`
  // holds the sums before.
  absl::Status Finish(const ShardStore& store, const Origin& origin, StoreBatch& writes,
                      std::vector<OutputRecord>& outputs);

 private:
  struct Change {
    explicit Change(const Catalog& catalog) : delta(catalog) {}
    GroupSums delta;
    Cause cause;  // the last
    bool publish = false;
    bool always = false;
  };

  Change& ChangeOf(const std::string& group_id, const Cause& cause);
  OutputRecord Partial(const std::string& group_id, const GroupSums& sums, const Cause& cause,
                       const Origin& origin) const;

  const Catalog& catalog_;
  absl::flat_hash_map<std::string, Change> changes_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_GROUP_CHANGES_H_
