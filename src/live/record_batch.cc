#include "live/record_batch.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "live/latest_keys.h"
#include "live/latest_meta.h"
#include "live/published_alert.h"
#include "live/published_update.h"

namespace keyfold {

void RecordBatch::Add(const PublishedRecord& record) {
  v1::LatestPartition& partition = PartitionOf(meta_, record.topic, record.partition);
  if (record.offset < partition.next_offset()) {
    ++report_.ignored;
    return;
  }
  partition.set_next_offset(record.offset + 1);
  LatestChange latest;
  if (!Decode(record, latest)) {
    if (report_.undecodable++ == 0) {
      report_.undecodable_example = absl::StrCat(meta_.topics(static_cast<int>(record.topic)).identity(), "[",
                                                 record.partition, "] @", record.offset);
    }
    return;
  }
  const std::optional<RowNumber> number = rows_.Find(record.topic, record.key);
  const Row* row = number.has_value() ? &rows_.row(*number) : nullptr;
  const auto at = by_id_.find({record.topic, std::string(record.key)});
  LatestChange* change = at == by_id_.end() ? nullptr : &changes_[at->second];
  const bool is_known = change != nullptr || (row != nullptr && !row->gone);
  if ((!record.value.has_value() && !is_known) || IsOlder(record, change, row)) {
    ++report_.ignored;
    return;
  }
  if (change == nullptr) {
    by_id_.emplace(std::pair(record.topic, std::string(record.key)), changes_.size());
    change = &changes_.emplace_back();
  }
  *change = std::move(latest);
}

bool RecordBatch::Decode(const PublishedRecord& record, LatestChange& change) {
  change.topic = record.topic;
  change.id = record.key;
  change.row.set_partition(record.partition);
  change.row.set_offset(record.offset);
  change.row.set_timestamp_ms(record.timestamp_ms);
  change.row.set_gone(!record.value.has_value());
  if (!record.value.has_value()) return true;
  if (record.topic == LatestTopic::kAlerts) {
    std::optional<v1::KpiAlert> alert = DecodeAlert(record.key, *record.value);
    if (!alert.has_value()) return false;
    *change.row.mutable_alert() = LatestOf(*alert);
    change.alert = *std::move(alert);
    return true;
  }
  std::optional<v1::KpiUpdate> update = DecodeUpdate(*record.value);
  if (!update.has_value() || record.key.empty()) return false;
  const bool is_account = record.topic == LatestTopic::kAccounts;
  if ((is_account ? update->account_id() : update->group_id()) != record.key) return false;
  NoteCatalog(record.topic, record.partition, *update, meta_);
  *change.row.mutable_attributes() = update->attributes();
  change.update = *std::move(update);
  return true;
}

// Within a partition offsets tell. Where a topic got more partitions, an id may have moved to another one, and
// partitions are read beside each other.
bool RecordBatch::IsOlder(const PublishedRecord& record, const LatestChange* change, const Row* row) const {
  if (change != nullptr) {
    return change->row.partition() != record.partition && record.timestamp_ms < change->row.timestamp_ms();
  }
  return row != nullptr && row->partition != record.partition && record.timestamp_ms < row->timestamp_ms;
}

void RecordBatch::SetFormerGroups(LatestChange& change) const {
  const std::optional<RowNumber> number = rows_.Find(change.topic, change.id);
  if (!number.has_value()) return;
  const Row& row = rows_.row(*number);
  const std::vector<std::string> groups = GroupsOfRow(change.topic, change.id, change.row);
  const auto add = [&](GroupNumber group, int32_t partition, int64_t offset) {
    const std::string& id = rows_.group_id(group);
    if (std::find(groups.begin(), groups.end(), id) != groups.end()) return false;
    v1::FormerGroup& former = *change.row.add_former_groups();
    former.set_group_id(id);
    former.set_partition(partition);
    former.set_offset(offset);
    return true;
  };
  if (row.former != nullptr) {
    for (const FormerMembership& former : *row.former) add(former.group, former.partition, former.offset);
  }
  for (GroupNumber group : row.groups) {
    if (add(group, change.row.partition(), change.row.offset())) change.is_left = true;
  }
}

std::vector<LatestChange> RecordBatch::Finish(LatestReport& report) {
  // What came and went within the batch was never there.
  std::erase_if(changes_, [this](const LatestChange& change) {
    return change.row.gone() && !rows_.Find(change.topic, change.id).has_value();
  });
  for (LatestChange& change : changes_) SetFormerGroups(change);
  std::sort(changes_.begin(), changes_.end(), [](const LatestChange& a, const LatestChange& b) {
    return std::tuple(a.topic, a.row.partition(), a.row.offset()) <
           std::tuple(b.topic, b.row.partition(), b.row.offset());
  });
  report = std::move(report_);
  report.applied = static_cast<int64_t>(changes_.size());
  return std::move(changes_);
}

void StoreChanges(const std::vector<LatestChange>& changes, StoreBatch& batch) {
  for (const LatestChange& change : changes) {
    batch.Put(RowKeyOf(change.topic, change.id), change.row.SerializeAsString());
    if (change.row.gone()) {
      batch.Delete(ValueKeyOf(change.topic, change.id));
      continue;
    }
    std::string value;
    AppendVersion(change.row.partition(), change.row.offset(), value);
    if (change.topic == LatestTopic::kAlerts) {
      change.alert.AppendToString(&value);
    } else {
      change.update.AppendToString(&value);
    }
    batch.Put(ValueKeyOf(change.topic, change.id), std::move(value));
  }
}

}  // namespace keyfold
