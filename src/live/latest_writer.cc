#include "live/latest_writer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "live/latest_keys.h"
#include "live/waker.h"

namespace keyfold {

absl::StatusOr<LatestReport> LatestWriter::Apply(std::span<const PublishedRecord> records) {
  v1::LatestMeta meta = meta_;
  std::vector<LatestChange> changes;
  LatestReport report;
  {
    absl::ReaderMutexLock lock(&state_.mutex);
    RecordBatch collected(state_.rows, meta);
    for (const PublishedRecord& record : records) collected.Add(record);
    changes = collected.Finish(report);
  }
  StoreBatch batch;
  StoreChanges(changes, batch);
  batch.Put(std::string(kLatestMetaKey), meta.SerializeAsString());
  batch.Sort();
  KEYFOLD_RETURN_IF_ERROR(state_.store->Write(std::move(batch)));
  Show(changes, meta);
  KEYFOLD_RETURN_IF_ERROR(ForgetEnded());
  return report;
}

void LatestWriter::Show(std::span<const LatestChange> changes, const v1::LatestMeta& meta) {
  std::vector<std::shared_ptr<Waker>> wakers;
  {
    absl::WriterMutexLock lock(&state_.mutex);
    const TopicOffsets before = state_.ends.next;
    for (const LatestChange& change : changes) ShowRow(change, before);
    state_.ends = EndsOf(meta);
    meta_ = meta;
    std::string epoch = EpochOf(meta);
    if (epoch != state_.epoch) {
      state_.epoch = std::move(epoch);
      wakers = state_.watchers.TakeWaiting();
    } else if (!changes.empty()) {
      wakers = state_.watchers.TakeConcerned();
    }
  }
  for (const std::shared_ptr<Waker>& waker : wakers) waker->Wake();
}

void LatestWriter::ShowRow(const LatestChange& change, const TopicOffsets& before) {
  const std::optional<RowNumber> known = state_.rows.Find(change.topic, change.id);
  GroupNumbers left;
  if (known.has_value()) left = state_.rows.row(*known).groups;
  const auto value_of = [&change](const std::string& kpi) {
    const auto at = change.update.kpis().find(kpi);
    const bool is_defined = at != change.update.kpis().end() && std::isfinite(at->second);
    return is_defined ? at->second : std::numeric_limits<double>::quiet_NaN();
  };
  const RowOrders::Change order_change{change.topic, known.has_value() && !state_.rows.row(*known).gone,
                                       !change.row.gone(), change.row.attributes().name(), value_of};
  if (known.has_value()) state_.orders.BeforeChange(*known, order_change);
  const RowNumber number = state_.rows.Put(change.topic, change.id, change.row);
  state_.orders.AfterChange(number, order_change);
  state_.rows.LogLatest(number);
  if (change.is_left) ended_.push_back({change.topic, change.row.partition(), change.row.offset(), number});
  if (!change.is_left) left.clear();
  state_.watchers.Offer(state_.rows, number, left, before);
}

absl::Status LatestWriter::ForgetEnded() {
  // Some more at once: a batch for each would be one too many.
  if (ended_.size() <= ended_max_ + ended_max_ / 16) return absl::OkStatus();
  v1::LatestMeta meta = meta_;
  std::map<RowNumber, v1::LatestRow> rows;
  StoreBatch batch;
  for (size_t i = 0; i < ended_.size() - ended_max_; ++i) {
    const Ended& ended = ended_[i];
    const auto is_it = [&ended](const auto& former) {
      return former.partition() == ended.partition && former.offset() == ended.offset;
    };
    const Row& row = OwnRows().row(ended.row);
    if (row.topic != ended.topic || row.former == nullptr) continue;
    auto [at, is_new] = rows.try_emplace(ended.row);
    if (is_new) {
      KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                               state_.store->Get(RowKeyOf(row.topic, row.id())));
      if (!stored.has_value() || !at->second.ParseFromString(*stored)) {
        return absl::DataLossError(absl::StrCat("the row of ", std::string(row.id()), " is damaged"));
      }
    }
    auto& former = *at->second.mutable_former_groups();
    if (std::none_of(former.begin(), former.end(), is_it)) continue;
    former.erase(std::remove_if(former.begin(), former.end(), is_it), former.end());
    v1::LatestPartition& partition = PartitionOf(meta, ended.topic, ended.partition);
    partition.set_known_from(std::max(partition.known_from(), ended.offset + 1));
  }
  for (const auto& [number, row] : rows) {
    std::string key = RowKeyOf(OwnRows().row(number).topic, OwnRows().row(number).id());
    if (row.gone() && row.former_groups().empty()) {
      batch.Delete(std::move(key));
    } else {
      batch.Put(std::move(key), row.SerializeAsString());
    }
  }
  batch.Put(std::string(kLatestMetaKey), meta.SerializeAsString());
  KEYFOLD_RETURN_IF_ERROR(state_.store->Write(std::move(batch)));
  absl::WriterMutexLock lock(&state_.mutex);
  for (const auto& [number, row] : rows) {
    if (row.gone() && row.former_groups().empty()) {
      state_.rows.Remove(number);
    } else {
      const std::string id(state_.rows.row(number).id());
      state_.rows.Put(state_.rows.row(number).topic, id, row);
    }
  }
  ended_.erase(ended_.begin(), ended_.end() - static_cast<std::ptrdiff_t>(ended_max_));
  state_.ends = EndsOf(meta);
  meta_ = std::move(meta);
  return absl::OkStatus();
}

