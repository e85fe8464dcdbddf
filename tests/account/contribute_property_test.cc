// What holds for any history: properties, and each day's state told a second time, naively, from the rule's wording.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"
#include "support/entity_generator.h"

namespace keyfold {
namespace {

constexpr Day kLastDay = kGeneratedFrom + kGeneratedDays + 100;

const Calendar& Berlin() {
  static const Calendar* const calendar = new Calendar(CalendarOf("Europe/Berlin"));
  return *calendar;
}

Day DayOf(const v1::AccountEvent& event) { return Berlin().DayOf(event.occurred_at().seconds()); }

std::vector<Contribution> ContributionsOf(EntityKind kind, const std::vector<v1::AccountEvent>& events,
                                          const std::vector<Mention>& mentions = {}) {
  const auto sorted = InSortOrder(events);
  return Contribute(kind, {sorted, mentions}, Berlin());
}

using Totals = std::map<std::string, int64_t>;  // by measure and currency, zeros left out

// The running totals of stocks at `day`.
Totals StocksAt(Day day, const std::vector<Contribution>& contributions) {
  Totals totals;
  for (const auto& [cell, amount] : contributions) {
    if (KindOf(cell.measure) != MeasureKind::kStock || cell.day > day) continue;
    totals[absl::StrCat(std::string(MeasureName(cell.measure)), cell.currency.code())] += amount;
  }
  for (auto total = totals.begin(); total != totals.end();) {
    total = total->second == 0 ? totals.erase(total) : std::next(total);
  }
  return totals;
}

void Put(const std::string& name, int64_t amount, Totals& totals) {
  if (amount != 0) totals[name] = amount;
}

EntityKind PickKind() { return kAllKinds[Pick(0, static_cast<int>(std::size(kAllKinds)))]; }

std::vector<Mention> PickMentions() {
  std::vector<Mention> mentions(static_cast<size_t>(Pick(0, 4)));
  for (Mention& mention : mentions) mention.seconds = (kGeneratedFrom + Pick(-95, 110)) * int64_t{86400};
  return mentions;
}

// So the groups of a day (portfolio:key too) follow from the attributes alone.
RC_GTEST_PROP(ContributeProperty, AKeyAccountIsAnAccountWithATier, ()) {
  const auto events = PickEvents(EntityKind::kAccount);
  const auto sorted = InSortOrder(events);
  const std::vector<AttributeSpan> spans = AttributesOverTime({sorted, {}}, Berlin());
  const std::vector<Contribution> contributions = ContributionsOf(EntityKind::kAccount, events);
  for (Day day = kGeneratedFrom - 2; day < kGeneratedFrom + kGeneratedDays + 2; ++day) {
    RC_ASSERT(StocksAt(day, contributions)["key_account"] == (AttributesAt(spans, day).tier.empty() ? 0 : 1));
  }
}

RC_GTEST_PROP(ContributeProperty, DoesNotDependOnTheOrderOfArrival, ()) {
  const EntityKind kind = PickKind();
  const auto events = PickEvents(kind);
  auto shuffled = events;
  for (size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[Pick(0, static_cast<int>(i))]);
  RC_ASSERT(ContributionsOf(kind, events) == ContributionsOf(kind, shuffled));
}

RC_GTEST_PROP(ContributeProperty, CellsAreSortedOnceAndNeverZero, ()) {
  const EntityKind kind = PickKind();
  const auto contributions = ContributionsOf(kind, PickEvents(kind), PickMentions());
  for (size_t i = 0; i < contributions.size(); ++i) {
    RC_ASSERT(contributions[i].amount != 0);
    if (i > 0) RC_ASSERT(contributions[i - 1].cell < contributions[i].cell);
  }
}

RC_GTEST_PROP(ContributeProperty, WhatFollowsATerminalEventChangesNothing, ()) {
  const EntityKind kind = *rc::gen::element(EntityKind::kOrder, EntityKind::kInvoice, EntityKind::kMeeting,
                                            EntityKind::kContract, EntityKind::kInitiative);
  const auto events = PickEvents(kind);
  const auto sorted = InSortOrder(events);
  std::vector<v1::AccountEvent> until_end;
  bool founded = kind == EntityKind::kMeeting;
  for (const auto* event : sorted) {
    until_end.push_back(*event);
    founded = founded || IsFounding(event->payload_case());
    if (founded && IsTerminal(event->payload_case())) break;
  }
  RC_ASSERT(ContributionsOf(kind, events) == ContributionsOf(kind, until_end));
}

// Not so a contract: an amendment may move the end of its last spell before that spell, and a renewal begin another one
// there, within an earlier spell.
RC_GTEST_PROP(ContributeProperty, AnEntityIsOpenOnceOrNotAtAll, ()) {
  const EntityKind kind = PickKind();
  RC_PRE(kind != EntityKind::kContract);
  const auto contributions = ContributionsOf(kind, PickEvents(kind), PickMentions());
  for (Day day = kGeneratedFrom - 100; day <= kLastDay; ++day) {
    for (const auto& [name, total] : StocksAt(day, contributions)) {
      const std::optional<Measure> measure = FindMeasure(name);  // money has its currency in the name: not found
      if (measure.has_value() && UnitOf(*measure) == MeasureUnit::kCount) RC_ASSERT(total == 1);
    }
  }
}

RC_GTEST_PROP(ContributeProperty, PlanInForceIsTheCoveringOneApprovedLast, ()) {
  const auto events = PickEvents(EntityKind::kPlans);
  const auto contributions = ContributionsOf(EntityKind::kPlans, events);
  struct Version {
    const v1::PlanApproved* approval;
    std::optional<Day> closed;
  };
  std::vector<Version> versions;  // the last on top
  for (const auto* event : InSortOrder(events)) {
    if (event->has_plan_approved()) {
      std::erase_if(versions, [&](const Version& version) {
        return version.approval->plan_id() == event->plan_approved().plan_id();
      });
      versions.push_back({&event->plan_approved(), std::nullopt});
    } else {
      for (Version& version : versions) {
        const bool named = version.approval->plan_id() == event->plan_closed().plan_id();
        if (named && !version.closed.has_value()) version.closed = DayOf(*event);
      }
    }
  }
  for (Day day = kGeneratedFrom - 1; day <= kLastDay; ++day) {
    Totals expected;
    for (const Version& version : versions) {
      const v1::PlanApproved& approval = *version.approval;
      const bool covers = ParseDay(approval.start_date()) <= day && day <= ParseDay(approval.end_date()) &&
                          (!version.closed.has_value() || day < *version.closed);
      if (!covers) continue;
      expected.clear();
      Put("plans_active", 1, expected);
      Put("plan_baseline" + approval.baseline_revenue().currency_code(), approval.baseline_revenue().minor(), expected);
      Put("plan_start", *ParseDay(approval.start_date()), expected);
      Put("plan_end", *ParseDay(approval.end_date()), expected);
      Put("plan_target_growth", std::llround(approval.target_growth() * 1e6), expected);
      Put("plan_min_margin", std::llround(approval.min_margin() * 1e6), expected);
    }
    RC_ASSERT(StocksAt(day, contributions) == expected);
  }
}

RC_GTEST_PROP(ContributeProperty, StakeholderIsWhatTheEventsUpToADaySay, ()) {
  const auto events = PickEvents(EntityKind::kStakeholder);
  const auto mentions = PickMentions();
  const auto contributions = ContributionsOf(EntityKind::kStakeholder, events, mentions);
  for (Day day = kGeneratedFrom - 1; day <= kLastDay; ++day) {
    bool present = false;
    v1::StakeholderRole role = v1::USER;
    for (const auto* event : InSortOrder(events)) {
      if (DayOf(*event) > day) break;
      if (event->has_stakeholder_left()) present = false;
      if (event->has_stakeholder_identified()) {
        present = true;
        role = event->stakeholder_identified().role();
      }
      if (event->has_stakeholder_updated() && present) role = event->stakeholder_updated().role();
    }
    const bool met = std::any_of(mentions.begin(), mentions.end(), [&](const Mention& mention) {
      const Day held = Berlin().DayOf(mention.seconds);
      return held <= day && day <= held + 89;
    });
    Totals expected;
    Put("stakeholders", present ? 1 : 0, expected);
    Put("decision_makers", present && role == v1::DECISION_MAKER ? 1 : 0, expected);
    Put("decision_makers_met", present && role == v1::DECISION_MAKER && met ? 1 : 0, expected);
    RC_ASSERT(StocksAt(day, contributions) == expected);
  }
}

// The events of an opportunity that count.
std::vector<v1::AccountEvent> WithoutWhatWasTakenBack(const std::vector<v1::AccountEvent>& events) {
  std::vector<v1::AccountEvent> counted;
  bool created = false;
  for (const auto* event : InSortOrder(events)) {
    created = created || event->has_opportunity_created();
    if (!created) continue;
    const bool closed = !counted.empty() && IsTerminal(counted.back().payload_case());
    if (event->has_opportunity_reopened()) {
      if (closed) counted.pop_back();
    } else if (!closed) {
      counted.push_back(*event);
    }
  }
  return counted;
}

RC_GTEST_PROP(ContributeProperty, AReopenedOpportunityIsOneThatWasNeverClosed, ()) {
  const auto events = PickEvents(EntityKind::kOpportunity);
  RC_ASSERT(ContributionsOf(EntityKind::kOpportunity, events) ==
            ContributionsOf(EntityKind::kOpportunity, WithoutWhatWasTakenBack(events)));
}

RC_GTEST_PROP(ContributeProperty, OpportunityIsWhatTheEventsUpToADaySay, ()) {
  const auto events = WithoutWhatWasTakenBack(PickEvents(EntityKind::kOpportunity));
  const auto contributions = ContributionsOf(EntityKind::kOpportunity, events);
  for (Day day = kGeneratedFrom - 1; day <= kLastDay; ++day) {
    bool created = false, ended = false;
    v1::Money amount;
    int64_t probability = 0;
    std::string close;
    for (const auto* event : InSortOrder(events)) {
      if (DayOf(*event) > day || ended) break;
      if (event->has_opportunity_created()) {
        created = true;
        amount = event->opportunity_created().amount();
        probability = event->opportunity_created().probability();
        close = event->opportunity_created().expected_close();
      } else if (created && event->has_opportunity_updated()) {
        const auto& update = event->opportunity_updated();
        if (update.has_amount()) amount = update.amount();
        if (update.has_probability()) probability = update.probability();
        if (!update.expected_close().empty()) close = update.expected_close();
      } else {
        ended = created;
      }
    }
    Totals expected;
    if (created && !ended) {
      Put("opportunities_open", 1, expected);
      Put("pipeline" + amount.currency_code(), amount.minor(), expected);
      // Amounts here are small, so the double is exact where it matters: at the halves.
      Put("pipeline_weighted" + amount.currency_code(),
          std::llround(static_cast<double>(amount.minor() * probability) / 100), expected);
      const bool overdue = !close.empty() && *ParseDay(close) < day;
      Put("pipeline_overdue" + amount.currency_code(), overdue ? amount.minor() : 0, expected);
    }
    RC_ASSERT(StocksAt(day, contributions) == expected);
  }
}

// A contract read off its events, step by step.
struct NaiveContract {
  Day start = 0;
  std::vector<std::pair<Day, Day>> spells;  // first and last day; kOpen: none
  Day cut = kOpen;
  std::vector<std::pair<Day, v1::Money>> steps;

