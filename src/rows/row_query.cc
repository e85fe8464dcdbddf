#include "rows/row_query.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/varint.h"
#include "kpi/groups.h"

namespace keyfold {
namespace {

constexpr size_t kConditionsMax = 4;
constexpr size_t kCountedMax = 200'000;  // candidates that are looked at for the sake of a total: some milliseconds
constexpr size_t kSortedMin = 1'000;     // so few candidates are sorted, whatever the page

// The attributes that make groups, and what those groups begin with.
constexpr std::pair<std::string_view, std::string_view> kGroupAttributes[] = {
    {"segment", "segment:"},    {"region", "region:"},    {"industry", "industry:"},
    {"manager_id", "manager:"}, {"parent_id", "parent:"}, {"tier", "tier:"},
};

std::optional<std::string_view> GroupPrefixOf(std::string_view attribute) {
  for (const auto& [name, prefix] : kGroupAttributes) {
    if (name == attribute) return prefix;
  }
  return std::nullopt;
}

SortBy OrderOf(const RowQuery& query, const KpiCondition& condition) {
  return {query.sort.topic, SortBy::Kind::kKpi, condition.kpi};
}

bool Fulfils(double value, const KpiCondition& condition) {
  switch (condition.comparison) {
    case KpiCondition::Comparison::kLess:
      return value < condition.value;
    case KpiCondition::Comparison::kAtMost:
      return value <= condition.value;
    case KpiCondition::Comparison::kEqual:
      return value == condition.value;
    case KpiCondition::Comparison::kAtLeast:
      return value >= condition.value;
    case KpiCondition::Comparison::kGreater:
      return value > condition.value;
  }
  return false;
}

bool Contains(std::string_view text, std::string_view lower_needle) {
  return std::search(text.begin(), text.end(), lower_needle.begin(), lower_needle.end(), [](char a, char b) {
           return absl::ascii_tolower(static_cast<unsigned char>(a)) == b;
         }) != text.end();
}

// A query with the numbers that things have in the table.
class RowSelection {
 public:
  RowSelection(const RowTable& rows, const RowOrders& orders, const RowQuery& query, const Visibility& visibility)
      : rows_(rows),
        query_(query),
        visible_(rows, visibility),
        order_(*orders.Find(query.sort)),
        needle_(absl::AsciiStrToLower(query.filter.name_contains)),
        signature_(needle_) {
    for (const KpiCondition& condition : query.filter.kpis) {
      conditions_.emplace_back(orders.Find(OrderOf(query, condition)), &condition);
    }
    for (const std::string& group : query.filter.groups) RequireGroup(group);
    for (const auto& [attribute, value] : query.filter.attributes) {
      const std::optional<std::string_view> prefix = GroupPrefixOf(attribute);
      if (prefix.has_value() && value.empty()) absent_.push_back(*prefix);
      if (prefix.has_value() && !value.empty()) RequireGroup(absl::StrCat(std::string(*prefix), value));
      if (attribute == "name") name_ = value;
    }
    if (query.filter.key_account == true) RequireGroup(std::string(kKeyAccountsGroup));
    if (query.filter.key_account == false) absent_.push_back(kKeyAccountsGroup);
  }

  RowQueryResult Select(const std::optional<SortPlace>& after) const {
    if (impossible_) return {{}, false, 0};
    std::optional<std::vector<RowNumber>> few = Candidates();
    const size_t all = static_cast<size_t>(rows_.count(query_.sort.topic));
    const bool sorts =
        few.has_value() && (few->size() <= kSortedMin || few->size() * few->size() <= query_.limit * all);
    if (sorts) return Sort(*std::move(few), after);
    RowQueryResult result;
    order_.VisitAfter(after, query_.descending, [&](RowNumber number) {
      if (!Passes(number)) return true;
      result.more = result.rows.size() >= query_.limit;
      if (!result.more) result.rows.push_back(number);
      return !result.more;
    });
    result.total = Count(few);
    return result;
  }

 private:
  void RequireGroup(const std::string& id) {
    if (const std::optional<GroupNumber> group = rows_.FindGroup(id); group.has_value()) {
      groups_.push_back(*group);
    } else {
      impossible_ = true;
    }
  }

  bool HasGroupWith(const Row& row, std::string_view prefix) const {
    return std::any_of(row.groups.begin(), row.groups.end(), [this, prefix](GroupNumber group) {
      return std::string_view(rows_.group_id(group)).starts_with(prefix);
    });
  }

