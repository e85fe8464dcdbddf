// Contracts: terms, the value by day, and how each term ends.
#include <algorithm>
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

struct Contract {
  Day start = 0;
  std::optional<Day> end;        // last day of the last term; none: open-ended
  std::vector<ValueStep> steps;  // in fold order
  std::vector<Day> renewed;      // the old end at each renewal
  std::optional<Day> terminated;

  void Sign(const v1::ContractSigned& signing) {
    start = RequiredDate(signing.start_date());
    end = ParseDay(signing.end_date());
    steps.clear();
    steps.push_back({start, &signing.annual_value()});
  }

  void Amend(const v1::ContractAmended& amendment) {
    if (amendment.has_annual_value()) {
      steps.push_back({std::max(RequiredDate(amendment.effective_date()), start), &amendment.annual_value()});
    }
    if (!amendment.end_date().empty()) end = RequiredDate(amendment.end_date());
  }

  void Renew(const v1::ContractRenewed& renewal) {
    const Day new_end = RequiredDate(renewal.end_date());
    if (!end.has_value() || new_end <= *end) return;
    renewed.push_back(*end);
    if (renewal.has_annual_value()) steps.push_back({*end + 1, &renewal.annual_value()});
    end = new_end;
  }

  // None: open-ended.
  std::optional<Day> LastDayInForce() const {
    if (!terminated.has_value()) return end;
    return end.has_value() ? std::min(*terminated, *end) : *terminated;
  }
};

Contract FoldContract(Events events) {
  Contract contract;
  for (const v1::AccountEvent* event : events) {
    switch (event->payload_case()) {
      case v1::AccountEvent::kContractSigned:
        contract.Sign(event->contract_signed());
        break;
      case v1::AccountEvent::kContractAmended:
        contract.Amend(event->contract_amended());
        break;
      case v1::AccountEvent::kContractRenewed:
        contract.Renew(event->contract_renewed());
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

// The steps over [start, to). The signing is a step at the start, so what lies before it has no part in the value.
void AddValue(const Contract& contract, std::optional<Day> to, Contributions& contributions) {
  for (size_t i = 0; i < contract.steps.size(); ++i) {
    const ValueStep& step = contract.steps[i];
    std::optional<Day> until = to;
    if (i + 1 < contract.steps.size()) {
      const Day next = std::max(contract.steps[i + 1].day, contract.start);
      until = to.has_value() ? std::min(next, *to) : next;
    }
    contributions.AddInterval(Measure::kContractValue, CurrencyOf(*step.value), std::max(step.day, contract.start),
                              until, step.value->minor());
  }
}

// The value on `day`. REQUIRES: not before the start.
const v1::Money& ValueOn(Day day, const std::vector<ValueStep>& steps) {
  const auto after = std::upper_bound(steps.begin(), steps.end(), day,
                                      [](Day bound, const ValueStep& step) { return bound < step.day; });
  return *std::prev(after)->value;
}

// How the terms ended: due, lapsed, renewed or terminated.
void AddEnds(const Contract& contract, Contributions& contributions) {
  for (Day old_end : contract.renewed) {
    if (contract.terminated.has_value() && *contract.terminated <= old_end) continue;
    contributions.Add(Measure::kRenewals, old_end, 1);
  }
  if (contract.terminated.has_value()) {
    contributions.Add(Measure::kTerminations, *contract.terminated, 1);
  } else if (contract.end.has_value()) {
    const v1::Money& value = ValueOn(*contract.end, contract.steps);
    contributions.Add(Measure::kContractsDue, *contract.end, 1);
    contributions.Add(Measure::kContractValueDue, CurrencyOf(value), *contract.end, value.minor());
    contributions.Add(Measure::kLapses, *contract.end + 1, 1);
  }
}

}  // namespace

void ContributeContract(Events events, const Calendar&, Contributions& contributions) {
  const Contract contract = FoldContract(events);
  const std::optional<Day> last_day = contract.LastDayInForce();
  if (last_day.has_value() && *last_day < contract.start) return;  // never a day in force

  std::optional<Day> to;
  if (last_day.has_value()) to = *last_day + 1;
  contributions.AddInterval(Measure::kContractsActive, contract.start, to, 1);
  AddValue(contract, to, contributions);
  AddEnds(contract, contributions);
}

}  // namespace keyfold
