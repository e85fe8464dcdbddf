// Which rows a list shows, and in what order.
#ifndef KEYFOLD_ROWS_ROW_QUERY_H_
#define KEYFOLD_ROWS_ROW_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rows/audience.h"
#include "rows/row_order.h"
#include "rows/row_orders.h"
#include "rows/row_table.h"

namespace keyfold {

struct KpiCondition {
  enum class Comparison { kLess, kAtMost, kEqual, kAtLeast, kGreater };
  std::string kpi;
  Comparison comparison = Comparison::kAtLeast;
  double value = 0;  // an undefined KPI fulfils none
};

// What rows have to fulfil: all of it.
struct RowFilter {
  std::map<std::string, std::string> attributes;  // by their names: name, segment, region, industry, manager_id, tier …
  std::optional<bool> customer;
  std::optional<bool> key_account;
  std::vector<std::string> groups;              // membership in each of them
  std::optional<std::vector<std::string>> ids;  // one of them
  std::string id_prefix;                        // "manager:" of groups
  std::string name_contains;                    // in the name or id, whatever the case of ASCII letters
  std::vector<KpiCondition> kpis;
};

struct RowQuery {
  RowFilter filter;
  SortBy sort;  // of the topic that is asked
  bool descending = false;
  size_t limit = 50;
  std::string cursor;  // Page::next_cursor; empty: from the beginning
};

struct RowQueryResult {
  std::vector<RowNumber> rows;
  bool more = false;             // rows follow
  std::optional<int64_t> total;  // that fulfil the filter and are visible; nullopt: too many to be counted each time
};

// The orders that a query reads. InvalidArgument: it names an attribute that there is none of, or too many KPIs.
absl::StatusOr<std::set<SortBy>> OrdersFor(const RowQuery& query);

// REQUIRES: `orders` has those of OrdersFor(). InvalidArgument: the cursor is none of a page in this order.
absl::StatusOr<RowQueryResult> SelectRows(const RowTable& rows, const RowOrders& orders, const RowQuery& query,
                                          const Visibility& visibility);

// The cursor that leads to the rows after this one.
std::string CursorAfter(const RowQuery& query, const SortPlace& place);

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_ROW_QUERY_H_
