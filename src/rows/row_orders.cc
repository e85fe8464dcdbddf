#include "rows/row_orders.h"

#include <algorithm>
#include <cmath>

namespace keyfold {
namespace {

// How often new rows have it looked at whether the orders have outgrown their budget.
constexpr RowNumber kRowsBetweenLooks = 1024;

bool SameValue(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

RowOrders::Entry* RowOrders::Get(const SortBy& by) const {
  const auto entry = entries_.find(by);
  return entry == entries_.end() ? nullptr : entry->second.get();
}

const RowOrder* RowOrders::Find(const SortBy& by) const {
  Entry* entry = Get(by);
  if (entry == nullptr || !entry->sorted()) return nullptr;
  entry->used = ++uses_;
  return &entry->order;
}

bool RowOrders::Begin(const SortBy& by) {
  const auto [at, is_new] = entries_.try_emplace(by);
  if (is_new) at->second = std::make_unique<Entry>(rows_, by);
  return is_new;
}

bool RowOrders::IsBeingNoted(const SortBy& by) const {
  const Entry* entry = Get(by);
  return entry != nullptr && entry->state == State::kNoting;
}

void RowOrders::NoteStored(RowNumber number, std::span<const StoredValue> values) {
  for (const auto& [by, value] : values) {
    Entry* entry = Get(by);
    if (entry == nullptr || entry->state != State::kNoting) continue;
    if (number < entry->changed.size() && entry->changed[number]) continue;
    entry->order.Note(number, value);
  }
}

void RowOrders::EndNoting(const SortBy& by) {
  Entry* entry = Get(by);
  if (entry == nullptr || entry->state != State::kNoting) return;
  entry->state = State::kNoted;
  entry->changed = {};
}

void RowOrders::GiveUp(const SortBy& by) {
  if (IsBeingNoted(by)) entries_.erase(by);
}

// Other orders are sorted from it.
const RowOrder& RowOrders::ById(LatestTopic topic) {
  const SortBy by{topic, SortBy::Kind::kId, ""};
  Begin(by);
  Entry* entry = Get(by);
  if (!entry->sorted()) entry->order.Fill(nullptr);
  entry->state = State::kSorted;
  entry->changed = {};
  entry->used = ++uses_;
  return entry->order;
}

void RowOrders::Sort(const SortBy& by, const std::set<SortBy>& needed) {
  Entry* entry = Get(by);
  if (entry == nullptr || entry->state != State::kNoted) return;
  entry->order.Fill(by.kind == SortBy::Kind::kId ? nullptr : &ById(by.topic));
  entry->state = State::kSorted;
  entry->used = ++uses_;
  MakeRoom(needed);
}

size_t RowOrders::bytes() const {
  size_t bytes = 0;
  for (const auto& [by, entry] : entries_) bytes += entry->order.bytes();
  return bytes;
}

void RowOrders::MakeRoom(const std::set<SortBy>& needed) {
  for (size_t held = bytes(); held > bytes_max_;) {
    auto oldest = entries_.end();
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      if (at->second->state == State::kNoting || needed.contains(at->first)) continue;
      if (oldest == entries_.end() || at->second->used < oldest->second->used) oldest = at;
    }
    if (oldest == entries_.end()) return;
    held -= oldest->second->order.bytes();
    entries_.erase(oldest);
  }
}

// A quarter of the budget is left for sorting them.
size_t RowOrders::RoomAhead() const {
  const size_t room = bytes_max_ - bytes_max_ / 4;
  const size_t held = bytes();
  const size_t bytes_each = std::max<size_t>(1, rows_.row_numbers_end()) * sizeof(double);
  return held < room ? (room - held) / bytes_each : 0;
}

void RowOrders::BeforeChange(RowNumber number, const Change& change) {
  for (const auto& [by, entry] : entries_) {
    if (!entry->sorted() || by.topic != change.topic || !change.existed) continue;
    entry->stays = change.exists;
    if (by.kind == SortBy::Kind::kName) {
      entry->stays = entry->stays && entry->order.PlaceOf(number).name == change.name;
    } else if (by.kind == SortBy::Kind::kKpi) {
      entry->stays = entry->stays && SameValue(entry->order.ValueOf(number), change.value_of(by.kpi));
    }
    if (!entry->stays) entry->order.Erase(number);
  }
}

void RowOrders::AfterChange(RowNumber number, const Change& change) {
  for (const auto& [by, entry] : entries_) {
    if (by.topic != change.topic || (entry->sorted() && change.existed && entry->stays)) continue;
    const bool has_value = change.exists && by.kind == SortBy::Kind::kKpi;
    const double value = has_value ? change.value_of(by.kpi) : std::nan("");
    if (entry->sorted()) {
      if (change.exists) entry->order.Insert(number, value);
      continue;
    }
    entry->order.Note(number, value);
    if (entry->state != State::kNoting) continue;
    if (number >= entry->changed.size()) entry->changed.resize(number + size_t{1});
    entry->changed[number] = true;
  }
  if (!change.existed && number % kRowsBetweenLooks == 0) MakeRoom({});
}

}  // namespace keyfold
