// The latest records as clients get them: read from the store, made JSON of once, and kept for a while for the next one
// who wants them.
#ifndef KEYFOLD_LIVE_RECORD_READER_H_
#define KEYFOLD_LIVE_RECORD_READER_H_

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "keyfold/shard_store.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "live/latest_keys.h"
#include "live/published_record.h"
#include "live/published_update.h"

namespace keyfold {

// Of an account or a group, or of an alert.
template <typename Message>
struct LatestRecord {
  RecordVersion version;
  Message message;
};

// Thread-safe, where reads of the store are. Errors are the store's; DataLoss: what is stored is damaged.
class RecordReader {
 public:
  // `store` outlives the reader.
  RecordReader(const ShardStore& store, size_t cache_bytes_max) : store_(store), cache_bytes_max_(cache_bytes_max) {}

  // nullopt: there is no such row, or it is gone. REQUIRES: the topic has such messages.
  template <typename Message>
  absl::StatusOr<std::optional<LatestRecord<Message>>> Get(LatestTopic topic, std::string_view id) const;

  // The record of this version as JSON (published_update.h, published_alert.h); null: the store has another one by now,
  // or none. Only records that are wanted whole are kept; alerts always are.
  absl::StatusOr<std::shared_ptr<const std::string>> Json(LatestTopic topic, std::string_view id,
                                                          const RecordVersion& version, const KpiSelection& selection);

 private:
  struct Kept {
    std::string key;
    RecordVersion version;
    std::shared_ptr<const std::string> json;
  };

  std::shared_ptr<const std::string> Find(const std::string& key, const RecordVersion& version)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Keep(const std::string& key, const RecordVersion& version, std::shared_ptr<const std::string> json)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Drop(std::list<Kept>::iterator at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ShardStore& store_;
  const size_t cache_bytes_max_;
  absl::Mutex mutex_;
  std::list<Kept> kept_ ABSL_GUARDED_BY(mutex_);  // the one used last in front
  absl::flat_hash_map<std::string_view, std::list<Kept>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_RECORD_READER_H_