  bool Passes(RowNumber number) const {
    const Row& row = rows_.row(number);
    if (row.topic != query_.sort.topic || !visible_.Sees(row)) return false;
    for (GroupNumber group : groups_) {
      if (std::find(row.groups.begin(), row.groups.end(), group) == row.groups.end()) return false;
    }
    const RowFilter& filter = query_.filter;
    if (filter.customer.has_value() && *filter.customer != row.customer) return false;
    if (name_.has_value() && *name_ != row.name()) return false;
    if (!row.id().starts_with(filter.id_prefix)) return false;
    if (std::any_of(absent_.begin(), absent_.end(), [&](auto prefix) { return HasGroupWith(row, prefix); })) {
      return false;
    }
    for (const auto& [order, condition] : conditions_) {
      if (!Fulfils(order->ValueOf(number), *condition)) return false;
    }
    return needle_.empty() || HasNeedle(number);
  }

  bool HasNeedle(RowNumber number) const {
    if (!rows_.signature(number).MayContain(signature_)) return false;
    const Row& row = rows_.row(number);
    return Contains(row.name(), needle_) || Contains(row.id(), needle_);
  }

  // The rows of the topic that have the needle; nullopt: so many rows would have to be looked at that following the
  // order until a page is full is better. Signatures tell most rows without looking at them.
  std::optional<std::vector<RowNumber>> Found() const {
    const bool is_telling = needle_.size() >= TextSignature::kLettersMin;
    if (needle_.empty() || (!is_telling && rows_.row_numbers_end() > kCountedMax)) return std::nullopt;
    std::vector<RowNumber> found;
    for (RowNumber number = 0; number < rows_.row_numbers_end(); ++number) {
      if (HasNeedle(number) && rows_.row(number).topic == query_.sort.topic) found.push_back(number);
    }
    return found;
  }

  // Rows that all which pass are among; nullopt: nothing says of fewer than all.
  std::optional<std::vector<RowNumber>> Candidates() const {
    std::optional<std::vector<RowNumber>> found;
    if (query_.filter.ids.has_value()) {
      found.emplace();
      for (const std::string& id : *query_.filter.ids) {
        if (const auto number = rows_.Find(query_.sort.topic, id); number.has_value()) found->push_back(*number);
      }
    } else if (query_.sort.topic == LatestTopic::kGroups) {
      if (visible_.sees_all()) return Found();
      found.emplace();
      for (GroupNumber group : visible_.groups()) {
        const auto number = rows_.Find(LatestTopic::kGroups, rows_.group_id(group));
        if (number.has_value()) found->push_back(*number);
      }
    } else {
      const std::vector<GroupNumber> smallest = SmallestGroups();
      if (smallest.empty()) return Found();
      found.emplace();
      for (GroupNumber group : smallest) {
        found->insert(found->end(), rows_.members(group).begin(), rows_.members(group).end());
      }
    }
    std::sort(found->begin(), found->end());
    found->erase(std::unique(found->begin(), found->end()), found->end());
    return found;
  }

  // The required group with the fewest members, or those that are visible, if they have fewer.
  std::vector<GroupNumber> SmallestGroups() const {
    const auto is_all = [this](GroupNumber group) { return rows_.group_id(group) == kAllAccountsGroup; };
    std::vector<GroupNumber> smallest;
    size_t members = static_cast<size_t>(rows_.count(LatestTopic::kAccounts));
    for (GroupNumber group : groups_) {
      if (is_all(group) || rows_.members(group).size() >= members) continue;
      members = rows_.members(group).size();
      smallest = {group};
    }
    const auto& visible = visible_.groups();
    if (visible_.sees_all() || std::any_of(visible.begin(), visible.end(), is_all)) return smallest;
    size_t seen = 0;
    for (GroupNumber group : visible) seen += rows_.members(group).size();
    if (seen < members) smallest.assign(visible.begin(), visible.end());
    return smallest;
  }