  static constexpr Day kOpen = 1'000'000;

  explicit NaiveContract(const std::vector<v1::AccountEvent>& events) {
    for (const auto* event : InSortOrder(events)) {
      if (event->has_contract_signed()) {
        start = *ParseDay(event->contract_signed().start_date());
        spells = {{start, ParseDay(event->contract_signed().end_date()).value_or(kOpen)}};
        steps = {{start, event->contract_signed().annual_value()}};
      }
      if (spells.empty()) continue;
      Day& end = spells.back().second;
      if (event->has_contract_amended()) {
        const auto& amendment = event->contract_amended();
        const Day from = std::max(*ParseDay(amendment.effective_date()), start);
        if (amendment.has_annual_value()) steps.emplace_back(from, amendment.annual_value());
        end = ParseDay(amendment.end_date()).value_or(end);
      }
      if (event->has_contract_renewed() && end != kOpen && *ParseDay(event->contract_renewed().end_date()) > end) {
        const auto& renewal = event->contract_renewed();
        const Day from = std::max(end + 1, ParseDay(renewal.start_date()).value_or(0));
        if (renewal.has_annual_value()) steps.emplace_back(from, renewal.annual_value());
        if (from > end + 1) spells.emplace_back(from, 0);
        spells.back().second = *ParseDay(renewal.end_date());
      }
      if (event->has_contract_terminated()) {
        cut = *ParseDay(event->contract_terminated().effective_date());
        break;
      }
    }
  }

  Totals StocksAt(Day day) const {
    Totals totals;
    const std::pair<Day, v1::Money>* holds = nullptr;
    for (const auto& step : steps) {
      if (step.first <= day && (holds == nullptr || step.first >= holds->first)) holds = &step;
    }
    for (const auto& [first, last] : spells) {
      if (day < first || day > last || day > cut) continue;
      totals["contracts_active"] += 1;
      if (holds == nullptr || holds->second.minor() == 0) continue;
      totals["contract_value" + holds->second.currency_code()] += holds->second.minor();
    }
    return totals;
  }
};

RC_GTEST_PROP(ContributeProperty, ContractIsWorthItsGreatestStep, ()) {
  const auto events = PickEvents(EntityKind::kContract);
  const auto contributions = ContributionsOf(EntityKind::kContract, events);
  const NaiveContract contract(events);
  for (Day day = kGeneratedFrom - 1; day <= kLastDay; ++day) {
    RC_ASSERT(StocksAt(day, contributions) == contract.StocksAt(day));
  }
}

}  // namespace
}  // namespace keyfold
