// Which alerts a list shows: the newest first.
#ifndef KEYFOLD_ROWS_ALERT_QUERY_H_
#define KEYFOLD_ROWS_ALERT_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "keyfold/v1/alert.pb.h"
#include "rows/audience.h"
#include "rows/row_query.h"
#include "rows/row_table.h"

namespace keyfold {

struct AlertQuery {
  bool cleared_too = false;
  int64_t cleared_from_ms = 0;                       // of those that are cleared only these, by when that was recorded
  std::set<std::string, std::less<>> alerts = {};    // ids in the catalogue; empty: any
  std::set<v1::KpiAlert::Severity> severities = {};  // empty: any
  std::vector<std::string> owners = {};              // ids of accounts and groups; empty: any
  std::vector<std::string> groups = {};              // of accounts that belong to each of them
  size_t limit = 50;
  std::string cursor = {};
};

// Whether the query asks for an alert like this, whoever may see it.
bool IsAskedFor(const AlertQuery& query, const AlertFacts& facts);

// An alert is visible where the row of its account or group is, as that is now. InvalidArgument: the cursor is none of
// a page of alerts.
absl::StatusOr<RowQueryResult> SelectAlerts(const RowTable& rows, const AlertQuery& query,
                                            const Visibility& visibility);

// The cursor that leads to the alerts after this one.
std::string CursorAfterAlert(const RowTable& rows, RowNumber alert);

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_ALERT_QUERY_H_
