// A group and its members at a date, compared with an earlier one: its KPIs, the members ranked by one of them, who
// joined and who left.
#ifndef KEYFOLD_ASK_PORTFOLIO_H_
#define KEYFOLD_ASK_PORTFOLIO_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"

namespace keyfold {

struct PortfolioQuestion {
  std::string group_id;
  Day day = 0;
  Day since = 0;                  // before `day`
  uint16_t by = 0;                // the KPI that ranks, by definition index
  std::vector<uint16_t> columns;  // further KPIs of members
  size_t limit = 0;               // of the members, of those who joined, of those who left; 0: all
};

// A value and what it was; as published, NaN: undefined.
struct ValueSince {
  double value = 0;
  double since = 0;

  double change() const { return value - since; }
};

struct GroupKpi {
  uint16_t kpi = 0;  // definition index
  ValueSince value;
};

struct MemberRow {
  std::string account_id;
  std::string name;
  std::string tier;
  std::string manager_id;
  int64_t rank = 0;  // from 1; 0: the ranking KPI is undefined
  ValueSince value;  // of the account itself, whether or not it was a member before
  std::vector<double> columns;
};

// An account that joined the group after `since` and is in it, or was in it and has left.
struct MoveRow {
  std::string account_id;
  std::string name;
  Day day = 0;              // the first day in the group, or the first one no longer in it
  std::string other_group;  // of the same kind ("manager:M2"): where it was at `since`, or is now; empty: nowhere
};

struct Portfolio {
  int64_t accounts = 0;
  int64_t accounts_since = 0;
  std::vector<GroupKpi> kpis;  // of the group with the members of each date; in catalogue order, defined ones
  std::vector<std::string> missing_rates;  // at `day`
  std::vector<MemberRow> members;          // best first as the catalogue says; undefined values last; then by id
  int64_t joined_accounts = 0;
  int64_t left_accounts = 0;
  std::vector<MoveRow> joined;  // the latest first
  std::vector<MoveRow> left;
};

// Everybody belongs to portfolio:all at all times: nobody joins or leaves it.
absl::StatusOr<Portfolio> AskPortfolio(const ProjectionReader& reader, const PortfolioQuestion& question);

}  // namespace keyfold

#endif  // KEYFOLD_ASK_PORTFOLIO_H_
