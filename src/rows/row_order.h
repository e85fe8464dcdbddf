// Rows in an order that lists are sorted by, kept while rows change.
#ifndef KEYFOLD_ROWS_ROW_ORDER_H_
#define KEYFOLD_ROWS_ROW_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/functional/function_ref.h"
#include "rows/latest_topic.h"
#include "rows/row_table.h"

namespace keyfold {

// What rows of a topic are sorted by.
struct SortBy {
  enum class Kind { kId, kName, kKpi };
  LatestTopic topic = LatestTopic::kAccounts;
  Kind kind = Kind::kId;
  std::string kpi;  // of kKpi

  friend bool operator<(const SortBy& a, const SortBy& b) {
    return std::tie(a.topic, a.kind, a.kpi) < std::tie(b.topic, b.kind, b.kpi);
  }
  friend bool operator==(const SortBy& a, const SortBy& b) = default;
};

// Where a row stands in an order: by value or name, and among equal ones by id. Undefined values (NaN) come last.
struct SortPlace {
  double value = 0;       // of kKpi
  std::string_view name;  // of kName
  std::string_view id;

  bool undefined() const { return value != value; }
};

// Whether a place comes before another one, where greater values come first or last. Rows of one value are in the
// reverse order, too, but for those without.
bool ComesBefore(const SortPlace& a, const SortPlace& b, bool descending);

// By estimate 14 bytes for each row, but for the table's. Not thread-safe; may be read by many threads while nobody
// changes it.
class RowOrder {
 public:
  RowOrder(const RowTable& rows, SortBy by);

  const SortBy& by() const { return by_; }

  // The value of a KPI in a row; NaN: it is undefined. Of other sorts: 0.
  double ValueOf(RowNumber number) const { return number < values_.size() ? values_[number] : kNoValue; }
  SortPlace PlaceOf(RowNumber number) const;

  // A row must be taken out before its name changes, and put in afterwards.
  void Insert(RowNumber number, double value);
  void Erase(RowNumber number);

  // Makes the order of rows that are not gone, whose values were noted before. `by_id` is that of the same rows by id;
  // null: this is it.
  void Note(RowNumber number, double value);
  void Fill(const RowOrder* by_id);

  // Visits the rows after a place (nullopt: all) until the visitor returns false.
  void VisitAfter(const std::optional<SortPlace>& place, bool descending,
                  absl::FunctionRef<bool(RowNumber number)> visit) const;

  size_t bytes() const { return values_.capacity() * sizeof(double) + (defined_.size() + undefined_.size()) * 6; }

 private:
  static constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

  struct Less {
    using is_transparent = void;
    const RowOrder* order;
    SortPlace Of(RowNumber number) const { return order->PlaceOf(number); }
    const SortPlace& Of(const SortPlace& place) const { return place; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return ComesBefore(Of(a), Of(b), /*descending=*/false);
    }
  };
  using Rows = absl::btree_set<RowNumber, Less>;

  // The rows that are to be in the order, as they stand in it.
  std::vector<RowNumber> SortedById() const;
  std::vector<RowNumber> SortedBy(const RowOrder& by_id) const;

  const RowTable& rows_;
  const SortBy by_;
  std::vector<double> values_;  // by row; none but of kKpi
  Rows defined_;
  Rows undefined_;
};

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_ROW_ORDER_H_
