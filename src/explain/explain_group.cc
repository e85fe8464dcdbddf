// A group's KPI: its components, and the members' shares in them.
#include <cmath>
#include <limits>
#include <utility>

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
struct Members {
  Members(size_t limit, bool compared) : lines(limit, HeavierMember(compared)) {}

  void Add(MemberLine line, bool may_be_named) {
    ++count;
    sum += line.amount.value_or(0);
    sum_since += line.amount_since.value_or(0);
    if (may_be_named) lines.Add(std::move(line));
  }

  void Finish(ExplainedComponent& component) && {
    component.members = std::move(lines).Take();
    component.members_rest_count = count - static_cast<int64_t>(component.members.size());
    component.members_rest = sum;
    component.members_rest_since = sum_since;
    for (const MemberLine& line : component.members) {
      component.members_rest -= line.amount.value_or(0);
      component.members_rest_since -= line.amount_since.value_or(0);
    }
  }

  TopRows<MemberLine, HeavierMember> lines;
  int64_t count = 0;
  __int128 sum = 0;
  __int128 sum_since = 0;
};

class GroupExplainer {
 public:
  GroupExplainer(const ProjectionReader& reader, const ExplainQuestion& question)
      : catalog_(reader.catalog()),
        question_(question),
        tree_(TreeOf(catalog_, question.kpi, /*group=*/true)),
        evaluation_(catalog_, question.day),
        evaluation_since_(catalog_, question.since.value_or(question.day)),
        sums_(catalog_),
        sums_since_(catalog_),
        members_(tree_.components.size(), Members(LimitOf(question), compared())) {}

  bool compared() const { return question_.since.has_value(); }

  void Add(const AccountRecord& account, bool is_member, bool was_member) {
    const AccountValues now = EvaluateAt(evaluation_, account);
    if (is_member) sums_ += GroupDelta(catalog_, {now.components, now.values});
    std::optional<AccountValues> since;
    if (was_member) {
      since = EvaluateAt(evaluation_since_, account);
      sums_since_ += GroupDelta(catalog_, {since->components, since->values});
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

  Explanation Finish() && {
    const FormulaValues now(evaluation_, sums_);
    std::optional<FormulaValues> since;
    if (compared()) since.emplace(evaluation_since_, sums_since_);
    Explanation explanation = Describe(catalog_, question_, tree_, evaluation_, now, &evaluation_since_,
                                       since.has_value() ? &*since : nullptr);
    // Of nobody nothing is said.
    if (sums_.accounts == 0) explanation.value = std::numeric_limits<double>::quiet_NaN();
    if (sums_since_.accounts == 0) explanation.value_since = std::numeric_limits<double>::quiet_NaN();
    explanation.accounts = sums_.accounts;
    explanation.accounts_since = sums_since_.accounts;
    for (size_t i = 0; i < members_.size(); ++i) std::move(members_[i]).Finish(explanation.components[i]);
    explanation.missing_rates = CurrencyCodes(sums_.missing_rates);
    return explanation;
  }

 private:
  const Catalog& catalog_;
  const ExplainQuestion& question_;
  const FormulaTree tree_;
  const EvaluationDay evaluation_;
  const EvaluationDay evaluation_since_;
  GroupSums sums_;
  GroupSums sums_since_;
  std::vector<Members> members_;  // of the tree's components
};

}  // namespace

absl::StatusOr<std::optional<Explanation>> ExplainGroup(const ProjectionReader& reader,
                                                        const ExplainQuestion& question) {
  GroupExplainer explainer(reader, question);
  std::vector<Day> days = {question.day};
  if (question.since.has_value()) days.push_back(*question.since);
  bool any = false;
  KEYFOLD_RETURN_IF_ERROR(
      reader.VisitMembers(question.id, days, [&](const AccountRecord& account, std::span<const uint8_t> member) {
        any = true;
        explainer.Add(account, member[0] != 0, days.size() > 1 && member[1] != 0);
      }));
  if (!any) return std::nullopt;
  return std::move(explainer).Finish();
}

}  // namespace keyfold
