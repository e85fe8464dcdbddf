// What the feeding thread changes and all others read, in one place, under one lock.
#ifndef KEYFOLD_LIVE_LATEST_STATE_H_
#define KEYFOLD_LIVE_LATEST_STATE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "keyfold/shard_store.h"
#include "live/record_reader.h"
#include "live/stream_cursor.h"
#include "live/stream_watchers.h"
#include "rows/row_orders.h"
#include "rows/row_table.h"

namespace keyfold {

// The store is written before this says so. So a record of the version that a row has here may have been replaced in
// the store by a later one, which whoever wants it is told of next; never the other way round.
struct LatestState {
  LatestState(std::unique_ptr<ShardStore> stored, size_t order_bytes_max, size_t json_bytes_max)
      : store(std::move(stored)), records(*store, json_bytes_max), orders(rows, order_bytes_max) {}

  const std::unique_ptr<ShardStore> store;
  RecordReader records;

  absl::Mutex mutex;
  RowTable rows ABSL_GUARDED_BY(mutex);
  RowOrders orders ABSL_GUARDED_BY(mutex);
  TopicEnds ends ABSL_GUARDED_BY(mutex);
  std::string epoch ABSL_GUARDED_BY(mutex);

  // A cursor that is in it is read and changed by its stream under the reader's lock, as only one thread does so, and
  // by others under the writer's.
  StreamWatchers watchers ABSL_GUARDED_BY(mutex);
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_LATEST_STATE_H_
