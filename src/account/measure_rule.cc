// What each measure is made of, in a sentence: docs/events.md, "What each entity contributes", by measure.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>

#include "account/lineage.h"

namespace keyfold {
namespace {

struct Rule {
  Measure measure;
  EntityKind kind;  // that contributes; a credit note does what an invoice does
  std::string_view sentence;
};

constexpr Rule kRules[] = {
    {Measure::kCustomer, EntityKind::kAccount,
     "1 from the day of opening, designation or reactivation to that of the churn"},
    {Measure::kKeyAccount, EntityKind::kAccount, "1 from the day of designation to that of release or churn"},
    {Measure::kChurnedKey, EntityKind::kAccount, "1 on the day of a churn while a key account"},
    {Measure::kPotential, EntityKind::kAccount,
     "the annual potential last assessed, from the day of its assessment on"},
    {Measure::kImportance, EntityKind::kAccount, "the importance last assessed, from the day of its assessment on"},
    {Measure::kPlansActive, EntityKind::kPlans, "1 while a plan is in force"},
    {Measure::kPlanBaseline, EntityKind::kPlans, "the baseline of the plan in force, while it is"},
    {Measure::kPlanTargetGrowth, EntityKind::kPlans, "the target growth of the plan in force, in millionths"},
    {Measure::kPlanMinMargin, EntityKind::kPlans, "the least margin of the plan in force, in millionths"},
    {Measure::kPlanStart, EntityKind::kPlans, "the first day of the plan in force, in days since 1970-01-01"},
    {Measure::kPlanEnd, EntityKind::kPlans, "the last day of the plan in force, in days since 1970-01-01"},
    {Measure::kBookings, EntityKind::kOrder,
     "the net of the lines now in force, on the day of the order, unless cancelled"},
    {Measure::kOrders, EntityKind::kOrder, "1 on the day of the order, unless cancelled"},
    {Measure::kOrdersCancelled, EntityKind::kOrder, "1 on the day of the cancellation"},
    {Measure::kDeliveries, EntityKind::kOrder, "1 on the day of the first delivery"},
    {Measure::kDeliveriesPromised, EntityKind::kOrder,
     "1 on the day of the delivery if one was promised; the day after the promise until then"},
    {Measure::kDeliveriesOnTime, EntityKind::kOrder,
     "1 on the day of the delivery if it is not after the promised date"},
    {Measure::kRevenue, EntityKind::kInvoice,
     "the net of the lines, on the day of the invoice, unless cancelled; credit notes less"},
    {Measure::kVariableCost, EntityKind::kInvoice,
     "the cost of the lines, on the day of the invoice, unless cancelled; credit notes less"},
    {Measure::kRevenueCrossSell, EntityKind::kInvoice,
     "the net of the lines sold as CROSS_SELL, on the day of the invoice"},
    {Measure::kRevenueUpSell, EntityKind::kInvoice, "the net of the lines sold as UP_SELL, on the day of the invoice"},
    {Measure::kRevenueBundle, EntityKind::kInvoice, "the net of the lines sold as BUNDLE, on the day of the invoice"},
    {Measure::kRevenueRenewal, EntityKind::kInvoice, "the net of the lines sold as RENEWAL, on the day of the invoice"},
    {Measure::kInvoices, EntityKind::kInvoice, "1 on the day of the invoice, unless cancelled"},
    {Measure::kCreditNotes, EntityKind::kCreditNote, "1 on the day of the credit note"},
    {Measure::kAcquisitionCost, EntityKind::kCost, "the amount of a cost of kind ACQUISITION, on its day"},
    {Measure::kServiceCost, EntityKind::kCost, "the amount of a cost of any other kind, on its day"},
    {Measure::kMeetings, EntityKind::kMeeting, "1 on the day on which the meeting was first held"},
    {Measure::kExecutiveReviews, EntityKind::kMeeting, "1 on the day of an EXECUTIVE_REVIEW that was held"},
    {Measure::kNeedsAnalyses, EntityKind::kMeeting, "1 on the day of a NEEDS_ANALYSIS that was held"},
    {Measure::kNegotiations, EntityKind::kMeeting, "1 on the day of a NEGOTIATION that was held"},
    {Measure::kMeetingsPlanned, EntityKind::kMeeting,
     "1 on the day for which the meeting is scheduled, until it is held or cancelled"},
    {Measure::kStakeholders, EntityKind::kStakeholder, "1 from being identified to leaving"},
    {Measure::kDecisionMakers, EntityKind::kStakeholder, "1 while their role is DECISION_MAKER"},
    {Measure::kDecisionMakersMet, EntityKind::kStakeholder,
     "1 while a DECISION_MAKER, on the day of a meeting with them and the 89 after it"},
    {Measure::kEscalationsOpen, EntityKind::kEscalation,
     "1 from the opening to the last resolution that is not reopened"},
    {Measure::kEscalationsOpenSince, EntityKind::kEscalation,
     "when it was opened, in seconds since 1970, while it is open"},
    {Measure::kEscalationsOpened, EntityKind::kEscalation, "1 on the day of the opening"},
    {Measure::kEscalationsSevereOpen, EntityKind::kEscalation,
     "1 while it is open, if its last severity is HIGH or CRITICAL"},
    {Measure::kEscalationsResolved, EntityKind::kEscalation,
     "1 on the day of the last resolution, unless reopened after it"},
    {Measure::kResolutionSeconds, EntityKind::kEscalation,
     "seconds from the opening to the last resolution, on the day of that"},
    {Measure::kResolutionHistogram, EntityKind::kEscalation, "1 in the bin of those seconds, on the same day"},
    {Measure::kAcknowledged, EntityKind::kEscalation, "1 on the day of the first acknowledgement or resolution"},
    {Measure::kAcknowledgeSeconds, EntityKind::kEscalation, "seconds from the opening to that, on the same day"},
    {Measure::kReopened, EntityKind::kEscalation, "1 on the day of each reopening that follows a resolution"},
    {Measure::kContractsActive, EntityKind::kContract, "1 from the start to the last day in force"},
    {Measure::kContractValue, EntityKind::kContract, "the annual value of each day in force"},
    {Measure::kContractsDue, EntityKind::kContract,
     "1 on the last day of a term that no renewal follows, unless terminated"},
    {Measure::kContractValueDue, EntityKind::kContract, "the annual value then in force, on that day"},
    {Measure::kRenewals, EntityKind::kContract, "1 for each renewal, on the last day of the term before it"},
    {Measure::kLapses, EntityKind::kContract, "1 on the day after a last term, unless terminated"},
    {Measure::kTerminations, EntityKind::kContract, "1 on the effective date of the termination"},
    {Measure::kQuotesOpen, EntityKind::kQuote, "1 from the issue to the decision, or to the end of its validity"},
    {Measure::kQuotesOpenAmount, EntityKind::kQuote, "the amount last quoted, while the quote is open"},
    {Measure::kQuotesAccepted, EntityKind::kQuote, "1 on the day of the acceptance"},
    {Measure::kQuotesRejected, EntityKind::kQuote, "1 on the day of a rejection within its validity"},
    {Measure::kQuotesExpired, EntityKind::kQuote, "1 on the day after its validity, if undecided by then"},
    {Measure::kQuotesAcceptedAmount, EntityKind::kQuote, "the amount last quoted, on the day of the acceptance"},
    {Measure::kOpportunitiesOpen, EntityKind::kOpportunity, "1 from the creation to the win or loss"},
    {Measure::kPipeline, EntityKind::kOpportunity, "the amount while it is open, each change from its day on"},
    {Measure::kPipelineWeighted, EntityKind::kOpportunity,
     "amount times probability while it is open, each change from its day on"},
    {Measure::kPipelineOverdue, EntityKind::kOpportunity,
     "the amount while it is open and its expected close has passed"},
    {Measure::kOpportunitiesWon, EntityKind::kOpportunity, "1 on the day of the win"},
    {Measure::kOpportunitiesLost, EntityKind::kOpportunity, "1 on the day of the loss"},
    {Measure::kWonAmount, EntityKind::kOpportunity, "the amount, on the day of the win"},
    {Measure::kLostAmount, EntityKind::kOpportunity, "the amount, on the day of the loss"},
    {Measure::kWonCycleDays, EntityKind::kOpportunity, "days from the creation to the win, on the day of the win"},
    {Measure::kOpportunitiesSlipped, EntityKind::kOpportunity,
     "1 on the day of each move of the expected close to a later day"},
    {Measure::kForecast, EntityKind::kForecast, "the last revenue submitted before the month, on its first day"},
    {Measure::kForecastMonths, EntityKind::kForecast, "1 for a month with a forecast from before it, on its first day"},
    {Measure::kNpsResponses, EntityKind::kSurvey, "1 on the day of an NPS answer"},
    {Measure::kNpsPromoters, EntityKind::kSurvey, "1 on the day of an NPS answer of 9 or 10"},
    {Measure::kNpsDetractors, EntityKind::kSurvey, "1 on the day of an NPS answer of 0 to 6"},
    {Measure::kCsatResponses, EntityKind::kSurvey, "1 on the day of a CSAT answer"},
    {Measure::kCsatSatisfied, EntityKind::kSurvey, "1 on the day of a CSAT answer of 4 or 5"},
    {Measure::kCsatScore, EntityKind::kSurvey, "the score of a CSAT answer, on its day"},
    {Measure::kInitiativesActive, EntityKind::kInitiative, "1 from the start to the completion or cancellation"},
    {Measure::kInitiativesStarted, EntityKind::kInitiative, "1 on the day of the start"},
    {Measure::kInitiativesCompleted, EntityKind::kInitiative, "1 on the day of the completion"},
    {Measure::kInitiativesCancelled, EntityKind::kInitiative, "1 on the day of the cancellation"},
    {Measure::kMilestones, EntityKind::kInitiative, "1 on the day of a milestone"},
    {Measure::kRisksOpen, EntityKind::kRisk, "1 from the flagging to the clearing"},
    {Measure::kRisksSevere, EntityKind::kRisk,
     "1 from the flagging to the clearing, where the severity is HIGH or CRITICAL"},
};

// By number, and none is left out.
constexpr bool Complete() {
  size_t rules = 0;
  for (int number = 0; number <= kMeasureNumberMax; ++number) {
    const std::optional<Measure> measure = MeasureOf(static_cast<uint64_t>(number));
    if (!measure.has_value()) continue;
    if (rules == std::size(kRules) || kRules[rules++].measure != *measure) return false;
  }
  return rules == std::size(kRules);
}
static_assert(Complete(), "a measure has no rule here, or not in the order of account/measure.h");

const Rule& RuleFor(Measure measure) {
  return *std::find_if(std::begin(kRules), std::end(kRules),
                       [measure](const Rule& rule) { return rule.measure == measure; });
}

}  // namespace

bool MayContribute(EntityKind kind, Measure measure) {
  const EntityKind contributes = RuleFor(measure).kind;
  return kind == contributes || (kind == EntityKind::kCreditNote && contributes == EntityKind::kInvoice);
}

std::string_view RuleOf(Measure measure) { return RuleFor(measure).sentence; }

}  // namespace keyfold
