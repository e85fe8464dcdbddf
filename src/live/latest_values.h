// The latest values of every account and group, and their alerts, as the topics account-kpis, rollup-kpis and
// account-alerts have them: kept in a store of its own for lists, single rows and streams. It is a cache of the topics:
// what is lost is read again.
//
// Memory: by estimate 270 bytes for each account (row_table.h), what lists are sorted by, and rendered records, both
// within a budget. The values are in the store.
#ifndef KEYFOLD_LIVE_LATEST_VALUES_H_
#define KEYFOLD_LIVE_LATEST_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyfold/shard_store.h"
#include "live/latest_state.h"
#include "live/latest_writer.h"
#include "live/published_record.h"
#include "live/subscription.h"
#include "rows/alert_query.h"
#include "rows/audience.h"
#include "rows/row_query.h"

namespace keyfold {

struct LatestLimits {
  size_t order_bytes_max = size_t{128} << 20;
  size_t json_bytes_max = size_t{32} << 20;
  // What has ended (rows that are gone, groups that were left) is remembered for those who resume; so much of it. Who
  // was away for longer begins anew.
  size_t ended_max = 100'000;
};

// A page of rows, each as published_update.h or published_alert.h has it.
struct LatestPage {
  std::vector<std::shared_ptr<const std::string>> rows;
  std::string next_cursor;       // empty: it is the last one
  std::optional<int64_t> total;  // of all pages; nullopt: too many to be counted each time
};

struct NamedAccount {
  std::string id;
  std::string name;
};

// One thread feeds it (Apply, Empty), any others ask. Errors are the store's: Apply() that failed has changed nothing
// for those who ask and may be repeated; so may a question.
class LatestValues {
 public:
  // Takes up what the store has, if that is of this source and format; else empties it and logs why through `log`. The
  // store must be usable by many readers beside one writer (as RocksStore is).
  static absl::StatusOr<std::unique_ptr<LatestValues>> Open(std::unique_ptr<ShardStore> store,
                                                            const LatestSource& source, const LatestLimits& limits,
                                                            const std::function<void(std::string_view)>& log);

  LatestValues(const LatestValues&) = delete;
  LatestValues& operator=(const LatestValues&) = delete;

  // Takes committed records; within a partition, in the order of their offsets. They are stored, with their offsets,
  // all or none, then shown, and told to the streams. A record that comes again is ignored.
  absl::StatusOr<LatestReport> Apply(std::span<const PublishedRecord> records) { return writer_.Apply(records); }

  // Forgets everything: a topic has begun anew, though it is called as before. Streams are reset.
  absl::Status Empty() { return writer_.Empty(); }

  // Where to go on reading.
  TopicOffsets next_offsets() const;

  // `epoch` of the streams: another one for another cluster, topic or catalogue.
  std::string epoch() const;

  // The record of an account or a group. NotFound: there is none, or it is not visible.
  absl::StatusOr<std::shared_ptr<const std::string>> Row(LatestTopic topic, std::string_view id,
                                                         const Visibility& visibility, const KpiSelection& kpis);

  // The partition of the events that the account's record is made of. NotFound: there is none.
  absl::StatusOr<int32_t> SourcePartition(std::string_view account_id) const;

  // Reads all records of a topic for what lists by these KPIs are sorted by, as far as the budget allows, the first
  // ones first. Cancelled: `stopped` said so.
  absl::Status PrepareOrders(LatestTopic topic, const std::vector<std::string>& kpis,
                             const std::function<bool()>& stopped);

  // A page of a list. Following `next_cursor` shows each row that stays as it is once, in order. The first list in an
  // order sorts it, and, where it was not prepared, reads all records of the topic. InvalidArgument: see OrdersFor()
  // and SelectRows().
  absl::StatusOr<LatestPage> List(const RowQuery& query, const Visibility& visibility, const KpiSelection& kpis);

  // The accounts that fulfil the filter and are visible, by id, `limit` of them at most. InvalidArgument: see
  // OrdersFor().
  absl::StatusOr<std::vector<NamedAccount>> Accounts(const RowFilter& filter, const Visibility& visibility,
                                                     size_t limit);

  // A page of alerts, the newest first. Following `next_cursor` shows each that stays as it is once. InvalidArgument:
  // see SelectAlerts().
  absl::StatusOr<LatestPage> ListAlerts(const AlertQuery& query, const Visibility& visibility);

  // See Subscription. It must not outlive this.
  std::unique_ptr<Subscription> Subscribe(const Visibility& visibility, SubscriptionRequest request,
                                          std::function<void()> wake);

 private:
  LatestValues(std::unique_ptr<ShardStore> store, const LatestLimits& limits)
      : state_(std::move(store), limits.order_bytes_max, limits.json_bytes_max), writer_(state_, limits.ended_max) {}

  // Calls `take` with the rows of the query, while the lock is held.
  absl::Status Select(const RowQuery& query, const Visibility& visibility,
                      absl::FunctionRef<void(const RowQueryResult&)> take);
  absl::Status MakeOrders(const std::set<SortBy>& orders);
  absl::Status NoteValues(const std::set<SortBy>& orders, const std::function<bool()>& stopped);
  // REQUIRES: they are of one topic.
  absl::Status ReadValues(const std::vector<SortBy>& orders, const std::function<bool()>& stopped);
  // The record that has come since the row was found; null: it is gone or not visible any more.
  absl::StatusOr<std::shared_ptr<const std::string>> ReadLater(LatestTopic topic, std::string_view id,
                                                               const Visibility& visibility, const KpiSelection& kpis);

  // The record that has come since the alert was found; null: it is gone, or not asked for any more.
  absl::StatusOr<std::shared_ptr<const std::string>> ReadLaterAlert(std::string_view id, const AlertQuery& query);

  // Of a question, const or not, the lock is taken.
  mutable LatestState state_;
  LatestWriter writer_;
};

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_LATEST_VALUES_H_
