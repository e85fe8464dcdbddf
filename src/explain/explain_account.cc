// An account's KPI: its components, and the events behind them.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "account/lineage.h"
#include "account/without_effect.h"
#include "ask/top_rows.h"
#include "base/status_macros.h"
#include "explain/explain_parts.h"
#include "state/account_reader.h"
#include "state/entity_reader.h"

namespace keyfold {
namespace {

using Kind = ComponentRead::Kind;

// The catalogue at the dates that are asked for, and what formulas read then.
struct AccountDates {
  AccountDates(const Catalog& catalog, const ExplainQuestion& question, const AccountRecord& account)
      : evaluation(catalog, question.day), now(evaluation, account) {
    if (!question.since.has_value()) return;
    evaluation_since.emplace(catalog, *question.since);
    since.emplace(*evaluation_since, account);
  }

  struct Values {
    Values(const EvaluationDay& evaluation, const AccountRecord& account)
        : account_values(EvaluateAt(evaluation, account)),
          formulas(evaluation, account_values.components, account_values.values) {}

    AccountValues account_values;
    FormulaValues formulas;
  };
  EvaluationDay evaluation;
  Values now;
  std::optional<EvaluationDay> evaluation_since;
  std::optional<Values> since;
};

struct HeavierLine {
  bool operator()(const std::pair<ContributionLine, size_t>& a, const std::pair<ContributionLine, size_t>& b) const {
    return a.first.weight != b.first.weight ? a.first.weight > b.first.weight : a.second < b.second;
  }
};

// The lines of one component: the heaviest one by one, the others summed.
class ComponentLines {
 public:
  ComponentLines(const ComponentRead& read, const AccountDates& dates, const AccountRecord& account, size_t limit)
      : read_(read),
        dates_(dates),
        account_(account),
        range_(RangeOf(dates.evaluation, read)),
        lines_(limit, HeavierLine()) {
    if (dates.since.has_value()) range_since_ = RangeOf(*dates.evaluation_since, read);
    const Catalog& catalog = *dates.evaluation.catalog;
    measure_ = read.kind == Kind::kBase ? catalog.base_components()[read.index].measure
                                        : catalog.histogram_components()[read.index].measure;
  }

  Measure measure() const { return measure_; }

  // Takes the shares of an entity's events; `source_of` makes a line's source when it is kept.
  template <typename SourceOfShare>
  void Take(const std::vector<EventShare>& shares, const SourceOfShare& source_of) {
    bool came = false;
    bool left = false;
    for (const EventShare& share : shares) {
      const std::optional<Presence> presence = PresenceOf(share.contribution.cell);
      came |= presence == Presence::kCame;
      left |= presence == Presence::kLeft;
    }
    for (const EventShare& share : shares) {
      const std::optional<Presence> presence = PresenceOf(share.contribution.cell);
      if (!presence.has_value()) continue;
      const LedgerCell& cell = share.contribution.cell;
      RestOfLines& total = totals_[{*presence, cell.currency}];
      ++total.count;
      total.amount += share.contribution.amount;
      if (range_since_.has_value() && *presence == Presence::kStays) continue;  // what is asked for is the change
      std::pair<ContributionLine, size_t> line;
      line.first.cell = cell;
      line.first.amount = share.contribution.amount;
      line.first.presence = *presence;
      line.first.moved = came && left;
      line.first.weight = WeightOf(share.contribution);
      line.second = ++count_;
      if (!lines_.Keeps(line)) continue;
      line.first.event = source_of(share);
      lines_.Add(std::move(line));
    }
  }

  // Puts what was taken into the component.
  void Finish(ExplainedComponent& component) && {
    for (auto& [line, number] : std::move(lines_).Take()) {
      RestOfLines& total = totals_[{line.presence, line.cell.currency}];
      --total.count;
      total.amount -= line.amount;
      component.lines.push_back(std::move(line));
    }
    for (auto& [key, rest] : totals_) {
      if (rest.count == 0) continue;
      std::tie(rest.presence, rest.currency) = key;
      component.rest.push_back(rest);
    }
    if (read_.kind != Kind::kBase) return;
    component.now.conversions = ConversionsIn(dates_.evaluation, read_.index, account_.ledger, *account_.rates);
    if (!component.since.has_value()) return;
    component.since->conversions =
        ConversionsIn(*dates_.evaluation_since, read_.index, account_.ledger, *account_.rates);
  }

