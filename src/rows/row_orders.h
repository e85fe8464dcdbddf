// The orders that lists have asked for, within a budget of memory.
#ifndef KEYFOLD_ROWS_ROW_ORDERS_H_
#define KEYFOLD_ROWS_ROW_ORDERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "rows/row_order.h"
#include "rows/row_table.h"

namespace keyfold {

// An order is made in two steps: the values of its KPI are noted, from what the store has by then, beside the writer;
// what changes meanwhile is noted, too, and is not overwritten by what was read. Then it is sorted. Reading all
// records is what takes long, so values are noted before somebody asks, as far as the budget allows.
//
// Not thread-safe; Find() may be called by many threads while nobody changes anything.
class RowOrders {
 public:
  RowOrders(const RowTable& rows, size_t bytes_max) : rows_(rows), bytes_max_(bytes_max) {}

  // Null: it is not there, or not sorted.
  const RowOrder* Find(const SortBy& by) const;

  // Begins to note the values of an order. False: it is there, or somebody does so.
  bool Begin(const SortBy& by);
  bool IsBeingNoted(const SortBy& by) const;

  // What the store has of KPIs in a row. Threads may note values of different orders at once.
  struct StoredValue {
    const SortBy& by;
    double value;
  };
  void NoteStored(RowNumber number, std::span<const StoredValue> values);

  // All values are noted, or never will be.
  void EndNoting(const SortBy& by);
  void GiveUp(const SortBy& by);

  // Sorts an order whose values are noted. Those that were used longest ago make room for it, but for those in
  // `needed`.
  void Sort(const SortBy& by, const std::set<SortBy>& needed);

  // How many KPIs of a topic's rows may be noted before somebody asks for them.
  size_t RoomAhead() const;

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
  enum class State { kNoting, kNoted, kSorted };
  struct Entry {
    Entry(const RowTable& rows, const SortBy& by) : order(rows, by) {}
    bool sorted() const { return state == State::kSorted; }

    RowOrder order;
    State state = State::kNoting;
    bool stays = false;         // the row that changes has the same place before and after it
    std::vector<bool> changed;  // while its values are noted: rows that have changed since
    std::atomic<int64_t> used = 0;
  };

  Entry* Get(const SortBy& by) const;
  const RowOrder& ById(LatestTopic topic);
  void MakeRoom(const std::set<SortBy>& needed);
  size_t bytes() const;

  const RowTable& rows_;
  const size_t bytes_max_;
  std::map<SortBy, std::unique_ptr<Entry>> entries_;
  mutable std::atomic<int64_t> uses_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_ROW_ORDERS_H_
