#include "rows/row_orders.h"

#include <algorithm>
#include <cmath>

namespace keyfold {
namespace {

bool SameValue(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

RowOrders::Entry* RowOrders::Get(const SortBy& by) const {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->order.by() == by) return entry.get();
  }
  return nullptr;
}

const RowOrder* RowOrders::Find(const SortBy& by) const {
  Entry* entry = Get(by);
  if (entry == nullptr || !entry->ready) return nullptr;
  entry->used = ++uses_;
  return &entry->order;
}

bool RowOrders::Begin(const SortBy& by) {
  if (Get(by) != nullptr) return false;
  entries_.push_back(std::make_unique<Entry>(rows_, by));
  entries_.back()->used = ++uses_;
  return true;
}

void RowOrders::NoteStored(const SortBy& by, RowNumber number, double value) {
  Entry* entry = Get(by);
  if (entry == nullptr || entry->ready) return;
  if (number < entry->changed.size() && entry->changed[number]) return;
  entry->order.Note(number, value);
}

void RowOrders::Finish(const SortBy& by, const std::set<SortBy>& needed) {
  Entry* finished = Get(by);
  if (finished == nullptr || finished->ready) return;
  finished->order.Fill();
  finished->ready = true;
  finished->changed = {};
  size_t bytes = 0;
  for (const std::unique_ptr<Entry>& entry : entries_) bytes += entry->order.bytes();
  while (bytes > bytes_max_) {
    auto oldest = entries_.end();
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      if (!(*at)->ready || needed.contains((*at)->order.by())) continue;
      if (oldest == entries_.end() || (*at)->used < (*oldest)->used) oldest = at;
    }
    if (oldest == entries_.end()) return;
    bytes -= (*oldest)->order.bytes();
    entries_.erase(oldest);
  }
}

void RowOrders::GiveUp(const SortBy& by) {
  std::erase_if(entries_,
                [&by](const std::unique_ptr<Entry>& entry) { return entry->order.by() == by && !entry->ready; });
}

void RowOrders::BeforeChange(RowNumber number, const Change& change) {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    const SortBy& by = entry->order.by();
    if (!entry->ready || by.topic != change.topic || !change.existed) continue;
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
  for (const std::unique_ptr<Entry>& entry : entries_) {
    const SortBy& by = entry->order.by();
    if (by.topic != change.topic || (entry->ready && change.existed && entry->stays)) continue;
    const bool has_value = change.exists && by.kind == SortBy::Kind::kKpi;
    const double value = has_value ? change.value_of(by.kpi) : std::nan("");
    if (entry->ready) {
      if (change.exists) entry->order.Insert(number, value);
      continue;
    }
    if (number >= entry->changed.size()) entry->changed.resize(number + size_t{1});
    entry->changed[number] = true;
    entry->order.Note(number, value);
  }
}

}  // namespace keyfold