 private:
  // nullopt: the contribution is in no window.
  std::optional<Presence> PresenceOf(const LedgerCell& cell) const {
    if (cell.measure != measure_) return std::nullopt;
    const bool now = range_.Contains(cell.day);
    const bool since = range_since_.has_value() ? range_since_->Contains(cell.day) : now;
    if (!now && !since) return std::nullopt;
    if (now && since) return Presence::kStays;
    return now ? Presence::kCame : Presence::kLeft;
  }

  double WeightOf(const Contribution& contribution) const {
    const double amount = std::abs(static_cast<double>(contribution.amount));
    const Currency reporting = dates_.evaluation.catalog->reporting_currency();
    const Currency currency = contribution.cell.currency;
    if (currency.is_none() || currency == reporting) return amount;
    const std::optional<double> rate = account_.rates->Find(currency, RateMonth(dates_.evaluation, contribution.cell));
    return rate.has_value() ? std::abs(static_cast<double>(Convert(contribution.amount, *rate, currency, reporting)))
                            : amount;
  }

  const ComponentRead& read_;
  const AccountDates& dates_;
  const AccountRecord& account_;
  DayRange range_;
  std::optional<DayRange> range_since_;
  Measure measure_;
  size_t count_ = 0;
  TopRows<std::pair<ContributionLine, size_t>, HeavierLine> lines_;
  std::map<std::pair<Presence, Currency>, RestOfLines> totals_;  // the kept lines among them
};

// Reads the account's entities once, for all components.
class AccountExplainer {
 public:
  AccountExplainer(const ProjectionReader& reader, const ExplainQuestion& question, const AccountRecord& account)
      : reader_(reader),
        question_(question),
        account_(account),
        partition_(reader.shards()[account.shard].partition),
        tree_(TreeOf(reader.catalog(), question.kpi, /*group=*/false)),
        dates_(reader.catalog(), question, account) {
    for (const ComponentRead& read : tree_.components) {
      components_.emplace_back(read, dates_, account, LimitOf(question));
      measures_.insert(components_.back().measure());
    }
  }

  absl::StatusOr<Explanation> Explain() {
    const ShardStore& store = *reader_.shards()[account_.shard].store;
    KEYFOLD_RETURN_IF_ERROR(VisitEntities(
        store, account_.id, [this](EntityKind kind) { return Wants(kind); },
        [this](const EntityRecord& entity) { Take(entity); }));
    Explanation explanation = Describe(reader_.catalog(), question_, tree_, dates_.evaluation, dates_.now.formulas,
                                       Optional(dates_.evaluation_since), SinceFormulas());
    for (size_t i = 0; i < components_.size(); ++i) {
      ExplainedComponent& component = explanation.components[i];
      std::move(components_[i]).Finish(component);
      for (ContributionLine& line : component.lines) CompleteMention(line.event);
    }
    AddWithoutEffect(explanation);
    explanation.missing_rates = MissingRates(explanation);
    return explanation;
  }

 private:
  template <typename Value>
  static const Value* Optional(const std::optional<Value>& value) {
    return value.has_value() ? &*value : nullptr;
  }
  const FormulaValues* SinceFormulas() const { return dates_.since.has_value() ? &dates_.since->formulas : nullptr; }

  bool Reads(EntityKind kind) const {
    return std::any_of(measures_.begin(), measures_.end(), [kind](Measure m) { return MayContribute(kind, m); });
  }

  // Meetings tell more about the mentions in stakeholders.
  bool Wants(EntityKind kind) const {
    return Reads(kind) || (kind == EntityKind::kMeeting && Reads(EntityKind::kStakeholder));
  }

