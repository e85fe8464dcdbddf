#include "live/latest_values.h"

#include <algorithm>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "live/latest_keys.h"
#include "live/published_alert.h"
#include "live/published_update.h"

namespace keyfold {
namespace {

// A row as a question found it, to be read from the store.
struct FoundRow {
  std::string id;
  RecordVersion version;
};

absl::Status NoSuchRow(std::string_view id) {
  return absl::NotFoundError(absl::StrCat("there is no ", std::string(id)));
}

// Whether a record is visible; by what it says itself.
bool IsVisible(LatestTopic topic, std::string_view id, const v1::KpiUpdate& update, const Visibility& visibility) {
  if (visibility.sees_all) return true;
  v1::LatestRow row;
  *row.mutable_attributes() = update.attributes();
  const std::vector<std::string> groups = GroupsOfRow(topic, id, row);
  return std::any_of(groups.begin(), groups.end(),
                     [&visibility](const std::string& group) { return visibility.groups.contains(group); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<LatestValues>> LatestValues::Open(std::unique_ptr<ShardStore> store,
                                                                 const LatestSource& source, const LatestLimits& limits,
                                                                 const std::function<void(std::string_view)>& log) {
  std::unique_ptr<LatestValues> values(new LatestValues(std::move(store), limits));
  KEYFOLD_RETURN_IF_ERROR(values->writer_.Open(source, log));
  return values;
}

TopicOffsets LatestValues::next_offsets() const {
  absl::ReaderMutexLock lock(&state_.mutex);
  return state_.ends.next;
}

std::string LatestValues::epoch() const {
  absl::ReaderMutexLock lock(&state_.mutex);
  return state_.epoch;
}

absl::StatusOr<std::shared_ptr<const std::string>> LatestValues::Row(LatestTopic topic, std::string_view id,
                                                                     const Visibility& visibility,
                                                                     const KpiSelection& kpis) {
  FoundRow found;
  {
    absl::ReaderMutexLock lock(&state_.mutex);
    const std::optional<RowNumber> number = state_.rows.Find(topic, id);
    if (!number.has_value()) return NoSuchRow(id);
    const keyfold::Row& row = state_.rows.row(*number);
    if (!VisibleRows(state_.rows, visibility).Sees(row)) return NoSuchRow(id);
    found = {std::string(id), {row.partition, row.offset}};
  }
  KEYFOLD_ASSIGN_OR_RETURN(std::shared_ptr<const std::string> json,
                           state_.records.Json(topic, id, found.version, kpis));
  if (json == nullptr) {
    KEYFOLD_ASSIGN_OR_RETURN(json, ReadLater(topic, id, visibility, kpis));
  }
  if (json == nullptr) return NoSuchRow(id);
  return json;
}

absl::StatusOr<int32_t> LatestValues::SourcePartition(std::string_view account_id) const {
  KEYFOLD_ASSIGN_OR_RETURN(const auto record, state_.records.Get<v1::KpiUpdate>(LatestTopic::kAccounts, account_id));
  if (!record.has_value()) return NoSuchRow(account_id);
  return record->message.source_partition();
}

absl::StatusOr<std::shared_ptr<const std::string>> LatestValues::ReadLater(LatestTopic topic, std::string_view id,
                                                                           const Visibility& visibility,
                                                                           const KpiSelection& kpis) {
  KEYFOLD_ASSIGN_OR_RETURN(const auto record, state_.records.Get<v1::KpiUpdate>(topic, id));
  if (!record.has_value() || !IsVisible(topic, id, record->message, visibility)) return nullptr;
  auto json = std::make_shared<std::string>();
  AppendUpdateJson(record->message, kpis, *json);
  return json;
}

absl::Status LatestValues::Select(const RowQuery& query, const Visibility& visibility,
                                  absl::FunctionRef<void(const RowQueryResult&)> take) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::set<SortBy> orders, OrdersFor(query));
  while (true) {
    {
      absl::ReaderMutexLock lock(&state_.mutex);
      const bool is_made =
          std::all_of(orders.begin(), orders.end(), [this](const SortBy& by) ABSL_SHARED_LOCKS_REQUIRED(state_.mutex) {
            return state_.orders.Find(by) != nullptr;
          });
      if (is_made) {
        KEYFOLD_ASSIGN_OR_RETURN(const RowQueryResult result,
                                 SelectRows(state_.rows, state_.orders, query, visibility));
        take(result);
        return absl::OkStatus();
      }
    }
    // Another list's orders may take the place of these again meanwhile.
    KEYFOLD_RETURN_IF_ERROR(MakeOrders(orders));
  }
}

absl::StatusOr<std::vector<NamedAccount>> LatestValues::Accounts(const RowFilter& filter, const Visibility& visibility,
                                                                 size_t limit) {
  RowQuery query;
  query.filter = filter;
  query.sort = {LatestTopic::kAccounts, SortBy::Kind::kId, {}};
  query.limit = limit;
  std::vector<NamedAccount> accounts;
  const auto take = [this, &accounts](const RowQueryResult& result) ABSL_SHARED_LOCKS_REQUIRED(state_.mutex) {
    for (RowNumber number : result.rows) {
      const keyfold::Row& row = state_.rows.row(number);
      accounts.push_back({std::string(row.id()), std::string(row.name())});
    }
  };
  KEYFOLD_RETURN_IF_ERROR(Select(query, visibility, take));
  return accounts;
}

absl::StatusOr<LatestPage> LatestValues::List(const RowQuery& query, const Visibility& visibility,
                                              const KpiSelection& kpis) {
  LatestPage page;
  std::vector<FoundRow> found;
  const auto take = [&](const RowQueryResult& result) ABSL_SHARED_LOCKS_REQUIRED(state_.mutex) {
    for (RowNumber number : result.rows) {
      const keyfold::Row& row = state_.rows.row(number);
      found.push_back({std::string(row.id()), {row.partition, row.offset}});
    }
    page.total = result.total;
    if (result.more && !result.rows.empty()) {
      page.next_cursor = CursorAfter(query, state_.orders.Find(query.sort)->PlaceOf(result.rows.back()));
    }
  };
  KEYFOLD_RETURN_IF_ERROR(Select(query, visibility, take));
  for (const FoundRow& row : found) {
    KEYFOLD_ASSIGN_OR_RETURN(std::shared_ptr<const std::string> json,
                             state_.records.Json(query.sort.topic, row.id, row.version, kpis));
    if (json == nullptr) {
      KEYFOLD_ASSIGN_OR_RETURN(json, ReadLater(query.sort.topic, row.id, visibility, kpis));
    }
    if (json != nullptr) page.rows.push_back(std::move(json));
  }
  return page;
}

absl::StatusOr<LatestPage> LatestValues::ListAlerts(const AlertQuery& query, const Visibility& visibility) {
  LatestPage page;
  std::vector<FoundRow> found;
  {
    absl::ReaderMutexLock lock(&state_.mutex);
    KEYFOLD_ASSIGN_OR_RETURN(const RowQueryResult result, SelectAlerts(state_.rows, query, visibility));
    for (RowNumber number : result.rows) {
      const keyfold::Row& row = state_.rows.row(number);
      found.push_back({std::string(row.id()), {row.partition, row.offset}});
    }
    page.total = result.total;
    if (result.more && !result.rows.empty()) page.next_cursor = CursorAfterAlert(state_.rows, result.rows.back());
  }
  for (const FoundRow& alert : found) {
    KEYFOLD_ASSIGN_OR_RETURN(std::shared_ptr<const std::string> json,
                             state_.records.Json(LatestTopic::kAlerts, alert.id, alert.version, {}));
    if (json == nullptr) {
      KEYFOLD_ASSIGN_OR_RETURN(json, ReadLaterAlert(alert.id, query));
    }
    if (json != nullptr) page.rows.push_back(std::move(json));
  }
  return page;
}

absl::StatusOr<std::shared_ptr<const std::string>> LatestValues::ReadLaterAlert(std::string_view id,
                                                                                const AlertQuery& query) {
  KEYFOLD_ASSIGN_OR_RETURN(const auto record, state_.records.Get<v1::KpiAlert>(LatestTopic::kAlerts, id));
  if (!record.has_value()) return nullptr;
  const v1::LatestAlert latest = LatestOf(record->message);
  if (!IsAskedFor(query, {latest.raised(), latest.severity(), latest.recorded_ms()})) return nullptr;
  auto json = std::make_shared<std::string>();
  AppendAlertJson(record->message, *json);
  return json;
}

absl::Status LatestValues::MakeOrders(const std::set<SortBy>& orders) {
  KEYFOLD_RETURN_IF_ERROR(NoteValues(orders, [] { return false; }));
  for (const SortBy& by : orders) {
    const auto is_noted = [this, &by]()
                              ABSL_SHARED_LOCKS_REQUIRED(state_.mutex) { return !state_.orders.IsBeingNoted(by); };
    absl::WriterMutexLock lock(&state_.mutex);
    state_.mutex.Await(absl::Condition(&is_noted));  // somebody else may do it
    state_.orders.Sort(by, orders);
  }
  return absl::OkStatus();
}

absl::Status LatestValues::PrepareOrders(LatestTopic topic, const std::vector<std::string>& kpis,
                                         const std::function<bool()>& stopped) {
  KEYFOLD_RETURN_IF_ERROR(
      MakeOrders({{topic, SortBy::Kind::kId, std::string()}, {topic, SortBy::Kind::kName, std::string()}}));
  std::set<SortBy> orders;
  {
    absl::ReaderMutexLock lock(&state_.mutex);
    const size_t room = state_.orders.RoomAhead();
    for (const std::string& kpi : kpis) {
      if (orders.size() < room) orders.insert({topic, SortBy::Kind::kKpi, kpi});
    }
  }
  return NoteValues(orders, stopped);
}

absl::Status LatestValues::NoteValues(const std::set<SortBy>& orders, const std::function<bool()>& stopped) {
  std::vector<SortBy> begun;
  {
    absl::WriterMutexLock lock(&state_.mutex);
    for (const SortBy& by : orders) {
      if (state_.orders.Begin(by)) begun.push_back(by);
    }
  }
  const absl::Status read = ReadValues(begun, stopped);
  absl::WriterMutexLock lock(&state_.mutex);
  for (const SortBy& by : begun) read.ok() ? state_.orders.EndNoting(by) : state_.orders.GiveUp(by);
  return read;
}

absl::Status LatestValues::ReadValues(const std::vector<SortBy>& orders, const std::function<bool()>& stopped) {
  absl::flat_hash_map<std::string_view, size_t> by_kpi;
  std::vector<RowOrders::StoredValue> values;
  for (const SortBy& by : orders) {
    if (by.kind != SortBy::Kind::kKpi) continue;  // the table has it
    by_kpi.emplace(by.kpi, values.size());
    values.push_back({by, 0});
  }
  if (values.empty()) return absl::OkStatus();
  bool is_stopped = false;
  const LatestTopic topic = values.front().by.topic;
  const std::string prefix = LatestPrefix(kValueSort, topic);
  KEYFOLD_RETURN_IF_ERROR(state_.store->Scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
    is_stopped = stopped();
    if (is_stopped) return false;
    if (!TakeVersion(value).has_value()) return true;
    for (RowOrders::StoredValue& stored : values) stored.value = std::numeric_limits<double>::quiet_NaN();
    VisitKpis(value, [&](std::string_view kpi, double number) {
      if (const auto at = by_kpi.find(kpi); at != by_kpi.end()) values[at->second].value = number;
    });
    absl::ReaderMutexLock lock(&state_.mutex);
    const std::optional<RowNumber> number = state_.rows.Find(topic, LatestIdOf(key));
    if (number.has_value()) state_.orders.NoteStored(*number, values);
    return true;
  }));
  return is_stopped ? absl::CancelledError("stopped while values were read") : absl::OkStatus();
}

std::unique_ptr<Subscription> LatestValues::Subscribe(const Visibility& visibility, SubscriptionRequest request,
                                                      std::function<void()> wake) {
  return std::make_unique<Subscription>(state_, visibility, std::move(request), std::move(wake));
}

}  // namespace keyfold
