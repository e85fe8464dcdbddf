// A batch of records of the topics, as what becomes of the rows: of each id one change, of its latest record.
#ifndef KEYFOLD_LIVE_RECORD_BATCH_H_
#define KEYFOLD_LIVE_RECORD_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "keyfold/shard_store.h"
#include "keyfold/v1/alert.pb.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "keyfold/v1/latest_values.pb.h"
#include "live/published_record.h"
#include "rows/row_table.h"

namespace keyfold {

// What became of records.
struct LatestReport {
  int64_t applied = 0;              // ids that have another latest record by now
  int64_t ignored = 0;              // records that were known already, or say nothing new
  int64_t undecodable = 0;          // records that are none of the id that is their key
  std::string undecodable_example;  // where the first of these stands, for a message
};

// A row that is written anew.
struct LatestChange {
  LatestTopic topic = LatestTopic::kAccounts;
  std::string id;
  v1::LatestRow row;

  // The record: one of them. Nothing is in it where the row is gone.
  v1::KpiUpdate update;
  v1::KpiAlert alert;

  bool is_left = false;  // it leaves groups
};

// Not thread-safe. Used up by Finish().
class RecordBatch {
 public:
  // What the rows are before, and what the store stands for, which is brought up to date. Both outlive the batch.
  RecordBatch(const RowTable& rows, v1::LatestMeta& meta) : rows_(rows), meta_(meta) {}

  void Add(const PublishedRecord& record);

  // In the order of topics, partitions and offsets.
  std::vector<LatestChange> Finish(LatestReport& report);

 private:
  // What the record makes of its row. False: it is undecodable.
  bool Decode(const PublishedRecord& record, LatestChange& change);
  // Whether the row is already that of a later record.
  bool IsOlder(const PublishedRecord& record, const LatestChange* change, const Row* row) const;
  void SetFormerGroups(LatestChange& change) const;

  const RowTable& rows_;
  v1::LatestMeta& meta_;
  LatestReport report_;
  std::vector<LatestChange> changes_;
  absl::flat_hash_map<std::pair<LatestTopic, std::string>, size_t> by_id_;
};

// Adds what stores the changes.
void StoreChanges(const std::vector<LatestChange>& changes, StoreBatch& batch);

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_RECORD_BATCH_H_
