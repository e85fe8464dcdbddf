// Topics of latest values in memory, the values read from them, and readers of streams who are cut off.
#ifndef KEYFOLD_TESTS_LIVE_LATEST_WORLD_H_
#define KEYFOLD_TESTS_LIVE_LATEST_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keyfold/v1/alert.pb.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "live/latest_values.h"
#include "rows/alert_key.h"
#include "store/memory_store.h"
#include "support/shared_store.h"

namespace keyfold {

inline v1::KpiUpdate AnUpdate(const std::string& id, const std::string& manager, double revenue = 0,
                              const std::string& catalog = "c1") {
  v1::KpiUpdate update;
  update.set_account_id(id);
  update.set_catalog_hash(catalog);
  update.mutable_attributes()->set_name("The " + id);
  update.mutable_attributes()->set_manager_id(manager);
  (*update.mutable_kpis())["revenue"] = revenue;
  return update;
}

inline v1::KpiUpdate AGroupUpdate(const std::string& id, double revenue = 0, const std::string& catalog = "c1") {
  v1::KpiUpdate update;
  update.set_group_id(id);
  update.set_catalog_hash(catalog);
  (*update.mutable_kpis())["revenue"] = revenue;
  return update;
}

// A cluster with the topics, and a process that keeps their latest values.
class LatestWorld {
 public:
  explicit LatestWorld(int32_t partitions = 2, LatestLimits limits = {}) : partitions_(partitions), limits_(limits) {
    Restart();
  }

  LatestValues& values() { return *values_; }
  LatestSource source{"cluster", {"account-kpis", "rollup-kpis", "account-alerts"}};
  std::vector<std::string> log;

  // Publishes an update, numbered by source_offset, or a tombstone. Not read yet.
  void Publish(LatestTopic topic, const std::string& id, std::optional<v1::KpiUpdate> update) {
    ++published_;
    if (update.has_value()) {
      update->set_source_offset(published_);
      latest_[{topic, id}] = *update;
      Store(topic, id, update->SerializeAsString());
    } else {
      latest_.erase({topic, id});
      Store(topic, id, std::nullopt);
    }
  }
  void Publish(const v1::KpiUpdate& update) {
    const bool is_account = !update.account_id().empty();
    Publish(is_account ? LatestTopic::kAccounts : LatestTopic::kGroups,
            is_account ? update.account_id() : update.group_id(), update);
  }
  void Tombstone(const std::string& account_id) { Publish(LatestTopic::kAccounts, account_id, std::nullopt); }

  // The same of an alert ("account/at_risk/A1"): raised, cleared, or a tombstone.
  void PublishAlert(const std::string& key, std::optional<bool> raised) {
    ++published_;
    raised_.erase(key);
    if (!raised.has_value()) return Store(LatestTopic::kAlerts, key, std::nullopt);
    const ParsedAlertKey parsed = *ParseAlertKey(key);
    const std::string owner(parsed.owner_id);
    v1::KpiAlert alert;
    parsed.owner_topic == LatestTopic::kAccounts ? alert.set_account_id(owner) : alert.set_group_id(owner);
    alert.set_alert(std::string(parsed.alert));
    alert.set_raised(*raised);
    alert.set_source_offset(published_);
    if (*raised) raised_[key] = published_;
    Store(LatestTopic::kAlerts, key, alert.SerializeAsString());
  }

  // Reads up to so many of the records that were not read, beginning with some that were: they may come again.
  void Read(size_t count, size_t again = 0) {
    std::vector<PublishedRecord> batch;
    for (size_t i = read_ - std::min(read_, again); i < std::min(read_ + count, records_.size()); ++i) {
      const Stored& stored = records_[i];
      batch.push_back(
          {stored.topic, stored.partition, stored.offset, static_cast<int64_t>(i), stored.id, stored.value});
    }
    read_ = std::min(read_ + count, records_.size());
    const absl::StatusOr<LatestReport> report = values_->Apply(batch);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->undecodable, 0);
  }
  void ReadAll() { Read(records_.size()); }
  size_t unread() const { return records_.size() - read_; }

  // The process comes back with its store, or with another `source`. No stream may be left.
  void Restart() {
    values_.reset();
    absl::StatusOr<std::unique_ptr<LatestValues>> values =
        LatestValues::Open(std::make_unique<SharedStore>(disk_), source, limits_,
                           [this](std::string_view line) { log.emplace_back(line); });
    ASSERT_TRUE(values.ok()) << values.status();
    values_ = *std::move(values);
    read_ = 0;
    const TopicOffsets next = values_->next_offsets();
    while (read_ < records_.size() &&
           records_[read_].offset < OffsetIn(next, records_[read_].topic, records_[read_].partition)) {
      ++read_;
    }
  }

  MemoryStore& disk() { return disk_; }
  const std::map<std::pair<LatestTopic, std::string>, v1::KpiUpdate>& latest() const { return latest_; }
  const std::map<std::string, int64_t>& raised() const { return raised_; }  // alerts, by key, with their numbers

 private:
  struct Stored {
    LatestTopic topic;
    int32_t partition;
    int64_t offset;
    std::string id;
    std::optional<std::string> value;
  };

  void Store(LatestTopic topic, const std::string& id, std::optional<std::string> value) {
    Stored stored{topic, static_cast<int32_t>(id.back()) % partitions_, 0, id, std::move(value)};
    stored.offset = ends_[{topic, stored.partition}]++;
    ends_[{topic, stored.partition}] += static_cast<int64_t>(id.size() % 2);  // markers of transactions leave holes
    records_.push_back(std::move(stored));
  }

  const int32_t partitions_;
  const LatestLimits limits_;
  MemoryStore disk_{nullptr};
  std::unique_ptr<LatestValues> values_;
  std::vector<Stored> records_;
  std::map<std::pair<LatestTopic, int32_t>, int64_t> ends_;
  size_t read_ = 0;
  int64_t published_ = 0;
  std::map<std::pair<LatestTopic, std::string>, v1::KpiUpdate> latest_;
  std::map<std::string, int64_t> raised_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_LIVE_LATEST_WORLD_H_
