#include "rows/alert_query.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "base/status_macros.h"
#include "base/varint.h"
#include "kpi/groups.h"
#include "rows/alert_key.h"

namespace keyfold {
namespace {

constexpr size_t kAlertsCountedMax = 200'000;  // alerts that are looked at for the sake of a total: some milliseconds

AlertOrder::Place PlaceOf(const RowTable& rows, RowNumber alert) {
  return {rows.alerts().Find(alert)->recorded_ms, rows.row(alert).id()};
}

// A query with the numbers that things have in the table.
class AlertSelection {
 public:
  AlertSelection(const RowTable& rows, const AlertQuery& query, const Visibility& visibility)
      : rows_(rows), query_(query), visible_(rows, visibility) {
    for (const std::string& id : query.groups) {
      const std::optional<GroupNumber> group = rows.FindGroup(id);
      impossible_ |= !group.has_value();
      if (group.has_value()) groups_.push_back(*group);
    }
  }

  RowQueryResult Select(const std::optional<AlertOrder::Place>& after) const {
    if (impossible_) return {{}, false, 0};
    if (std::optional<std::vector<RowNumber>> few = Candidates(); few.has_value()) return Sort(*std::move(few), after);
    RowQueryResult result;
    rows_.alerts().VisitAfter(after, [&](RowNumber number) {
      if (!Passes(number)) return true;
      result.more = result.rows.size() >= query_.limit;
      if (!result.more) result.rows.push_back(number);
      return !result.more;
    });
    if (rows_.alerts().size() > kAlertsCountedMax) return result;
    result.total = 0;
    rows_.alerts().VisitAfter(std::nullopt, [&](RowNumber number) {
      *result.total += Passes(number) ? 1 : 0;
      return true;
    });
    return result;
  }

 private:
  bool Passes(RowNumber number) const {
    const AlertFacts* const facts = rows_.alerts().Find(number);
    if (facts == nullptr || !IsAskedFor(query_, *facts)) return false;
    const Row& alert = rows_.row(number);
    if (!query_.alerts.empty() && !query_.alerts.contains(ParseAlertKey(alert.id())->alert)) return false;
    const std::optional<RowNumber> owner = rows_.OwnerOf(alert);
    if (!owner.has_value() || !visible_.Sees(rows_.row(*owner))) return false;
    if (!groups_.empty() && rows_.row(*owner).topic != LatestTopic::kAccounts) return false;
    const GroupNumbers& groups = rows_.row(*owner).groups;
    return std::all_of(groups_.begin(), groups_.end(), [&groups](GroupNumber group) {
      return std::find(groups.begin(), groups.end(), group) != groups.end();
    });
  }

  void AddAlertsOf(LatestTopic topic, std::string_view owner_id, std::vector<RowNumber>& alerts) const {
    const auto& owned = rows_.AlertsOf(topic, owner_id);
    alerts.insert(alerts.end(), owned.begin(), owned.end());
  }

  void AddAlertsOfMembers(GroupNumber group, std::vector<RowNumber>& alerts) const {
    for (RowNumber member : rows_.members(group)) AddAlertsOf(rows_.row(member).topic, rows_.row(member).id(), alerts);
  }

  // Alerts that all which pass are among; nullopt: nothing says of fewer than all.
  std::optional<std::vector<RowNumber>> Candidates() const {
    std::vector<RowNumber> found;
    const auto is_narrow = [this](GroupNumber group) {
      return rows_.group_id(group) != kAllAccountsGroup && rows_.members(group).size() < rows_.alerts().size();
    };
    if (!query_.owners.empty()) {
      for (const std::string& id : query_.owners) {
        for (LatestTopic topic : {LatestTopic::kAccounts, LatestTopic::kGroups}) AddAlertsOf(topic, id, found);
      }
    } else if (const auto group = std::find_if(groups_.begin(), groups_.end(), is_narrow); group != groups_.end()) {
      AddAlertsOfMembers(*group, found);
    } else if (!visible_.sees_all() && std::all_of(visible_.groups().begin(), visible_.groups().end(), is_narrow)) {
      for (GroupNumber visible : visible_.groups()) {
        AddAlertsOf(LatestTopic::kGroups, rows_.group_id(visible), found);
        AddAlertsOfMembers(visible, found);
      }
    } else {
      return std::nullopt;
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  RowQueryResult Sort(std::vector<RowNumber> alerts, const std::optional<AlertOrder::Place>& after) const {
    std::erase_if(alerts, [this](RowNumber number) { return !Passes(number); });
    RowQueryResult result;
    result.total = static_cast<int64_t>(alerts.size());
    if (after.has_value()) {
      std::erase_if(alerts, [&](RowNumber number) { return !AlertOrder::ComesBefore(*after, PlaceOf(rows_, number)); });
    }
    std::sort(alerts.begin(), alerts.end(), [this](RowNumber a, RowNumber b) {
      return AlertOrder::ComesBefore(PlaceOf(rows_, a), PlaceOf(rows_, b));
    });
    result.more = alerts.size() > query_.limit;
    if (result.more) alerts.resize(query_.limit);
    result.rows = std::move(alerts);
    return result;
  }

  const RowTable& rows_;
  const AlertQuery& query_;
  const VisibleRows visible_;
  std::vector<GroupNumber> groups_;  // that the account must belong to
  bool impossible_ = false;          // a group is asked for that has nobody
};

// `text` keeps what the place refers to.
absl::StatusOr<AlertOrder::Place> ParseCursor(const std::string& cursor, std::string& text) {
  const absl::Status wrong = absl::InvalidArgumentError("the cursor is none of a page of alerts");
  if (!absl::WebSafeBase64Unescape(cursor, &text)) return wrong;
  std::string_view bytes = text;
  const std::optional<uint64_t> recorded_ms = TakeVarint(bytes);
  if (!recorded_ms.has_value() || !ParseAlertKey(bytes).has_value()) return wrong;
  return AlertOrder::Place{static_cast<int64_t>(*recorded_ms), bytes};
}

}  // namespace

bool IsAskedFor(const AlertQuery& query, const AlertFacts& facts) {
  if (!facts.raised && (!query.cleared_too || facts.recorded_ms < query.cleared_from_ms)) return false;
  return query.severities.empty() || query.severities.contains(facts.severity);
}

absl::StatusOr<RowQueryResult> SelectAlerts(const RowTable& rows, const AlertQuery& query,
                                            const Visibility& visibility) {
  std::string text;
  std::optional<AlertOrder::Place> after;
  if (!query.cursor.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(after, ParseCursor(query.cursor, text));
  }
  return AlertSelection(rows, query, visibility).Select(after);
}

std::string CursorAfterAlert(const RowTable& rows, RowNumber alert) {
  const AlertOrder::Place place = PlaceOf(rows, alert);
  std::string text;
  AppendVarint(text, static_cast<uint64_t>(place.recorded_ms));
  text += place.key;
  return absl::WebSafeBase64Escape(text);
}

}  // namespace keyfold
