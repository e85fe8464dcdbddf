#include "ask/selection.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ask/top_rows.h"
#include "base/status_macros.h"
#include "base/undefined.h"
#include "state/account_reader.h"

namespace keyfold {
namespace {

// What an account is ranked by.
struct Score {
  double score = 0;
  std::string account_id;
};

bool RanksBefore(double score_a, std::string_view id_a, double score_b, std::string_view id_b) {
  return score_a != score_b ? score_a > score_b : id_a < id_b;
}

struct ScoreBefore {
  bool operator()(const Score& a, const Score& b) const {
    return RanksBefore(a.score, a.account_id, b.score, b.account_id);
  }
};

struct RowBefore {
  bool operator()(const SelectionRow& a, const SelectionRow& b) const {
    return RanksBefore(a.score, a.account_id, b.score, b.account_id);
  }
};

// Takes the accounts one by one.
class SelectionBuilder {
 public:
  SelectionBuilder(const Catalog& catalog, uint16_t score, Day day, size_t top)
      : catalog_(catalog),
        evaluation_(catalog, day),
        score_(score),
        customer_(catalog.FindTotal(Measure::kCustomer)),
        importance_(catalog.FindTotal(Measure::kImportance)),
        potential_(catalog.FindTotal(Measure::kPotential)),
        top_(top, RowBefore()) {
    for (uint16_t slot : catalog.SlotsOf(Measure::kRevenue)) {
      const Window& window = catalog.base_components()[slot].window;
      if (window == Window{Window::Kind::kTrailingMonths, 12, 0}) revenue_ = slot;
    }
    nothing_ = ScoreOf(ComponentValues(catalog));
  }

  void Add(const AccountRecord& account) {
    const AccountValues at_day = EvaluateAt(evaluation_, account);
    const double score = at_day.values[score_];
    if (std::isnan(score)) return;
    scores_.push_back({score, account.id});
    const AccountAttributes attributes = AttributesAt(account.attributes, evaluation_.day);
    SelectionRow row;
    row.account_id = account.id;
    row.score = score;
    row.tier = attributes.tier;
    if (attributes.tier.empty() && !top_.Keeps(row)) return;
    row.name = attributes.name;
    row.manager_id = attributes.manager_id;
    row.is_customer = !customer_.has_value() || at_day.components.base[*customer_] > 0;
    AddParts(at_day.components, row);
    if (!row.tier.empty()) designated_.push_back(row);
    top_.Add(std::move(row));
  }

  Selection Finish() && {
    std::sort(scores_.begin(), scores_.end(), ScoreBefore());
    Selection selection;
    selection.ranked = static_cast<int64_t>(scores_.size());
    int64_t rank = 0;
    for (SelectionRow& row : std::move(top_).Take()) {
      row.rank = ++rank;
      (row.tier.empty() ? selection.candidates : selection.designated_in_top).push_back(std::move(row));
    }
    std::sort(designated_.begin(), designated_.end(), RowBefore());
    for (SelectionRow& row : designated_) {
      const Score own{row.score, row.account_id};
      row.rank = std::lower_bound(scores_.begin(), scores_.end(), own, ScoreBefore()) - scores_.begin() + 1;
      if (row.rank > rank) selection.designated_outside.push_back(std::move(row));
    }
    return selection;
  }

 private:
  double ScoreOf(const ComponentValues& components) const { return EvaluateAccount(evaluation_, components)[score_]; }

  // An amount, and what the score is with nothing but it.
  SelectionPart PartOf(std::optional<uint16_t> slot, bool is_money, const ComponentValues& components) const {
    if (!slot.has_value() || components.undefined[*slot] != 0) return {kUndefined, kUndefined};
    ComponentValues alone(catalog_);
    alone.base[*slot] = components.base[*slot];
    const double unit = is_money ? InputsAt(evaluation_).money_unit : 1;
    return {static_cast<double>(components.base[*slot]) / unit, ScoreOf(alone) - nothing_};
  }

  void AddParts(const ComponentValues& components, SelectionRow& row) const {
    row.revenue = PartOf(revenue_, /*is_money=*/true, components);
    row.importance = PartOf(importance_, /*is_money=*/false, components);
    row.potential = PartOf(potential_, /*is_money=*/true, components);
    const double points = row.revenue.points + row.importance.points + row.potential.points;
    row.has_points = std::abs(nothing_ + points - row.score) < 1e-6;  // also where nothing is undefined
  }

  const Catalog& catalog_;
  EvaluationDay evaluation_;
  uint16_t score_;
  std::optional<uint16_t> customer_;
  std::optional<uint16_t> revenue_;
  std::optional<uint16_t> importance_;
  std::optional<uint16_t> potential_;
  double nothing_ = 0;  // the score of an account of which nothing is known
  std::vector<Score> scores_;
  TopRows<SelectionRow, RowBefore> top_;
  std::vector<SelectionRow> designated_;
};

}  // namespace

absl::StatusOr<Selection> AskSelection(const ProjectionReader& reader, Day day, size_t top) {
  const std::optional<uint16_t> score = reader.catalog().FindKpi("selection_score");
  if (!score.has_value()) return absl::FailedPreconditionError("the catalogue has no KPI selection_score");
  SelectionBuilder builder(reader.catalog(), *score, day, top);
  KEYFOLD_RETURN_IF_ERROR(reader.VisitMembers(
      kAllAccountsGroup, std::span(&day, 1),
      [&builder](const AccountRecord& account, std::span<const uint8_t> /*member*/) { builder.Add(account); }));
  return std::move(builder).Finish();
}

}  // namespace keyfold
