// A shard over a store in memory, fed by hand: given a log, when it is folded, then so much is published.
#ifndef KEYFOLD_TESTS_SUPPORT_SHARD_WORLD_H_
#define KEYFOLD_TESTS_SUPPORT_SHARD_WORLD_H_

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "ask/shard_query.h"
#include "engine/account_shard.h"
#include "state/store_keys.h"
#include "support/default_catalog.h"
#include "support/gathering.h"
#include "support/published.h"
#include "support/read_entity.h"
#include "support/shared_store.h"

namespace keyfold {

class ShardTest : public ::testing::Test {
 protected:
  static constexpr int32_t kPartition = 3;

  ShardTest() { Open(); }

  // --- given ---------------------------------------------------------------------------------------------------------

  // Appends to the log, and returns the offset. Timestamps and days: "2026-01-05" is noon UTC.
  int64_t Append(std::string_view timestamp, const v1::AccountEvent& event) {
    return Append(RecordOf(timestamp, event));
  }
  int64_t Append(MemoryRecord record) {
    log_.push_back(std::move(record));
    return static_cast<int64_t>(log_.size()) - 1;
  }
  int64_t AppendErasure(std::string_view timestamp, const std::string& account_id) {
    return Append({account_id, std::nullopt, {}, Milliseconds(timestamp)});
  }

  // --- when ----------------------------------------------------------------------------------------------------------

  // Opens the shard anew from what is stored.
  void Open() {
    absl::StatusOr<std::unique_ptr<AccountShard>> shard = TryOpen(identity_, catalog_);
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = *std::move(shard);
  }

  absl::StatusOr<std::unique_ptr<AccountShard>> TryOpen(const ShardIdentity& identity, const Catalog& catalog,
                                                        int64_t ahead_ms_max = 0) {
    return AccountShard::Open(Gathering(std::make_unique<SharedStore>(disk_)), catalog, format_, identity,
                              {ahead_ms_max, nullptr, [this] { return now_; }});
  }

  // Folds one batch of what has been appended, and returns how many records it took.
  size_t FoldBatch() {
    std::vector<Record> records;
    for (int64_t offset = shard_->next_offset(); offset < static_cast<int64_t>(log_.size()); ++offset) {
      records.push_back(RecordAt(offset));
    }
    if (records.empty()) {
      ADD_FAILURE() << "everything has been folded already";
      return 0;
    }
    const absl::StatusOr<size_t> folded = shard_->Fold(records);
    EXPECT_TRUE(folded.ok()) << folded.status();
    Commit();
    return folded.value_or(0);
  }

  // Folds everything, and sweeps to the end after each batch.
  void FoldAll() {
    while (shard_->next_offset() < static_cast<int64_t>(log_.size())) {
      ASSERT_GT(FoldBatch(), 0u);
      while (shard_->sweeping()) SweepSlice(1'000);
    }
  }

  void SweepSlice(int64_t visits_max) {
    EXPECT_TRUE(shard_->Sweep(visits_max, [] { return false; }).ok());
    Commit();
  }

  // Ends a transaction.
  void Commit() {
    absl::StatusOr<std::vector<OutputRecord>> results = shard_->PrepareCommit();
    ASSERT_TRUE(results.ok()) << results.status();
    for (OutputRecord& record : *results) {
      OutputsOf(record.topic).push_back(std::move(record));
    }
    commit_ = shard_->OffsetToCommit();
    EXPECT_TRUE(shard_->PostCommit().ok());
  }

  std::vector<OutputRecord>& OutputsOf(OutputTopic topic) {
    if (topic == OutputTopic::kPartials) return partials_;
    return topic == OutputTopic::kAlerts ? alerts_ : outputs_;
  }

  // --- then ----------------------------------------------------------------------------------------------------------

  // What was published since the last call, but for partials and alerts.
  std::vector<std::string> Published() {
    std::vector<std::string> texts;
    for (const OutputRecord& output : std::exchange(outputs_, {})) {
      texts.push_back(output.topic == OutputTopic::kDeadLetters ? "dead letter" : DescribeUpdate(output));
    }
    return texts;
  }

  // The only record that was published since the last call.
  OutputRecord PublishedOne() {
    EXPECT_EQ(outputs_.size(), 1u);
    std::vector<OutputRecord> outputs = std::exchange(outputs_, {});
    return outputs.empty() ? OutputRecord() : std::move(outputs.front());
  }
  v1::KpiUpdate UpdateOne() { return ParseUpdate(PublishedOne().value.value_or("")); }

  // The alerts that were published since the last call: "account/at_risk/A1 raised @ 2026-01-05 by 3".
  std::vector<std::string> Alerts() {
    std::vector<std::string> texts;
    for (const OutputRecord& output : std::exchange(alerts_, {})) texts.push_back(DescribeAlert(output));
    return texts;
  }

  // The partials that were published since the last call: "manager:M7: 2 accounts @ 2026-01-05 by 3".
  std::vector<std::string> Partials() {
    std::vector<std::string> texts;
    for (const OutputRecord& output : std::exchange(partials_, {})) texts.push_back(DescribePartial(output));
    return texts;
  }

  // What is stored about an entity; without events where there is nothing.
  v1::StoredEntity Stored(const std::string& account_id, const EntityRef& entity) const {
    return *ReadEntity(disk_, account_id, entity);
  }

  Record RecordAt(int64_t offset) const {
    const MemoryRecord& stored = log_[static_cast<size_t>(offset)];
    Record record;
    record.partition = kPartition;
    record.offset = offset;
    record.timestamp_ms = stored.timestamp_ms;
    record.key = stored.key;
    record.value = stored.value;
    record.headers = stored.headers;
    return record;
  }

  const Catalog catalog_ = DefaultCatalog();
  const UpdateFormat format_{UpdateFormat::Encoding::kProtobuf};
  const ShardIdentity identity_{"cluster", "events", kPartition, 4, "live"};
  absl::Time now_ = absl::FromUnixMillis(Milliseconds("2026-01-05"));  // the process's clock
  std::deque<MemoryRecord> log_;
  MemoryStore disk_{MergeStored};
  std::unique_ptr<AccountShard> shard_;
  std::vector<OutputRecord> outputs_;
  std::vector<OutputRecord> partials_;
  std::vector<OutputRecord> alerts_;
  OffsetCommit commit_;  // of the last transaction
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_SHARD_WORLD_H_