absl::Status LatestWriter::Open(const LatestSource& source, const std::function<void(std::string_view)>& log) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> stored, state_.store->Get(kLatestMetaKey));
  if (!stored.has_value()) return StartFrom(NewMeta(source));
  std::string misfit = meta_.ParseFromString(*stored) ? Misfit(meta_, source) : "it is damaged";
  if (misfit.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(const bool is_whole, LoadRows());
    if (is_whole) return absl::OkStatus();
    misfit = "it is damaged";
  }
  log(absl::StrCat("the store of latest values is filled anew from the topics: ", misfit));
  return StartFrom(NewMeta(source));
}

absl::Status LatestWriter::StartFrom(const v1::LatestMeta& meta) {
  StoreBatch batch;
  for (char sort : {kRowSort, kValueSort}) batch.DeletePrefix(std::string(1, sort));
  batch.Put(std::string(kLatestMetaKey), meta.SerializeAsString());
  KEYFOLD_RETURN_IF_ERROR(state_.store->Write(std::move(batch)));
  {
    absl::WriterMutexLock lock(&state_.mutex);
    state_.orders.Clear();
    state_.rows.Clear();
    ended_.clear();
  }
  Show({}, meta);
  return absl::OkStatus();
}

absl::StatusOr<bool> LatestWriter::LoadRows() {
  bool is_whole = true;
  for (LatestTopic topic : kLatestTopics) {
    const std::string prefix = LatestPrefix(kRowSort, topic);
    v1::LatestRow row;
    KEYFOLD_RETURN_IF_ERROR(state_.store->Scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
      is_whole = row.ParseFromArray(value.data(), static_cast<int>(value.size()));
      if (!is_whole) return false;
      // Within the store's locks, as where an order is read: never the other way round.
      absl::WriterMutexLock lock(&state_.mutex);
      const RowNumber number = state_.rows.Put(topic, LatestIdOf(key), row);
      std::set<std::pair<int32_t, int64_t>> ends;
      for (const v1::FormerGroup& former : row.former_groups()) ends.emplace(former.partition(), former.offset());
      for (const auto& [partition, offset] : ends) ended_.push_back({topic, partition, offset, number});
      return true;
    }));
    if (!is_whole) return false;
  }
  // Which partition's came first is not known any more; those of a row are in order.
  std::stable_sort(ended_.begin(), ended_.end(), [](const Ended& a, const Ended& b) { return a.offset < b.offset; });
  absl::WriterMutexLock lock(&state_.mutex);
  state_.rows.MakeLogs();
  state_.ends = EndsOf(meta_);
  state_.epoch = EpochOf(meta_);
  return true;
}

absl::Status LatestWriter::Empty() {
  v1::LatestMeta meta = meta_;
  meta.set_emptied(meta.emptied() + 1);
  for (v1::LatestTopic& topic : *meta.mutable_topics()) topic.clear_partitions();
  return StartFrom(meta);
}

}  // namespace keyfold
