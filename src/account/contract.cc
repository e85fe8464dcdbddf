// Contracts: spells in force and the gaps between them, the value by day, and how each term ends.
#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "account/kinds.h"

namespace keyfold {
namespace {

// From `day` on, until a later step, the contract is worth `value` a year.
struct ValueStep {
  Day day;
  const v1::Money* value;
};

// From the start to the last day in force; none: open-ended. Renewals in time make it longer.
struct Spell {
  Day start = 0;
  std::optional<Day> last;

  bool HasDays() const { return !last.has_value() || *last >= start; }
  std::optional<Day> End() const { return last.has_value() ? std::optional(*last + 1) : std::nullopt; }
};

struct Contract {
  Day start = 0;                 // as signed
  Spell spell;                   // the last one
  std::vector<Spell> lapsed;     // those before it
  std::vector<ValueStep> steps;  // in fold order
  std::vector<Day> renewed;      // the old end at each renewal in time
  std::optional<Day> terminated;

  void Sign(const v1::ContractSigned& signing) {
    start = RequiredDate(signing.start_date());
    spell = {start, ParseDay(signing.end_date())};
    lapsed.clear();
    steps.clear();
    steps.push_back({start, &signing.annual_value()});
  }

  // Returns whether it names anything.
  bool Amend(const v1::ContractAmended& amendment) {
    if (amendment.has_annual_value()) {
      steps.push_back({std::max(RequiredDate(amendment.effective_date()), start), &amendment.annual_value()});
    }
    if (!amendment.end_date().empty()) spell.last = RequiredDate(amendment.end_date());
    return amendment.has_annual_value() || !amendment.end_date().empty();
  }

  // Returns why it is ignored, where it is.
  std::optional<NoEffect> Renew(const v1::ContractRenewed& renewal) {
    if (!spell.last.has_value()) return NoEffect::kOpenEnded;
    const Day last = RequiredDate(renewal.end_date());
    if (last <= *spell.last) return NoEffect::kEndsNoLater;
    const Day next = *spell.last + 1;
    const Day from = std::max(next, ParseDay(renewal.start_date()).value_or(next));
    if (from == next) {
      renewed.push_back(*spell.last);
    } else {
      lapsed.push_back(spell);
      spell.start = from;
    }
    spell.last = last;
    if (renewal.has_annual_value()) steps.push_back({from, &renewal.annual_value()});
    return std::nullopt;
  }

  bool IsTerminatedBy(Day day) const { return terminated.has_value() && *terminated <= day; }

  // What a termination leaves of a spell.
  Spell Cut(Spell whole) const {
    if (terminated.has_value()) whole.last = std::min(*terminated, whole.last.value_or(*terminated));
    return whole;
  }
};

Contract FoldContract(Events events, Ignored ignored) {
  Contract contract;
  for (const v1::AccountEvent* event : events) {
    switch (event->payload_case()) {
      case v1::AccountEvent::kContractSigned:
        contract.Sign(event->contract_signed());
        break;
      case v1::AccountEvent::kContractAmended:
        if (!contract.Amend(event->contract_amended())) ignored.Add(*event, NoEffect::kNamesNothing);
        break;
      case v1::AccountEvent::kContractRenewed:
        if (const auto reason = contract.Renew(event->contract_renewed())) ignored.Add(*event, *reason);
        break;
      case v1::AccountEvent::kContractTerminated:
        contract.terminated = RequiredDate(event->contract_terminated().effective_date());
        break;
      default:
        break;
    }
  }
  // Stable: of the steps of one day, the last in sort order stays last.
  std::stable_sort(contract.steps.begin(), contract.steps.end(),
                   [](const ValueStep& a, const ValueStep& b) { return a.day < b.day; });
  return contract;
}

void AddInForce(const Spell& spell, const std::vector<ValueStep>& steps, Contributions& contributions) {
  const std::optional<Day> to = spell.End();
  contributions.AddInterval(Measure::kContractsActive, spell.start, to, 1);
  for (size_t i = 0; i < steps.size(); ++i) {
    std::optional<Day> until = to;
    if (i + 1 < steps.size()) until = std::min(steps[i + 1].day, to.value_or(steps[i + 1].day));
    const v1::Money& value = *steps[i].value;
    contributions.AddInterval(Measure::kContractValue, CurrencyOf(value), std::max(steps[i].day, spell.start), until,
                              value.minor());
  }
}

// A spell that has ended, or will: due on its last day, lapsed on the next.
void AddLapse(const Spell& spell, const std::vector<ValueStep>& steps, Contributions& contributions) {
  const Day last = *spell.last;
  contributions.Add(Measure::kContractsDue, last, 1);
  contributions.Add(Measure::kLapses, last + 1, 1);
  const auto after = std::upper_bound(steps.begin(), steps.end(), last,
                                      [](Day bound, const ValueStep& step) { return bound < step.day; });
  // A spell may lie before the start as signed, where only a renewal names a value.
  if (after == steps.begin()) return;
  const v1::Money& value = *std::prev(after)->value;
  contributions.Add(Measure::kContractValueDue, CurrencyOf(value), last, value.minor());
}

}  // namespace

void ContributeContract(Events events, const Calendar&, Contributions& contributions, Ignored ignored) {
  const Contract contract = FoldContract(events, ignored);
  bool was_in_force = false;
  const auto add = [&](const Spell& whole, bool lapses) {
    const Spell spell = contract.Cut(whole);
    if (!spell.HasDays()) return;
    was_in_force = true;
    AddInForce(spell, contract.steps, contributions);
    if (lapses) AddLapse(spell, contract.steps, contributions);
  };
  for (const Spell& spell : contract.lapsed) add(spell, !contract.IsTerminatedBy(*spell.last));
  add(contract.spell, contract.spell.last.has_value() && !contract.terminated.has_value());
  if (!was_in_force) return;
  for (Day old_end : contract.renewed) {
    if (!contract.IsTerminatedBy(old_end)) contributions.Add(Measure::kRenewals, old_end, 1);
  }
  if (contract.terminated.has_value()) contributions.Add(Measure::kTerminations, *contract.terminated, 1);
}

}  // namespace keyfold
