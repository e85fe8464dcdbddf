// Opportunities: the pipeline by day, and how each ends.
#include <algorithm>
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

// What is known of an open opportunity from one change to the next.
struct Outlook {
  const v1::Money* amount = nullptr;
  int probability = 0;  // percent
  std::optional<Day> expected_close;
};

// amount * probability / 100, half away from zero. |amount| <= 10^15, so nothing overflows.
int64_t Weighted(int64_t amount, int probability) {
  const int64_t product = amount * probability;
  return (product + (product < 0 ? -50 : 50)) / 100;
}

// The pipeline while `outlook` holds, over [from, to).
void AddOpen(const Outlook& outlook, Day from, std::optional<Day> to, Contributions& contributions) {
  const Currency currency = CurrencyOf(*outlook.amount);
  const int64_t amount = outlook.amount->minor();
  contributions.AddInterval(Measure::kPipeline, currency, from, to, amount);
  contributions.AddInterval(Measure::kPipelineWeighted, currency, from, to, Weighted(amount, outlook.probability));
  if (outlook.expected_close.has_value()) {
    const Day overdue = std::max(from, *outlook.expected_close + 1);
    contributions.AddInterval(Measure::kPipelineOverdue, currency, overdue, to, amount);
  }
}

void Create(const v1::OpportunityCreated& creation, Outlook& outlook) {
  outlook.amount = &creation.amount();
  outlook.probability = creation.probability();
  outlook.expected_close = ParseDay(creation.expected_close());
}

// Whether the expected close slipped: from a known day to a later one.
bool Update(const v1::OpportunityUpdated& update, Outlook& outlook) {
  if (update.has_amount()) outlook.amount = &update.amount();
  if (update.has_probability()) outlook.probability = update.probability();
  if (update.expected_close().empty()) return false;
  const std::optional<Day> before = outlook.expected_close;
  outlook.expected_close = RequiredDate(update.expected_close());
  return before.has_value() && *before < *outlook.expected_close;
}

bool NamesNothing(const v1::OpportunityUpdated& update) {
  return update.stage().empty() && !update.has_amount() && !update.has_probability() && update.expected_close().empty();
}

// `ending` is won or lost.
void AddEnding(const v1::AccountEvent& ending, const Outlook& outlook, Day created, Day closed,
               Contributions& contributions) {
  if (ending.has_opportunity_lost()) {
    contributions.Add(Measure::kOpportunitiesLost, closed, 1);
    contributions.Add(Measure::kLostAmount, CurrencyOf(*outlook.amount), closed, outlook.amount->minor());
    return;
  }
  const v1::OpportunityWon& won = ending.opportunity_won();
  const v1::Money& amount = won.has_amount() ? won.amount() : *outlook.amount;
  contributions.Add(Measure::kOpportunitiesWon, closed, 1);
  contributions.Add(Measure::kWonAmount, CurrencyOf(amount), closed, amount.minor());
  contributions.Add(Measure::kWonCycleDays, closed, closed - created);
}

}  // namespace

void ContributeOpportunity(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored) {
  const Day created = DayOf(*events.front(), calendar);
  Outlook outlook;
  Day since = created;
  const v1::AccountEvent* ending = nullptr;  // won or lost, and not taken back so far
  for (const v1::AccountEvent* event : events) {
    if (ending != nullptr && !event->has_opportunity_reopened()) {
      ignored.Add(*event, NoEffect::kAfterTerminal);
      continue;
    }
    const Day day = DayOf(*event, calendar);
    switch (event->payload_case()) {
      case v1::AccountEvent::kOpportunityCreated:
        if (outlook.amount != nullptr) AddOpen(outlook, since, day, contributions);
        since = day;
        Create(event->opportunity_created(), outlook);
        break;
      case v1::AccountEvent::kOpportunityUpdated:
        AddOpen(outlook, since, day, contributions);
        since = day;
        if (Update(event->opportunity_updated(), outlook)) contributions.Add(Measure::kOpportunitiesSlipped, day, 1);
        if (NamesNothing(event->opportunity_updated())) ignored.Add(*event, NoEffect::kNamesNothing);
        break;
      case v1::AccountEvent::kOpportunityReopened:
        if (ending == nullptr) ignored.Add(*event, NoEffect::kAlreadyOpen);
        ending = nullptr;  // as if it had never been
        break;
      default:
        ending = event;
        break;
    }
  }
  std::optional<Day> closed;
  if (ending != nullptr) {
    closed = DayOf(*ending, calendar);
    AddEnding(*ending, outlook, created, *closed, contributions);
  }
  contributions.AddInterval(Measure::kOpportunitiesOpen, created, closed, 1);
  AddOpen(outlook, since, closed, contributions);
}

}  // namespace keyfold
