// The measures that entities contribute to: the only words that the KPI catalogue builds on (docs/events.md, "What each
// entity contributes"). Adding one: a line here, and the entity that contributes it.
#ifndef KEYFOLD_ACCOUNT_MEASURE_H_
#define KEYFOLD_ACCOUNT_MEASURE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace keyfold {

// How a measure's sums are read (docs/kpis.md): a flow is what happened on a day, a stock is a running total. Money
// stocks are converted with the rate of D's month, money flows with that of the month in which they happened.
enum class MeasureKind : uint8_t { kFlow, kStock };

enum class MeasureUnit : uint8_t { kCount, kSeconds, kDays, kMoney, kMillionths, kScore };

// X(enumerator, number on disk, name, kind, unit). Numbers are stored: never change or reuse one.
// contract_value_due is a flow that is converted like a stock: see ConvertsAsStock().
#define KEYFOLD_MEASURES(X)                                               \
  X(Customer, 1, "customer", kStock, kCount)                              \
  X(KeyAccount, 2, "key_account", kStock, kCount)                         \
  X(ChurnedKey, 3, "churned_key", kFlow, kCount)                          \
  X(Potential, 4, "potential", kStock, kMoney)                            \
  X(Importance, 5, "importance", kStock, kScore)                          \
  X(PlansActive, 6, "plans_active", kStock, kCount)                       \
  X(PlanBaseline, 7, "plan_baseline", kStock, kMoney)                     \
  X(PlanTargetGrowth, 8, "plan_target_growth", kStock, kMillionths)       \
  X(PlanMinMargin, 9, "plan_min_margin", kStock, kMillionths)             \
  X(PlanStart, 10, "plan_start", kStock, kDays)                           \
  X(PlanEnd, 11, "plan_end", kStock, kDays)                               \
  X(Bookings, 12, "bookings", kFlow, kMoney)                              \
  X(Orders, 13, "orders", kFlow, kCount)                                  \
  X(OrdersCancelled, 14, "orders_cancelled", kFlow, kCount)               \
  X(Deliveries, 15, "deliveries", kFlow, kCount)                          \
  X(DeliveriesPromised, 16, "deliveries_promised", kFlow, kCount)         \
  X(DeliveriesOnTime, 17, "deliveries_on_time", kFlow, kCount)            \
  X(Revenue, 18, "revenue", kFlow, kMoney)                                \
  X(VariableCost, 19, "variable_cost", kFlow, kMoney)                     \
  X(RevenueCrossSell, 20, "revenue_cross_sell", kFlow, kMoney)            \
  X(RevenueUpSell, 21, "revenue_up_sell", kFlow, kMoney)                  \
  X(RevenueBundle, 22, "revenue_bundle", kFlow, kMoney)                   \
  X(RevenueRenewal, 23, "revenue_renewal", kFlow, kMoney)                 \
  X(Invoices, 24, "invoices", kFlow, kCount)                              \
  X(CreditNotes, 25, "credit_notes", kFlow, kCount)                       \
  X(AcquisitionCost, 26, "acquisition_cost", kFlow, kMoney)               \
  X(ServiceCost, 27, "service_cost", kFlow, kMoney)                       \
  X(Meetings, 28, "meetings", kFlow, kCount)                              \
  X(ExecutiveReviews, 29, "executive_reviews", kFlow, kCount)             \
  X(NeedsAnalyses, 30, "needs_analyses", kFlow, kCount)                   \
  X(Negotiations, 31, "negotiations", kFlow, kCount)                      \
  X(MeetingsPlanned, 32, "meetings_planned", kFlow, kCount)               \
  X(Stakeholders, 33, "stakeholders", kStock, kCount)                     \
  X(DecisionMakers, 34, "decision_makers", kStock, kCount)                \
  X(DecisionMakersMet, 35, "decision_makers_met", kStock, kCount)         \
  X(EscalationsOpen, 36, "escalations_open", kStock, kCount)              \
  X(EscalationsOpenSince, 37, "escalations_open_since", kStock, kSeconds) \
  X(EscalationsOpened, 38, "escalations_opened", kFlow, kCount)           \
  X(EscalationsSevereOpen, 39, "escalations_severe_open", kStock, kCount) \
  X(EscalationsResolved, 40, "escalations_resolved", kFlow, kCount)       \
  X(ResolutionSeconds, 41, "resolution_seconds", kFlow, kSeconds)         \
  X(ResolutionHistogram, 42, "resolution_hist", kFlow, kCount)            \
  X(Acknowledged, 43, "acknowledged", kFlow, kCount)                      \
  X(AcknowledgeSeconds, 44, "acknowledge_seconds", kFlow, kSeconds)       \
  X(Reopened, 45, "reopened", kFlow, kCount)                              \
  X(ContractsActive, 46, "contracts_active", kStock, kCount)              \
  X(ContractValue, 47, "contract_value", kStock, kMoney)                  \
  X(ContractsDue, 48, "contracts_due", kFlow, kCount)                     \
  X(ContractValueDue, 49, "contract_value_due", kFlow, kMoney)            \
  X(Renewals, 50, "renewals", kFlow, kCount)                              \
  X(Lapses, 51, "lapses", kFlow, kCount)                                  \
  X(Terminations, 52, "terminations", kFlow, kCount)                      \
  X(QuotesOpen, 53, "quotes_open", kStock, kCount)                        \
  X(QuotesOpenAmount, 54, "quotes_open_amount", kStock, kMoney)           \
  X(QuotesAccepted, 55, "quotes_accepted", kFlow, kCount)                 \
  X(QuotesRejected, 56, "quotes_rejected", kFlow, kCount)                 \
  X(QuotesExpired, 57, "quotes_expired", kFlow, kCount)                   \
  X(QuotesAcceptedAmount, 58, "quotes_accepted_amount", kFlow, kMoney)    \
  X(OpportunitiesOpen, 59, "opportunities_open", kStock, kCount)          \
  X(Pipeline, 60, "pipeline", kStock, kMoney)                             \
  X(PipelineWeighted, 61, "pipeline_weighted", kStock, kMoney)            \
  X(PipelineOverdue, 62, "pipeline_overdue", kStock, kMoney)              \
  X(OpportunitiesWon, 63, "opportunities_won", kFlow, kCount)             \
  X(OpportunitiesLost, 64, "opportunities_lost", kFlow, kCount)           \
  X(WonAmount, 65, "won_amount", kFlow, kMoney)                           \
  X(LostAmount, 66, "lost_amount", kFlow, kMoney)                         \
  X(WonCycleDays, 67, "won_cycle_days", kFlow, kDays)                     \
  X(OpportunitiesSlipped, 68, "opportunities_slipped", kFlow, kCount)     \
  X(Forecast, 69, "forecast", kFlow, kMoney)                              \
  X(ForecastMonths, 70, "forecast_months", kFlow, kCount)                 \
  X(NpsResponses, 71, "nps_responses", kFlow, kCount)                     \
  X(NpsPromoters, 72, "nps_promoters", kFlow, kCount)                     \
  X(NpsDetractors, 73, "nps_detractors", kFlow, kCount)                   \
  X(CsatResponses, 74, "csat_responses", kFlow, kCount)                   \
  X(CsatSatisfied, 75, "csat_satisfied", kFlow, kCount)                   \
  X(CsatScore, 76, "csat_score", kFlow, kScore)                           \
  X(InitiativesActive, 77, "initiatives_active", kStock, kCount)          \
  X(InitiativesStarted, 78, "initiatives_started", kFlow, kCount)         \
  X(InitiativesCompleted, 79, "initiatives_completed", kFlow, kCount)     \
  X(InitiativesCancelled, 80, "initiatives_cancelled", kFlow, kCount)     \
  X(Milestones, 81, "milestones", kFlow, kCount)                          \
  X(RisksOpen, 82, "risks_open", kStock, kCount)                          \
  X(RisksSevere, 83, "risks_severe", kStock, kCount)

enum class Measure : uint8_t {
#define KEYFOLD_MEASURE_ENUMERATOR(name, number, text, kind, unit) k##name = number,
  KEYFOLD_MEASURES(KEYFOLD_MEASURE_ENUMERATOR)
#undef KEYFOLD_MEASURE_ENUMERATOR
};

inline constexpr int kMeasureNumberMax = 83;

// nullopt: there is no measure of that number.
constexpr std::optional<Measure> MeasureOf(uint64_t number) {
  switch (number) {
#define KEYFOLD_MEASURE_CASE(name, number, text, kind, unit) case number:
    KEYFOLD_MEASURES(KEYFOLD_MEASURE_CASE)
#undef KEYFOLD_MEASURE_CASE
    return static_cast<Measure>(number);
    default:
      return std::nullopt;
  }
}

std::string_view MeasureName(Measure measure);
MeasureKind KindOf(Measure measure);
MeasureUnit UnitOf(Measure measure);

// nullopt: there is no measure of that name.
std::optional<Measure> FindMeasure(std::string_view name);

// Whether a money measure is summed first and converted with the rate of D's month.
bool ConvertsAsStock(Measure measure);

}  // namespace keyfold

#endif  // KEYFOLD_ACCOUNT_MEASURE_H_