  RowQueryResult Sort(std::vector<RowNumber> candidates, const std::optional<SortPlace>& after) const {
    std::erase_if(candidates, [this](RowNumber number) { return !Passes(number); });
    RowQueryResult result;
    result.total = static_cast<int64_t>(candidates.size());
    if (after.has_value()) {
      std::erase_if(candidates,
                    [&](RowNumber number) { return !ComesBefore(*after, order_.PlaceOf(number), query_.descending); });
    }
    const size_t shown = std::min(query_.limit, candidates.size());
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(shown), candidates.end(),
                      [this](RowNumber a, RowNumber b) {
                        return ComesBefore(order_.PlaceOf(a), order_.PlaceOf(b), query_.descending);
                      });
    result.more = candidates.size() > shown;
    candidates.resize(shown);
    result.rows = std::move(candidates);
    return result;
  }

  std::optional<int64_t> Count(const std::optional<std::vector<RowNumber>>& few) const {
    const RowFilter& filter = query_.filter;
    const bool checks = filter.customer.has_value() || name_.has_value() || !filter.id_prefix.empty() ||
                        !absent_.empty() || !conditions_.empty() || !needle_.empty();
    if (!checks && groups_.empty() && visible_.sees_all() && !few.has_value()) return rows_.count(query_.sort.topic);
    int64_t total = 0;
    if (few.has_value()) {
      if (few->size() > kCountedMax) return std::nullopt;
      for (RowNumber number : *few) total += Passes(number) ? 1 : 0;
      return total;
    }
    if (rows_.row_numbers_end() > kCountedMax) return std::nullopt;
    for (RowNumber number = 0; number < rows_.row_numbers_end(); ++number) total += Passes(number) ? 1 : 0;
    return total;
  }

  const RowTable& rows_;
  const RowQuery& query_;
  VisibleRows visible_;
  const RowOrder& order_;
  const std::string needle_;
  const TextSignature signature_;
  std::vector<std::pair<const RowOrder*, const KpiCondition*>> conditions_;
  std::vector<GroupNumber> groups_;       // that a row must belong to
  std::vector<std::string_view> absent_;  // what no group of it may begin with
  std::optional<std::string> name_;
  bool impossible_ = false;  // a group is required that has nobody
};

// What a cursor must be of.
std::string OrderText(const RowQuery& query) {
  return absl::StrCat(static_cast<int>(query.sort.topic), static_cast<int>(query.sort.kind),
                      query.descending ? "d" : "a", query.sort.kpi);
}

// `text` keeps what the place refers to.
absl::StatusOr<SortPlace> ParseCursor(const RowQuery& query, std::string& text) {
  const absl::Status wrong = absl::InvalidArgumentError("the cursor is none of a page in this order");
  if (!absl::WebSafeBase64Unescape(query.cursor, &text)) return wrong;
  std::string_view bytes = text;
  const std::optional<std::string_view> order = TakeDelimited(bytes);
  const std::optional<uint64_t> value = TakeVarint(bytes);
  const std::optional<std::string_view> name = TakeDelimited(bytes);
  if (!order.has_value() || *order != OrderText(query) || !value.has_value() || !name.has_value()) return wrong;
  return SortPlace{std::bit_cast<double>(*value), *name, bytes};
}

}  // namespace

absl::StatusOr<std::set<SortBy>> OrdersFor(const RowQuery& query) {
  for (const auto& [attribute, value] : query.filter.attributes) {
    if (attribute != "name" && !GroupPrefixOf(attribute).has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", attribute, "' is no attribute that accounts are filtered by"));
    }
  }
  if (query.filter.kpis.size() > kConditionsMax) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kConditionsMax, " conditions on KPIs"));
  }
  std::set<SortBy> orders = {query.sort};
  for (const KpiCondition& condition : query.filter.kpis) orders.insert(OrderOf(query, condition));
  return orders;
}

absl::StatusOr<RowQueryResult> SelectRows(const RowTable& rows, const RowOrders& orders, const RowQuery& query,
                                          const Visibility& visibility) {
  std::string text;
  std::optional<SortPlace> after;
  if (!query.cursor.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(after, ParseCursor(query, text));
  }
  return RowSelection(rows, orders, query, visibility).Select(after);
}

std::string CursorAfter(const RowQuery& query, const SortPlace& place) {
  const std::string order = OrderText(query);
  std::string text;
  AppendVarint(text, order.size());
  text += order;
  AppendVarint(text, std::bit_cast<uint64_t>(place.value));
  AppendVarint(text, place.name.size());
  text += place.name;
  text += place.id;
  return absl::WebSafeBase64Escape(text);
}

}  // namespace keyfold
