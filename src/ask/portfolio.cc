#include "ask/portfolio.h"

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "ask/top_rows.h"
#include "base/status_macros.h"
#include "kpi/group_sums.h"
#include "state/account_reader.h"

namespace keyfold {
namespace {

double Published(const Catalog& catalog, uint16_t index, const std::vector<double>& values) {
  return PublishedValue(catalog, catalog.definitions()[index], values[index]);
}

// Best first; undefined values last.
class RanksBefore {
 public:
  explicit RanksBefore(Definition::Better better) : lower_(better == Definition::Better::kLower) {}

  bool operator()(const MemberRow& a, const MemberRow& b) const {
    return std::tuple(Key(a.value.value), std::string_view(a.account_id)) <
           std::tuple(Key(b.value.value), std::string_view(b.account_id));
  }

 private:
  double Key(double value) const {
    if (std::isnan(value)) return std::numeric_limits<double>::infinity();  // values themselves are finite
    return lower_ ? value : -value;
  }

  bool lower_;
};

struct MovedBefore {
  bool operator()(const MoveRow& a, const MoveRow& b) const {
    return a.day != b.day ? a.day > b.day : a.account_id < b.account_id;
  }
};

// The first day of the state (in the group or not) that holds at `day`.
Day LastMove(std::span<const AttributeSpan> spans, std::string_view group_id, Day day) {
  bool member = false;
  Day moved = day;
  for (const AttributeSpan& span : spans) {
    if (span.from > day) break;
    const bool now = BelongsTo(span.attributes, group_id);
    if (now != member) moved = span.from;
    member = now;
  }
  return moved;
}

// The group of the same kind ("manager:...") that the attributes lead to; empty: none.
std::string SameKind(const AccountAttributes& attributes, std::string_view group_id) {
  const std::string_view prefix = group_id.substr(0, group_id.find(':') + 1);
  if (prefix == "portfolio:") return "";
  for (std::string& group : GroupsOf(attributes)) {
    if (group.starts_with(prefix)) return std::move(group);
  }
  return "";
}

// Takes the members one by one.
class PortfolioBuilder {
 public:
  PortfolioBuilder(const Catalog& catalog, const PortfolioQuestion& question)
      : catalog_(catalog),
        question_(question),
        now_(catalog, question.day),
        before_(catalog, question.since),
        sums_now_(catalog),
        sums_before_(catalog),
        members_(Limit(), RanksBefore(catalog.definitions()[question.by].better)),
        joined_(Limit(), MovedBefore()),
        left_(Limit(), MovedBefore()) {}

  void Add(const AccountRecord& account, bool is_member, bool was_member) {
    const AccountValues now = EvaluateAt(now_, account);
    const AccountValues before = EvaluateAt(before_, account);
    if (is_member) sums_now_ += GroupDelta(catalog_, {now.components, now.values});
    if (was_member) sums_before_ += GroupDelta(catalog_, {before.components, before.values});
    const AccountAttributes attributes = AttributesAt(account.attributes, question_.day);
    if (is_member) members_.Add(RowOf(account, attributes, now, before));
    if (is_member == was_member) return;
    const AccountAttributes there = is_member ? AttributesAt(account.attributes, question_.since) : attributes;
    MoveRow move{account.id, attributes.name, LastMove(account.attributes, question_.group_id, question_.day),
                 SameKind(there, question_.group_id)};
    ++(is_member ? joined_accounts_ : left_accounts_);
    (is_member ? joined_ : left_).Add(std::move(move));
  }

  Portfolio Finish() && {
    Portfolio portfolio;
    portfolio.accounts = sums_now_.accounts;
    portfolio.accounts_since = sums_before_.accounts;
    AddKpis(portfolio);
    portfolio.missing_rates = CurrencyCodes(sums_now_.missing_rates);
    portfolio.members = std::move(members_).Take();
    int64_t rank = 0;
    for (MemberRow& member : portfolio.members) {
      if (!std::isnan(member.value.value)) member.rank = ++rank;
    }
    portfolio.joined_accounts = joined_accounts_;
    portfolio.left_accounts = left_accounts_;
    portfolio.joined = std::move(joined_).Take();
    portfolio.left = std::move(left_).Take();
    return portfolio;
  }

 private:
  size_t Limit() const { return question_.limit > 0 ? question_.limit : std::numeric_limits<size_t>::max(); }

  MemberRow RowOf(const AccountRecord& account, const AccountAttributes& attributes, const AccountValues& now,
                  const AccountValues& before) const {
    MemberRow row;
    row.account_id = account.id;
    row.name = attributes.name;
    row.tier = attributes.tier;
    row.manager_id = attributes.manager_id;
    row.value = {Published(catalog_, question_.by, now.values), Published(catalog_, question_.by, before.values)};
    for (uint16_t column : question_.columns) row.columns.push_back(Published(catalog_, column, now.values));
    return row;
  }

  void AddKpis(Portfolio& portfolio) const {
    const std::vector<double> undefined(catalog_.definitions().size(), std::numeric_limits<double>::quiet_NaN());
    const std::vector<double> now = sums_now_.accounts > 0 ? sums_now_.Evaluate(now_) : undefined;
    const std::vector<double> before = sums_before_.accounts > 0 ? sums_before_.Evaluate(before_) : undefined;
    for (uint16_t index : catalog_.kpis()) {
      if (catalog_.definitions()[index].rollup == Definition::Rollup::kNone) continue;
      const GroupKpi kpi{index, {Published(catalog_, index, now), Published(catalog_, index, before)}};
      if (!std::isnan(kpi.value.value) || !std::isnan(kpi.value.since)) portfolio.kpis.push_back(kpi);
    }
  }

  const Catalog& catalog_;
  const PortfolioQuestion& question_;
  EvaluationDay now_;
  EvaluationDay before_;
  GroupSums sums_now_;
  GroupSums sums_before_;
  TopRows<MemberRow, RanksBefore> members_;
  TopRows<MoveRow, MovedBefore> joined_;
  TopRows<MoveRow, MovedBefore> left_;
  int64_t joined_accounts_ = 0;
  int64_t left_accounts_ = 0;
};

}  // namespace

absl::StatusOr<Portfolio> AskPortfolio(const ProjectionReader& reader, const PortfolioQuestion& question) {
  PortfolioBuilder builder(reader.catalog(), question);
  const Day days[] = {question.day, question.since};
  KEYFOLD_RETURN_IF_ERROR(reader.VisitMembers(
      question.group_id, days, [&builder](const AccountRecord& account, std::span<const uint8_t> member) {
        builder.Add(account, member[0] != 0, member[1] != 0);
      }));
  return std::move(builder).Finish();
}

}  // namespace keyfold
