// The orders that lists have asked for, within a budget of memory.
#ifndef KEYFOLD_ROWS_ROW_ORDERS_H_
#define KEYFOLD_ROWS_ROW_ORDERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "rows/row_order.h"
#include "rows/row_table.h"

namespace keyfold {

// An order is made from what the store has by then, beside the writer. What changes meanwhile is noted in it, and is
// not overwritten by what was read.
//
// Not thread-safe; Find() may be called by many threads while nobody changes anything.
class RowOrders {
 public:
  RowOrders(const RowTable& rows, size_t bytes_max) : rows_(rows), bytes_max_(bytes_max) {}

  // Null: it is not there, or not ready.
  const RowOrder* Find(const SortBy& by) const;

  // Begins to make an order. False: it is there, or somebody makes it.
  bool Begin(const SortBy& by);
  bool IsBeingMade(const SortBy& by) const {
    const Entry* entry = Get(by);
    return entry != nullptr && !entry->ready;
  }

  // What the store has of a KPI in a row. Threads may note values of different orders at once.
  void NoteStored(const SortBy& by, RowNumber number, double value);

  // The order has all values. Those that were used longest ago make room for it, but for those in `needed`.
  void Finish(const SortBy& by, const std::set<SortBy>& needed);
  void GiveUp(const SortBy& by);

  // Forgets all orders. Whoever makes one notes it in vain then.
  void Clear() { entries_.clear(); }

  // What becomes of a row; to be called before and after the table has it. Values of KPIs are asked for while it lasts.
  struct Change {
    LatestTopic topic = LatestTopic::kAccounts;
    bool existed = false;  // and was not gone
    bool exists = false;
    std::string_view name;
    absl::FunctionRef<double(const std::string& kpi)> value_of;
  };
  void BeforeChange(RowNumber number, const Change& change);
  void AfterChange(RowNumber number, const Change& change);

 private:
  struct Entry {
    Entry(const RowTable& rows, const SortBy& by) : order(rows, by) {}
    RowOrder order;
    bool ready = false;
    bool stays = false;         // the row that changes has the same place before and after it
    std::vector<bool> changed;  // while it is made: rows that have changed since
    std::atomic<int64_t> used = 0;
  };

  Entry* Get(const SortBy& by) const;

  const RowTable& rows_;
  const size_t bytes_max_;
  std::vector<std::unique_ptr<Entry>> entries_;
  mutable std::atomic<int64_t> uses_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_ROW_ORDERS_H_
