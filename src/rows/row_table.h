// What is in memory of every account, group and alert: what rows are found, filtered and told about by. Their values
// are in the store. By estimate 270 bytes for each account, so that a page of a million accounts needs no reading of a
// million records.
#ifndef KEYFOLD_ROWS_ROW_TABLE_H_
#define KEYFOLD_ROWS_ROW_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "keyfold/v1/latest_values.pb.h"
#include "rows/alert_order.h"
#include "rows/latest_topic.h"
#include "rows/text_map.h"
#include "rows/text_signature.h"

namespace keyfold {

// As those of rows (latest_topic.h).
using GroupNumber = uint32_t;
using GroupNumbers = absl::InlinedVector<GroupNumber, 8>;

// A group that a row belonged to until the record at `offset`.
struct FormerMembership {
  GroupNumber group = 0;
  int32_t partition = 0;
  int64_t offset = 0;
};

struct Row {
  LatestTopic topic = LatestTopic::kAccounts;
  bool gone = true;  // its latest record is a tombstone: kept so that who resumes is told
  bool customer = false;
  int32_t partition = 0;
  int64_t offset = -1;   // of its latest record; with the partition, its version
  RecordVersion joined;  // of the record that made its groups what they are; as far back as this process has seen
  int64_t timestamp_ms = 0;
  uint32_t id_size = 0;
  std::string text;  // the id, and an account's name

  // An account's groups; of a group, itself: who may see it is told by the same rule. Of an alert, what its owner calls
  // its alerts (alert_key.h): who may see it depends on the owner's row as it is now.
  GroupNumbers groups;
  std::unique_ptr<std::vector<FormerMembership>> former;  // null: none

  std::string_view id() const { return std::string_view(text).substr(0, id_size); }
  std::string_view name() const { return std::string_view(text).substr(id_size); }
};

// The changes of one partition of a topic, in the order of their offsets: compacted, as the topic itself is, so its
// length is about that of the rows. An entry that no longer says anything may be there still.
class ChangeLog {
 public:
  struct Entry {
    int64_t offset = 0;
    RowNumber row = 0;
  };

  // Entries come in the order of their offsets, or are put into it by Sort().
  void Append(int64_t offset, RowNumber row) { entries_.push_back({offset, row}); }
  void Sort();

  // The index of the first entry at `offset` or after it.
  size_t From(int64_t offset) const;
  const std::vector<Entry>& entries() const { return entries_; }

  // Drops what `is_live` denies, if the log may have doubled since that was done last.
  void Compact(absl::FunctionRef<bool(const Entry& entry)> is_live);

 private:
  std::vector<Entry> entries_;
  size_t compact_at_ = 1024;
};

// Not thread-safe; may be read by many threads while nobody changes it.
class RowTable {
 public:
  RowTable();
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  std::optional<RowNumber> Find(LatestTopic topic, std::string_view id) const;
  const Row& row(RowNumber number) const { return rows_[number]; }
  size_t row_numbers_end() const { return rows_.size(); }

  // Of an account's or a group's id and name.
  const TextSignature& signature(RowNumber number) const { return signatures_[number]; }

  // Rows that are not gone.
  int64_t count(LatestTopic topic) const { return counts_[static_cast<size_t>(topic)]; }

  std::optional<GroupNumber> FindGroup(std::string_view id) const;
  const std::string& group_id(GroupNumber group) const { return groups_[group].id; }
  const absl::btree_set<RowNumber>& members(GroupNumber group) const { return groups_[group].members; }

  // The alerts of a row, raised or cleared.
  const absl::btree_set<RowNumber>& AlertsOf(LatestTopic owner_topic, std::string_view owner_id) const;
  // Whom an alert is of; nullopt: there is no such row, or it is gone.
  std::optional<RowNumber> OwnerOf(const Row& alert) const;
  const AlertOrder& alerts() const { return alerts_; }

  // The number of a group, which it keeps until it was released as often and has no rows.
  GroupNumber AcquireGroup(std::string_view id);
  void ReleaseGroup(GroupNumber group);

  // What the row with this id is from now on. Does not tell the log. REQUIRES: it has no row of a later record.
  RowNumber Put(LatestTopic topic, std::string_view id, const v1::LatestRow& latest);

  // Forgets a row. REQUIRES: it is gone.
  void Remove(RowNumber number);

  // Forgets all rows, and what the logs say.
  void Clear();

  // Has the log say that the row has changed in its latest record, and makes the logs of rows that were put without.
  void LogLatest(RowNumber number);
  void MakeLogs();

  // Whether an entry of a partition's log still says something: it is of the row's latest record, or of one by which
  // the row has left a group.
  bool IsLive(LatestTopic topic, int32_t partition, const ChangeLog::Entry& entry) const;

  // Empty where nothing was logged.
  const ChangeLog& log(LatestTopic topic, int32_t partition) const;

 private:
  struct RowKey {
    LatestTopic topic;
    std::string_view id;
  };
  struct KeyHash {
    using is_transparent = void;
    const RowTable* table;
    size_t operator()(RowNumber number) const;
    size_t operator()(const RowKey& key) const;
  };
  struct KeyEqual {
    using is_transparent = void;
    const RowTable* table;
    RowKey KeyOf(RowNumber number) const;
    RowKey KeyOf(const RowKey& key) const { return key; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return KeyOf(a).topic == KeyOf(b).topic && KeyOf(a).id == KeyOf(b).id;
    }
  };
  struct Group {
    std::string id;
    absl::btree_set<RowNumber> members;  // accounts, or alerts of one owner; none for the group of all
    int64_t uses = 0;
  };

  ChangeLog& MutableLog(LatestTopic topic, int32_t partition);
  // Whether they are others than before.
  bool SetGroups(RowNumber number, const v1::LatestRow& latest);
  void Join(RowNumber number, GroupNumber group);
  void Leave(RowNumber number, GroupNumber group);

  std::deque<Row> rows_;
  std::vector<TextSignature> signatures_;  // by row
  std::vector<RowNumber> free_rows_;
  absl::flat_hash_set<RowNumber, KeyHash, KeyEqual> by_id_;
  std::deque<Group> groups_;
  std::vector<GroupNumber> free_groups_;
  TextMap<GroupNumber> groups_by_id_;
  PerTopic<int64_t> counts_{};
  AlertOrder alerts_;
  PerTopic<std::vector<ChangeLog>> logs_;
};

// The groups that the row of this id belongs to, by the attributes in its record; a row that is gone belongs to none.
std::vector<std::string> GroupsOfRow(LatestTopic topic, std::string_view id, const v1::LatestRow& latest);

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_ROW_TABLE_H_
