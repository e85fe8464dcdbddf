// The best rows of many, without keeping the others.
#ifndef KEYFOLD_ASK_TOP_ROWS_H_
#define KEYFOLD_ASK_TOP_ROWS_H_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace keyfold {

// Keeps the first `limit` rows in the order of `Before`, a strict order in which no two rows are equal. Not
// thread-safe.
template <typename Row, typename Before>
class TopRows {
 public:
  TopRows(size_t limit, Before before) : limit_(limit), before_(std::move(before)) {}

  // Whether a row would be kept now.
  bool Keeps(const Row& row) const { return rows_.size() < limit_ || (limit_ > 0 && before_(row, rows_.front())); }

  void Add(Row row) {
    if (!Keeps(row)) return;
    if (rows_.size() == limit_) {
      std::pop_heap(rows_.begin(), rows_.end(), before_);  // the last of those kept
      rows_.pop_back();
    }
    rows_.push_back(std::move(row));
    std::push_heap(rows_.begin(), rows_.end(), before_);
  }

  // The rows kept, first to last.
  std::vector<Row> Take() && {
    std::sort_heap(rows_.begin(), rows_.end(), before_);
    return std::move(rows_);
  }

 private:
  size_t limit_;
  Before before_;
  std::vector<Row> rows_;  // a heap: the last one in front
};

}  // namespace keyfold

#endif  // KEYFOLD_ASK_TOP_ROWS_H_
