#include "fold/group_changes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "keyfold/v1/stored_state.pb.h"
#include "state/multi_get.h"
#include "state/store_keys.h"
#include "state/stored_group.h"

namespace keyfold {

GroupChanges::Change& GroupChanges::ChangeOf(const std::string& group_id, const Cause& cause) {
  Change& change = changes_.try_emplace(group_id, catalog_).first->second;
  if (cause.offset >= change.cause.offset) change.cause = cause;
  return change;
}

void GroupChanges::Publish(const std::string& group_id, const Cause& cause) { ChangeOf(group_id, cause).always = true; }

void GroupChanges::Add(const std::string& group_id, const GroupDelta& delta, const Cause& cause, bool publish) {
  Change& change = ChangeOf(group_id, cause);
  change.delta += delta;
  change.publish |= publish;
}

absl::Status GroupChanges::Finish(const ShardStore& store, const Origin& origin, StoreBatch& writes,
                                  std::vector<OutputRecord>& outputs) {
  std::vector<std::pair<std::string, const std::pair<const std::string, Change>*>> changed;
  for (const auto& entry : changes_) {
    if (entry.second.always || !entry.second.delta.IsZero()) changed.emplace_back(GroupKey(entry.first), &entry);
  }
  std::sort(changed.begin(), changed.end());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, MultiGet(store, changed));
  for (size_t i = 0; i < changed.size(); ++i) {
    const std::string& key = changed[i].first;
    const auto& [group_id, change] = *changed[i].second;
    GroupSums sums(catalog_);
    if (values[i].has_value()) {
      KEYFOLD_ASSIGN_OR_RETURN(KeptGroup before, ParseGroup(catalog_, group_id, *values[i]));
      sums = std::move(before.sums);
    }
    sums += change.delta;
    if (sums.accounts == 0) {
      writes.Delete(key);
    } else if (!change.delta.IsZero()) {
      writes.Put(key, SerializeGroup({sums}));
    }
    // A group that a sweep has emptied is gone when the sweep comes to the groups: it is told now.
    if (change.publish || change.always || sums.accounts == 0) {
      outputs.push_back(Partial(group_id, sums, change.cause, origin));
    }
  }
  changes_.clear();
  return absl::OkStatus();
}

OutputRecord GroupChanges::Partial(const std::string& group_id, const GroupSums& sums, const Cause& cause,
                                   const Origin& origin) const {
  v1::GroupPartial partial;
  partial.set_group_id(group_id);
  partial.set_source_partition(origin.partition);
  partial.set_source_offset(origin.offset);
  partial.set_day(origin.day);
  partial.set_catalog_hash(catalog_.hash());
  *partial.mutable_sums() = ToStored(sums);
  partial.set_cause(cause.kind);
  partial.set_cause_event(std::string(EventTypeName(cause.event)));
  partial.set_recorded_at_ms(cause.recorded_at_ms);
  OutputRecord record;
  record.topic = OutputTopic::kPartials;
  record.key = group_id;
  record.key->push_back('\0');
  absl::StrAppend(&*record.key, origin.partition);
  record.routing_key = group_id;
  record.value = partial.SerializeAsString();
  return record;
}

}  // namespace keyfold
