#include "account/open.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "support/contributed.h"
#include "support/entity_generator.h"

namespace keyfold {
namespace {

std::optional<OpenThing> Open(EntityKind kind, const std::vector<v1::AccountEvent>& events, const std::string& day) {
  const auto sorted = InSortOrder(events);
  return OpenAt(kind, {sorted, {}}, CalendarOf("Europe/Berlin"), *ParseDay(day));
}

std::string DueOf(const std::optional<OpenThing>& thing) {
  if (!thing.has_value()) return "not open";
  return thing->due.has_value() ? FormatDay(*thing->due) + (thing->overdue ? " overdue" : "") : "open";
}

OpenThing::Amount Euros(int64_t minor) { return {Currency::Parse("EUR").value(), minor}; }

TEST(OpenTest, AContractIsOpenUntilItEndsByWhateverMeans) {
  const std::vector<v1::AccountEvent> ends = {
      At("2025-01-01",
         "contract_signed { start_date: '2025-02-01' end_date: '2025-12-31'" + Money("annual_value", 500) + "}")};
  EXPECT_EQ(DueOf(Open(EntityKind::kContract, ends, "2025-01-31")), "not open");
  const auto open = Open(EntityKind::kContract, ends, "2025-12-31");
  EXPECT_EQ(DueOf(open), "2025-12-31");
  EXPECT_EQ(FormatDay(open->since), "2025-02-01");
  EXPECT_EQ(open->amount, Euros(500));
  EXPECT_EQ(open->terminated, false);
  EXPECT_EQ(DueOf(Open(EntityKind::kContract, ends, "2026-01-01")), "not open");

  std::vector<v1::AccountEvent> terminated = ends;
  terminated.push_back(At("2025-03-01", "contract_terminated { effective_date: '2025-06-30' }"));
  EXPECT_EQ(DueOf(Open(EntityKind::kContract, terminated, "2025-05-01")), "2025-06-30");
  EXPECT_EQ(Open(EntityKind::kContract, terminated, "2025-05-01")->terminated, true);

  std::vector<v1::AccountEvent> renewed = ends;
  renewed.push_back(At("2025-11-01", "contract_renewed { end_date: '2026-12-31' }"));
  EXPECT_EQ(DueOf(Open(EntityKind::kContract, renewed, "2025-05-01")), "2026-12-31");
}

TEST(OpenTest, AnOpportunityIsWhatWasKnownOfItThen) {
  const std::vector<v1::AccountEvent> events = {
      At("2025-01-01", "opportunity_created { sale_type: UP_SELL stage: 'lead' probability: 10" +
                           Money("amount", 1'000) + "expected_close: '2025-02-01' }"),
      At("2025-03-01", "opportunity_updated { stage: 'offer' probability: 60 expected_close: '2025-04-01' }"),
      At("2025-05-01", "opportunity_won {}")};
  const auto first = Open(EntityKind::kOpportunity, events, "2025-02-10");
  EXPECT_EQ(DueOf(first), "2025-02-01 overdue");
  EXPECT_EQ(first->stage, "lead");
  EXPECT_EQ(first->type, "UP_SELL");
  const auto later = Open(EntityKind::kOpportunity, events, "2025-03-01");
  EXPECT_EQ(DueOf(later), "2025-04-01");
  EXPECT_EQ(later->stage, "offer");
  EXPECT_EQ(later->probability, 60);
  EXPECT_EQ(later->amount, Euros(1'000));
  EXPECT_EQ(later->weighted, Euros(600));
  EXPECT_EQ(FormatDay(later->since), "2025-01-01");
  EXPECT_EQ(DueOf(Open(EntityKind::kOpportunity, events, "2025-05-01")), "not open");
}

TEST(OpenTest, APromiseStandsUntilItIsKept) {
  const std::vector<v1::AccountEvent> events = {
      At("2025-01-01", "order_placed {" + LineOf("BASE", 700, 1) + "promised_date: '2025-01-10' }"),
      At("2025-01-05", "order_changed { promised_date: '2025-01-20' }"), At("2025-02-01", "order_delivered {}")};
  EXPECT_EQ(DueOf(Open(EntityKind::kOrder, events, "2025-01-20")), "2025-01-20");
  EXPECT_EQ(DueOf(Open(EntityKind::kOrder, events, "2025-01-31")), "2025-01-20 overdue");
  EXPECT_EQ(Open(EntityKind::kOrder, events, "2025-01-31")->amount, Euros(700));
  EXPECT_EQ(DueOf(Open(EntityKind::kOrder, events, "2025-02-01")), "not open");
  EXPECT_EQ(DueOf(Open(EntityKind::kOrder, {At("2025-01-01", "order_placed {}")}, "2025-01-31")), "not open");
}

TEST(OpenTest, WhatElseMayBeOpen) {
  const auto meeting = Open(EntityKind::kMeeting,
                            {At("2025-01-01",
                                "meeting_scheduled { kind: EXECUTIVE_REVIEW scheduled_for { seconds: "
                                "1740000000 } }")},  // 2025-02-19
                            "2025-02-01");
  EXPECT_EQ(DueOf(meeting), "2025-02-19");
  EXPECT_EQ(meeting->type, "EXECUTIVE_REVIEW");
  const auto escalation =
      Open(EntityKind::kEscalation,
           {At("2025-01-01", "escalation_opened { severity: HIGH department: LOGISTICS }"),
            At("2025-01-02", "escalation_acknowledged {}"), At("2025-01-05", "escalation_resolved {}")},
           "2025-01-03");
  EXPECT_EQ(DueOf(escalation), "open");
  EXPECT_EQ(escalation->severity, "HIGH");
  EXPECT_EQ(escalation->department, "LOGISTICS");
  EXPECT_EQ(escalation->acknowledged, true);
  const auto plan = Open(EntityKind::kPlans,
                         {At("2025-01-01",
                             "plan_approved { plan_id: 'P' start_date: '2025-01-01' end_date: '2027-12-31' "
                             "target_growth: 0.25 min_margin: 0.3" +
                                 Money("baseline_revenue", 100) + "}")},
                         "2026-01-01");
  EXPECT_EQ(DueOf(plan), "2027-12-31");
  EXPECT_EQ(plan->target_growth, 0.25);
  EXPECT_EQ(plan->min_margin, 0.3);
  EXPECT_EQ(plan->amount, Euros(100));
  const auto initiative =
      Open(EntityKind::kInitiative, {At("2025-01-01", "initiative_started { kind: CO_DEVELOPMENT title: 'Lid' }")},
           "2025-01-01");
  EXPECT_EQ(initiative->type, "CO_DEVELOPMENT");
  EXPECT_EQ(initiative->title, "Lid");
  EXPECT_EQ(DueOf(Open(EntityKind::kInvoice, {At("2025-01-01", "invoice_issued {}")}, "2025-01-01")), "not open");
}

// --- what is listed is what counts
// ------------------------------------------------------------------------------------

// What an entity contributes, asked as a component asks.
struct Counted {
  std::vector<Contribution> contributions;

  int64_t Total(Measure measure, Day day) const {
    int64_t total = 0;
    for (const Contribution& c : contributions) total += c.cell.measure == measure && c.cell.day <= day ? c.amount : 0;
    return total;
  }
  bool On(Measure measure, Day day) const { return Total(measure, day) != Total(measure, day - 1); }
  bool Ever(Measure measure) const {
    for (const Contribution& c : contributions) {
      if (c.cell.measure == measure) return true;
    }
    return false;
  }
};

bool Severe(const OpenThing& thing) { return thing.severity == "HIGH" || thing.severity == "CRITICAL"; }

std::optional<Measure> CountedBy(EntityKind kind) {
  switch (kind) {
    case EntityKind::kEscalation:
      return Measure::kEscalationsOpen;
    case EntityKind::kRisk:
      return Measure::kRisksOpen;
    case EntityKind::kContract:
      return Measure::kContractsActive;
    case EntityKind::kQuote:
      return Measure::kQuotesOpen;
    case EntityKind::kOpportunity:
      return Measure::kOpportunitiesOpen;
    case EntityKind::kInitiative:
      return Measure::kInitiativesActive;
    case EntityKind::kPlans:
      return Measure::kPlansActive;
    default:
      return std::nullopt;
  }
}

// The day that is due is the one on which the due thing counts.
void CheckDue(EntityKind kind, const OpenThing& thing, const Counted& counted, Day day) {
  const Day due = thing.due.value_or(0);
  if (kind == EntityKind::kContract && thing.due.has_value()) {
    RC_ASSERT(counted.On(Measure::kContractsActive, due + 1));
    RC_ASSERT(*thing.terminated || counted.On(Measure::kContractsDue, due));
  } else if (kind == EntityKind::kQuote && counted.Ever(Measure::kQuotesExpired)) {
    RC_ASSERT(counted.On(Measure::kQuotesExpired, std::max(due + 1, thing.since)));
  } else if (kind == EntityKind::kMeeting) {
    RC_ASSERT(counted.On(Measure::kMeetingsPlanned, due));
  } else if (kind == EntityKind::kOrder && !counted.Ever(Measure::kDeliveries)) {
    RC_ASSERT(counted.On(Measure::kDeliveriesPromised, due + 1));
  } else if (kind == EntityKind::kOpportunity && thing.amount.has_value()) {
    RC_ASSERT(thing.overdue == (counted.Total(Measure::kPipelineOverdue, day) == thing.amount->minor));
  } else if (kind == EntityKind::kPlans) {
    RC_ASSERT(thing.since <= day && day <= due);
  }
}

RC_GTEST_PROP(OpenPropertyTest, WhatIsListedIsWhatCounts, ()) {
  const EntityKind kind = *rc::gen::elementOf(std::vector(std::begin(kAllKinds), std::end(kAllKinds)));
  const std::vector<v1::AccountEvent> events = PickEvents(kind);
  const auto sorted = InSortOrder(events);
  const Calendar calendar = CalendarOf("Europe/Berlin");
  const EntityHistory history{sorted, {}};
  const Counted counted{Contribute(kind, history, calendar)};
  for (Day day = kGeneratedFrom - 1; day < kGeneratedFrom + 2 * kGeneratedDays; ++day) {
    const std::optional<OpenThing> thing = OpenAt(kind, history, calendar, day);
    if (const auto measure = CountedBy(kind)) RC_ASSERT(thing.has_value() == (counted.Total(*measure, day) != 0));
    if (!thing.has_value()) continue;
    RC_ASSERT(MayBeOpen(kind));
    RC_ASSERT(thing->since <= day);
    if (kind == EntityKind::kEscalation) {
      RC_ASSERT(Severe(*thing) == (counted.Total(Measure::kEscalationsSevereOpen, day) != 0));
    }
    if (kind == EntityKind::kRisk) {
      RC_ASSERT(Severe(*thing) == (counted.Total(Measure::kRisksSevere, day) != 0));
    }
    CheckDue(kind, *thing, counted, day);
  }
}

}  // namespace
}  // namespace keyfold
