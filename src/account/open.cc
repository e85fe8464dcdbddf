#include "account/open.h"

#include <algorithm>
#include <map>
#include <vector>

#include "account/kinds.h"

namespace keyfold {
namespace {

constexpr double kMillion = 1e6;

// An entity's contributions, asked for one measure.
class Ledger {
 public:
  explicit Ledger(std::vector<Contribution> contributions) : contributions_(std::move(contributions)) {}

  // The running total at a day, over currencies.
  int64_t At(Measure measure, Day day) const {
    int64_t total = 0;
    Visit(measure, [&](const Contribution& c) { total += c.cell.day <= day ? c.amount : 0; });
    return total;
  }

  // The day from which on the running total is what it is at `day`, or is anything but zero.
  Day Since(Measure measure, Day day) const {
    std::optional<Day> since;
    int64_t total = 0;
    VisitByDay(measure, [&](Day at, int64_t amount) {
      if (at > day) return;
      if (total == 0) since = at;
      total += amount;
    });
    return since.value_or(day);
  }

  // The first day after `day` on which the running total is zero; nullopt: it stays.
  std::optional<Day> Until(Measure measure, Day day) const {
    std::optional<Day> until;
    int64_t total = 0;
    VisitByDay(measure, [&](Day at, int64_t amount) {
      total += amount;
      if (at > day && total == 0 && !until.has_value()) until = at;
    });
    return until;
  }

  // The only day of a flow; nullopt: there is none.
  std::optional<Day> DayIn(Measure measure) const {
    std::optional<Day> day;
    Visit(measure, [&](const Contribution& c) { day = c.cell.day; });
    return day;
  }

  // The running total in the currency that it has one in.
  std::optional<OpenThing::Amount> Amount(Measure measure, Day day) const {
    std::map<Currency, int64_t> totals;
    Visit(measure, [&](const Contribution& c) { totals[c.cell.currency] += c.cell.day <= day ? c.amount : 0; });
    std::erase_if(totals, [](const auto& total) { return total.second == 0; });
    if (totals.size() != 1) return std::nullopt;
    return OpenThing::Amount{totals.begin()->first, totals.begin()->second};
  }

 private:
  template <typename Visitor>
  void Visit(Measure measure, const Visitor& visit) const {
    for (const Contribution& contribution : contributions_) {
      if (contribution.cell.measure == measure) visit(contribution);
    }
  }

  template <typename Visitor>
  void VisitByDay(Measure measure, const Visitor& visit) const {
    std::map<Day, int64_t> amounts;
    Visit(measure, [&](const Contribution& c) { amounts[c.cell.day] += c.amount; });
    for (const auto& [day, amount] : amounts) visit(day, amount);
  }

  const std::vector<Contribution> contributions_;  // summed by cell
};

// What an entity's fold does not ignore, in sort order.
std::vector<const v1::AccountEvent*> WithEffect(EntityKind kind, const EntityHistory& history,
                                                const Calendar& calendar) {
  std::vector<const v1::AccountEvent*> events(history.events.begin(), history.events.end());
  for (const WithoutEffect& ignored : EventsWithoutEffect(kind, history, calendar)) {
    std::erase(events, ignored.event);
  }
  return events;
}

// The question, and what all kinds answer it from.
struct Case {
  EntityKind kind;
  const EntityHistory& history;
  const Calendar& calendar;
  Day day;
  Ledger ledger;

  std::vector<const v1::AccountEvent*> Told() const { return WithEffect(kind, history, calendar); }

