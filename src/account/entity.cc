#include "account/entity.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "account/kinds.h"
#include "account/without_effect.h"

namespace keyfold {
namespace {

using PayloadCase = v1::AccountEvent::PayloadCase;

// What an event does to the life of its primary entity. In this order events of one instant are folded.
enum class Part : uint8_t { kFounding, kChange, kTerminal };

// X(payload, part, entity kind, entity id): the column "entity key" of docs/events.md, and its lists "Founding" and
// "Terminal". `event` is the event in question.
#define KEYFOLD_PAYLOADS(X)                                                                                 \
  X(AccountOpened, kFounding, kAccount, std::string())                                                      \
  X(AccountClassified, kChange, kAccount, std::string())                                                    \
  X(ManagerAssigned, kChange, kAccount, std::string())                                                      \
  X(KeyAccountDesignated, kChange, kAccount, std::string())                                                 \
  X(KeyAccountReleased, kChange, kAccount, std::string())                                                   \
  X(AccountChurned, kChange, kAccount, std::string())                                                       \
  X(AccountReactivated, kChange, kAccount, std::string())                                                   \
  X(PotentialAssessed, kChange, kAccount, std::string())                                                    \
  X(PlanApproved, kFounding, kPlans, std::string())                                                         \
  X(PlanClosed, kChange, kPlans, std::string())                                                             \
  X(OrderPlaced, kFounding, kOrder, event.order_placed().order_id())                                        \
  X(OrderChanged, kChange, kOrder, event.order_changed().order_id())                                        \
  X(OrderCancelled, kTerminal, kOrder, event.order_cancelled().order_id())                                  \
  X(OrderDelivered, kChange, kOrder, event.order_delivered().order_id())                                    \
  X(InvoiceIssued, kFounding, kInvoice, event.invoice_issued().invoice_id())                                \
  X(InvoiceCancelled, kTerminal, kInvoice, event.invoice_cancelled().invoice_id())                          \
  X(CreditNoteIssued, kFounding, kCreditNote, event.credit_note_issued().credit_note_id())                  \
  X(CostBooked, kFounding, kCost, event.cost_booked().cost_id())                                            \
  X(MeetingScheduled, kChange, kMeeting, event.meeting_scheduled().meeting_id())                            \
  X(MeetingHeld, kTerminal, kMeeting, event.meeting_held().meeting_id())                                    \
  X(MeetingCancelled, kTerminal, kMeeting, event.meeting_cancelled().meeting_id())                          \
  X(StakeholderIdentified, kFounding, kStakeholder, event.stakeholder_identified().stakeholder_id())        \
  X(StakeholderUpdated, kChange, kStakeholder, event.stakeholder_updated().stakeholder_id())                \
  X(StakeholderLeft, kChange, kStakeholder, event.stakeholder_left().stakeholder_id())                      \
  X(EscalationOpened, kFounding, kEscalation, event.escalation_opened().escalation_id())                    \
  X(EscalationAcknowledged, kChange, kEscalation, event.escalation_acknowledged().escalation_id())          \
  X(EscalationResolved, kChange, kEscalation, event.escalation_resolved().escalation_id())                  \
  X(EscalationReopened, kChange, kEscalation, event.escalation_reopened().escalation_id())                  \
  X(ContractSigned, kFounding, kContract, event.contract_signed().contract_id())                            \
  X(ContractAmended, kChange, kContract, event.contract_amended().contract_id())                            \
  X(ContractRenewed, kChange, kContract, event.contract_renewed().contract_id())                            \
  X(ContractTerminated, kTerminal, kContract, event.contract_terminated().contract_id())                    \
  X(QuoteIssued, kFounding, kQuote, event.quote_issued().quote_id())                                        \
  X(QuoteRevised, kChange, kQuote, event.quote_revised().quote_id())                                        \
  X(QuoteAccepted, kTerminal, kQuote, event.quote_accepted().quote_id())                                    \
  X(QuoteRejected, kTerminal, kQuote, event.quote_rejected().quote_id())                                    \
  X(OpportunityCreated, kFounding, kOpportunity, event.opportunity_created().opportunity_id())              \
  X(OpportunityUpdated, kChange, kOpportunity, event.opportunity_updated().opportunity_id())                \
  X(OpportunityWon, kTerminal, kOpportunity, event.opportunity_won().opportunity_id())                      \
  X(OpportunityLost, kTerminal, kOpportunity, event.opportunity_lost().opportunity_id())                    \
  X(OpportunityReopened, kChange, kOpportunity, event.opportunity_reopened().opportunity_id())              \
  X(ForecastSubmitted, kChange, kForecast, event.forecast_submitted().period())                             \
  X(SurveyAnswered, kFounding, kSurvey, event.survey_answered().response_id())                              \
  X(InitiativeStarted, kFounding, kInitiative, event.initiative_started().initiative_id())                  \
  X(InitiativeMilestoneReached, kChange, kInitiative, event.initiative_milestone_reached().initiative_id()) \
  X(InitiativeCompleted, kTerminal, kInitiative, event.initiative_completed().initiative_id())              \
  X(InitiativeCancelled, kTerminal, kInitiative, event.initiative_cancelled().initiative_id())              \
  X(RiskFlagged, kFounding, kRisk, event.risk_flagged().risk_id())                                          \
  X(RiskCleared, kChange, kRisk, event.risk_cleared().risk_id())                                            \
  X(FxRateSet, kChange, kFxRate, absl::StrCat(event.fx_rate_set().currency_code(), " ", event.fx_rate_set().month()))

// The switches have no default: of a payload type that is missing above, the compiler gives the name.
Part PartOf(PayloadCase type) {
  switch (type) {
#define KEYFOLD_PAYLOAD_PART(payload, part, kind, id) \
  case v1::AccountEvent::k##payload:                  \
    return Part::part;
    KEYFOLD_PAYLOADS(KEYFOLD_PAYLOAD_PART)
#undef KEYFOLD_PAYLOAD_PART
    case v1::AccountEvent::kClockAdvanced:
    case v1::AccountEvent::PAYLOAD_NOT_SET:
      break;
  }
  return Part::kChange;
}

bool NeedsFounding(EntityKind kind) {
  return kind != EntityKind::kAccount && kind != EntityKind::kMeeting && kind != EntityKind::kForecast;
}

// What of an entity's events takes part in its fold: common to all kinds.
Events Effective(EntityKind kind, Events events, Ignored ignored) {
  if (NeedsFounding(kind)) {
    const auto first =
        std::find_if(events.begin(), events.end(), [](const auto* event) { return IsFounding(event->payload_case()); });
    const NoEffect reason = first == events.end() ? NoEffect::kNeverFounded : NoEffect::kBeforeFounding;
    for (auto event = events.begin(); event != first; ++event) ignored.Add(**event, reason);
    events = events.subspan(static_cast<size_t>(first - events.begin()));
  }
  // A quote's rejection ends it only if it came in time, and an opportunity may be reopened; their folds know.
  if (kind == EntityKind::kQuote || kind == EntityKind::kOpportunity) return events;
  const auto last =
      std::find_if(events.begin(), events.end(), [](const auto* event) { return IsTerminal(event->payload_case()); });
  if (last == events.end()) return events;
  for (auto event = last + 1; event != events.end(); ++event) {
    const bool counts_elsewhere = (*event)->meeting_held().stakeholder_ids_size() > 0;
    if (!counts_elsewhere) ignored.Add(**event, NoEffect::kAfterTerminal);
  }
  return events.first(static_cast<size_t>(last - events.begin()) + 1);
}

void Fold(EntityKind kind, const EntityHistory& history, const Calendar& calendar, Contributions& contributions,
          Ignored ignored) {
  const Events events = Effective(kind, history.events, ignored);
  if (events.empty()) return;
  switch (kind) {
    case EntityKind::kAccount:
      return ContributeAccount(events, calendar, contributions, ignored);
    case EntityKind::kPlans:
      return ContributePlans(events, calendar, contributions, ignored);
    case EntityKind::kOrder:
      return ContributeOrder(events, calendar, contributions, ignored);
    case EntityKind::kInvoice:
      return ContributeInvoice(events, calendar, contributions);
    case EntityKind::kCreditNote:
      return ContributeCreditNote(events, calendar, contributions);
    case EntityKind::kCost:
      return ContributeCost(events, calendar, contributions);
    case EntityKind::kMeeting:
      return ContributeMeeting(events, calendar, contributions);
    case EntityKind::kStakeholder:
      return ContributeStakeholder(events, history.mentions, calendar, contributions, ignored);
    case EntityKind::kEscalation:
      return ContributeEscalation(events, calendar, contributions, ignored);
    case EntityKind::kContract:
      return ContributeContract(events, calendar, contributions, ignored);
    case EntityKind::kQuote:
      return ContributeQuote(events, calendar, contributions, ignored);
    case EntityKind::kOpportunity:
      return ContributeOpportunity(events, calendar, contributions, ignored);
    case EntityKind::kForecast:
      return ContributeForecast(events, calendar, contributions, ignored);
    case EntityKind::kSurvey:
      return ContributeSurvey(events, calendar, contributions);
    case EntityKind::kInitiative:
      return ContributeInitiative(events, calendar, contributions);
    case EntityKind::kRisk:
      return ContributeRisk(events, calendar, contributions, ignored);
    case EntityKind::kFxRate:
      return;  // rates convert what others contribute
  }
}

}  // namespace

std::string_view EntityKindName(EntityKind kind) {
  switch (kind) {
    case EntityKind::kAccount:
      return "account";
    case EntityKind::kPlans:
      return "plans";
    case EntityKind::kOrder:
      return "order";
    case EntityKind::kInvoice:
      return "invoice";
    case EntityKind::kCreditNote:
      return "credit_note";
    case EntityKind::kCost:
      return "cost";
    case EntityKind::kMeeting:
      return "meeting";
    case EntityKind::kStakeholder:
      return "stakeholder";
    case EntityKind::kEscalation:
      return "escalation";
    case EntityKind::kContract:
      return "contract";
    case EntityKind::kQuote:
      return "quote";
    case EntityKind::kOpportunity:
      return "opportunity";
    case EntityKind::kForecast:
      return "forecast";
    case EntityKind::kSurvey:
      return "survey";
    case EntityKind::kInitiative:
      return "initiative";
    case EntityKind::kRisk:
      return "risk";
    case EntityKind::kFxRate:
      return "fx_rate";
  }
  std::abort();  // not one of the enumerators
}

EntityRef PrimaryEntity(const v1::AccountEvent& event) {
  switch (event.payload_case()) {
#define KEYFOLD_PAYLOAD_ENTITY(payload, part, kind, id) \
  case v1::AccountEvent::k##payload:                    \
    return {EntityKind::kind, id};
    KEYFOLD_PAYLOADS(KEYFOLD_PAYLOAD_ENTITY)
#undef KEYFOLD_PAYLOAD_ENTITY
    case v1::AccountEvent::kClockAdvanced:
    case v1::AccountEvent::PAYLOAD_NOT_SET:
      break;
  }
  std::abort();  // the caller broke REQUIRES: these edit no entity
}

bool IsFounding(PayloadCase type) { return PartOf(type) == Part::kFounding; }

bool IsTerminal(PayloadCase type) { return PartOf(type) == Part::kTerminal; }

bool SortsBefore(const v1::AccountEvent& a, const v1::AccountEvent& b) {
  const auto& at_a = a.occurred_at();
  const auto& at_b = b.occurred_at();
  if (at_a.seconds() != at_b.seconds()) return at_a.seconds() < at_b.seconds();
  if (at_a.nanos() != at_b.nanos()) return at_a.nanos() < at_b.nanos();
  const Part part_a = PartOf(a.payload_case());
  const Part part_b = PartOf(b.payload_case());
  if (part_a != part_b) return part_a < part_b;
  return a.event_id() < b.event_id();
}

void Contribute(EntityKind kind, const EntityHistory& history, const Calendar& calendar, Contributions& contributions) {
  Fold(kind, history, calendar, contributions, Ignored());
}

std::vector<Contribution> Contribute(EntityKind kind, const EntityHistory& history, const Calendar& calendar) {
  Contributions contributions;
  Contribute(kind, history, calendar, contributions);
  return std::move(contributions).Summed();
}

std::vector<WithoutEffect> EventsWithoutEffect(EntityKind kind, const EntityHistory& history,
                                               const Calendar& calendar) {
  Contributions contributions;  // nobody asks for them
  std::vector<WithoutEffect> without_effect;
  Fold(kind, history, calendar, contributions, Ignored(without_effect));
  std::sort(without_effect.begin(), without_effect.end(),
            [](const WithoutEffect& a, const WithoutEffect& b) { return SortsBefore(*a.event, *b.event); });
  return without_effect;
}

std::string_view NoEffectName(NoEffect reason) {
  switch (reason) {
#define KEYFOLD_NO_EFFECT_NAME(name, text) \
  case NoEffect::k##name:                  \
    return text;
    KEYFOLD_NO_EFFECTS(KEYFOLD_NO_EFFECT_NAME)
#undef KEYFOLD_NO_EFFECT_NAME
  }
  std::abort();  // not one of the enumerators
}

}  // namespace keyfold
