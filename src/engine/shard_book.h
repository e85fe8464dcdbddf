// What both kinds of shard keep in hand: whose the store is, how far in its log it is, and what the pending batch is to
// write and to publish.
#ifndef KEYFOLD_ENGINE_SHARD_BOOK_H_
#define KEYFOLD_ENGINE_SHARD_BOOK_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "event/decoder.h"
#include "keyfold/event_log.h"
#include "keyfold/record.h"
#include "keyfold/shard_store.h"
#include "keyfold/update_sink.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/catalog.h"

namespace keyfold {

// What a shard belongs to. A store that was written for another one is refused.
struct ShardIdentity {
  std::string cluster_id;
  std::string topic;
  int32_t partition = 0;
  int32_t topic_partitions = 0;  // how many the topic has
  std::string projection = {};
};

struct ShardCounts {
  int64_t records = 0;
  int64_t applied = 0;
  int64_t duplicates = 0;
  int64_t superseded = 0;
  int64_t erasures = 0;
  int64_t rejected = 0;
  int64_t updates = 0;                                     // published, tombstones included
  int64_t alerts = 0;                                      // published, tombstones included
  int64_t swept = 0;                                       // accounts re-evaluated by sweeps
  int64_t partials = 0;                                    // published for the next stage
  int64_t accounts_found = 0;                              // opened, and in memory already
  int64_t accounts_looked_up = 0;                          // opened, and asked of the store
  std::array<int64_t, kRejectionCodes> rejected_for = {};  // `rejected`, by RejectionCode

  ShardCounts& operator+=(const ShardCounts& other);
  ShardCounts& operator-=(const ShardCounts& other);
};

// Begin(), End(), then, when what OffsetToCommit() said has been committed, Keep(). Not thread-safe.
class ShardBook {
 public:
  ShardBook(std::unique_ptr<ShardStore> store, const ShardIdentity& identity)
      : store(std::move(store)), identity(identity) {}

  // Reads the meta record, or makes one for an empty store (false). FailedPrecondition where the store belongs to
  // another log, format or catalogue: the message says what to do.
  absl::StatusOr<bool> Load(const Catalog& catalog);

  // Whether a batch was begun and is not the shard's state yet.
  bool pending() const { return pending_; }

  void Begin();

  // Notes that the batch that began at `meta.next_offset()` ends with this record.
  void End(const Record& last);

  // The record goes to the dead letters as it came, with the reason.
  void Reject(const Record& record, const Rejection& rejection);

  // What the pending batch and slice are to publish, once.
  std::vector<OutputRecord> TakeResults() { return std::exchange(results, {}); }

  // What is to be committed for the pending batch and slice.
  OffsetCommit OffsetToCommit() const;

  // Writes the pending batch and slice, and how far they came, into the store.
  absl::Status Keep();

  // By which a record is recognised: detects a topic that was deleted and created again.
  static uint64_t Fingerprint(const Record& record);

  const std::unique_ptr<ShardStore> store;
  const ShardIdentity identity;
  v1::ShardMeta meta;
  ShardCounts counts;

  // The pending batch and slice.
  StoreBatch writes;
  std::vector<OutputRecord> results;

 private:
  absl::Status CheckIdentity(const Catalog& catalog) const;

  int64_t batch_from_ = 0;
  bool pending_ = false;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_SHARD_BOOK_H_
