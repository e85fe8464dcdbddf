// A projection of several shards in memory, fed by hand, beside an offline fold of the same log: what questions answer
// is what the fold says.
#ifndef KEYFOLD_TESTS_ASK_PROJECTION_WORLD_H_
#define KEYFOLD_TESTS_ASK_PROJECTION_WORLD_H_

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ask/projection_reader.h"
#include "engine/account_shard.h"
#include "fold/offline_fold.h"
#include "state/store_keys.h"
#include "support/default_catalog.h"
#include "support/gathering.h"
#include "support/published.h"
#include "support/shared_store.h"

namespace keyfold {

// Group or account id -> what was folded.
using FoldedById = std::map<std::string, FoldedValues>;

class ProjectionWorld {
 public:
  explicit ProjectionWorld(int partitions = 3, const KpiSettings& settings = {})
      : catalog_(DefaultCatalog(settings)), partitions_(static_cast<size_t>(partitions)) {
    for (size_t i = 0; i < partitions_.size(); ++i) {
      Partition& partition = partitions_[i];
      auto shard = AccountShard::Open(Gathering(std::make_unique<SharedStore>(partition.disk)), catalog_, format_,
                                      {"cluster", "events", static_cast<int32_t>(i), partitions});
      EXPECT_TRUE(shard.ok()) << shard.status();
      partition.shard = *std::move(shard);
    }
  }

  // --- given ---------------------------------------------------------------------------------------------------------

  // Events of accounts go to the account's partition, others to all.
  void Add(const MemoryRecord& record) {
    const bool of_account = record.key.has_value() && !record.key->empty();
    for (size_t i = 0; i < partitions_.size(); ++i) {
      if (!of_account || i == PartitionOf(*record.key)) partitions_[i].log.push_back(record);
    }
    const absl::Status added = fold_.Add(decoder_.Decode(RecordFrom(record, offset_)), offset_, IgnoreRejection);
    EXPECT_TRUE(added.ok()) << added;
    ++offset_;
  }
  void Add(const v1::AccountEvent& event, std::string_view timestamp = "2026-01-05") {
    Add(RecordOf(timestamp, event));
  }
  void Erase(const std::string& account_id) { Add({account_id, std::nullopt, {}, Milliseconds("2026-01-05")}); }

  // --- when ----------------------------------------------------------------------------------------------------------

  // Folds what was added, and opens the shards for questions; those of these partitions, if any are named.
  absl::StatusOr<ProjectionReader> Open(const Catalog& catalog, const std::set<size_t>& only = {}) {
    std::vector<ShardSource> sources;
    for (size_t i = 0; i < partitions_.size(); ++i) {
      Fold(partitions_[i]);
      if (!only.empty() && !only.contains(i)) continue;
      sources.push_back({static_cast<int32_t>(i), std::make_unique<SharedStore>(partitions_[i].disk)});
    }
    const absl::Status flushed = fold_.Flush(IgnoreRejection);
    EXPECT_TRUE(flushed.ok()) << flushed;
    return ProjectionReader::Open(catalog, std::move(sources));
  }
  ProjectionReader Open(const std::set<size_t>& only = {}) {
    absl::StatusOr<ProjectionReader> reader = Open(catalog_, only);
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }

  // --- then: what the offline fold says ------------------------------------------------------------------------------

  FoldedById Groups(Day day) const {
    FoldedById groups;
    const absl::Status visited = fold_.VisitGroups(day, [&](const FoldedValues& group) { groups[group.id] = group; });
    EXPECT_TRUE(visited.ok()) << visited;
    return groups;
  }
  FoldedById Accounts(Day day) const {
    FoldedById accounts;
    const absl::Status visited =
        fold_.VisitAccounts(day, [&](const FoldedValues& account) { accounts[account.id] = account; });
    EXPECT_TRUE(visited.ok()) << visited;
    return accounts;
  }

  const Catalog& catalog() const { return catalog_; }
  MemoryStore& disk(size_t partition) { return partitions_[partition].disk; }

  size_t PartitionOf(std::string_view account_id) const {
    return static_cast<size_t>(account_id.back()) % partitions_.size();
  }

 private:
  struct Partition {
    MemoryStore disk{MergeStored};
    std::unique_ptr<AccountShard> shard;
    std::deque<MemoryRecord> log;
  };

  static void IgnoreRejection(int64_t /*offset*/, const Rejection& /*rejection*/) {}

  static void Fold(Partition& partition) {
    while (partition.shard->next_offset() < static_cast<int64_t>(partition.log.size())) {
      std::vector<Record> records;
      for (auto offset = static_cast<size_t>(partition.shard->next_offset()); offset < partition.log.size(); ++offset) {
        records.push_back(RecordFrom(partition.log[offset], static_cast<int64_t>(offset)));
      }
      ASSERT_TRUE(partition.shard->Fold(records).ok());
      ASSERT_TRUE(partition.shard->PrepareCommit().ok());
      ASSERT_TRUE(partition.shard->PostCommit().ok());
    }
  }

  const Catalog catalog_;
  const UpdateFormat format_{UpdateFormat::Encoding::kProtobuf};
  const Decoder decoder_{catalog_.reporting_currency()};
  std::vector<Partition> partitions_;
  MemoryStore offline_{MergeStored};
  OfflineFold fold_{catalog_, offline_};
  int64_t offset_ = 0;
};

// A KPI among folded values; nullopt: undefined.
inline std::optional<double> KpiOf(const FoldedValues& values, std::string_view id) {
  for (const auto& [kpi, value] : values.kpis) {
    if (kpi == id) return value;
  }
  return std::nullopt;
}

inline v1::AccountEvent Managed(const std::string& account_id, std::string_view day, const std::string& manager_id) {
  return At(day, "manager_assigned { manager_id: '" + manager_id + "' }", {.account_id = account_id});
}

inline v1::AccountEvent Designated(const std::string& account_id, std::string_view day, const std::string& tier) {
  return At(day, "key_account_designated { tier: " + tier + " }", {.account_id = account_id});
}

// The same event, taken back.
inline v1::AccountEvent Retracted(v1::AccountEvent event) {
  event.set_revision(event.revision() + 1);
  event.set_retracted(true);
  return event;
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_ASK_PROJECTION_WORLD_H_