  void Take(const EntityRecord& entity) {
    if (entity.ref.kind == EntityKind::kMeeting && Reads(EntityKind::kStakeholder)) RememberMeetings(entity);
    if (!Reads(entity.ref.kind)) return;
    const Calendar& calendar = reader_.catalog().calendar();
    for (const WithoutEffect& found : EventsWithoutEffect(entity.ref.kind, entity.history, calendar)) {
      without_effect_.push_back(
          {OriginOf(entity.ref, EntryOf(entity, *found.event), partition_), std::string(NoEffectName(found.reason))});
    }
    if (!IsRead(Contribute(entity.ref.kind, entity.history, calendar))) return;
    const std::vector<EventShare> shares = ContributeByEvent(entity.ref.kind, entity.history, calendar);
    for (ComponentLines& component : components_) {
      component.Take(shares, [&](const EventShare& share) {
        return share.event != nullptr ? OriginOf(entity.ref, EntryOf(entity, *share.event), partition_)
                                      : MentionSource(entity.ref, *share.mention);
      });
    }
  }

  // Whether any of them is of a measure that is read: what has come to nothing in the end explains nothing.
  bool IsRead(const std::vector<Contribution>& contributions) const {
    return std::any_of(contributions.begin(), contributions.end(),
                       [this](const Contribution& c) { return measures_.contains(c.cell.measure); });
  }

  static const EventEntry& EntryOf(const EntityRecord& entity, const v1::AccountEvent& event) {
    return *std::find_if(entity.events.begin(), entity.events.end(),
                         [&event](const EventEntry& entry) { return entry.event == &event; });
  }

  // --- mentions: the meeting is read after the stakeholder

  using MeetingEvent = std::pair<std::string, std::string>;  // meeting, event

  void RememberMeetings(const EntityRecord& meeting) {
    for (const EventEntry& entry : meeting.events) {
      meetings_.emplace(MeetingEvent(meeting.ref.id, entry.event->event_id()),
                        OriginOf(meeting.ref, entry, partition_));
    }
  }

  // Its source names the meeting, until CompleteMention() looks that up.
  EventOrigin MentionSource(const EntityRef& stakeholder, const Mention& mention) const {
    EventOrigin source;
    source.entity = stakeholder;
    source.event_id = std::string(mention.event_id);
    source.source = std::string(mention.meeting_id);
    return source;
  }

  void CompleteMention(EventOrigin& source) const {
    if (!source.type.empty()) return;
    const auto meeting = meetings_.find(MeetingEvent(source.source, source.event_id));
    if (meeting == meetings_.end()) return;
    EntityRef stakeholder = std::move(source.entity);
    source = meeting->second;
    source.entity = std::move(stakeholder);
  }

  // --- what was left out

  void AddWithoutEffect(Explanation& explanation) {
    std::sort(without_effect_.begin(), without_effect_.end(), [](const LeftOutEvent& a, const LeftOutEvent& b) {
      return std::tie(b.event.occurred_at, a.event.entity, a.event.event_id) <
             std::tie(a.event.occurred_at, b.event.entity, b.event.event_id);
    });
    const size_t shown = std::min(without_effect_.size(), LimitOf(question_));
    explanation.without_effect_rest = static_cast<int64_t>(without_effect_.size() - shown);
    without_effect_.resize(shown);
    explanation.without_effect = std::move(without_effect_);
  }

  static std::vector<std::string> MissingRates(const Explanation& explanation) {
    std::set<std::string> codes;
    for (const ExplainedComponent& component : explanation.components) {
      for (const Conversion& conversion : component.now.conversions) {
        if (!conversion.rate.has_value()) codes.insert(conversion.currency.code());
      }
    }
    return {codes.begin(), codes.end()};
  }

  const ProjectionReader& reader_;
  const ExplainQuestion& question_;
  const AccountRecord& account_;
  const int32_t partition_;
  const FormulaTree tree_;
  const AccountDates dates_;
  std::vector<ComponentLines> components_;  // of the tree
  std::set<Measure> measures_;
  std::map<MeetingEvent, EventOrigin> meetings_;
  std::vector<LeftOutEvent> without_effect_;
};

}  // namespace

absl::StatusOr<std::optional<Explanation>> ExplainAccount(const ProjectionReader& reader,
                                                          const ExplainQuestion& question) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<AccountRecord> account, reader.ReadAccount(question.id));
  if (!account.has_value()) return std::nullopt;
  return AccountExplainer(reader, question, *account).Explain();
}

}  // namespace keyfold
