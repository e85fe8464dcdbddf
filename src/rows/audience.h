// Who may see which rows, and who wants which.
#ifndef KEYFOLD_ROWS_AUDIENCE_H_
#define KEYFOLD_ROWS_AUDIENCE_H_

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "rows/row_table.h"
#include "rows/text_map.h"

namespace keyfold {

// The rights of whoever asks. An account is visible while it belongs to one of the groups; a group's row only where it
// is one of the groups itself. What is not visible is answered as what does not exist.
struct Visibility {
  bool sees_all = false;
  std::set<std::string> groups = {};  // "manager:M7"; where `sees_all`, they say nothing
};

// Which rows a stream is to tell. Those that it may not see, or that there are none of, it is silent about.
struct Interest {
  bool all_accounts = false;
  bool all_groups = false;
  std::vector<std::string> accounts = {};
  std::vector<std::string> groups = {};      // rows of groups
  std::vector<std::string> members_of = {};  // groups whose accounts are wanted
  bool alerts = false;                       // of all these, which of their alerts are raised
};

// Rights with the numbers that groups have. Valid while the table is not changed.
class VisibleRows {
 public:
  VisibleRows(const RowTable& table, const Visibility& visibility);

  bool sees_all() const { return sees_all_; }
  const absl::flat_hash_set<GroupNumber>& groups() const { return groups_; }

  bool Sees(std::span<const GroupNumber> groups) const;
  bool Sees(const Row& row) const { return !row.gone && Sees(row.groups); }

 private:
  bool sees_all_;
  absl::flat_hash_set<GroupNumber> groups_;
};

// What one stream tells, with the numbers of groups, which it keeps for as long as it lives.
//
// Not thread-safe. Construction and destruction change the table.
class Audience {
 public:
  Audience(RowTable& table, const Visibility& visibility, const Interest& interest);
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;
  ~Audience();

  // Whether the row is to be told, if it belongs to these groups. No alert is: alerts are told with their owners.
  bool Matches(const Row& row, std::span<const GroupNumber> groups) const;

  // Whether so many different rows concern it that it looks at every change; else every row that Matches() is one of
  // those below.
  bool broad() const { return broad_; }
  const TextSet& ids(LatestTopic topic) const { return topic == LatestTopic::kAccounts ? account_ids_ : group_ids_; }
  const absl::flat_hash_set<GroupNumber>& members_of() const { return members_of_; }

  // Whether the alerts of its rows are told, too.
  bool alerts() const { return alerts_; }

 private:
  GroupNumber Acquire(std::string_view id);

  RowTable& table_;
  std::vector<GroupNumber> acquired_;
  bool sees_all_;
  bool all_accounts_;
  bool all_groups_;
  bool alerts_;
  bool broad_ = false;
  absl::flat_hash_set<GroupNumber> visible_;
  TextSet account_ids_;
  TextSet group_ids_;
  absl::flat_hash_set<GroupNumber> members_of_;
};

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_AUDIENCE_H_
