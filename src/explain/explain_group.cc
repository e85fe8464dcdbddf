// A group's KPI: its components, and the members' shares in them.
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ask/top_rows.h"
#include "base/status_macros.h"
#include "explain/explain_parts.h"
#include "state/account_reader.h"

namespace keyfold {
namespace {

using Kind = ComponentRead::Kind;

// How much the member matters: of a change how much it changed, else its share.
double WeightOf(const MemberLine& line, bool compared) {
  const auto amount = static_cast<double>(line.amount.value_or(0));
  return std::abs(compared ? amount - static_cast<double>(line.amount_since.value_or(0)) : amount);
}

class HeavierMember {
 public:
  explicit HeavierMember(bool compared) : compared_(compared) {}

  bool operator()(const MemberLine& a, const MemberLine& b) const {
    const double weight_a = WeightOf(a, compared_);
    const double weight_b = WeightOf(b, compared_);
    return weight_a != weight_b ? weight_a > weight_b : a.account_id < b.account_id;
  }

 private:
  bool compared_;
};

// What an account brings into a component; nullopt: undefined.
std::optional<int64_t> ShareOf(const ComponentRead& read, const AccountValues& account) {
  switch (read.kind) {
    case Kind::kBase:
      if (account.components.undefined[read.index] != 0) return std::nullopt;
      return account.components.base[read.index];
    case Kind::kDerived:
      if (std::isnan(account.values[read.index])) return std::nullopt;
      return static_cast<int64_t>(account.values[read.index]);
    case Kind::kHistogram:
      break;
  }
  int64_t values = 0;
  for (const auto& [bin, count] : account.components.histograms[read.index]) values += count;
  return values;
}

// The members' shares in one component.
class Members {
 public:
  explicit Members(const ExplainQuestion& question)
      : lines_(LimitOf(question), HeavierMember(question.since.has_value())) {}

  void Add(MemberLine line, bool may_be_named) {
    ++share_.count;
    share_.amount += line.amount.value_or(0);
    share_.amount_since += line.amount_since.value_or(0);
    if (may_be_named) lines_.Add(std::move(line));
  }

  void Add(MembersShare share) {
    share_.count += share.count;
    share_.amount += share.amount;
    share_.amount_since += share.amount_since;
    for (MemberLine& line : share.members) lines_.Add(std::move(line));
  }

  MembersShare Take() && {
    share_.members = std::move(lines_).Take();
    return std::move(share_);
  }

 private:
  TopRows<MemberLine, HeavierMember> lines_;
  MembersShare share_;
};

void Put(MembersShare share, ExplainedComponent& component) {
  component.members = std::move(share.members);
  component.members_rest_count = share.count - static_cast<int64_t>(component.members.size());
  component.members_rest = share.amount;
  component.members_rest_since = share.amount_since;
  for (const MemberLine& line : component.members) {
    component.members_rest -= line.amount.value_or(0);
    component.members_rest_since -= line.amount_since.value_or(0);
  }
}

// Reads each member once, for all components.
class GroupReader {
 public:
  GroupReader(const ProjectionReader& reader, const ExplainQuestion& question)
      : catalog_(reader.catalog()),
        question_(question),
        tree_(TreeOf(catalog_, question.kpi, /*group=*/true)),
        evaluation_(catalog_, question.day),
        evaluation_since_(catalog_, question.since.value_or(question.day)),
        share_(catalog_),
        members_(tree_.components.size(), Members(question)) {}

  void Add(const AccountRecord& account, bool is_member, bool was_member) {
    share_.any = true;
    const AccountValues now = EvaluateAt(evaluation_, account);
    if (is_member) share_.sums += GroupDelta(catalog_, {now.components, now.values});
    std::optional<AccountValues> since;
    if (was_member) {
      since = EvaluateAt(evaluation_since_, account);
      share_.sums_since += GroupDelta(catalog_, {since->components, since->values});
    }
    const bool may_be_named = !question_.may_name || question_.may_name(account.id);
    const std::string name = AttributesAt(account.attributes, question_.day).name;
    for (size_t i = 0; i < tree_.components.size(); ++i) {
      MemberLine line{account.id, name, std::nullopt, std::nullopt};
      if (is_member) line.amount = ShareOf(tree_.components[i], now);
      if (since.has_value()) line.amount_since = ShareOf(tree_.components[i], *since);
      members_[i].Add(std::move(line), may_be_named);
    }
  }

  ExplanationShare Take() && {
    for (Members& members : members_) share_.components.push_back(std::move(members).Take());
    return std::move(share_);
  }

 private:
  const Catalog& catalog_;
  const ExplainQuestion& question_;
  const FormulaTree tree_;
  const EvaluationDay evaluation_;
  const EvaluationDay evaluation_since_;
  ExplanationShare share_;
  std::vector<Members> members_;  // of the tree's components
};

}  // namespace

absl::StatusOr<ExplanationShare> ReadExplanationShare(const ProjectionReader& reader, const ExplainQuestion& question) {
  const Definition& kpi = reader.catalog().definitions()[question.kpi];
  if (kpi.rollup == Definition::Rollup::kNone) {
    return absl::InvalidArgumentError(absl::StrCat(kpi.id, " is not published for groups"));
  }
  GroupReader group(reader, question);
  std::vector<Day> days = {question.day};
  if (question.since.has_value()) days.push_back(*question.since);
  KEYFOLD_RETURN_IF_ERROR(
      reader.VisitMembers(question.id, days, [&](const AccountRecord& account, std::span<const uint8_t> member) {
        group.Add(account, member[0] != 0, days.size() > 1 && member[1] != 0);
      }));
  return std::move(group).Take();
}

void Add(const ExplainQuestion& question, ExplanationShare share, ExplanationShare& to) {
  to.any |= share.any;
  to.sums += share.sums;
  to.sums_since += share.sums_since;
  for (size_t i = 0; i < to.components.size(); ++i) {
    Members members(question);
    members.Add(std::move(to.components[i]));
    members.Add(std::move(share.components[i]));
    to.components[i] = std::move(members).Take();
  }
}

std::optional<Explanation> ExplainGroup(const Catalog& catalog, const ExplainQuestion& question,
                                        ExplanationShare share) {
  if (!share.any) return std::nullopt;
  const FormulaTree tree = TreeOf(catalog, question.kpi, /*group=*/true);
  const EvaluationDay evaluation(catalog, question.day);
  const EvaluationDay evaluation_since(catalog, question.since.value_or(question.day));
  const FormulaValues now(evaluation, share.sums);
  std::optional<FormulaValues> since;
  if (question.since.has_value()) since.emplace(evaluation_since, share.sums_since);
  Explanation explanation =
      Describe(catalog, question, tree, evaluation, now, &evaluation_since, since.has_value() ? &*since : nullptr);
  // Of nobody nothing is said.
  if (share.sums.accounts == 0) explanation.value = std::numeric_limits<double>::quiet_NaN();
  if (share.sums_since.accounts == 0) explanation.value_since = std::numeric_limits<double>::quiet_NaN();
  explanation.accounts = share.sums.accounts;
  explanation.accounts_since = share.sums_since.accounts;
  for (size_t i = 0; i < share.components.size(); ++i) Put(std::move(share.components[i]), explanation.components[i]);
  explanation.missing_rates = CurrencyCodes(share.sums.missing_rates);
  return explanation;
}

}  // namespace keyfold