  // What is open while a measure counts it.
  std::optional<OpenThing> While(Measure measure) const {
    if (ledger.At(measure, day) == 0) return std::nullopt;
    OpenThing thing;
    thing.since = ledger.Since(measure, day);
    return thing;
  }
};

std::optional<OpenThing> OpenEscalation(const Case& at) {
  std::optional<OpenThing> thing = at.While(Measure::kEscalationsOpen);
  if (!thing.has_value()) return thing;
  for (const v1::AccountEvent* event : at.Told()) {
    if (!event->has_escalation_opened()) continue;
    thing->severity = v1::Severity_Name(event->escalation_opened().severity());
    thing->department = v1::EscalationOpened::Department_Name(event->escalation_opened().department());
  }
  thing->acknowledged = at.ledger.At(Measure::kAcknowledged, at.day) != 0;
  return thing;
}

std::optional<OpenThing> OpenRisk(const Case& at) {
  std::optional<OpenThing> thing = at.While(Measure::kRisksOpen);
  if (!thing.has_value()) return thing;
  // Of the spell that lasts: its last flag.
  bool open = false;
  for (const v1::AccountEvent* event : at.Told()) {
    if (event->has_risk_flagged()) {
      if (!open && DayOf(*event, at.calendar) > at.day) break;
      thing->severity = v1::Severity_Name(event->risk_flagged().severity());
      thing->type = event->risk_flagged().kind();
    }
    open = event->has_risk_flagged();
  }
  return thing;
}

// A contract's spell, or the rest of it that a termination leaves.
std::optional<OpenThing> OpenContract(const Case& at) {
  std::optional<OpenThing> thing = at.While(Measure::kContractsActive);
  if (!thing.has_value()) return thing;
  if (const auto until = at.ledger.Until(Measure::kContractsActive, at.day)) thing->due = *until - 1;
  thing->amount = at.ledger.Amount(Measure::kContractValue, at.day);
  thing->terminated = at.ledger.DayIn(Measure::kTerminations).has_value();
  return thing;
}

// What a quote says holds from its issue on.
std::optional<OpenThing> OpenQuote(const Case& at) {
  std::optional<OpenThing> thing = at.While(Measure::kQuotesOpen);
  if (!thing.has_value()) return thing;
  thing->amount = at.ledger.Amount(Measure::kQuotesOpenAmount, at.day);
  for (const v1::AccountEvent* event : at.Told()) {
    if (event->has_quote_issued()) thing->due = ParseDay(event->quote_issued().valid_until());
    if (const auto day = ParseDay(event->quote_revised().valid_until())) thing->due = day;
  }
  return thing;
}

// What is known of an opportunity holds from the day on which it was said.
std::optional<OpenThing> OpenOpportunity(const Case& at) {
  std::optional<OpenThing> thing = at.While(Measure::kOpportunitiesOpen);
  if (!thing.has_value()) return thing;
  for (const v1::AccountEvent* event : at.Told()) {
    if (DayOf(*event, at.calendar) > at.day) break;
    if (event->has_opportunity_created()) {
      const v1::OpportunityCreated& creation = event->opportunity_created();
      thing->type = v1::SaleType_Name(creation.sale_type());
      thing->stage = creation.stage();
      thing->probability = creation.probability();
      thing->due = ParseDay(creation.expected_close());
    } else if (event->has_opportunity_updated()) {
      const v1::OpportunityUpdated& update = event->opportunity_updated();
      if (!update.stage().empty()) thing->stage = update.stage();
      if (update.has_probability()) thing->probability = update.probability();
      if (const auto day = ParseDay(update.expected_close())) thing->due = day;
    }
  }
  thing->amount = at.ledger.Amount(Measure::kPipeline, at.day);
  thing->weighted = at.ledger.Amount(Measure::kPipelineWeighted, at.day);
  return thing;
}

std::optional<OpenThing> OpenInitiative(const Case& at) {
  std::optional<OpenThing> thing = at.While(Measure::kInitiativesActive);
  if (!thing.has_value()) return thing;
  for (const v1::AccountEvent* event : at.Told()) {
    if (!event->has_initiative_started()) continue;
    thing->type = v1::InitiativeStarted::Kind_Name(event->initiative_started().kind());
    if (!event->initiative_started().title().empty()) thing->title = event->initiative_started().title();
  }
  return thing;
}

// The plan in force.
std::optional<OpenThing> OpenPlan(const Case& at) {
  std::optional<OpenThing> thing = at.While(Measure::kPlansActive);
  if (!thing.has_value()) return thing;
  thing->since = static_cast<Day>(at.ledger.At(Measure::kPlanStart, at.day));
  thing->due = static_cast<Day>(at.ledger.At(Measure::kPlanEnd, at.day));
  thing->amount = at.ledger.Amount(Measure::kPlanBaseline, at.day);
  thing->target_growth = static_cast<double>(at.ledger.At(Measure::kPlanTargetGrowth, at.day)) / kMillion;
  thing->min_margin = static_cast<double>(at.ledger.At(Measure::kPlanMinMargin, at.day)) / kMillion;
  return thing;
}

std::optional<OpenThing> PlannedMeeting(const Case& at) {
  const std::optional<Day> planned = at.ledger.DayIn(Measure::kMeetingsPlanned);
  if (!planned.has_value()) return std::nullopt;
  OpenThing thing;
  thing.since = DayOf(*at.history.events.front(), at.calendar);
  if (thing.since > at.day) return std::nullopt;
  thing.due = planned;
  thing.type = v1::MeetingKind_Name(at.history.events.back()->meeting_scheduled().kind());
  return thing;
}

// An order that is promised. Without a promise nothing falls due.
std::optional<OpenThing> PromisedDelivery(const Case& at) {
  if (at.ledger.At(Measure::kOrders, at.day) == 0 || at.ledger.At(Measure::kDeliveries, at.day) != 0) {
    return std::nullopt;
  }
  OpenThing thing;
  thing.since = *at.ledger.DayIn(Measure::kOrders);
  for (const v1::AccountEvent* event : at.Told()) {
    if (event->has_order_delivered()) break;  // the promise as it stood then
    if (event->has_order_placed()) thing.due = ParseDay(event->order_placed().promised_date());
    if (const auto day = ParseDay(event->order_changed().promised_date())) thing.due = day;
  }
  if (!thing.due.has_value()) return std::nullopt;
  thing.amount = at.ledger.Amount(Measure::kBookings, at.day);
  return thing;
}

std::optional<OpenThing> OpenOf(const Case& at) {
  switch (at.kind) {
    case EntityKind::kEscalation:
      return OpenEscalation(at);
    case EntityKind::kRisk:
      return OpenRisk(at);
    case EntityKind::kContract:
      return OpenContract(at);
    case EntityKind::kQuote:
      return OpenQuote(at);
    case EntityKind::kOpportunity:
      return OpenOpportunity(at);
    case EntityKind::kInitiative:
      return OpenInitiative(at);
    case EntityKind::kPlans:
      return OpenPlan(at);
    case EntityKind::kMeeting:
      return PlannedMeeting(at);
    case EntityKind::kOrder:
      return PromisedDelivery(at);
    case EntityKind::kAccount:
    case EntityKind::kInvoice:
    case EntityKind::kCreditNote:
    case EntityKind::kCost:
    case EntityKind::kStakeholder:
    case EntityKind::kForecast:
    case EntityKind::kSurvey:
    case EntityKind::kFxRate:
      break;
  }
  return std::nullopt;
}

}  // namespace

bool MayBeOpen(EntityKind kind) {
  constexpr EntityKind kKinds[] = {EntityKind::kPlans,       EntityKind::kOrder,      EntityKind::kMeeting,
                                   EntityKind::kEscalation,  EntityKind::kContract,   EntityKind::kQuote,
                                   EntityKind::kOpportunity, EntityKind::kInitiative, EntityKind::kRisk};
  return std::find(std::begin(kKinds), std::end(kKinds), kind) != std::end(kKinds);
}

std::optional<OpenThing> OpenAt(EntityKind kind, const EntityHistory& history, const Calendar& calendar, Day day) {
  if (history.events.empty() || !MayBeOpen(kind)) return std::nullopt;
  std::optional<OpenThing> thing = OpenOf({kind, history, calendar, day, Ledger(Contribute(kind, history, calendar))});
  if (thing.has_value()) thing->overdue = thing->due.has_value() && *thing->due < day;
  return thing;
}

}  // namespace keyfold
